//! How long messages and files of conversations are kept, and how far that was kept to.

use async_trait::async_trait;
use parlor_domain::{
    AppliedRetention, ConversationId, DatedPlace, Kept, Retention, RetentionDays, RetentionProgress,
    RetentionRepository, RetentionScope, Timestamp,
};
use sea_orm::{DbErr, QueryResult, Value};

use crate::codes::Code;
use crate::codes::entry::MESSAGE;
use crate::fields::{self, Fields, column};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// What a conversation's own setting is read from, the table being called `keep`; see [`read_own`].
pub(crate) const OWN: &str = "keep.days, keep.what";

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// A conversation's own setting, from [`OWN`]; nothing when all columns are null.
pub(crate) fn read_own(fields: &mut Fields<'_>) -> fields::Result<Option<Retention>> {
    let (days, what) = (fields.get::<Option<i64>>()?, fields.optional_word()?);
    Ok(days.map(days_of).transpose()?.zip(what).map(|(days, what)| Retention { days, what }))
}

/// So many days, as columns and entries have them.
pub(crate) fn days_of(days: i64) -> fields::Result<RetentionDays> {
    let found = u64::try_from(days).ok().and_then(RetentionDays::new);
    found.ok_or_else(|| DbErr::Type(format!("nothing is kept for {days} days")))
}

/// What a conversation's progress is read from, the conversation being called `c`; see [`read`].
fn columns() -> String {
    format!(
        "c.id, {OWN}, coalesce(keep.messages_seq, 0), coalesce(keep.messages_since, 0),
            coalesce(keep.files_seq, 0), coalesce(keep.files_since, 0)"
    )
}

fn read(row: &QueryResult) -> fields::Result<RetentionProgress> {
    let mut fields = Fields::of(row);
    Ok(RetentionProgress {
        conversation: fields.id(ConversationId::from_uuid)?,
        own: read_own(&mut fields)?,
        messages: Kept { seq: fields.count()?, since: fields.moment()? },
        files: Kept { seq: fields.count()?, since: fields.moment()? },
    })
}

#[async_trait]
impl<C: Connection, D: Dialect> RetentionRepository for Sql<C, D> {
    async fn retention(&self, conversation: ConversationId) -> Result<Option<RetentionProgress>> {
        let sql = format!(
            "SELECT {} FROM conversation AS c LEFT JOIN retention AS keep ON keep.conversation_id = c.id
            WHERE c.id = $1",
            columns()
        );
        self.first(sql, vec![conversation.as_uuid().into()], read).await
    }

    async fn due_retentions(
        &self,
        server: Option<Retention>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<RetentionProgress>> {
        let mut values: Vec<Value> = vec![i64::from(limit).into(), now.as_millis().into()];
        // By their own settings. Where there is none, the number of days is null, and so is the answer.
        let mut due = vec![
            format!(
                "keep.what = {} AND keep.messages_since + keep.days * {DAY} <= $2",
                RetentionScope::MessagesAndFiles.code()
            ),
            format!("keep.files_since + keep.days * {DAY} <= $2"),
        ];
        let AppliedRetention { messages, files, .. } = AppliedRetention::of(server, None);
        for (since, days) in [("keep.messages_since", messages), ("keep.files_since", files)] {
            if let Some(days) = days {
                values.push(days.before(now).as_millis().into());
                due.push(format!("coalesce({since}, 0) <= ${}", values.len()));
            }
        }
        // The server's counts for conversations of which nothing was noted yet, too.
        let join = if server.is_some() { "LEFT JOIN" } else { "JOIN" };
        let sql = format!(
            r#"SELECT {columns} FROM conversation AS c {join} retention AS keep ON keep.conversation_id = c.id
            LEFT JOIN "group" AS g ON g.id = c.id
            WHERE g.deleted_at IS NULL AND g.frozen_at IS NULL AND (({due}))
            ORDER BY coalesce(keep.files_since, 0), c.id LIMIT $1"#,
            columns = columns(),
            due = due.join(") OR ("),
        );
        self.all(sql, values, read).await
    }

    async fn is_kept_whole(&self, conversation: ConversationId) -> Result<bool> {
        let sql = r#"SELECT EXISTS (SELECT 1 FROM "group"
            WHERE id = $1 AND (deleted_at IS NOT NULL OR frozen_at IS NOT NULL))"#;
        let values = vec![conversation.as_uuid().into()];
        Ok(self.first(sql.into(), values, |row| Fields::of(row).get()).await?.unwrap_or(false))
    }

    async fn dated_places(
        &self,
        conversation: ConversationId,
        above: u64,
        limit: u32,
    ) -> Result<Vec<DatedPlace>> {
        let sql = format!(
            "SELECT seq, created_at, kind = {MESSAGE} AND deleted_at IS NULL, files IS NOT NULL FROM entry
            WHERE conversation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        );
        let values = vec![conversation.as_uuid().into(), column(above).into(), i64::from(limit).into()];
        self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(DatedPlace {
                seq: fields.count()?,
                created_at: fields.moment()?,
                is_message: fields.get()?,
                has_files: fields.get()?,
            })
        })
        .await
    }

    async fn set_retention(&mut self, conversation: ConversationId, own: Option<Retention>) -> Result<()> {
        let sql = "INSERT INTO retention (conversation_id, days, what) VALUES ($1, $2, $3)
            ON CONFLICT (conversation_id) DO UPDATE SET days = excluded.days, what = excluded.what";
        let values = vec![
            conversation.as_uuid().into(),
            own.map(|own| i64::from(own.days.get())).into(),
            own.map(|own| own.what.code()).into(),
        ];
        self.run(sql.into(), values).await.map(drop)
    }

    async fn note_retention(&mut self, progress: &RetentionProgress) -> Result<()> {
        let sql =
            "INSERT INTO retention (conversation_id, messages_seq, messages_since, files_seq, files_since)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (conversation_id) DO UPDATE SET
                messages_seq = excluded.messages_seq, messages_since = excluded.messages_since,
                files_seq = excluded.files_seq, files_since = excluded.files_since";
        let RetentionProgress { conversation, messages, files, .. } = *progress;
        let values = vec![
            conversation.as_uuid().into(),
            column(messages.seq).into(),
            messages.since.as_millis().into(),
            column(files.seq).into(),
            files.since.as_millis().into(),
        ];
        self.run(sql.into(), values).await.map(drop)
    }
}
