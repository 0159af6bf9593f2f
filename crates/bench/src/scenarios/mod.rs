//! What is measured. Each scenario has a server and a data folder of its own.

mod chat;
mod copy;
mod deletion;
mod fanout;
mod files;
mod history;
mod idle;
mod logins;
mod nodes;
mod pace;
mod prefill;
mod reactions;
mod receivers;
mod resume;
mod search;
mod sends;
mod start;
mod sync;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::cli::{Choice, Cli, Database};
use crate::database::{self, Schema};
use crate::report::Outcome;
use crate::server::{Launcher, Limits, Server, last_words};

/// The variable that names the PostgreSQL to use.
const POSTGRES_URL: &str = "PARLOR_TEST_POSTGRES_URL";

/// What all scenarios share.
pub struct Bench {
    launcher: Launcher,
    postgres: Option<String>,
    database: Database,
    seconds: Duration,
    found_among: Vec<u64>,
    folder: TempDir,
}

impl Bench {
    /// Finds the server and makes a folder for its data.
    pub fn prepare(cli: &Cli, database: Database) -> Result<Self> {
        if !cli.server.is_file() {
            bail!("there is no server at {}; build it with `make build`", cli.server.display());
        }
        let postgres = match (database, std::env::var(POSTGRES_URL)) {
            (Database::Sqlite, _) => None,
            (Database::Postgres, Ok(url)) if !url.is_empty() => Some(url),
            (Database::Postgres, _) => {
                bail!("there is no PostgreSQL: run it with scripts/with-postgres, or set {POSTGRES_URL}")
            }
        };
        std::fs::create_dir_all(&cli.folder)
            .with_context(|| format!("cannot make {}", cli.folder.display()))?;
        Ok(Self {
            launcher: Launcher::new(cli.server.clone())?,
            postgres,
            database,
            seconds: cli.seconds,
            found_among: cli.found_among.clone(),
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
            "seconds": self.seconds.as_secs(),
            "message_bytes": 120,
            "server_variables": variables,
        })
    }

    fn data(&self, scenario: Choice) -> PathBuf {
        self.folder().join(scenario.name())
    }

    async fn server(&self, scenario: Choice) -> Result<Server> {
        self.server_with(scenario, &[]).await
    }

    /// The same with these settings, too.
    async fn server_with(&self, scenario: Choice, settings: &[(&str, &str)]) -> Result<Server> {
        let url = self.url(scenario);
        self.launcher.start(&self.data(scenario), Limits::Generous, url.as_deref(), settings).await
    }

    /// The scenario's database, when it is not in the data folder.
    fn url(&self, scenario: Choice) -> Option<String> {
        self.postgres.as_ref().map(|server| database::url(server, &schema(scenario)))
    }
}

fn schema(scenario: Choice) -> String {
    format!("bench_{}", scenario.name())
}

/// Measures one scenario. When that fails, what the server said about it is told as well.
pub async fn run(scenario: Choice, bench: &Bench) -> Result<Outcome> {
    let _schema = match &bench.postgres {
        Some(server) => Some(Schema::make(server, schema(scenario))?),
        None => None,
    };
    let outcome = match scenario {
        Choice::All => bail!("`all` is no single scenario"),
        Choice::Sends => sends::run(bench).await,
        Choice::Fanout => fanout::run(bench).await,
        Choice::Idle => idle::run(bench).await,
        Choice::History => history::run(bench).await,
        Choice::Nodes => nodes::run(bench).await,
        Choice::Copy => copy::run(bench).await,
        Choice::Reactions => reactions::run(bench).await,
        Choice::Sync => sync::run(bench).await,
        Choice::Start => start::run(bench).await,
        Choice::Resume => resume::run(bench).await,
        Choice::Search => search::run(bench).await,
        Choice::Logins => logins::run(bench).await,
        Choice::Deletion => deletion::run(bench).await,
        Choice::Files => files::run(bench).await,
    };
    outcome.map_err(|error| match last_words(&bench.data(scenario)) {
        words if words.is_empty() => error,
        words => anyhow::anyhow!("{error:#}; the end of the server's log:\n{words}"),
    })
}
