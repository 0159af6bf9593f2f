//! The servers that share the database.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::KnownNode;
use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

/// Whether a node is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Enum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(super) enum NodeState {
    /// It was heard of lately.
    Up,
    /// It says nothing any more; its people are connected elsewhere or not at all.
    Silent,
}

/// A server process.
#[derive(Debug, Serialize, Object)]
pub(super) struct NodeView {
    /// Its id, new with every start.
    id: Uuid,
    /// What its operator calls it.
    name: String,
    /// The program's version.
    version: String,
    /// Where it listens.
    address: String,
    /// Whether it is at work.
    pub(super) state: NodeState,
    /// How many sockets are connected to it.
    pub(super) connections: u64,
    /// Whether it hears at once what happens on other nodes. When it does not, it looks into the
    /// database every two seconds.
    bus: bool,
    /// How long ago it started, in milliseconds.
    up_ms: u64,
    /// How long ago it was heard of, in milliseconds.
    silent_ms: u64,
}

/// The nodes, by name.
#[derive(Debug, Serialize, Object)]
struct NodeList {
    /// The nodes. One that was not heard of for an hour is forgotten.
    items: Vec<NodeView>,
}

pub struct NodesApi;

#[OpenApi(tag = Tag::Administration)]
impl NodesApi {
    /// The nodes of this server
    ///
    /// For admins. With SQLite there is one.
    #[oai(path = "/admin/nodes", method = "get", operation_id = "listNodes")]
    async fn list(&self, services: Data<&Arc<Services>>, _admin: Admin) -> Result<Json<NodeList>> {
        let items = services.realtime.nodes().await?.into_iter().map(NodeView::from).collect();
        Ok(Json(NodeList { items }))
    }
}

impl From<KnownNode> for NodeView {
    fn from(known: KnownNode) -> Self {
        let state = if known.is_up() { NodeState::Up } else { NodeState::Silent };
        let KnownNode { node, up_for, silent_for } = known;
        Self {
            id: node.id.as_uuid(),
            name: node.name,
            version: node.version,
            address: node.address,
            state,
            connections: node.connections,
            bus: node.hears,
            up_ms: milliseconds(up_for),
            silent_ms: milliseconds(silent_for),
        }
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
