//! What is measured. Each scenario has a server and a data folder of its own.

mod fanout;
mod history;
mod idle;
mod pace;
mod prefill;
mod receivers;
mod resume;
mod sends;
mod start;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::cli::{Choice, Cli, Database};
use crate::report::Outcome;
use crate::server::{Launcher, Limits, Server, last_words};

/// The variable that names another database than the one in the data folder.
const DATABASE_URL: &str = "PARLOR_DATABASE_URL";

/// What all scenarios share.
pub struct Bench {
    launcher: Launcher,
    database: Database,
    seconds: Duration,
    folder: TempDir,
}

impl Bench {
    /// Finds the server and makes a folder for its data.
    pub fn prepare(cli: &Cli) -> Result<Self> {
        if !cli.server.is_file() {
            bail!("there is no server at {}; build it with `make build`", cli.server.display());
        }
        let database_url = match (cli.database, std::env::var(DATABASE_URL)) {
            (Database::Sqlite, _) => None,
            (Database::Postgres, Ok(url)) if !url.is_empty() => Some(url),
            (Database::Postgres, _) => bail!("set {DATABASE_URL} to the address of an empty database"),
        };
        std::fs::create_dir_all(&cli.folder)
            .with_context(|| format!("cannot make {}", cli.folder.display()))?;
        Ok(Self {
            launcher: Launcher::new(cli.server.clone(), database_url)?,
            database: cli.database,
            seconds: cli.seconds,
            folder: tempfile::Builder::new().prefix("bench-").tempdir_in(&cli.folder)?,
        })
    }

    /// The folder of everything that is written.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the figures depend on.
    pub fn settings(&self) -> Value {
        let variables = self.launcher.variables(Limits::Generous).iter();
        let variables: Map<String, Value> =
            variables.map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({
            "database": if self.database == Database::Sqlite { "sqlite" } else { "postgres" },
            "seconds": self.seconds.as_secs(),
            "message_bytes": 120,
            "server_variables": variables,
        })
    }

    fn data(&self, scenario: Choice) -> PathBuf {
        self.folder().join(scenario.name())
    }

    async fn server(&self, scenario: Choice) -> Result<Server> {
        self.launcher.start(&self.data(scenario), Limits::Generous).await
    }
}

/// Measures one scenario. When that fails, what the server said about it is told as well.
pub async fn run(scenario: Choice, bench: &Bench) -> Result<Outcome> {
    let outcome = match scenario {
        Choice::All => bail!("`all` is no single scenario"),
        Choice::Sends => sends::run(bench).await,
        Choice::Fanout => fanout::run(bench).await,
        Choice::Idle => idle::run(bench).await,
        Choice::History => history::run(bench).await,
        Choice::Start => start::run(bench).await,
        Choice::Resume => resume::run(bench).await,
    };
    outcome.map_err(|error| match last_words(&bench.data(scenario)) {
        words if words.is_empty() => error,
        words => anyhow::anyhow!("{error:#}; the end of the server's log:\n{words}"),
    })
}
