//! From nothing to ready, and what a server takes that nobody uses. With default settings.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::Bench;
use crate::cli::Choice;
use crate::process::{ratio, rss_kib};
use crate::report::Target::AtMost;
use crate::report::{Figure, Outcome};
use crate::server::Limits;

const STARTS: usize = 5;
/// Long enough for everything that is done once to be done.
const REST: Duration = Duration::from_secs(3);

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
    starts.sort_by(f64::total_cmp);
    let median = starts[STARTS / 2];
    let program = ratio(std::fs::metadata(bench.launcher.program())?.len()) / 1024.0 / 1024.0;
    let figures = vec![
        Figure::new("start to ready, median of 5", median, "ms").target(AtMost(40.0)),
        Figure::new("first start, which makes the database", first_ms, "ms"),
        Figure::new("idle memory", memory, "MiB").target(AtMost(16.0)),
        Figure::new("size of the program", program, "MiB").target(AtMost(25.0)),
    ];
    let raw = json!({ "starts_ms": starts, "first_start_ms": first_ms, "idle_mib": memory, "program_mib": program });
    Ok(Outcome { figures, raw })
}
