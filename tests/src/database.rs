//! The database of a test's server.

use std::process::Command;

use crate::new_id;

/// Where a server under test keeps its data: in its folder, or in a schema of its own on
/// PostgreSQL, which goes with everything in it when this is dropped.
///
/// `PARLOR_TEST_DATABASE=postgres` chooses PostgreSQL for all servers, so that the same tests run
/// on both; `PARLOR_TEST_POSTGRES_URL` says where it is.
#[derive(Debug)]
pub struct Database {
    schema: Option<Schema>,
}

#[derive(Debug)]
struct Schema {
    server: String,
    name: String,
    /// The database that was made for it, when it is not in the server's own.
    within: Option<String>,
}

impl Database {
    /// A database that nobody has used yet.
    pub fn fresh() -> Self {
        match std::env::var("PARLOR_TEST_DATABASE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self { schema: None },
            Ok("postgres") => Self { schema: Some(Schema::make(server())) },
            Ok(other) => panic!("PARLOR_TEST_DATABASE is {other}; it can be sqlite or postgres"),
        }
    }

    /// A schema on PostgreSQL, whatever the other tests run on: for what needs several nodes.
    pub fn shared() -> Self {
        Self { schema: Some(Schema::make(server())) }
    }

    /// A database that somebody else looks after.
    pub fn borrowed() -> Self {
        Self { schema: None }
    }

    /// An empty one of the same kind, for the same backups.
    pub fn twin(&self) -> Self {
        Self { schema: self.schema.as_ref().map(Schema::twin) }
    }

    /// The setting that makes a server use it.
    pub fn setting(&self) -> Option<(&'static str, String)> {
        self.schema.as_ref().map(|schema| ("PARLOR_DATABASE_URL", schema.url()))
    }
}

impl Schema {
    /// An empty schema by the same name, in a database made for it.
    fn twin(&self) -> Self {
        let within = format!("twin_{}", new_id().simple());
        psql(&self.server, &format!("CREATE DATABASE {within}"));
        let (address, query) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let (machine, _) = address.rsplit_once('/').unwrap();
        let server = format!("{machine}/{within}?{query}");
        psql(&server, &format!("CREATE SCHEMA {}", self.name));
        Self { server, name: self.name.clone(), within: Some(within) }
    }

    fn make(server: String) -> Self {
        let schema = Self { server, name: format!("test_{}", new_id().simple()), within: None };
        psql(&schema.server, &format!("CREATE SCHEMA {}", schema.name));
        schema
    }

    fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{sign}options=-c%20search_path%3D{}", self.server, self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        match &self.within {
            None => psql(&self.server, &format!("DROP SCHEMA {} CASCADE", self.name)),
            Some(within) => psql(&server(), &format!("DROP DATABASE {within} WITH (FORCE)")),
        }
    }
}

/// The PostgreSQL that tests use.
fn server() -> String {
    std::env::var("PARLOR_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("PARLOR_TEST_DATABASE=postgres needs a server: run it with scripts/with-postgres, or set PARLOR_TEST_POSTGRES_URL")
    })
}

/// Runs statements. A failure is told and fails nothing by itself: dropping must not panic.
fn psql(server: &str, sql: &str) {
    let mut command = Command::new("psql");
    command.args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", server, "--command", sql]);
    // It says which tables go with a schema.
    match command.env("PGOPTIONS", "-c client_min_messages=warning").output() {
        Ok(output) if output.status.success() => {}
        failed => eprintln!("psql: {sql}: {failed:?}"),
    }
}
