//! Everybody comes back at once, each with some hundred entries to catch up with.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::receivers::Progress;
use super::{Bench, prefill};
use crate::cli::Choice;
use crate::latency::{self, Shared};
use crate::people::{self, Person};
use crate::process::{Watch, ratio, rss_kib, settle};
use crate::report::{Figure, Outcome};
use crate::stream::Socket;
use crate::stream::protocol::{self, Kind, hello};

const CLIENTS: usize = 1_000;
/// The least and the most a client is behind.
const BEHIND: (u64, u64) = (100, 1_000);
const MESSAGES: u64 = 1_200;
const AUTHORS: usize = 16;
/// How long it may take, in seconds.
const PATIENCE: f64 = 120.0;

/// Where everybody has to get to.
#[derive(Debug, Clone)]
struct Goal {
    conversation: String,
    epoch: String,
    last: u64,
}

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let first = bench.server(Choice::Resume).await?;
    let mut people = people::register(first.address, CLIENTS).await?;
    let conversation = people::group(first.address, &people[0], &people[1..]).await?;
    prefill::fill(first.address, &people[..AUTHORS], &conversation, MESSAGES).await?;
    // Everybody comes back at once after a restart, of all times.
    first.stop().await?;
    let server = bench.server(Choice::Resume).await?;
    people::refresh(server.address, &mut people).await?;
    let goal = goal(server.address, &people[0], conversation).await?;
    settle(server.pid).await?;
    let before = rss_kib(server.pid)?;

    let measured = latency::shared()?;
    let watch = Watch::start(server.pid)?;
    let mut clients = JoinSet::new();
    let mut entries = 0;
    for (number, person) in people.into_iter().enumerate() {
        let behind = BEHIND.0 + (BEHIND.1 - BEHIND.0) * number as u64 / (CLIENTS as u64 - 1);
        entries += behind;
        clients.spawn(resume(server.address, person, goal.clone(), behind, Shared::clone(&measured)));
    }
    let mut peak = before;
    let mut sockets = Vec::with_capacity(CLIENTS);
    let mut sample = tokio::time::interval(Duration::from_millis(20));
    while sockets.len() < CLIENTS {
        tokio::select! {
            Some(caught_up) = clients.join_next() => sockets.push(caught_up??),
            _ = sample.tick() => {
                peak = peak.max(rss_kib(server.pid)?);
                let live = sockets.len();
                ensure!(watch.spent()?.wall < PATIENCE, "after {PATIENCE} s only {live} of {CLIENTS} are live");
            }
        }
    }
    let spent = watch.spent()?;
    let latencies = latency::take(&measured)?;
    settle(server.pid).await?;
    let after = rss_kib(server.pid)?;
    drop(sockets);
    server.stop().await?;

    let figures = vec![
        Figure::new("1000 clients: all are live after", spent.wall * 1e3, "ms"),
        Figure::new("entries streamed", spent.rate(entries), "1/s"),
        Figure::new("server CPU", spent.microseconds_each(entries), "µs each"),
        Figure::new("memory before", ratio(before) / 1024.0, "MiB"),
        Figure::new("memory at its peak", ratio(peak) / 1024.0, "MiB"),
    ];
    let raw = json!({
        "clients": CLIENTS, "entries": entries, "rss_kib_before": before, "rss_kib_peak": peak,
        "rss_kib_after": after, "latencies": latencies.summary(), "spent": spent.summary(),
    });
    Ok(Outcome { figures, raw })
}

/// Asks the server which database it has and how long the conversation is.
async fn goal(address: SocketAddr, person: &Person, conversation: String) -> Result<Goal> {
    let mut socket = Socket::open(address, &person.token).await?;
    let ready: Value = serde_json::from_slice(&socket.ask(&hello([], None)).await?)?;
    let found = ready["conversations"].as_array().into_iter().flatten().find(|one| one["id"] == conversation);
    let last = found.and_then(|one| one["last_seq"].as_u64()).context("the group is not there")?;
    let epoch = ready["epoch"].as_str().context("there is no epoch")?.to_owned();
    Ok(Goal { conversation, epoch, last })
}

/// Connects and takes everything up to the goal, then stays.
async fn resume(
    address: SocketAddr,
    person: Person,
    goal: Goal,
    behind: u64,
    measured: Shared,
) -> Result<Socket> {
    let start = Instant::now();
    let mut socket = Socket::open(address, &person.token).await?;
    socket.send(&hello([(&*goal.conversation, goal.last - behind)], Some(&goal.epoch)))?;
    let mut progress = Progress::default();
    let mut at = 0;
    while at < goal.last {
        socket
            .receive(|text| {
                if protocol::kind(text) == Kind::Entry
                    && protocol::conversation(text) == Some(goal.conversation.as_bytes())
                {
                    progress.note(text);
                    at = protocol::seq(text).unwrap_or(at);
                }
            })
            .await?;
        ensure!(progress.dense, "entries are missing, repeated or out of order");
        if let Some(ack) = progress.ack() {
            socket.send(&ack)?;
        }
    }
    latency::record(&measured, start.elapsed());
    Ok(socket)
}
