//! From nothing, and from what a crash left, to ready; and what a server takes that nobody uses.
//! With default settings.

use std::io::{PipeWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::process::{Child, Command};

use super::{Bench, prefill};
use crate::cli::Choice;
use crate::people;
use crate::process::{ratio, rss_kib};
use crate::report::Target::AtMost;
use crate::report::{Figure, Outcome};
use crate::server::Limits;

const STARTS: usize = 5;
/// Long enough for everything that is done once to be done.
const REST: Duration = Duration::from_secs(3);

/// What is in the database that a crash left.
const MESSAGES: u64 = 1_000_000;
const AUTHORS: usize = 64;
/// How large its log of writes is, in bytes.
const LOG: u64 = 64 * 1024 * 1024;
/// Messages between two looks at the log's size.
const STEP: u64 = 2_000;

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let data = bench.data(Choice::Start);
    let first = bench.launcher.start(&data, Limits::Default, None, &[]).await?;
    let first_ms = first.ready_after.as_secs_f64() * 1e3;
    first.stop().await?;

    let mut starts = Vec::new();
    let mut memory = 0.0;
    for number in 1..=STARTS {
        let server = bench.launcher.start(&data, Limits::Default, None, &[]).await?;
        starts.push(server.ready_after.as_secs_f64() * 1e3);
        if number == STARTS {
            tokio::time::sleep(REST).await;
            memory = ratio(rss_kib(server.pid)?) / 1024.0;
        }
        server.stop().await?;
    }
    let usual = median(&mut starts);
    let mut after_crash = after_a_crash(bench).await?;
    let program = ratio(std::fs::metadata(bench.launcher.program())?.len()) / 1024.0 / 1024.0;
    let figures = vec![
        Figure::new("start to ready, median of 5", usual, "ms").target(AtMost(40.0)),
        Figure::new("first start, which makes the database", first_ms, "ms"),
        Figure::new("after a crash, 1,000,000 messages, 64 MiB log", median(&mut after_crash), "ms")
            .target(AtMost(2_000.0)),
        Figure::new("idle memory", memory, "MiB").target(AtMost(16.0)),
        Figure::new("size of the program", program, "MiB").target(AtMost(25.0)),
    ];
    let raw = json!({ "starts_ms": starts, "starts_after_a_crash_ms": after_crash, "first_start_ms": first_ms, "idle_mib": memory, "program_mib": program });
    Ok(Outcome { figures, raw })
}

fn median(starts: &mut [f64]) -> f64 {
    starts.sort_by(f64::total_cmp);
    starts[starts.len() / 2]
}

/// How long starts take on what a server left that was killed, each on a copy of it.
async fn after_a_crash(bench: &Bench) -> Result<Vec<f64>> {
    let crashed = bench.folder().join("crashed");
    let server = bench.launcher.start(&crashed, Limits::Generous, None, &[]).await?;
    let people = people::register(server.address, AUTHORS).await?;
    let group = people::group(server.address, &people[0], &people[1..]).await?;
    prefill::fill(server.address, &people, &group, MESSAGES).await?;
    let (mut reader, _input) = hold(&database(&crashed))?;
    while std::fs::metadata(log_of(&crashed))?.len() < LOG {
        prefill::fill(server.address, &people, &group, STEP).await?;
    }
    server.kill().await?;
    // In this order: the last one that leaves by itself would merge the log.
    reader.kill().await?;

    let mut starts = Vec::new();
    for number in 1..=STARTS {
        let data = bench.folder().join(format!("crashed-{number}"));
        std::fs::create_dir(&data)?;
        std::fs::copy(database(&crashed), database(&data))?;
        std::fs::copy(log_of(&crashed), log_of(&data))?;
        let server = bench.launcher.start(&data, Limits::Default, None, &[]).await?;
        starts.push(server.ready_after.as_secs_f64() * 1e3);
        server.stop().await?;
        std::fs::remove_dir_all(&data)?;
    }
    Ok(starts)
}

fn database(folder: &Path) -> PathBuf {
    folder.join("parlor.db")
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("parlor.db-wal")
}

/// Another program that reads the present state and does not let go of it, so that what is written
/// behind it stays in the log. It ends with its input.
fn hold(database: &Path) -> Result<(Child, PipeWriter)> {
    let ((mut answers, answering), (asked, mut asking)) = (std::io::pipe()?, std::io::pipe()?);
    let mut reader = Command::new("sqlite3");
    reader.arg(database).stdin(asked).stdout(answering).kill_on_drop(true);
    let reader = reader.spawn().context("cannot run sqlite3")?;
    writeln!(asking, "BEGIN; SELECT count(*) FROM server;")?;
    answers.read_exact(&mut [0])?;
    Ok((reader, asking))
}
