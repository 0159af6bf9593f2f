//! Connections that only wait.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Bench;
use super::receivers::live;
use crate::cli::Choice;
use crate::people::{self, Person};
use crate::process::{Watch, ratio, rss_kib, settle};
use crate::report::Target::AtMost;
use crate::report::{Figure, Outcome};

/// Sockets of one user: what the default limit allows.
const PER_USER: usize = 10;
const LEVELS: [usize; 3] = [1_000, 5_000, 10_000];
/// Sockets opened at the same time.
const AT_ONCE: usize = 50;
/// Long enough for each connection to be asked once whether it is still there.
const IDLE: Duration = Duration::from_secs(25);

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let first = bench.server(Choice::Idle).await?;
    let mut people = people::register(first.address, LEVELS[2] / PER_USER).await?;
    // Another server for the same people: the memory that registering took is not to count as
    // memory of connections.
    first.stop().await?;
    let server = bench.server(Choice::Idle).await?;
    people::refresh(server.address, &mut people).await?;
    settle(server.pid).await?;
    let before = rss_kib(server.pid)?;
    let everybody: Vec<Person> = (0..LEVELS[2]).map(|number| people[number / PER_USER].clone()).collect();

    let mut idle = JoinSet::new();
    let (mut figures, mut raw) = (Vec::new(), Vec::new());
    for level in LEVELS {
        let opening = tokio::time::Instant::now();
        for some in everybody[idle.len()..level].chunks(AT_ONCE) {
            for mut socket in live(server.address, some).await? {
                idle.spawn(async move {
                    loop {
                        // What comes is answered, if it is a ping, and otherwise ignored.
                        if let Err(error) = socket.receive(|_| {}).await {
                            return error;
                        }
                    }
                });
            }
        }
        let opened = opening.elapsed().as_secs_f64();
        settle(server.pid).await?;
        let memory = rss_kib(server.pid)?;
        let watch = Watch::start(server.pid)?;
        tokio::time::sleep(IDLE.max(bench.seconds)).await;
        let spent = watch.spent()?;
        if let Some(lost) = idle.try_join_next() {
            return Err(lost?.context("an idle connection was lost"));
        }

        let each = ratio(memory.saturating_sub(before)) / ratio(level as u64);
        let busy = 100.0 * spent.server_cpu / spent.wall;
        let target = (level == 10_000).then_some(AtMost(10.0));
        figures.push(Figure::new(format!("{level} connections: memory each"), each, "KiB").target(target));
        figures.push(Figure::new(format!("{level} connections: server CPU"), busy, "% core"));
        raw.push(json!({
            "connections": level, "users": level / PER_USER, "rss_kib_before": before, "rss_kib": memory,
            "kib_per_connection": each, "opened_in_seconds": opened, "spent": spent.summary(),
        }));
    }
    drop(idle);
    server.stop().await?;
    Ok(Outcome { figures, raw: Value::from(raw) })
}
