mod writing;

use async_trait::async_trait;
use parlor_domain::{
    Answer, ConversationId, Entry, MentionedInThread, MessageId, Page, PageSize, Span, Thread,
    ThreadRepository, ThreadRoot, ThreadState, Timestamp, UserId,
};
use sea_orm::Value;
use uuid::Uuid;

use crate::codes::entry::MESSAGE;
use crate::fields::{self, Fields, column};
use crate::messages::{columns, read};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// The messages by others in a thread that a person has not read, the follower being called `t`,
/// the membership `m` and the messages `n`.
fn unread<D: Dialect>() -> String {
    format!(
        "FROM entry AS n WHERE n.conversation_id = t.conversation_id AND n.target_seq = t.root_seq AND n.kind = {MESSAGE}
            AND n.seq > {greatest}(t.read_seq, m.floor_seq) AND n.deleted_at IS NULL AND n.actor_id <> t.user_id",
        greatest = D::GREATEST,
    )
}

/// How somebody stands to a thread, the message it is about being called `e`; see [`read_state`].
fn state<D: Dialect>() -> String {
    format!(
        "coalesce(t.follows, false), coalesce(t.read_seq, 0), CASE WHEN t.follows THEN (SELECT count(*) {}) ELSE 0 END,
        coalesce(e.replied_seq, e.seq)",
        unread::<D>()
    )
}

fn read_state(fields: &mut Fields<'_>) -> fields::Result<ThreadState> {
    Ok(ThreadState {
        following: fields.get()?,
        read_seq: fields.count()?,
        unread: fields.count()?,
        as_of: fields.count()?,
    })
}

