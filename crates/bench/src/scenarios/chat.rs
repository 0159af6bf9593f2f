//! People who chat while something else goes on: it has to show in the time their sends take.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::latency::{self, Shared};
use crate::people::Person;
use crate::stream::{Socket, protocol};

/// How long each of them waits from one message to the next.
const EVERY: Duration = Duration::from_millis(100);

/// Lets each of them send ten messages a second to a conversation, until the tasks are dropped.
/// A send counts from the moment it was due.
pub fn begin(
    address: SocketAddr,
    people: &[Person],
    conversation: &str,
    measured: &Shared,
) -> JoinSet<Result<()>> {
    let mut tasks = JoinSet::new();
    for person in people {
        tasks.spawn(chat(address, person.clone(), conversation.to_owned(), Shared::clone(measured)));
    }
    tasks
}

async fn chat(address: SocketAddr, person: Person, conversation: String, measured: Shared) -> Result<()> {
    let mut socket = Socket::open(address, &person.token).await?;
    let mut frame = String::new();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for re in 1.. {
        let due = ticks.tick().await.into_std();
        protocol::post(&mut frame, re, &conversation, protocol::now());
        socket.ask(&frame).await?;
        latency::record(&measured, due.elapsed());
    }
    Ok(())
}
