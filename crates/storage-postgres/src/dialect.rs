use parlor_domain::UniqueKey;
use parlor_storage::{Dialect, Kind, Trouble};
use sea_orm::sqlx;
use sea_orm::{DbBackend, DbErr, RuntimeErr};

/// PostgreSQL's SQL.
pub(crate) struct Postgres;

impl Dialect for Postgres {
    const BACKEND: DbBackend = DbBackend::Postgres;
    const GREATEST: &'static str = "greatest";
    const LEAST: &'static str = "least";
    const NOW: &'static str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";
    const SIZE: &'static str = "pg_database_size(current_database())";
    // Not FOR UPDATE: rows that refer to the locked ones may come and go meanwhile.
    const LOCK: Option<&'static str> = Some("FOR NO KEY UPDATE");

    fn each(number: usize) -> String {
        format!("jsonb_array_elements(CAST(${number} AS jsonb)) AS j (value)")
    }

    fn id(digits: &str) -> String {
        format!("CAST({digits} AS uuid)")
    }

    fn digits(id: &str) -> String {
        format!("CAST({id} AS text)")
    }

    fn array(expressions: &[&str]) -> String {
        format!("CAST(json_build_array({}) AS text)", expressions.join(", "))
    }

    fn gather(expressions: &[&str], order: &str) -> String {
        format!("CAST(json_agg(json_build_array({}) ORDER BY {order}) AS text)", expressions.join(", "))
    }

    fn plain(kind: Kind, column: &str) -> String {
        match kind {
            Kind::Id => format!("replace(CAST({column} AS text), '-', '')"),
            Kind::Bytes => format!("encode({column}, 'hex')"),
            Kind::Truth => format!("CAST({column} AS integer)"),
            Kind::Text | Kind::Number => column.to_owned(),
        }
    }

    fn column(kind: Kind, value: &str) -> String {
        match kind {
            Kind::Id => format!("CAST({value} AS uuid)"),
            Kind::Bytes => format!("decode({value}, 'hex')"),
            Kind::Truth => format!("CAST(CAST({value} AS integer) AS boolean)"),
            Kind::Number => format!("CAST({value} AS bigint)"),
            Kind::Text => value.to_owned(),
        }
    }

    fn trouble(error: &DbErr) -> Trouble {
        let Some(driver) = driver_error(error) else {
            return if matches!(error, DbErr::ConnectionAcquire(_)) {
                Trouble::Unavailable
            } else {
                Trouble::Other
            };
        };
        match driver {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            // What the driver says when a connection ends in the middle of an answer.
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Trouble::Unavailable,
            sqlx::Error::Database(answer) => match answer.code().as_deref() {
                Some("23505") => Trouble::Conflict(key(answer.constraint())),
                Some(code) => meaning(code),
                None => Trouble::Other,
            },
            _ => Trouble::Other,
        }
    }
}

/// What a code of <https://www.postgresql.org/docs/current/errcodes-appendix.html> means.
fn meaning(code: &str) -> Trouble {
    match code {
        // disk_full
        "53100" => Trouble::Full,
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => Trouble::Clash,
        // lock_not_available, query_canceled (by a time limit), idle_in_transaction_session_timeout,
        // transaction_timeout, read_only_sql_transaction (a standby that takes over)
        "55P03" | "57014" | "25P03" | "25P04" | "25006" => Trouble::Unavailable,
        // The classes: lost connections, too few resources, an operator's shutdown.
        _ if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => Trouble::Unavailable,
        _ => Trouble::Other,
    }
}

/// The driver's error inside of sea-orm's.
pub(crate) fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(&**error),
        _ => None,
    }
}

/// PostgreSQL names the index.
fn key(index: Option<&str>) -> UniqueKey {
    match index {
        Some("user_username") => UniqueKey::Username,
        Some("user_email") => UniqueKey::Email,
        Some("entry_client") => UniqueKey::ClientId,
        Some("conversation_direct") => UniqueKey::DirectKey,
        _ => UniqueKey::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_by_itself_is_told_from_what_may_not() {
        for (code, meant) in [
            ("53100", Trouble::Full),
            ("40001", Trouble::Clash),
            ("40P01", Trouble::Clash),
            ("08006", Trouble::Unavailable),
            ("53300", Trouble::Unavailable),
            ("55P03", Trouble::Unavailable),
            ("57014", Trouble::Unavailable),
            ("57P01", Trouble::Unavailable),
            ("57P03", Trouble::Unavailable),
            ("42601", Trouble::Other),
            ("23503", Trouble::Other),
            ("25P02", Trouble::Other),
        ] {
            assert_eq!(meaning(code), meant, "{code}");
        }
    }
}
