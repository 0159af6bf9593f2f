//! Many sign in at once, with passwords hashed as they are by default, while others chat.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;
use tokio::task::JoinSet;

use super::sends::{WARM_UP, until_failure};
use super::{Bench, chat};
use crate::cli::Choice;
use crate::http::Client;
use crate::latency::{self, Shared};
use crate::people::{self, PASSWORD, Person};
use crate::process::{Watch, ratio, rss_kib, settle};
use crate::report::Target::AtMost;
use crate::report::{Figure, Outcome};

const AT_ONCE: usize = 200;
const CHATTING: usize = 10;
/// The defaults for passwords, which the server of the other scenarios does not have.
const HASHING: [(&str, &str); 2] =
    [("PARLOR_ACCOUNTS_ARGON2_MEMORY_KIB", "19456"), ("PARLOR_ACCOUNTS_ARGON2_ITERATIONS", "2")];
/// How long somebody who was refused waits; whoever wants to sign in does not wait for longer.
const RETRY: Duration = Duration::from_millis(200);

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server_with(Choice::Logins, &HASHING).await?;
    let people = people::register(server.address, AT_ONCE).await?;
    let chatting = &people[..CHATTING];
    let group = people::group(server.address, &chatting[0], &chatting[1..]).await?;
    settle(server.pid).await?;

    let sends = latency::shared()?;
    let mut chat = chat::begin(server.address, chatting, &group, &sends);
    until_failure(&mut chat, WARM_UP + bench.seconds).await?;
    let calm = latency::take(&sends)?;

    let before = rss_kib(server.pid)?;
    let (signed_in, refused) = (latency::shared()?, Arc::new(AtomicU64::new(0)));
    let mut signing_in = JoinSet::new();
    for person in &people {
        signing_in.spawn(sign_in(
            server.address,
            person.clone(),
            Shared::clone(&signed_in),
            Arc::clone(&refused),
        ));
    }
    let watch = Watch::start(server.pid)?;
    let mut peak = before;
    while watch.spent()?.wall < bench.seconds.as_secs_f64() {
        until_failure(&mut signing_in, Duration::from_millis(20)).await?;
        peak = peak.max(rss_kib(server.pid)?);
    }
    let spent = watch.spent()?;
    let (stormy, signed_in) = (latency::take(&sends)?, latency::take(&signed_in)?);
    until_failure(&mut chat, Duration::ZERO).await?;
    signing_in.shutdown().await;
    chat.shutdown().await;
    server.stop().await?;

    let refused = refused.load(Ordering::Relaxed);
    let grown = ratio(peak - before) / 1024.0;
    let name = |what: &str| format!("{AT_ONCE} sign in at once: {what}");
    let figures = vec![
        Figure::new(name("sign-ins"), spent.rate(signed_in.count()), "1/s"),
        Figure::new(name("p50"), signed_in.milliseconds(0.5), "ms"),
        Figure::new(name("p99"), signed_in.milliseconds(0.99), "ms"),
        Figure::new(name("refused for now"), spent.rate(refused), "1/s"),
        Figure::new(name("p99 of sends"), stormy.milliseconds(0.99), "ms").target(AtMost(200.0)),
        Figure::new("p99 of sends before", calm.milliseconds(0.99), "ms"),
        Figure::new(name("memory on top"), grown, "MiB").target(AtMost(120.0)),
    ];
    let raw = json!({
        "at_once": AT_ONCE, "chatting": CHATTING, "refused": refused, "sign_ins": signed_in.summary(),
        "sends": stormy.summary(), "sends_before": calm.summary(), "rss_kib_before": before,
        "rss_kib_peak": peak, "spent": spent.summary(),
    });
    Ok(Outcome { figures, raw })
}

/// Signs in again and again; only answers to those who got in count.
async fn sign_in(
    address: SocketAddr,
    person: Person,
    measured: Shared,
    refused: Arc<AtomicU64>,
) -> Result<()> {
    let form = json!({ "login": person.username, "password": PASSWORD });
    let mut client = Client::connect(address).await?;
    loop {
        let start = Instant::now();
        let answer = client.call("POST", "/api/v1/auth/login", None, Some(&form)).await?;
        match answer.status {
            200 | 201 => latency::record(&measured, start.elapsed()),
            429 | 503 => {
                refused.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(RETRY).await;
            }
            status => bail!("signing in was answered with {status}: {}", answer.body),
        }
    }
}
