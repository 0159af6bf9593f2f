use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{KnownNode, Node, NodeId, NodeRepository, Presence, PresentUser, UserId};

use crate::codes::Code;
use crate::fields::{Fields, column};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> NodeRepository for Sql<C, D> {
    async fn nodes(&self) -> Result<Vec<KnownNode>> {
        let sql = format!(
            "SELECT id, name, version, address, connections, hears, {now} - started_at, {now} - heard_at FROM node ORDER BY name, id",
            now = D::NOW,
        );
        self.all(sql, Vec::new(), |row| {
            let mut fields = Fields::of(row);
            Ok(KnownNode {
                node: Node {
                    id: fields.id(NodeId::from_uuid)?,
                    name: fields.get()?,
                    version: fields.get()?,
                    address: fields.get()?,
                    connections: fields.count()?,
                    hears: fields.get()?,
                },
                up_for: Duration::from_millis(fields.count()?),
                silent_for: Duration::from_millis(fields.count()?),
            })
        })
        .await
    }

    async fn present_elsewhere(&self, own: NodeId) -> Result<Vec<PresentUser>> {
        let sql = format!(
            "SELECT present.node_id, present.user_id, present.presence FROM present
            JOIN node ON node.id = present.node_id WHERE node.id <> $1 AND node.heard_at >= {now} - $2",
            now = D::NOW,
        );
        let values = vec![own.as_uuid().into(), milliseconds(KnownNode::LEASE).into()];
        self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(PresentUser {
                node: fields.id(NodeId::from_uuid)?,
                user: fields.id(UserId::from_uuid)?,
                presence: fields.word()?,
            })
        })
        .await
    }

    async fn hear_of_node(&mut self, node: &Node) -> Result<()> {
        let sql = format!(
            "INSERT INTO node (id, name, version, address, connections, hears, started_at, heard_at)
            VALUES ($1, $2, $3, $4, $5, $6, {now}, {now})
            ON CONFLICT (id) DO UPDATE SET connections = excluded.connections, hears = excluded.hears, heard_at = excluded.heard_at",
            now = D::NOW,
        );
        let values = vec![
            node.id.as_uuid().into(),
            node.name.as_str().into(),
            node.version.as_str().into(),
            node.address.as_str().into(),
            column(node.connections).into(),
            node.hears.into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    async fn forget_node(&mut self, id: NodeId) -> Result<()> {
        self.run("DELETE FROM node WHERE id = $1".into(), vec![id.as_uuid().into()]).await.map(drop)
    }

    async fn forget_silent_nodes(&mut self, silent_for: Duration) -> Result<()> {
        let sql = format!("DELETE FROM node WHERE heard_at < {now} - $1", now = D::NOW);
        self.run(sql, vec![milliseconds(silent_for).into()]).await.map(drop)
    }

    async fn set_present(&mut self, node: NodeId, changes: &[(UserId, Option<Presence>)]) -> Result<()> {
        let gone = changes.iter().filter(|(_, presence)| presence.is_none());
        let sql = format!(
            "DELETE FROM present WHERE node_id = $2 AND user_id IN (SELECT {id} FROM {each})",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let gone = rows(gone.map(|(user, _)| [Digits(user.as_uuid())])).map_err(failure::<D>)?;
        self.run(sql, vec![gone, node.as_uuid().into()]).await?;
        let here = changes.iter().filter_map(|(user, presence)| Some((user, (*presence)?)));
        // Whoever was deleted meanwhile is left out. SQLite takes ON CONFLICT behind a SELECT only
        // with a WHERE.
        let sql = format!(
            r#"INSERT INTO present (node_id, user_id, presence)
            SELECT $2, "user".id, CAST(j.value ->> 1 AS smallint) FROM {each} JOIN "user" ON "user".id = {id} WHERE true
            ON CONFLICT (node_id, user_id) DO UPDATE SET presence = excluded.presence"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let here = rows(here.map(|(user, presence)| (Digits(user.as_uuid()), presence.code())));
        self.run(sql, vec![here.map_err(failure::<D>)?, node.as_uuid().into()]).await.map(drop)
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
