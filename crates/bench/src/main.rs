//! The load generator. It starts a server of its own on this machine, measures it from outside,
//! ends it, and puts the figures beside their targets.
//!
//! Server and generator share the cores, so that what the generator spends the server lacks: it
//! is one thread, reads deliveries without parsing them, and says how busy it was itself.

mod cli;
mod database;
mod http;
mod latency;
mod machine;
mod people;
mod process;
mod report;
mod scenarios;
mod server;
mod stream;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use cli::Cli;
use report::Report;
use scenarios::Bench;

/// No scenario takes this long; one that does hangs.
const MOST: Duration = Duration::from_mins(15);

fn main() -> Result<()> {
    let cli = Cli::parse();
    raise_open_files()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        // Leaving early drops the server's handle, which ends the server.
        tokio::select! {
            done = measure(cli) => done,
            _ = terminate.recv() => bail!("stopped"),
            _ = tokio::signal::ctrl_c() => bail!("stopped"),
        }
    })
}

async fn measure(cli: Cli) -> Result<()> {
    let benches = cli.database.iter().map(|database| Ok((*database, Bench::prepare(&cli, *database)?)));
    let benches = benches.collect::<Result<Vec<_>>>()?;
    let (_, first) = benches.first().context("there is no database to measure")?;
    let mut report = Report::new(json!({
        "machine": machine::describe(first.folder())?,
        "commit": machine::commit(),
        "settings": first.settings(),
    }));
    for (database, bench) in &benches {
        for scenario in cli.scenario.each(*database) {
            eprintln!("{} on {} …", scenario.name(), database.name());
            let outcome = match tokio::time::timeout(MOST, scenarios::run(scenario, bench)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(anyhow::anyhow!("it took more than {} s", MOST.as_secs())),
            };
            report.add(database.name(), scenario.name(), outcome);
        }
    }
    print!("{}", report.table());
    if let Some(file) = &cli.json {
        std::fs::write(file, report.json()).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if report.has_failures() {
        bail!("not everything could be measured");
    }
    Ok(())
}

/// Each connection is an open file, and the usual soft limit is 1,024.
fn raise_open_files() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
        .context("cannot raise the limit of open files")
}
