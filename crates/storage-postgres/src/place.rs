//! Where a database is, as its address says it.

use std::net::IpAddr;

use sea_orm::sqlx::ConnectOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;

use crate::OpenError;

/// How many prepared statements a connection keeps: more than the program has.
const STATEMENTS: usize = 512;

/// Reads an address. Refuses one of another machine without a password.
pub(crate) fn read(url: &str) -> Result<(PgConnectOptions, String), OpenError> {
    let options: PgConnectOptions =
        url.parse().map_err(|error: sqlx::Error| OpenError::Address { reason: error.to_string() })?;
    let options = options.statement_cache_capacity(STATEMENTS).disable_statement_logging();
    let place = name(&options);
    if !is_here(&options) && !proves_itself(url) {
        return Err(OpenError::NoPassword { place });
    }
    Ok((options, place))
}

/// The database's name and machine, for messages.
fn name(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    match options.get_socket() {
        Some(socket) => format!("{database} at {}", socket.display()),
        None => format!("{database} at {}:{}", options.get_host(), options.get_port()),
    }
}

/// Whether the database is on this machine, where others cannot come between.
fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Whether there is a password, or a certificate in its place.
fn proves_itself(url: &str) -> bool {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let person = authority.rsplit_once('@').map_or("", |(person, _)| person);
    let password = person.split_once(':').map_or("", |(_, password)| password);
    let parameter = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .any(|(key, value)| key == name && !value.is_empty())
    };
    !password.is_empty()
        || parameter("password")
        || parameter("sslcert")
        || std::env::var_os("PGPASSWORD").is_some_and(|password| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_on_another_machine_needs_a_password() {
        for (url, good) in [
            ("postgres://parlor@db.example.org/parlor", false),
            ("postgres://parlor:@db.example.org/parlor", false),
            ("postgres://parlor:secret@db.example.org/parlor", true),
            ("postgres://db.example.org/parlor?user=parlor&password=secret", true),
            ("postgres://parlor@db.example.org/parlor?sslcert=/etc/parlor.pem", true),
            ("postgres://parlor@localhost/parlor", true),
            ("postgres://parlor@127.0.0.1:5433/parlor", true),
            ("postgres://parlor@[::1]/parlor", true),
            ("postgres://parlor@localhost/parlor?host=/run/postgresql", true),
            ("postgres://parlor@10.0.0.1/parlor", false),
        ] {
            assert_eq!(read(url).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn what_is_said_of_a_database_has_no_password() {
        let (_, place) = read("postgres://parlor:canary@db.example.org:5433/chat").unwrap();
        assert_eq!(place, "chat at db.example.org:5433");
        for bad in ["postgres://u:canary@host:port/db", "postgres://u:canary@host:99999/db"] {
            let said = read(bad).unwrap_err();
            assert!(
                !said.to_string().contains("canary") && !format!("{said:?}").contains("canary"),
                "{said:?}"
            );
        }
    }
}
