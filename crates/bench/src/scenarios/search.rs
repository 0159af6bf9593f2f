//! Finding messages among many.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Bench, prefill};
use crate::cli::Choice;
use crate::http::{Client, request};
use crate::latency::Latencies;
use crate::people::{self, Person};
use crate::process::{Watch, settle};
use crate::report::Target::AtMost;
use crate::report::{Figure, Outcome};
use crate::stream::protocol;

const AUTHORS: usize = 16;
const GROUPS: usize = 4;
/// How many words there are.
const WORDS: u64 = 20_000;
/// The messages are of about this many bytes.
const LENGTH: usize = 110;
/// How long a million messages may take to be indexed.
const PATIENCE: Duration = Duration::from_mins(10);
/// How many hits make a page, as the web page asks for them.
const PAGE: usize = 30;
/// Where the target is one: 100,000 messages, in milliseconds.
const TARGET: (u64, f64) = (100_000, 50.0);

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server(Choice::Search).await?;
    let mut people = people::register(server.address, AUTHORS).await?;
    let mut groups = Vec::new();
    for _ in 0..GROUPS {
        groups.push(people::group(server.address, &people[0], &people[1..]).await?);
    }
    let (mut figures, mut raw, mut there) = (Vec::new(), Vec::new(), 0);
    for &messages in &bench.found_among {
        let start = Instant::now();
        let seed = messages;
        prefill::fill_with(server.address, &people, &groups, messages.saturating_sub(there), |member| {
            let mut words = Words::new(seed * 100 + member);
            move |frame, re, conversation| protocol::post_text(frame, re, conversation, words.message())
        })
        .await?;
        there = messages;
        let filled = start.elapsed();
        // An access token does not live as long as a million messages take.
        people::refresh(server.address, &mut people).await?;
        indexed(server.address, &people[0], &groups, messages).await?;
        let caught_up = start.elapsed();
        settle(server.pid).await?;
        let watch = Watch::start(server.pid)?;
        let measured = measure(server.address, &people[0], bench.seconds).await?;
        let spent = watch.spent()?;
        let mut all = Latencies::new()?;
        for (kind, latencies) in &measured {
            all.add(latencies)?;
            raw.push(json!({ "messages": messages, "query": kind, "latencies": latencies.summary() }));
        }
        let name = |what: &str| format!("search among {messages}: {what}");
        let most = (messages == TARGET.0).then_some(AtMost(TARGET.1));
        figures.extend([
            Figure::new(name("p50"), all.milliseconds(0.5), "ms"),
            Figure::new(name("p99"), all.milliseconds(0.99), "ms").target(most),
            Figure::new(
                name("index behind the last send"),
                caught_up.saturating_sub(filled).as_secs_f64(),
                "s",
            ),
        ]);
        raw.push(json!({
            "messages": messages, "filled_seconds": filled.as_secs_f64(), "indexed_seconds": caught_up.as_secs_f64(),
            "server_cpu_us_per_search": spent.microseconds_each(all.count()), "latencies": all.summary(),
        }));
    }
    server.stop().await?;
    Ok(Outcome { figures, raw: Value::from(raw) })
}

