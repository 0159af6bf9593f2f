//! Everything that involves somebody who is in many conversations, as a client asks for it first.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Bench, prefill};
use crate::cli::Choice;
use crate::http::{Client, request};
use crate::latency::Latencies;
use crate::people;
use crate::process::{Watch, settle};
use crate::report::Target::AtMost;
use crate::report::{Figure, Outcome};

/// Conversations of the one who asks; the lobby is one more.
const CONVERSATIONS: usize = 200;
/// Messages in each of them, half of them unread.
const MESSAGES: u64 = 50;
const AUTHORS: usize = 8;

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server(Choice::Sync).await?;
    let people = people::register(server.address, AUTHORS + 1).await?;
    let (reader, authors) = (&people[0], &people[1..]);
    let mut client = Client::connect(server.address).await?;
    for _ in 0..CONVERSATIONS {
        let group = people::group(server.address, reader, authors).await?;
        prefill::fill(server.address, authors, &group, MESSAGES).await?;
        let (path, body) = (format!("/api/v1/conversations/{group}/read"), json!({ "seq": MESSAGES / 2 }));
        client.call("PUT", &path, Some(&reader.token), Some(&body)).await?.success()?;
    }
    settle(server.pid).await?;

    let state = client.call("GET", "/api/v1/sync", Some(&reader.token), None).await?.success()?;
    let conversations = state["conversations"].as_array().map_or(0, Vec::len);
    ensure!(conversations == CONVERSATIONS + 1, "there are {conversations} conversations");
    let request = request(server.address, "GET", "/api/v1/sync", Some(&reader.token), None);
    let mut latencies = Latencies::new()?;
    let mut bytes = 0;
    let end = Instant::now() + bench.seconds;
    let watch = Watch::start(server.pid)?;
    while Instant::now() < end {
        let start = Instant::now();
        let (status, body) = client.exchange(&request).await?;
        ensure!(status == 200, "the server answered {status}");
        latencies.record(start.elapsed());
        bytes = body.len();
    }
    let spent = watch.spent()?;
    server.stop().await?;

    let name = |what: &str| format!("sync, {CONVERSATIONS} conversations: {what}");
    let figures = vec![
        Figure::new(name("p50"), latencies.milliseconds(0.5), "ms"),
        Figure::new(name("p99"), latencies.milliseconds(0.99), "ms").target(AtMost(20.0)),
        Figure::new(name("server CPU"), spent.microseconds_each(latencies.count()), "µs each"),
    ];
    let raw = json!({
        "conversations": conversations, "bytes": bytes, "latencies": latencies.summary(), "spent": spent.summary(),
    });
    Ok(Outcome { figures, raw })
}
