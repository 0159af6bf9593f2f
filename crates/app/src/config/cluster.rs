use serde::{Deserialize, Serialize};

use super::Hidden;
use super::section::section;

section! {
    /// Several nodes that share one PostgreSQL database. Without PostgreSQL there is one node.
    struct Cluster = "cluster";

    /// What this node is called in lists; the machine's name when nothing is said.
    node_name: Option<String> = None;

    /// How nodes tell each other that there is something new: `postgres`, through the database, or
    /// `nats`, through a NATS server.
    bus: BusKind = BusKind::Postgres;

    /// The database's own address for `bus = "postgres"`, when `database.url` is that of a pooler
    /// which passes no notifications on.
    @secret notify_url: Option<Hidden> = None;

    /// The NATS server for `bus = "nats"`, such as `nats://user:password@127.0.0.1:4222`.
    @secret nats_url: Option<Hidden> = None;
}

/// How nodes tell each other that there is something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BusKind {
    /// Through the database.
    Postgres,
    /// Through a NATS server.
    Nats,
}
