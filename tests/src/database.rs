//! The database of a test's server.

use std::path::Path;
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
        change(&self.server, &format!("CREATE DATABASE {within}"));
        let end = self.server.find('?').unwrap_or(self.server.len());
        let (address, query) = self.server.split_at(end);
        let (machine, _) = address.rsplit_once('/').unwrap();
        let server = format!("{machine}/{within}{query}");
        change(&server, &format!("CREATE SCHEMA {}", self.name));
        Self { server, name: self.name.clone(), within: Some(within) }
    }

    fn make(server: String) -> Self {
        let schema = Self { server, name: format!("test_{}", new_id().simple()), within: None };
        change(&schema.server, &format!("CREATE SCHEMA {}", schema.name));
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
            None => change(&self.server, &format!("DROP SCHEMA {} CASCADE", self.name)),
            Some(within) => change(&server(), &format!("DROP DATABASE {within} WITH (FORCE)")),
        }
    }
}

/// The PostgreSQL that tests use.
fn server() -> String {
    std::env::var("PARLOR_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("PARLOR_TEST_DATABASE=postgres needs a server: run it with scripts/with-postgres, or set PARLOR_TEST_POSTGRES_URL")
    })
}

/// Makes or removes something. A failure is told and fails nothing by itself: dropping must not panic.
fn change(server: &str, sql: &str) {
    if let Err(failed) = psql(server, sql) {
        eprintln!("psql: {sql}: {failed}");
    }
}

/// Runs statements on a server's database; answers what they print.
pub(crate) fn sql(url: Option<&str>, folder: &Path, statements: &str) -> String {
    let printed = match url {
        Some(url) => psql(url, statements),
        None => sqlite3(&folder.join("parlor.db"), statements),
    };
    printed.unwrap_or_else(|failed| panic!("{statements}: {failed}"))
}

fn psql(url: &str, sql: &str) -> Result<String, String> {
    let mut command = Command::new("psql");
    command.args(["--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    // It says which tables go with a schema.
    command.args(["--dbname", url, "--command", sql]).env("PGOPTIONS", "-c client_min_messages=warning");
    printed(&mut command)
}

fn sqlite3(file: &Path, sql: &str) -> Result<String, String> {
    let mut command = Command::new("sqlite3");
    command.args(["-batch", "-bail", "-cmd", ".timeout 10000"]).arg(file).arg(sql);
    printed(&mut command)
}

fn printed(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
