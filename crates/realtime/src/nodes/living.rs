use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{KnownNode, Node, StoreError};
use tokio::time::{Instant, MissedTickBehavior};

use super::{Around, look};

/// How often it is written down who is connected.
const WRITE: Duration = Duration::from_secs(1);
/// How often the node says that it is alive: a few times within the lease.
const BEAT: Duration = Duration::from_secs(4);
/// How often everybody's presence is read anew: nodes whose lease is over fall out by it.
const READ: Duration = Duration::from_secs(8);
/// How long a silent node is remembered, so that an admin sees that it is gone.
const REMEMBERED: Duration = Duration::from_hours(1);

/// Says that this node is alive and who is connected to it, and reads who is connected elsewhere,
/// for as long as it is run.
pub(crate) async fn live(around: Arc<Around>) {
    let (mut next_beat, mut next_read) = (Instant::now(), Instant::now());
    let mut ticks = tokio::time::interval(WRITE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let now = ticks.tick().await;
        let beats = now >= next_beat;
        let written = write(&around, beats).await;
        // During maintenance no node writes that it lives, so nobody's lease counts either.
        if matches!(written, Err(StoreError::ReadOnly(_))) {
            around.people.write_all_again();
            continue;
        }
        if let Err(error) = written {
            tracing::warn!(%error, "this node could not be written down; other nodes may think it is gone");
            // Its row may be gone, and with it everybody's.
            around.people.write_all_again();
            next_beat = now;
        } else if beats {
            next_beat = now + BEAT;
        }
        if now >= next_read {
            look::who_is_present(&around).await;
            next_read = now + READ;
        }
    }
}

async fn write(around: &Around, beats: bool) -> Result<(), StoreError> {
    let changes = around.people.unwritten();
    if !beats && changes.is_empty() {
        return Ok(());
    }
    let mut work = around.store.begin().await?;
    if beats {
        let node = Node {
            connections: around.hub.count() as u64,
            hears: around.bus.hears(),
            ..around.about.clone()
        };
        work.hear_of_node(&node).await?;
        work.forget_silent_nodes(REMEMBERED.max(KnownNode::LEASE)).await?;
    }
    if !changes.is_empty() {
        work.set_present(around.node(), &changes).await?;
    }
    work.commit().await
}

/// The last thing a node does: nobody is connected to it any more.
pub(crate) async fn leave(around: &Around) {
    let left = async {
        let mut work = around.store.begin().await?;
        work.forget_node(around.node()).await?;
        work.commit().await
    };
    if let Err(error) = left.await {
        tracing::warn!(%error, "this node could not be taken from the list; it falls out of it by itself");
    }
}
