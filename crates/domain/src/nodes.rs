use std::time::Duration;

use crate::{NodeId, UserId};

/// A server process of this community, as it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its id, new with every start.
    pub id: NodeId,
    /// What its operator calls it; often the name of the machine.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// Where it listens.
    pub address: String,
    /// How many sockets are connected to it.
    pub connections: u64,
    /// Whether it hears the other nodes at once, or only when it looks into the database.
    pub hears: bool,
}

/// A node that is known, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownNode {
    /// What it said of itself last.
    pub node: Node,
    /// How long ago it started, by the database's clock.
    pub up_for: Duration,
    /// How long ago it was heard of, by the database's clock.
    pub silent_for: Duration,
}

impl KnownNode {
    /// A node that says nothing for so long is gone: others no longer count its people.
    pub const LEASE: Duration = Duration::from_secs(15);

    /// Whether the node is at work, as far as one can know.
    pub fn is_up(&self) -> bool {
        self.silent_for <= Self::LEASE
    }
}

/// How somebody who is connected wants to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// At hand.
    Online,
    /// Not at the keyboard.
    Away,
    /// At hand, but not to be disturbed.
    DoNotDisturb,
    /// As if not connected.
    Invisible,
}

/// Somebody's presence on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PresentUser {
    /// Where they are connected.
    pub node: NodeId,
    /// Who.
    pub user: UserId,
    /// How they want to be seen.
    pub presence: Presence,
}