/// Waits until all of them are indexed: a last message in each group is found.
async fn indexed(address: SocketAddr, person: &Person, groups: &[String], messages: u64) -> Result<()> {
    let mut client = Client::connect(address).await?;
    let last = format!("last{messages}");
    for (number, group) in (0..).zip(groups) {
        let id = format!("{:08x}-0000-4000-9000-{:012x}", messages >> 32, messages * 100 + number);
        let path = format!("/api/v1/conversations/{group}/messages/{id}");
        let body = json!({ "body": last });
        client.call("PUT", &path, Some(&person.token), Some(&body)).await?.success()?;
    }
    let start = Instant::now();
    loop {
        let path = format!("/api/v1/search?q={last}");
        let found = client.call("GET", &path, Some(&person.token), None).await?.success()?;
        if found["items"].as_array().is_some_and(|items| items.len() == groups.len()) {
            return Ok(());
        }
        ensure!(start.elapsed() < PATIENCE, "the messages were not indexed within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Searches with one client for so long, each kind of query in turn.
async fn measure(
    address: SocketAddr,
    person: &Person,
    seconds: Duration,
) -> Result<Vec<(&'static str, Latencies)>> {
    let mut measured =
        KINDS.iter().map(|(name, _)| Ok((*name, Latencies::new()?))).collect::<Result<Vec<_>>>()?;
    let mut client = Client::connect(address).await?;
    let mut random = Random(7);
    let end = Instant::now() + seconds * 2;
    while Instant::now() < end {
        for ((_, make), (name, latencies)) in KINDS.iter().zip(&mut measured) {
            let path = format!("/api/v1/search?limit={PAGE}&q={}", make(&mut random));
            let request = request(address, "GET", &path, Some(&person.token), None);
            let start = Instant::now();
            let (status, _) = client.exchange(&request).await.context(*name)?;
            latencies.record(start.elapsed());
            ensure!(status == 200, "the server answered {status} to {path}");
        }
    }
    Ok(measured)
}

type Make = fn(&mut Random) -> String;

/// What people look for.
const KINDS: [(&str, Make); 9] = [
    ("a word of many messages", |random| word(random.below(20))),
    ("a word of some messages", |random| word(100 + random.below(1_000))),
    ("a word of few messages", |random| word(10_000 + random.below(10_000))),
    ("a word of none", |random| format!("{}qqq", word(random.below(1_000)))),
    ("two words", |random| format!("{}%20{}", word(random.below(50)), word(500 + random.below(2_000)))),
    ("a part of a word", |random| word(200 + random.below(5_000))[1..].to_owned()),
    ("the beginning of a word", |random| word(random.below(500))[..2].to_owned()),
    ("a phrase", |random| format!("%22{}%20{}%22", word(random.below(10)), word(random.below(100)))),
    ("a word of one's own", |random| format!("from:me%20{}", word(random.below(3_000)))),
];

/// The words of which messages are made: the second half as often as the first, and so on, as in
/// any language.
struct Words {
    random: Random,
    text: String,
}

impl Words {
    fn new(seed: u64) -> Self {
        Self { random: Random(seed), text: String::new() }
    }

    fn message(&mut self) -> &str {
        self.text.clear();
        while self.text.len() < LENGTH {
            // Writing to a string cannot fail.
            _ = write!(self.text, "{} ", word(self.random.rank()));
        }
        &self.text
    }
}

/// The word of this rank, the most frequent one being 0.
fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 32] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "we",
        "xi", "yo", "zu", "bra", "cle", "dri", "flo", "gru", "pla", "sta", "tre", "ski", "sno", "qua", "thi",
    ];
    // Mixed, so that words that are as frequent have nothing in common.
    let mut rest = (rank + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    let mut word = String::new();
    for _ in 0..2 + rank % 3 {
        word.push_str(SYLLABLES[usize::try_from(rest % 32).unwrap_or(0)]);
        rest /= 32;
    }
    word
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    /// A word's rank: each doubling of ranks is as likely as any other.
    fn rank(&mut self) -> u64 {
        let doublings = WORDS.ilog2() + 1;
        let from = 1 << self.below(doublings.into());
        (from + self.below(from) - 1).min(WORDS - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_the_same_each_time_and_differ() {
        let (mut one, mut other) = (Words::new(1), Words::new(1));
        let first = one.message().to_owned();
        assert_eq!(first, other.message());
        assert_ne!(first, one.message());
        assert!((LENGTH..LENGTH + 20).contains(&first.len()), "{first}");
    }

    #[test]
    fn a_word_is_the_more_frequent_the_lower_its_rank() {
        let mut random = Random(1);
        let ranks: Vec<u64> = (0..10_000).map(|_| random.rank()).collect();
        let share = |below: u64| ranks.iter().filter(|rank| **rank < below).count();
        assert!(share(1) > 400 && share(100) > 4_000 && share(100) < 6_000, "{}", share(100));
        assert!(ranks.iter().all(|rank| *rank < WORDS));
    }
}
