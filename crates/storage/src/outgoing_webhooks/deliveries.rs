use std::time::Duration;

use parlor_domain::{
    ConversationId, OutgoingWebhookId, Timestamp, WebhookAnswer, WebhookDelivery, WebhookDeliveryId,
    WebhookEvent,
};
use sea_orm::{DbErr, Value};

use crate::fields::{self, Fields, column, count};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

const COLUMNS: &str = "id, webhook_id, at, event, conversation_id, seq, attempt, status, took, error";

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_deliveries(
        &self,
        id: OutgoingWebhookId,
        after: Option<WebhookDeliveryId>,
        limit: u32,
    ) -> Result<Vec<WebhookDelivery>> {
        let mut values: Vec<Value> = vec![id.as_uuid().into(), i64::from(limit).into()];
        let mut behind = "";
        if let Some(after) = after {
            values.push(after.as_uuid().into());
            behind = " AND id < $3";
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM outgoing_webhook_delivery WHERE webhook_id = $1{behind}
            ORDER BY id DESC LIMIT $2"
        );
        self.all(sql, values, |row| read(&mut Fields::of(row))).await
    }

    pub(super) async fn read_delivery(&self, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>> {
        let sql = format!("SELECT {COLUMNS} FROM outgoing_webhook_delivery WHERE id = $1");
        self.first(sql, vec![id.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    pub(super) async fn write_deliveries(&mut self, deliveries: &[WebhookDelivery]) -> Result<()> {
        let sql = format!(
            "INSERT INTO outgoing_webhook_delivery ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        );
        for delivery in deliveries {
            let (conversation, seq) = delivery.place.unzip();
            let took = u64::try_from(delivery.answer.took.as_millis()).unwrap_or(u64::MAX);
            let values = vec![
                delivery.id.as_uuid().into(),
                delivery.webhook.as_uuid().into(),
                delivery.at.as_millis().into(),
                delivery.event.and_then(place_of).into(),
                conversation.map(ConversationId::as_uuid).into(),
                seq.map(column).into(),
                i64::from(delivery.attempt).into(),
                delivery.answer.status.map(i32::from).into(),
                column(took).into(),
                delivery.answer.error.clone().into(),
            ];
            self.run(sql.clone(), values).await?;
        }
        Ok(())
    }

    pub(super) async fn forget_deliveries(
        &mut self,
        id: OutgoingWebhookId,
        before: Timestamp,
        kept: u32,
    ) -> Result<()> {
        let sql = "DELETE FROM outgoing_webhook_delivery WHERE webhook_id = $1 AND (at < $2
            OR id <= (SELECT d.id FROM outgoing_webhook_delivery AS d WHERE d.webhook_id = $1
                ORDER BY d.id DESC LIMIT 1 OFFSET $3))";
        let values = vec![id.as_uuid().into(), before.as_millis().into(), i64::from(kept).into()];
        self.run(sql.to_owned(), values).await.map(drop)
    }
}

/// The number of a kind: its place among all.
fn place_of(event: WebhookEvent) -> Option<i16> {
    WebhookEvent::ALL.iter().position(|one| *one == event).and_then(|place| i16::try_from(place).ok())
}

fn event_at(place: i16) -> fields::Result<WebhookEvent> {
    let found = usize::try_from(place).ok().and_then(|place| WebhookEvent::ALL.get(place).copied());
    found.ok_or_else(|| DbErr::Type(format!("{place} is no kind of event")))
}

fn read(fields: &mut Fields<'_>) -> fields::Result<WebhookDelivery> {
    Ok(WebhookDelivery {
        id: fields.id(WebhookDeliveryId::from_uuid)?,
        webhook: fields.id(OutgoingWebhookId::from_uuid)?,
        at: fields.moment()?,
        event: fields.get::<Option<i16>>()?.map(event_at).transpose()?,
        place: {
            let conversation = fields.optional_id(ConversationId::from_uuid)?;
            conversation.zip(fields.get::<Option<i64>>()?.map(count))
        },
        attempt: u32::try_from(fields.count()?).unwrap_or(u32::MAX),
        answer: WebhookAnswer {
            status: fields.get::<Option<i32>>()?.and_then(|status| u16::try_from(status).ok()),
            took: Duration::from_millis(fields.count()?),
            error: fields.get()?,
            retry_after: None,
        },
    })
}
