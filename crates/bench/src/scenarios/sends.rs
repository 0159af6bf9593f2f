//! Durable sends: each sender waits for its answer before it sends again, and one listener
//! receives everything.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Bench;
use super::receivers::Receivers;
use crate::cli::{Choice, Database};
use crate::latency::{self, Shared};
use crate::people::{self, Person};
use crate::process::Watch;
use crate::report::Target::{self, AtLeast, AtMost};
use crate::report::{Figure, Outcome};
use crate::stream::Socket;
use crate::stream::protocol;

const SENDERS: usize = 64;
const CONVERSATIONS: usize = 16;
/// What is sent before it counts: caches fill, statements get prepared.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// Senders and over how many conversations they spread.
const CASES: [(usize, usize); 5] = [(1, 1), (16, 16), (16, 1), (64, 16), (64, 1)];

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server(Choice::Sends).await?;
    let senders = people::register(server.address, SENDERS).await?;
    let listener = people::register(server.address, 1).await?;
    let mut apart = Vec::new();
    for number in 0..CONVERSATIONS {
        let mine: Vec<Person> = senders.iter().skip(number).step_by(CONVERSATIONS).cloned().collect();
        apart.push(people::group(server.address, &listener[0], &mine).await?);
    }
    let together = vec![people::group(server.address, &listener[0], &senders).await?];
    let receivers = Receivers::online(server.address, &listener).await?;

    let (mut figures, mut raw) = (Vec::new(), Vec::new());
    for (count, over) in CASES {
        let conversations = if over == 1 { &together } else { &apart };
        let measured = latency::shared()?;
        let mut tasks = JoinSet::new();
        for (number, sender) in senders[..count].iter().enumerate() {
            let conversation = conversations[number % over].clone();
            tasks.spawn(send(server.address, sender.clone(), conversation, Shared::clone(&measured)));
        }
        until_failure(&mut tasks, WARM_UP).await?;
        latency::take(&measured)?;
        receivers.wipe()?;
        let watch = Watch::start(server.pid)?;
        until_failure(&mut tasks, bench.seconds).await?;
        let spent = watch.spent()?;
        let latencies = latency::take(&measured)?;
        tasks.shutdown().await;

        let sends = latencies.count();
        let received = receivers.wait_for(sends).await?.deliveries;
        let (rate, cpu) = (spent.rate(sends), spent.microseconds_each(sends));
        let name = |what: &str| format!("{count} senders, {over} conversations: {what}");
        let [least, p50, p99] = targets(bench.database, count);
        figures.extend([
            Figure::new(name("sends"), rate, "1/s").target(least),
            Figure::new(name("p50"), latencies.milliseconds(0.5), "ms").target(p50),
            Figure::new(name("p99"), latencies.milliseconds(0.99), "ms").target(p99),
            Figure::new(name("server CPU"), cpu, "µs each"),
        ]);
        raw.push(json!({
            "senders": count, "conversations": over, "sends_per_second": rate, "sends": sends,
            "server_cpu_us_per_send": cpu, "received_by_listener": received,
            "latencies": latencies.summary(), "spent": spent.summary(),
        }));
    }
    drop(receivers);
    server.stop().await?;
    Ok(Outcome { figures, raw: Value::from(raw) })
}

/// Rate, median and 99th percentile.
fn targets(database: Database, senders: usize) -> [Option<Target>; 3] {
    match (database, senders) {
        (Database::Sqlite, 1) => [Some(AtLeast(1_800.0)), Some(AtMost(0.6)), None],
        (Database::Sqlite, 16) => [Some(AtLeast(8_000.0)), None, Some(AtMost(5.0))],
        (Database::Postgres, 16) => [Some(AtLeast(8_000.0)), None, None],
        (_, 64) => [Some(AtLeast(15_000.0)), None, None],
        _ => [None, None, None],
    }
}

/// Lets the tasks work for some time; they end only when they fail.
pub async fn until_failure(tasks: &mut JoinSet<Result<()>>, time: Duration) -> Result<()> {
    match tokio::time::timeout(time, tasks.join_next()).await {
        Ok(Some(ended)) => ended?,
        _ => Ok(()),
    }
}

/// Sends one message after the other. The sender does not ask for the stream: one listener is
/// what is measured, not as many as there are senders.
pub async fn send(address: SocketAddr, sender: Person, conversation: String, measured: Shared) -> Result<()> {
    let mut socket = Socket::open(address, &sender.token).await?;
    let mut frame = String::new();
    for re in 1.. {
        let start = protocol::now();
        protocol::post(&mut frame, re, &conversation, start);
        socket.ask(&frame).await?;
        latency::record(&measured, protocol::now().saturating_sub(start));
    }
    Ok(())
}
