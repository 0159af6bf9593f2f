//! Fan-out: one group whose members are all online, and more and more messages.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::receivers::{Disorder, Receivers};
use super::{Bench, pace};
use crate::cli::{Choice, Database};
use crate::people;
use crate::process::{Watch, ratio, settle};
use crate::report::Target::{AtLeast, AtMost};
use crate::report::{Figure, Outcome};
use crate::server::Server;
use crate::stream::Socket;

/// Deliveries a second at which the latency is told.
const CALM: f64 = 10_000.0;
/// Deliveries a second at which the server's work is told: much higher rates are cheaper for each,
/// because more frames are ready at once and leave together.
const BUSY: f64 = 160_000.0;
/// Where the search for the limit begins, and how it goes on; it comes by at [`BUSY`].
const FIRST: f64 = 40_000.0;
const GROWTH: f64 = 2.0;
/// Where the search ends. Far beyond its limit the generator no longer reads in time, and the
/// server rightly lets go of clients that do not read.
const MOST: f64 = 1_280_000.0;
/// The most messages a second: the server takes no more commands from one socket than 10,000,
/// whatever its settings.
const MOST_POSTS: f64 = 8_000.0;
/// How often the step between the best rate and the first that failed is halved.
const HALVINGS: usize = 3;
/// A rate counts while its 99th percentile stays below this, in milliseconds.
const TOLERABLE: f64 = 100.0;

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server(Choice::Fanout).await?;
    let (mut figures, mut raw) = (Vec::new(), Vec::new());
    let sizes: &[usize] = if bench.database == Database::Sqlite { &[100, 1_000] } else { &[1_000] };
    for &members in sizes {
        let steps = climb(bench, &server, members).await?;
        let best =
            steps.iter().filter(|step| step.kept_up).max_by(|one, other| one.rate.total_cmp(&other.rate));
        let name = |what: &str| format!("{members} members: {what}");
        let large = members == 1_000;
        if let Some(best) = best {
            figures.extend([
                Figure::new(name("deliveries"), best.rate, "1/s").target(large.then_some(AtLeast(BUSY))),
                Figure::new(name("server CPU then"), best.cpu, "µs each"),
            ]);
        }
        let busy = steps.iter().filter(|step| step.kept_up && is_about(step.offered, BUSY));
        figures.extend(busy.map(|busy| {
            let cpu = Figure::new(name("server CPU at 160,000 deliveries/s"), busy.cpu, "µs each");
            cpu.target(large.then_some(AtMost(5.0)))
        }));
        figures.extend([
            Figure::new(name("p50 at 10,000 deliveries/s"), steps[0].p50, "ms"),
            Figure::new(name("p99 at 10,000 deliveries/s"), steps[0].p99, "ms")
                .target(large.then_some(AtMost(15.0))),
        ]);
        let steps: Vec<Value> = steps.into_iter().map(|step| step.raw).collect();
        raw.push(json!({ "members": members, "steps": steps }));
    }
    server.stop().await?;
    Ok(Outcome { figures, raw: Value::from(raw) })
}

fn is_about(one: f64, other: f64) -> bool {
    (one - other).abs() < 1.0
}

struct Step {
    offered: f64,
    rate: f64,
    kept_up: bool,
    p50: f64,
    p99: f64,
    cpu: f64,
    raw: Value,
}

impl Step {
    /// Somebody lost the connection.
    fn lost(offered: f64, error: &anyhow::Error) -> Self {
        let raw = json!({ "offered_per_second": offered, "kept_up": false, "lost": format!("{error:#}") });
        Self { offered, rate: 0.0, kept_up: false, p50: 0.0, p99: 0.0, cpu: 0.0, raw }
    }
}

/// The calm rate first, then rising ones until the server falls behind, then those between.
async fn climb(bench: &Bench, server: &Server, members: usize) -> Result<Vec<Step>> {
    let people = people::register(server.address, members + 1).await?;
    let (sender, members) = (&people[0], &people[1..]);
    let group = people::group(server.address, sender, members).await?;
    let mut receivers = Receivers::online(server.address, members).await?;
    let mut socket = Socket::open(server.address, &sender.token).await?;

    let mut steps = vec![step(bench, server, &receivers, &mut socket, &group, members.len(), CALM).await?];
    let (mut good, mut bad, mut halvings) = (CALM, f64::INFINITY, 0);
    let mut offered = FIRST;
    let most = MOST.min(MOST_POSTS * ratio(members.len() as u64));
    while offered <= most && halvings <= HALVINGS {
        // Twice, because a hiccup of the machine is not the limit of the server.
        for _ in 0..2 {
            let step = step(bench, server, &receivers, &mut socket, &group, members.len(), offered).await;
            let step = match step {
                Err(error) if !error.is::<Disorder>() => {
                    // Whoever does not read in time is let go; the next rate begins anew.
                    drop(receivers);
                    settle(server.pid).await?;
                    receivers = Receivers::online(server.address, members).await?;
                    socket = Socket::open(server.address, &sender.token).await?;
                    Step::lost(offered, &error)
                }
                step => step?,
            };
            let kept_up = step.kept_up;
            steps.push(step);
            if kept_up {
                good = offered;
                break;
            }
        }
        if good < offered {
            bad = offered;
        }
        if bad.is_finite() {
            halvings += 1;
            offered = f64::midpoint(good, bad);
        } else {
            offered *= GROWTH;
        }
    }
    Ok(steps)
}

async fn step(
    bench: &Bench,
    server: &Server,
    receivers: &Receivers,
    socket: &mut Socket,
    group: &str,
    members: usize,
    offered: f64,
) -> Result<Step> {
    let members = members as u64;
    receivers.wipe()?;
    let watch = Watch::start(server.pid)?;
    let posted = pace::post(socket, group, offered / ratio(members), bench.seconds).await;
    let posted =
        posted.with_context(|| format!("the sender was lost at {offered} deliveries/s to {members}"))?;
    let board = receivers.wait_for(posted.posts * members).await?;
    let spent = watch.spent()?;

    let complete = board.deliveries >= posted.posts * members;
    let rate = ratio(board.deliveries) / board.last.saturating_sub(posted.start).as_secs_f64().max(0.001);
    let (p50, p99) = (board.latencies.milliseconds(0.5), board.latencies.milliseconds(0.99));
    let cpu = spent.microseconds_each(board.deliveries);
    let kept_up = complete && p99 <= TOLERABLE;
    let raw = json!({
        "offered_per_second": offered, "delivered_per_second": rate, "kept_up": kept_up,
        "posts": posted.posts, "refused": posted.refused, "deliveries": board.deliveries,
        "server_cpu_us_per_delivery": cpu, "latencies": board.latencies.summary(), "spent": spent.summary(),
    });
    Ok(Step { offered, rate, kept_up, p50, p99, cpu, raw })
}
