//! Everything moves from an SQLite file to PostgreSQL, and back into another file.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Bench, prefill};
use crate::cli::Choice;
use crate::people;
use crate::process::{ratio, settle};
use crate::report::Target::AtLeast;
use crate::report::{Figure, Outcome};
use crate::server::Limits;

const MESSAGES: u64 = 1_000_000;
const AUTHORS: usize = 64;

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let data = bench.data(Choice::Copy);
    let postgres = bench.url(Choice::Copy).context("it takes a PostgreSQL")?;
    let server = bench.launcher.start(&data, Limits::Generous, None, &[]).await?;
    let people = people::register(server.address, AUTHORS).await?;
    let group = people::group(server.address, &people[0], &people[1..]).await?;
    prefill::fill(server.address, &people, &group, MESSAGES).await?;
    settle(server.pid).await?;
    server.stop().await?;

    let file = |name: &str| format!("sqlite:{}", data.join(name).display());
    let (mut figures, mut raw) = (Vec::new(), Vec::new());
    for (name, from, to) in [
        ("SQLite to PostgreSQL", file("parlor.db"), postgres.clone()),
        ("PostgreSQL to SQLite", postgres, file("back.db")),
    ] {
        let on = ["maintenance", "on", "--data-dir"].map(str::to_owned);
        parlor(bench, &on, Some(&data), &from).await?;
        let copy = ["store", "copy", "--from", &from, "--to", &to].map(str::to_owned);
        let start = Instant::now();
        let said = parlor(bench, &copy, None, &from).await?;
        let seconds = start.elapsed().as_secs_f64();
        let rows = rows(&said)?;
        let rate = ratio(rows) / seconds;
        figures.push(
            Figure::new(format!("{name}, copied and compared"), rate, "rows/s").target(AtLeast(20_000.0)),
        );
        raw.push(json!({ "what": name, "rows": rows, "seconds": seconds, "rows_per_second": rate }));
    }
    Ok(Outcome { figures, raw: Value::from(raw) })
}

/// Runs a command to its end; answers what it says.
async fn parlor(bench: &Bench, arguments: &[String], data: Option<&Path>, url: &str) -> Result<String> {
    let mut command = bench.launcher.command();
    let output = command.args(arguments).args(data).env("PARLOR_DATABASE_URL", url).output().await?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {complaint}", arguments.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}

/// The sum of the lines that tell how many rows a table has.
fn rows(said: &str) -> Result<u64> {
    let counts = said.lines().filter_map(|line| line.split_once(" rows ")?.0.split_whitespace().last());
    let sum = counts.map(str::parse::<u64>).sum::<Result<u64, _>>().context("it tells no numbers")?;
    ensure!(sum > MESSAGES, "only {sum} rows were moved");
    Ok(sum)
}
