//! Two nodes that share a database: sends through both, and deliveries from one to the other.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use super::receivers::Receivers;
use super::sends::{WARM_UP, send, until_failure};
use super::{Bench, pace};
use crate::cli::Choice;
use crate::latency::{self, Shared};
use crate::people;
use crate::process::Watch;
use crate::report::Target::{AtLeast, AtMost};
use crate::report::{Figure, Outcome};
use crate::server::{Limits, Server, free_address};

/// Senders on each node.
const SENDERS: usize = 32;
/// Members of the group, all connected to the second node.
const MEMBERS: usize = 50;
/// Messages a second that are posted on the first node.
const RATE: f64 = 500.0;

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let (mut figures, mut raw) = (Vec::new(), Vec::new());
    let (one, two) = start(bench, &[("PARLOR_CLUSTER_BUS", "postgres")]).await?;
    sends(bench, &one, &two, &mut figures, &mut raw).await?;
    across(bench, &one, &two, ("postgres", 250.0), &mut figures, &mut raw).await?;
    two.stop().await?;
    one.stop().await?;

    let (_nats, address) = nats().await?;
    let url = format!("nats://{address}");
    let bus = [("PARLOR_CLUSTER_BUS", "nats"), ("PARLOR_CLUSTER_NATS_URL", &*url)];
    let (one, two) = start(bench, &bus).await?;
    across(bench, &one, &two, ("nats", 50.0), &mut figures, &mut raw).await?;
    two.stop().await?;
    one.stop().await?;
    Ok(Outcome { figures, raw: Value::from(raw) })
}

/// Two nodes of one community.
async fn start(bench: &Bench, bus: &[(&str, &str)]) -> Result<(Server, Server)> {
    let first = bench.data(Choice::Nodes);
    let key = first.join("signing.key").display().to_string();
    let mut settings = vec![("PARLOR_SERVER_PUBLIC_URLS", "http://127.0.0.1:1")];
    settings.extend_from_slice(bus);
    let url = bench.url(Choice::Nodes);
    let url = url.as_deref();
    let one = bench.launcher.start(&first, Limits::Generous, url, &settings).await?;
    settings.push(("PARLOR_SESSIONS_SIGNING_KEY_FILE", &key));
    let second = first.with_file_name("nodes-two");
    let two = bench.launcher.start(&second, Limits::Generous, url, &settings).await?;
    Ok((one, two))
}

/// Both nodes send into one conversation, as fast as they get answers.
async fn sends(
    bench: &Bench,
    one: &Server,
    two: &Server,
    figures: &mut Vec<Figure>,
    raw: &mut Vec<Value>,
) -> Result<()> {
    let senders = people::register(one.address, 2 * SENDERS).await?;
    let group = people::group(one.address, &senders[0], &senders[1..]).await?;
    let measured = [latency::shared()?, latency::shared()?];
    let mut tasks = JoinSet::new();
    for (number, sender) in senders.into_iter().enumerate() {
        let node = number % 2;
        let address = [one.address, two.address][node];
        tasks.spawn(send(address, sender, group.clone(), Shared::clone(&measured[node])));
    }
    until_failure(&mut tasks, WARM_UP).await?;
    for shared in &measured {
        latency::take(shared)?;
    }
    let watch = Watch::start(one.pid)?;
    until_failure(&mut tasks, bench.seconds).await?;
    let spent = watch.spent()?;
    for (node, shared) in measured.iter().enumerate() {
        let latencies = latency::take(shared)?;
        let rate = spent.rate(latencies.count());
        let name = |what: &str| format!("node {} of 2, {SENDERS} senders: {what}", node + 1);
        figures.extend([
            Figure::new(name("sends"), rate, "1/s").target(AtLeast(2_000.0)),
            Figure::new(name("p99"), latencies.milliseconds(0.99), "ms"),
        ]);
        raw.push(json!({
            "node": node + 1, "senders": SENDERS, "sends_per_second": rate,
            "latencies": latencies.summary(), "spent": spent.summary(),
        }));
    }
    tasks.shutdown().await;
    Ok(())
}

/// Posts on the first node, for members who are all connected to the second.
async fn across(
    bench: &Bench,
    one: &Server,
    two: &Server,
    (bus, most): (&str, f64),
    figures: &mut Vec<Figure>,
    raw: &mut Vec<Value>,
) -> Result<()> {
    let people = people::register(one.address, MEMBERS + 1).await?;
    let group = people::group(one.address, &people[0], &people[1..]).await?;
    let receivers = Receivers::online(two.address, &people[1..]).await?;
    let mut socket = crate::stream::Socket::open(one.address, &people[0].token).await?;
    pace::post(&mut socket, &group, RATE, WARM_UP).await?;
    // Everything of before has arrived when nothing comes any more.
    drop(receivers.wait_for(u64::MAX).await?);
    receivers.wipe()?;
    let watch = Watch::start(two.pid)?;
    let posted = pace::post(&mut socket, &group, RATE, bench.seconds).await?;
    let expected = posted.posts * MEMBERS as u64;
    let board = receivers.wait_for(expected).await?;
    let spent = watch.spent()?;
    let arrived = board.deliveries;
    ensure!(posted.refused == 0, "{} messages were refused", posted.refused);
    ensure!(arrived == expected, "{arrived} of {expected} deliveries arrived over {bus}");
    let name = |what: &str| format!("from node to node over {bus}: {what}");
    figures.extend([
        Figure::new(name("p50"), board.latencies.milliseconds(0.5), "ms"),
        Figure::new(name("p99"), board.latencies.milliseconds(0.99), "ms").target(AtMost(most)),
    ]);
    raw.push(json!({
        "bus": bus, "members": MEMBERS, "posts": posted.posts, "deliveries": arrived,
        "latencies": board.latencies.summary(), "spent_second_node": spent.summary(),
    }));
    Ok(())
}

/// A NATS server of its own; dropping it ends it.
async fn nats() -> Result<(Child, SocketAddr)> {
    let address = free_address()?;
    // Debian puts it where not everybody's shell looks.
    let debian = Path::new("/usr/sbin/nats-server");
    let program = if debian.is_file() { debian } else { Path::new("nats-server") };
    let mut command = Command::new(program);
    command.args(["--addr", "127.0.0.1", "--port", &address.port().to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child =
        command.spawn().context("cannot start nats-server; scripts/install-test-tools installs it")?;
    for _ in 0..500 {
        if TcpStream::connect(address).await.is_ok() {
            return Ok((child, address));
        }
        if let Some(status) = child.try_wait()? {
            bail!("nats-server ended: {status}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("nats-server does not listen")
}
