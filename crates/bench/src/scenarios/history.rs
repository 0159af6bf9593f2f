//! The newest page of a long conversation, and what a message takes on the disk.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Bench, prefill};
use crate::cli::{Choice, Database};
use crate::http::{Client, request};
use crate::latency::{self, Shared};
use crate::people;
use crate::process::{Watch, ratio, settle};
use crate::report::Target::{AtLeast, AtMost};
use crate::report::{Figure, Outcome};

const MESSAGES: u64 = 100_000;
const AUTHORS: usize = 16;
const PAGE: usize = 50;

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server(Choice::History).await?;
    let people = people::register(server.address, AUTHORS).await?;
    let group = people::group(server.address, &people[0], &people[1..]).await?;
    prefill::fill(server.address, &people, &group, MESSAGES).await?;
    settle(server.pid).await?;

    let token = &people[0].token;
    let path = format!("/api/v1/conversations/{group}/messages?limit={PAGE}");
    let page =
        Client::connect(server.address).await?.call("GET", &path, Some(token), None).await?.success()?;
    ensure!(page["items"].as_array().is_some_and(|items| items.len() == PAGE), "the page is not full");
    let request: Arc<[u8]> = request(server.address, "GET", &path, Some(token), None).into();

    let (mut figures, mut raw) = (Vec::new(), Vec::new());
    for clients in [1, 8] {
        let measured = latency::shared()?;
        let end = Instant::now() + bench.seconds;
        let watch = Watch::start(server.pid)?;
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            tasks.spawn(read(server.address, Arc::clone(&request), end, Shared::clone(&measured)));
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        let spent = watch.spent()?;
        let latencies = latency::take(&measured)?;
        let rate = spent.rate(latencies.count());
        let name = |what: &str| format!("newest {PAGE}, {clients} clients: {what}");
        let (most, least) =
            if clients == 1 { (Some(AtMost(0.3)), None) } else { (None, Some(AtLeast(12_000.0))) };
        figures.extend([
            Figure::new(name("requests"), rate, "1/s").target(least),
            Figure::new(name("p50"), latencies.milliseconds(0.5), "ms").target(most),
            Figure::new(name("p99"), latencies.milliseconds(0.99), "ms"),
        ]);
        raw.push(json!({
            "clients": clients, "requests_per_second": rate,
            "server_cpu_us_per_request": spent.microseconds_each(latencies.count()),
            "latencies": latencies.summary(), "spent": spent.summary(),
        }));
    }
    server.stop().await?;

    if bench.database == Database::Sqlite {
        let bytes = size(&bench.data(Choice::History))?;
        let each = ratio(bytes) / ratio(MESSAGES);
        figures.push(Figure::new("disk for a message of 120 bytes", each, "B").target(AtMost(400.0)));
        raw.push(json!({ "messages": MESSAGES, "database_bytes": bytes, "bytes_per_message": each }));
    }
    Ok(Outcome { figures, raw: Value::from(raw) })
}

async fn read(address: SocketAddr, request: Arc<[u8]>, end: Instant, measured: Shared) -> Result<()> {
    let mut client = Client::connect(address).await?;
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok(());
        }
        let (status, _) = client.exchange(&request).await?;
        ensure!(status == 200, "the server answered {status}");
        latency::record(&measured, start.elapsed());
    }
}

/// The bytes of all files of the stopped server's data folder; next to the messages the rest is
/// nothing.
fn size(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += if entry.file_type()?.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(bytes)
}
