//! What every connection is set to, and what is refused when it is not.

use sea_orm::sqlx::postgres::{PgConnection, PgRow};
use sea_orm::sqlx::{self, AssertSqlSafe, Row};

use crate::OpenError;

/// The oldest major version that has everything the SQL here uses and is not long out of care.
const NEEDED: u32 = 14;

/// The settings of a session: those that durability and order depend on, the bounds of every
/// wait, and how statements are planned.
const SETTINGS: &[(&str, &str)] = &[
    ("synchronous_commit", "on"),
    ("default_transaction_isolation", "read committed"),
    // Longer than anybody waits for an answer. A node that the line to the database has swallowed
    // keeps its locks for as long.
    ("statement_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "5s"),
    // Shorter, so that it is answered.
    ("lock_timeout", "1500ms"),
    // A plan is kept from when tables were still empty. Every statement here looks a few rows up
    // by an index, and must go on doing so when they have grown.
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_seqscan", "off"),
    // Compiling a statement of ours takes longer than running it.
    ("jit", "off"),
];

/// Sets a new connection, and refuses a database that is too old or does not take the settings.
/// One statement, because every connection waits for it.
pub(crate) async fn apply(connection: &mut PgConnection, place: &str) -> Result<(), OpenError> {
    let set: Vec<String> =
        SETTINGS.iter().map(|(name, value)| format!("set_config('{name}', '{value}', false)")).collect();
    let sql = format!(
        "SELECT current_setting('server_version_num'), current_setting('server_version'),
            current_setting('server_encoding'), {}",
        set.join(", ")
    );
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(connection).await;
    row.map_err(|error| OpenError::from_driver(place, error)).and_then(|row| check(&row, place))
}

fn check(row: &PgRow, place: &str) -> Result<(), OpenError> {
    let text = |index: usize| -> Result<String, OpenError> {
        row.try_get(index).map_err(|error| OpenError::from_driver(place, error))
    };
    if !is_new_enough(&text(0)?) {
        return Err(OpenError::OldServer { place: place.to_owned(), found: text(1)?, needed: NEEDED });
    }
    let encoding = text(2)?;
    if encoding != "UTF8" {
        return Err(OpenError::Encoding { place: place.to_owned(), found: encoding });
    }
    for (index, (name, expected)) in (3..).zip(SETTINGS) {
        let found = text(index)?;
        if found != *expected {
            return Err(OpenError::Setting {
                place: place.to_owned(),
                setting: format!("{name} = {expected}"),
                found,
            });
        }
    }
    Ok(())
}

/// `server_version_num` is the major version times 10,000 and the minor version.
fn is_new_enough(number: &str) -> bool {
    number.parse::<u32>().is_ok_and(|number| number / 10_000 >= NEEDED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_refused() {
        for (number, good) in
            [("90624", false), ("130014", false), ("140000", true), ("180001", true), ("", false)]
        {
            assert_eq!(is_new_enough(number), good, "{number}");
        }
    }
}
