//! A storm of reactions: everybody in a group reacts to the same message and takes it back, over and
//! over, and everybody sees all of it.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Bench;
use super::receivers::Receivers;
use super::sends::{WARM_UP, until_failure};
use crate::cli::Choice;
use crate::http::Client;
use crate::latency::{self, Shared};
use crate::people::{self, Person};
use crate::process::Watch;
use crate::report::{Figure, Outcome};
use crate::stream::{Socket, protocol};

const PEOPLE: usize = 50;
/// What they react with, so that each emoji has several people.
const EMOJI: [&str; 10] = ["👍", "🎉", "❤️", "😂", "🙏", "🚀", "👀", "🔥", "✅", "💯"];

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server(Choice::Reactions).await?;
    let people = people::register(server.address, PEOPLE).await?;
    let group = people::group(server.address, &people[0], &people[1..]).await?;
    let message = post(server.address, &people[0], &group).await?;
    let receivers = Receivers::online(server.address, &people).await?;

    let measured = latency::shared()?;
    let mut tasks = JoinSet::new();
    for (number, person) in people.iter().enumerate() {
        let emoji = EMOJI[number % EMOJI.len()];
        tasks.spawn(react(server.address, person.clone(), message.clone(), emoji, Shared::clone(&measured)));
    }
    until_failure(&mut tasks, WARM_UP).await?;
    latency::take(&measured)?;
    receivers.wipe()?;
    let watch = Watch::start(server.pid)?;
    until_failure(&mut tasks, bench.seconds).await?;
    let spent = watch.spent()?;
    let latencies = latency::take(&measured)?;
    tasks.shutdown().await;
    let reactions = latencies.count();
    let received = receivers.wait_for(reactions * PEOPLE as u64).await?.deliveries;
    drop(receivers);
    server.stop().await?;

    let (rate, cpu) = (spent.rate(reactions), spent.microseconds_each(reactions));
    let name = |what: &str| format!("{PEOPLE} people, one message: {what}");
    let figures = vec![
        Figure::new(name("reactions"), rate, "1/s"),
        Figure::new(name("p50"), latencies.milliseconds(0.5), "ms"),
        Figure::new(name("p99"), latencies.milliseconds(0.99), "ms"),
        Figure::new(name("server CPU"), cpu, "µs each"),
    ];
    let raw = json!({
        "people": PEOPLE, "reactions": reactions, "reactions_per_second": rate, "deliveries": received,
        "server_cpu_us_per_reaction": cpu, "latencies": latencies.summary(), "spent": spent.summary(),
    });
    Ok(Outcome { figures, raw })
}

/// Posts the message that everybody reacts to; answers its id.
async fn post(address: SocketAddr, author: &Person, group: &str) -> Result<String> {
    let path = format!("/api/v1/conversations/{group}/messages/00000000-0000-4000-8000-00000000000a");
    let body = json!({ "body": "Who comes along?" });
    let posted = Client::connect(address).await?.call("PUT", &path, Some(&author.token), Some(&body)).await?;
    let posted: Value = posted.success()?;
    Ok(posted["message_id"].as_str().context("the answer names no message")?.to_owned())
}

/// Reacts and takes it back, one after the other.
async fn react(
    address: SocketAddr,
    person: Person,
    message: String,
    emoji: &str,
    measured: Shared,
) -> Result<()> {
    let mut socket = Socket::open(address, &person.token).await?;
    for re in 1_u64.. {
        let set = re % 2 == 1;
        let start = protocol::now();
        let frame = format!(
            r#"{{"id":{re},"type":"reaction.set","message":"{message}","emoji":"{emoji}","set":{set}}}"#
        );
        socket.ask(&frame).await?;
        latency::record(&measured, protocol::now().saturating_sub(start));
    }
    Ok(())
}
