//! Webhooks that tell others what happens, how far each has come, and what came of it.

mod deliveries;
mod following;

use async_trait::async_trait;
use parlor_domain::{
    ConversationId, GroupId, OutgoingWebhook, OutgoingWebhookId, OutgoingWebhookRepository, Timestamp,
    TokenName, UserId, WebhookAddress, WebhookDelivery, WebhookDeliveryId, WebhookEvents, WebhookSeeds,
    WebhookState,
};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

use crate::codes::Code;
use crate::fields::{self, Fields, column};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

const COLUMNS: &str = "id, bot_id, name, url, events, all_since, seed, previous_seed, previous_until, state, \
    tries, failing_since, due_at, created_at";

#[async_trait]
impl<C: Connection, D: Dialect> OutgoingWebhookRepository for Sql<C, D> {
    async fn outgoing_webhook(&self, id: OutgoingWebhookId) -> Result<Option<OutgoingWebhook>> {
        self.read_webhook(id, None).await
    }

    async fn outgoing_webhooks(&self) -> Result<Vec<OutgoingWebhook>> {
        let sql = format!("SELECT {COLUMNS} FROM outgoing_webhook ORDER BY id DESC");
        let mut webhooks = self.all(sql, Vec::new(), |row| read(&mut Fields::of(row))).await?;
        let sql = "SELECT webhook_id, group_id FROM outgoing_webhook_group ORDER BY group_id".to_owned();
        let read = |row: &_| {
            let mut fields = Fields::of(row);
            Ok((fields.id(OutgoingWebhookId::from_uuid)?, fields.id(GroupId::from_uuid)?))
        };
        for (id, group) in self.all(sql, Vec::new(), read).await? {
            let its = webhooks.iter_mut().find(|webhook| webhook.id == id);
            if let Some(groups) = its.and_then(|webhook| webhook.groups.as_mut()) {
                groups.push(group);
            }
        }
        Ok(webhooks)
    }

    async fn due_outgoing_webhooks(&self, now: Timestamp) -> Result<Vec<OutgoingWebhookId>> {
        self.read_due(now).await
    }

    async fn webhook_backlog(
        &self,
        id: OutgoingWebhookId,
        now: Timestamp,
    ) -> Result<Option<(ConversationId, u64)>> {
        self.read_backlog(id, now).await
    }

    async fn webhook_deliveries(
        &self,
        id: OutgoingWebhookId,
        after: Option<WebhookDeliveryId>,
        limit: u32,
    ) -> Result<Vec<WebhookDelivery>> {
        self.read_deliveries(id, after, limit).await
    }

