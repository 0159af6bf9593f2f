//! A schema on PostgreSQL for each scenario.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// An empty schema, which goes with everything in it when this is dropped.
pub struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// Makes it on this server; what an earlier run left there under its name goes.
    pub fn make(server: &str, name: String) -> Result<Self> {
        psql(server, &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))?;
        Ok(Self { server: server.to_owned(), name })
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if let Err(error) = psql(&self.server, &format!("DROP SCHEMA {} CASCADE", self.name)) {
            eprintln!("{error:#}");
        }
    }
}

/// The address of a schema on this server.
pub fn url(server: &str, schema: &str) -> String {
    let sign = if server.contains('?') { '&' } else { '?' };
    format!("{server}{sign}options=-c%20search_path%3D{schema}")
}

fn psql(server: &str, sql: &str) -> Result<()> {
    let mut command = Command::new("psql");
    command.args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname", server, "--command", sql]);
    let output = command.env("PGOPTIONS", "-c client_min_messages=warning").output();
    let output = output.context("cannot run psql")?;
    ensure!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_added_to_what_the_address_says() {
        assert_eq!(url("postgres://h/d", "s"), "postgres://h/d?options=-c%20search_path%3Ds");
        assert_eq!(url("postgres://h/d?a=b", "s"), "postgres://h/d?a=b&options=-c%20search_path%3Ds");
    }
}
