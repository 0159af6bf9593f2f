//! What people wrote and have not sent yet.

use async_trait::async_trait;
use parlor_domain::{ConversationId, Draft, DraftRepository, MessageBody, MessageId, Page, PageSize, UserId};
use sea_orm::{DbErr, Value};
use uuid::Uuid;

use crate::fields::{self, Fields, column};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> DraftRepository for Sql<C, D> {
    async fn drafts(
        &self,
        user: UserId,
        conversation: Option<ConversationId>,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Draft>> {
        let mut values: Vec<Value> = vec![user.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        let mut only = "";
        if let Some(conversation) = conversation {
            values.push(conversation.as_uuid().into());
            only = " AND d.conversation_id = $3";
        }
        let mut behind = String::new();
        if let Some((conversation, root_seq)) = after.and_then(read_place) {
            let next = values.len() + 1;
            values.extend([conversation.into(), root_seq.into()]);
            behind = format!(" AND (d.conversation_id, d.root_seq) > (${next}, ${})", next + 1);
        }
        let sql = format!(
            "SELECT d.root_seq, d.conversation_id, e.message_id, d.body, d.version, d.updated_at
            FROM draft AS d LEFT JOIN entry AS e ON e.conversation_id = d.conversation_id AND e.seq = d.root_seq
            WHERE d.user_id = $1{only}{behind} ORDER BY d.conversation_id, d.root_seq LIMIT $2"
        );
        let found = self.all(sql, values, |row| read(&mut Fields::of(row))).await?;
        let page = Page::from_overfetched(found, size, place);
        Ok(Page { items: page.items.into_iter().map(|(_, draft)| draft).collect(), next: page.next })
    }

    async fn count_drafts(&self, user: UserId) -> Result<u64> {
        let sql = "SELECT count(*) FROM draft WHERE user_id = $1".to_owned();
        let count = self.first(sql, vec![user.as_uuid().into()], |row| Fields::of(row).count()).await?;
        Ok(count.unwrap_or(0))
    }

    async fn next_draft_version(&mut self, user: UserId) -> Result<u64> {
        let sql =
            r#"UPDATE "user" SET draft_version = draft_version + 1 WHERE id = $1 RETURNING draft_version"#;
        let version =
            self.first(sql.to_owned(), vec![user.as_uuid().into()], |row| Fields::of(row).count()).await?;
        version.ok_or_else(|| failure::<D>(DbErr::RecordNotFound("a draft's author".into())))
    }

    async fn put_draft(&mut self, user: UserId, root_seq: u64, draft: &Draft) -> Result<()> {
        let sql = "INSERT INTO draft (user_id, conversation_id, root_seq, body, version, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (conversation_id, user_id, root_seq) DO UPDATE
            SET body = excluded.body, version = excluded.version, updated_at = excluded.updated_at";
        let mut values = at(user, draft.conversation, root_seq);
        values.extend([
            draft.body.as_str().into(),
            column(draft.version).into(),
            draft.updated_at.as_millis().into(),
        ]);
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn delete_draft(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        root_seq: u64,
        version: u64,
    ) -> Result<bool> {
        let sql = "DELETE FROM draft
            WHERE user_id = $1 AND conversation_id = $2 AND root_seq = $3 AND version <= $4";
        let mut values = at(user, conversation, root_seq);
        values.push(column(version).into());
        Ok(self.run(sql.to_owned(), values).await? > 0)
    }
}

fn at(user: UserId, conversation: ConversationId, root_seq: u64) -> Vec<Value> {
    vec![user.as_uuid().into(), conversation.as_uuid().into(), column(root_seq).into()]
}

/// A draft and the place of the message that its thread is about.
fn read(fields: &mut Fields<'_>) -> fields::Result<(u64, Draft)> {
    let root_seq = fields.count()?;
    let draft = Draft {
        conversation: fields.id(ConversationId::from_uuid)?,
        thread: fields.optional_id(MessageId::from_uuid)?,
        body: MessageBody::from_stored(fields.get()?),
        version: fields.count()?,
        updated_at: fields.moment()?,
    };
    Ok((root_seq, draft))
}

/// A draft's place in the list: its conversation, and its thread's place.
fn place((root_seq, draft): &(u64, Draft)) -> String {
    format!("{}.{root_seq}", draft.conversation.as_uuid().simple())
}

/// Takes such a place apart. One that was not made here means the beginning.
fn read_place(place: &str) -> Option<(Uuid, i64)> {
    let (conversation, root_seq) = place.split_once('.')?;
    Some((Uuid::try_parse(conversation).ok()?, root_seq.parse().ok()?))
}
