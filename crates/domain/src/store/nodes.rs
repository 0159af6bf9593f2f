use std::time::Duration;

use async_trait::async_trait;

use super::Result;
use crate::{KnownNode, Node, NodeId, Presence, PresentUser, UserId};

/// The server processes that share the database. Moments are told by the database's clock, which is
/// the same for all of them.
#[async_trait]
pub trait NodeRepository: Send + Sync {
    /// All nodes that are known, by name.
    async fn nodes(&self) -> Result<Vec<KnownNode>>;

    /// Who is connected to the nodes that were heard of within the lease, but this one.
    async fn present_elsewhere(&self, own: NodeId) -> Result<Vec<PresentUser>>;

    /// Notes what a node says of itself, and that it was heard of now.
    async fn hear_of_node(&mut self, node: &Node) -> Result<()>;

    /// Lets go of a node and of who was connected to it.
    async fn forget_node(&mut self, id: NodeId) -> Result<()>;

    /// Lets go of the nodes that were not heard of for so long.
    async fn forget_silent_nodes(&mut self, silent_for: Duration) -> Result<()>;

    /// Notes who is connected to a node that is known, and with `None` who no longer is.
    async fn set_present(&mut self, node: NodeId, changes: &[(UserId, Option<Presence>)]) -> Result<()>;
}