    async fn webhook_delivery(&self, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>> {
        self.read_delivery(id).await
    }

    async fn insert_outgoing_webhook(&mut self, webhook: &OutgoingWebhook) -> Result<()> {
        let sql = format!(
            "INSERT INTO outgoing_webhook ({COLUMNS}, taken_until)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0)"
        );
        let since = webhook.groups.is_none().then(|| webhook.created_at.as_millis());
        let mut values: Vec<Value> = vec![
            webhook.id.as_uuid().into(),
            webhook.bot.as_uuid().into(),
            webhook.name.to_string().into(),
            webhook.address.as_str().into(),
            bits(webhook.events).into(),
            since.into(),
        ];
        values.extend(changing(webhook));
        values.push(webhook.created_at.as_millis().into());
        self.run(sql, values).await?;
        self.write_groups(webhook, webhook.created_at).await
    }

    async fn lock_outgoing_webhook(&mut self, id: OutgoingWebhookId) -> Result<Option<OutgoingWebhook>> {
        self.read_webhook(id, D::LOCK).await
    }

    async fn update_outgoing_webhook(&mut self, webhook: &OutgoingWebhook, now: Timestamp) -> Result<()> {
        // One that followed all groups goes on to do so since it began to.
        let since = if webhook.groups.is_none() { "coalesce(all_since, $12)" } else { "NULL" };
        let sql = format!(
            "UPDATE outgoing_webhook SET name = $2, url = $3, events = $4, seed = $5, previous_seed = $6,
            previous_until = $7, state = $8, tries = $9, failing_since = $10, due_at = $11, all_since = {since}
            WHERE id = $1"
        );
        let mut values: Vec<Value> = vec![
            webhook.id.as_uuid().into(),
            webhook.name.to_string().into(),
            webhook.address.as_str().into(),
            bits(webhook.events).into(),
        ];
        values.extend(changing(webhook));
        if webhook.groups.is_none() {
            values.push(now.as_millis().into());
        }
        self.run(sql, values).await?;
        self.write_groups(webhook, now).await
    }

    async fn delete_outgoing_webhook(&mut self, id: OutgoingWebhookId) -> Result<()> {
        let sql = "DELETE FROM outgoing_webhook WHERE id = $1".to_owned();
        self.run(sql, vec![id.as_uuid().into()]).await.map(drop)
    }

    async fn take_outgoing_webhook(
        &mut self,
        id: OutgoingWebhookId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let sql = format!(
            "UPDATE outgoing_webhook SET taken_until = $3
            WHERE id = $1 AND state = {active} AND due_at <= $2 AND taken_until <= $2",
            active = WebhookState::Active.code(),
        );
        let values = vec![id.as_uuid().into(), now.as_millis().into(), until.as_millis().into()];
        Ok(self.run(sql, values).await? > 0)
    }

    async fn hold_outgoing_webhook(
        &mut self,
        id: OutgoingWebhookId,
        taken: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let sql =
            "UPDATE outgoing_webhook SET taken_until = $3 WHERE id = $1 AND taken_until = $2".to_owned();
        let values = vec![id.as_uuid().into(), taken.as_millis().into(), until.as_millis().into()];
        Ok(self.run(sql, values).await? > 0)
    }

    async fn follow_groups(&mut self, id: OutgoingWebhookId) -> Result<()> {
        self.write_followed(id).await
    }

    async fn move_webhook_cursor(
        &mut self,
        id: OutgoingWebhookId,
        conversation: ConversationId,
        seq: u64,
        now: Timestamp,
    ) -> Result<()> {
        let sql = "UPDATE outgoing_webhook_cursor SET seq = $3, moved_at = $4
            WHERE webhook_id = $1 AND conversation_id = $2 AND seq <= $3";
        let values = vec![
            id.as_uuid().into(),
            conversation.as_uuid().into(),
            column(seq).into(),
            now.as_millis().into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn skip_webhook_backlog(&mut self, id: OutgoingWebhookId) -> Result<()> {
        let sql = "UPDATE outgoing_webhook_cursor SET seq = (SELECT c.last_seq FROM conversation AS c
                WHERE c.id = outgoing_webhook_cursor.conversation_id)
            WHERE webhook_id = $1";
        self.run(sql.to_owned(), vec![id.as_uuid().into()]).await.map(drop)
    }

    async fn insert_webhook_deliveries(&mut self, deliveries: &[WebhookDelivery]) -> Result<()> {
        self.write_deliveries(deliveries).await
    }

    async fn prune_webhook_deliveries(
        &mut self,
        id: OutgoingWebhookId,
        before: Timestamp,
        kept: u32,
    ) -> Result<()> {
        self.forget_deliveries(id, before, kept).await
    }
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    async fn read_webhook(
        &self,
        id: OutgoingWebhookId,
        lock: Option<&str>,
    ) -> Result<Option<OutgoingWebhook>> {
        let lock = lock.unwrap_or_default();
        let sql = format!("SELECT {COLUMNS} FROM outgoing_webhook WHERE id = $1 {lock}");
        let found = self.first(sql, vec![id.as_uuid().into()], |row| read(&mut Fields::of(row))).await?;
        let Some(mut webhook) = found else { return Ok(None) };
        if webhook.groups.is_none() {
            return Ok(Some(webhook));
        }
        let sql = "SELECT group_id FROM outgoing_webhook_group WHERE webhook_id = $1 ORDER BY group_id";
        let groups =
            self.all(sql.to_owned(), vec![id.as_uuid().into()], |row| Fields::of(row).id(GroupId::from_uuid));
        webhook.groups = Some(groups.await?);
        Ok(Some(webhook))
    }

    /// Writes which groups were chosen; those that were chosen before stay as they are.
    async fn write_groups(&mut self, webhook: &OutgoingWebhook, since: Timestamp) -> Result<()> {
        let groups = webhook.groups.as_deref().unwrap_or_default();
        let id: Uuid = webhook.id.as_uuid();
        let mut values: Vec<Value> = vec![id.into()];
        values.extend(groups.iter().map(|group| Value::from(group.as_uuid())));
        let places: Vec<String> = (2..=values.len()).map(|place| format!("${place}")).collect();
        let kept = match places.as_slice() {
            [] => String::new(),
            places => format!(" AND group_id NOT IN ({})", places.join(", ")),
        };
        self.run(format!("DELETE FROM outgoing_webhook_group WHERE webhook_id = $1{kept}"), values).await?;
        for group in groups {
            let sql = "INSERT INTO outgoing_webhook_group (webhook_id, group_id, since) VALUES ($1, $2, $3)
                ON CONFLICT (webhook_id, group_id) DO NOTHING";
            let values = vec![id.into(), group.as_uuid().into(), since.as_millis().into()];
            self.run(sql.to_owned(), values).await?;
        }
        Ok(())
    }
}

fn bits(events: WebhookEvents) -> i32 {
    i32::try_from(events.bits()).unwrap_or(i32::MAX)
}

/// The columns from `seed` to `due_at`.
fn changing(webhook: &OutgoingWebhook) -> [Value; 7] {
    let (seed, until) = webhook.seeds.previous.unzip();
    [
        webhook.seeds.current.into(),
        seed.into(),
        until.map(Timestamp::as_millis).into(),
        webhook.state.code().into(),
        column(u64::from(webhook.tries)).into(),
        webhook.failing_since.map(Timestamp::as_millis).into(),
        webhook.due_at.as_millis().into(),
    ]
}

/// A webhook, from [`COLUMNS`]; its groups are read apart.
fn read(fields: &mut Fields<'_>) -> fields::Result<OutgoingWebhook> {
    Ok(OutgoingWebhook {
        id: fields.id(OutgoingWebhookId::from_uuid)?,
        bot: fields.id(UserId::from_uuid)?,
        name: TokenName::from_stored(fields.get()?),
        address: {
            let text: String = fields.get()?;
            let broken = || DbErr::Type("an address that is none".to_owned());
            WebhookAddress::from_stored(&text).ok_or_else(broken)?
        },
        events: WebhookEvents::from_bits(u32::try_from(fields.get::<i32>()?).unwrap_or_default()),
        groups: match fields.optional_moment()? {
            Some(_) => None,
            None => Some(Vec::new()),
        },
        seeds: WebhookSeeds {
            current: fields.get()?,
            previous: {
                let (seed, until) = (fields.get()?, fields.optional_moment()?);
                Option::<Uuid>::zip(seed, until)
            },
        },
        state: fields.word()?,
        tries: u32::try_from(fields.count()?).unwrap_or(u32::MAX),
        failing_since: fields.optional_moment()?,
        due_at: fields.moment()?,
        created_at: fields.moment()?,
    })
}
