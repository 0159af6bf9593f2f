use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Measures the server under load.
#[derive(Debug, Parser)]
#[command(name = "parlor-bench")]
pub struct Cli {
    /// What to measure.
    #[arg(long, value_enum, default_value_t = Choice::All)]
    pub scenario: Choice,
    /// How long each single measurement takes, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub seconds: Duration,
    /// The server's program.
    #[arg(long, value_name = "FILE", default_value = "target/release/parlor")]
    pub server: PathBuf,
    /// The folder below which the server gets its data folders. It has to be on a disk: memory
    /// that poses as a disk has nothing to sync.
    #[arg(long, value_name = "FOLDER", default_value = "target")]
    pub folder: PathBuf,
    /// Where the server keeps its messages, maybe several; `postgres` is the one that
    /// `PARLOR_TEST_POSTGRES_URL` names, in a schema for each scenario.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "sqlite")]
    pub database: Vec<Database>,
    /// Among how many messages is searched, maybe several numbers, from the least to the most.
    #[arg(long, value_name = "MESSAGES", value_delimiter = ',', default_value = "100000,1000000")]
    pub found_among: Vec<u64>,
    /// Write all figures to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// A database the server can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl Database {
    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// One scenario, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    All,
    Sends,
    Fanout,
    Idle,
    History,
    Start,
    Resume,
    Nodes,
    Copy,
    Reactions,
    Sync,
    Search,
    Logins,
    Deletion,
    Files,
}

impl Choice {
    /// The scenarios that are meant, in the order they run.
    pub fn each(self, database: Database) -> Vec<Self> {
        match (self, database) {
            (Self::All, Database::Postgres) => {
                vec![
                    Self::Sends,
                    Self::Fanout,
                    Self::History,
                    Self::Reactions,
                    Self::Sync,
                    Self::Resume,
                    Self::Nodes,
                    Self::Copy,
                    Self::Search,
                    Self::Logins,
                    Self::Deletion,
                ]
            }
            (Self::All, Database::Sqlite) => {
                vec![
                    Self::Start,
                    Self::Sends,
                    Self::Fanout,
                    Self::History,
                    Self::Reactions,
                    Self::Sync,
                    Self::Resume,
                    Self::Idle,
                    Self::Search,
                    Self::Logins,
                    Self::Deletion,
                    Self::Files,
                ]
            }
            // Nodes can share nothing else, and a copy goes from one to the other.
            (Self::Nodes | Self::Copy, Database::Sqlite) => Vec::new(),
            (one, _) => vec![one],
        }
    }

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Sends => "sends",
            Self::Fanout => "fanout",
            Self::Idle => "idle",
            Self::History => "history",
            Self::Start => "start",
            Self::Resume => "resume",
            Self::Nodes => "nodes",
            Self::Copy => "copy",
            Self::Reactions => "reactions",
            Self::Sync => "sync",
            Self::Search => "search",
            Self::Logins => "logins",
            Self::Deletion => "deletion",
            Self::Files => "files",
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err("it must be from 1 to 60".to_owned()),
    }
}
