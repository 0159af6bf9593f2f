//! Somebody with 100,000 messages is deleted with all of them, while others chat.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::sends::{WARM_UP, until_failure};
use super::{Bench, chat, pace};
use crate::cli::Choice;
use crate::http::Client;
use crate::latency;
use crate::people::{self, Person};
use crate::process::{Watch, ratio, settle};
use crate::report::Target::AtMost;
use crate::report::{Figure, Outcome};
use crate::server::ADMINISTRATOR;
use crate::stream::Socket;

const MESSAGES: u64 = 100_000;
const CHATTING: usize = 10;
/// How fast they were written: nobody may write more than 10,000 a second.
const WRITTEN_PER_SECOND: f64 = 8_000.0;
/// How long it may take until nothing of it is left.
const PATIENCE: Duration = Duration::from_mins(10);

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server(Choice::Deletion).await?;
    let people = people::register(server.address, CHATTING + 1).await?;
    let group = people::group(server.address, &people[0], &people[1..]).await?;
    let (gone, chatting) = people.split_last().context("there is nobody")?;
    write(server.address, gone, &group).await?;
    settle(server.pid).await?;

    let sends = latency::shared()?;
    let mut chat = chat::begin(server.address, chatting, &group, &sends);
    until_failure(&mut chat, WARM_UP + bench.seconds).await?;
    let calm = latency::take(&sends)?;

    let watch = Watch::start(server.pid)?;
    let mut administrator = Client::connect(server.address).await?;
    let token = sign_in(&mut administrator).await?;
    let path = format!("/api/v1/admin/users/{}?messages=erase", gone.id);
    let answered = Instant::now();
    administrator.call("DELETE", &path, Some(&token), None).await?.success()?;
    let answered = answered.elapsed();
    while is_erasing(&mut administrator, &token, gone).await? {
        let waited = watch.spent()?.wall;
        ensure!(waited < PATIENCE.as_secs_f64(), "messages are left after {waited:.0} s");
        until_failure(&mut chat, Duration::from_millis(500)).await?;
    }
    let spent = watch.spent()?;
    let during = latency::take(&sends)?;
    chat.shutdown().await;
    server.stop().await?;

    let name = |what: &str| format!("deleting somebody with {MESSAGES} messages: {what}");
    let figures = vec![
        Figure::new(name("answered after"), answered.as_secs_f64() * 1e3, "ms"),
        Figure::new(name("nothing left after"), spent.wall, "s"),
        Figure::new(name("slowest send"), during.milliseconds(1.0), "ms").target(AtMost(250.0)),
        Figure::new(name("p99 of sends"), during.milliseconds(0.99), "ms"),
        Figure::new("p99 of sends before", calm.milliseconds(0.99), "ms"),
    ];
    let raw = json!({
        "messages": MESSAGES, "chatting": CHATTING, "sends": during.summary(), "sends_before": calm.summary(),
        "spent": spent.summary(),
    });
    Ok(Outcome { figures, raw })
}

/// Writes all of the messages.
async fn write(address: SocketAddr, author: &Person, group: &str) -> Result<()> {
    let mut socket = Socket::open(address, &author.token).await?;
    let time = Duration::from_secs_f64(ratio(MESSAGES) / WRITTEN_PER_SECOND);
    let sent = pace::post(&mut socket, group, WRITTEN_PER_SECOND, time).await?;
    ensure!(sent.refused == 0, "{} of {} messages were refused", sent.refused, sent.posts);
    Ok(())
}

async fn sign_in(client: &mut Client) -> Result<String> {
    let (username, password) = ADMINISTRATOR;
    let form = json!({ "login": username, "password": password });
    let session = client.call("POST", "/api/v1/auth/login", None, Some(&form)).await?.success()?;
    Ok(session["access_token"].as_str().context("the answer names no token")?.to_owned())
}

/// Whether something of what the person wrote is still to be erased.
async fn is_erasing(administrator: &mut Client, token: &str, person: &Person) -> Result<bool> {
    let path = format!("/api/v1/admin/users/{}", person.id);
    let account = administrator.call("GET", &path, Some(token), None).await?.success()?;
    account["erasing"].as_bool().context("the answer does not say whether anything is left")
}