#[async_trait]
impl<C: Connection, D: Dialect> ThreadRepository for Sql<C, D> {
    async fn thread_roots(&self, ids: &[MessageId]) -> Result<Vec<ThreadRoot>> {
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT e.message_id, e.conversation_id, e.seq, e.actor_id, e.target_seq IS NOT NULL
            FROM wanted CROSS JOIN entry AS e WHERE e.message_id = wanted.id AND e.actor_id IS NOT NULL",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let wanted = distinct(ids).into_iter().map(|id| [Digits(id.as_uuid())]);
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], |row| {
            let mut fields = Fields::of(row);
            Ok(ThreadRoot {
                id: fields.id(MessageId::from_uuid)?,
                conversation: fields.id(ConversationId::from_uuid)?,
                seq: fields.count()?,
                author: fields.id(UserId::from_uuid)?,
                is_answer: fields.get()?,
            })
        })
        .await
    }

    async fn thread_entries(
        &self,
        conversation: ConversationId,
        root_seq: u64,
        above: u64,
        span: Span,
        limit: u32,
    ) -> Result<Vec<Entry>> {
        let mut values: Vec<Value> = vec![
            conversation.as_uuid().into(),
            column(root_seq).into(),
            column(above).into(),
            i64::from(limit).into(),
        ];
        let (part, order) = match span {
            Span::Newest | Span::Around(_) => ("", "DESC"),
            Span::Before(seq) => {
                values.push(column(seq).into());
                (" AND e.seq < $5", "DESC")
            }
            Span::After(seq) => {
                values.push(column(seq).into());
                (" AND e.seq > $5", "ASC")
            }
        };
        let sql = format!(
            "SELECT {} FROM entry AS e WHERE e.conversation_id = $1 AND e.target_seq = $2 AND e.kind = {MESSAGE} AND e.seq > $3{part}
            ORDER BY e.seq {order} LIMIT $4",
            columns::<D>()
        );
        let mut found = self.all(sql, values, |row| read(&mut Fields::of(row))).await?;
        if order == "DESC" {
            found.reverse();
        }
        Ok(found)
    }

    async fn thread_state(
        &self,
        conversation: ConversationId,
        root_seq: u64,
        user: UserId,
    ) -> Result<Option<ThreadState>> {
        let sql = format!(
            "SELECT {} FROM member AS m CROSS JOIN entry AS e
            LEFT JOIN thread_member AS t ON t.conversation_id = e.conversation_id AND t.root_seq = e.seq AND t.user_id = m.user_id
            WHERE m.conversation_id = $1 AND m.user_id = $3 AND e.conversation_id = $1 AND e.seq = $2",
            state::<D>()
        );
        let values = vec![conversation.as_uuid().into(), column(root_seq).into(), user.as_uuid().into()];
        self.first(sql, values, |row| read_state(&mut Fields::of(row))).await
    }

    async fn followed_threads(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Thread>> {
        let mut values: Vec<Value> = vec![user.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        // What says that there is something unread is asked of the few rows of the index behind
        // the place that was read; of most threads there are none.
        let fresh = format!(
            "CASE WHEN e.replied_seq > t.read_seq AND EXISTS (SELECT 1 {}) THEN 1 ELSE 0 END",
            unread::<D>()
        );
        let mut behind = String::new();
        if let Some((fresh_before, replied_at, id)) = after.and_then(read_place) {
            values.extend([fresh_before.into(), replied_at.into(), id.into()]);
            behind = format!(" AND ({fresh}, e.replied_at, e.message_id) < ($3, $4, $5)");
        }
        let sql = format!(
            "SELECT {}, {} FROM thread_member AS t CROSS JOIN member AS m CROSS JOIN entry AS e
            WHERE t.user_id = $1 AND t.follows AND m.conversation_id = t.conversation_id AND m.user_id = t.user_id
                AND e.conversation_id = t.conversation_id AND e.seq = t.root_seq AND e.seq > m.floor_seq
                AND e.replies > 0{behind}
            ORDER BY {fresh} DESC, e.replied_at DESC, e.message_id DESC LIMIT $2",
            columns::<D>(),
            state::<D>(),
        );
        let found = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(Thread { root: read(&mut fields)?, state: read_state(&mut fields)? })
        });
        Ok(Page::from_overfetched(found.await?, size, place))
    }

    async fn note_answers(&mut self, answers: &[Answer], at: Timestamp) -> Result<()> {
        self.write_answers(answers, at).await
    }

    async fn follow_mentioned(&mut self, mentioned: &[MentionedInThread]) -> Result<()> {
        self.write_mentioned(mentioned).await
    }

    async fn note_deleted_answer(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        seq: u64,
    ) -> Result<()> {
        self.write_deleted_answer(conversation, root_seq, seq).await
    }

    async fn follow_thread(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        user: UserId,
        follows: bool,
    ) -> Result<()> {
        self.write_follower(conversation, root_seq, user, follows).await
    }

    async fn read_thread(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        user: UserId,
        seq: u64,
    ) -> Result<()> {
        let sql = "UPDATE thread_member SET read_seq = $4
            WHERE conversation_id = $1 AND root_seq = $2 AND user_id = $3 AND read_seq < $4";
        let values = vec![
            conversation.as_uuid().into(),
            column(root_seq).into(),
            user.as_uuid().into(),
            column(seq).into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }
}

/// A thread's place in the list: whether something is unread, when it was answered last, and the
/// message that it is about.
fn place(thread: &Thread) -> String {
    let fresh = i64::from(thread.state.unread > 0);
    let message = thread.root.message();
    let replied_at =
        message.and_then(|message| Some(message.replies.as_ref()?.latest_at)).unwrap_or_default();
    let id = message.map(|message| message.id.as_uuid()).unwrap_or_default();
    format!("{fresh}.{}.{}", replied_at.as_millis(), id.simple())
}

/// Takes such a place apart. One that was not made here means the beginning.
fn read_place(place: &str) -> Option<(i64, i64, Uuid)> {
    let mut parts = place.splitn(3, '.');
    let fresh = parts.next()?.parse().ok()?;
    let replied_at = parts.next()?.parse().ok()?;
    Some((fresh, replied_at, Uuid::try_parse(parts.next()?).ok()?))
}
