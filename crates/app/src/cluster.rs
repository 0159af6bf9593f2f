//! This node among others, and how they are rung.

use std::net::SocketAddr;
use std::sync::Arc;

use parlor_bus_nats::NatsBus;
use parlor_domain::{Bus, IdSource, Node, NodeId};
use parlor_storage_postgres::PostgresBus;

use crate::config::{BusKind, Hidden, Settings};
use crate::database::Database;
use crate::failure::Failure;

/// What this node says of itself.
pub fn node(settings: &Settings, bound: SocketAddr, ids: &dyn IdSource) -> Node {
    let machine = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    Node {
        id: NodeId::from_uuid(ids.next_id()),
        name: settings.cluster.node_name.clone().unwrap_or_else(machine),
        version: env!("CARGO_PKG_VERSION").into(),
        address: bound.to_string(),
        connections: 0,
        hears: true,
    }
}

/// How the other nodes are rung; `None` when the database is this node's own.
pub async fn bus(settings: &Settings, database: &Database) -> Result<Option<Arc<dyn Bus>>, Failure> {
    let url = settings.database.url.as_ref().map(Hidden::reveal);
    let (Database::Postgres(store), Some(url)) = (database, url) else { return Ok(None) };
    if let (BusKind::Nats, Some(server)) = (settings.cluster.bus, &settings.cluster.nats_url) {
        let community = store.shared().epoch().await?.simple().to_string();
        return Ok(Some(Arc::new(NatsBus::open(server.reveal(), &community).await?)));
    }
    let own = settings.cluster.notify_url.as_ref().map_or(url, Hidden::reveal);
    Ok(Some(Arc::new(PostgresBus::open(own).await?)))
}
