use parlor_domain::{Answer, ConversationId, MentionedInThread, Timestamp, UserId};

use crate::codes::entry::MESSAGE;
use crate::fields::column;
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn write_answers(&mut self, answers: &[Answer], at: Timestamp) -> Result<()> {
        let all = rows(answers.iter().map(|answer| {
            (
                Digits(answer.conversation.as_uuid()),
                column(answer.root_seq),
                Digits(answer.root_author.as_uuid()),
                Digits(answer.author.as_uuid()),
                column(answer.seq),
            )
        }))
        .map_err(failure::<D>)?;
        let answer = format!(
            "SELECT {conversation} AS conversation_id, CAST(j.value ->> 1 AS bigint) AS root_seq, {root_author} AS root_author,
                {author} AS author, CAST(j.value ->> 4 AS bigint) AS seq FROM {each}",
            conversation = D::id("j.value ->> 0"),
            root_author = D::id("j.value ->> 2"),
            author = D::id("j.value ->> 3"),
            each = D::each(1),
        );
        let count = format!(
            "UPDATE entry SET replies = coalesce(replies, 0) + came.number, replied_seq = came.seq, replied_at = $2
            FROM (SELECT conversation_id, root_seq, count(*) AS number, max(seq) AS seq FROM ({answer}) AS a GROUP BY 1, 2) AS came
            WHERE entry.conversation_id = came.conversation_id AND entry.seq = came.root_seq"
        );
        self.run(count, vec![all.clone(), at.as_millis().into()]).await?;
        // Whoever said that they do not follow it stays so, until they answer themselves.
        let roots = format!(
            "INSERT INTO thread_member (conversation_id, root_seq, user_id, follows, read_seq)
            SELECT DISTINCT conversation_id, root_seq, root_author, true, root_seq FROM ({answer}) AS a WHERE true
            ON CONFLICT DO NOTHING"
        );
        self.run(roots, vec![all.clone()]).await?;
        let authors = format!(
            "INSERT INTO thread_member (conversation_id, root_seq, user_id, follows, read_seq, replied_seq)
            SELECT conversation_id, root_seq, author, true, max(seq), max(seq) FROM ({answer}) AS a WHERE true GROUP BY 1, 2, 3
            ON CONFLICT (conversation_id, root_seq, user_id) DO UPDATE SET follows = true,
                read_seq = {greatest}(thread_member.read_seq, excluded.read_seq), replied_seq = excluded.replied_seq",
            greatest = D::GREATEST,
        );
        self.run(authors, vec![all]).await.map(drop)
    }

    pub(super) async fn write_mentioned(&mut self, mentioned: &[MentionedInThread]) -> Result<()> {
        let all = rows(mentioned.iter().map(|one| {
            (
                Digits(one.conversation.as_uuid()),
                column(one.root_seq),
                Digits(one.user.as_uuid()),
                column(one.seq),
            )
        }))
        .map_err(failure::<D>)?;
        let sql = format!(
            "INSERT INTO thread_member (conversation_id, root_seq, user_id, follows, read_seq)
            SELECT {conversation}, CAST(j.value ->> 1 AS bigint), {user}, true, min(CAST(j.value ->> 3 AS bigint)) - 1
            FROM {each} WHERE true GROUP BY 1, 2, 3 ON CONFLICT DO NOTHING",
            conversation = D::id("j.value ->> 0"),
            user = D::id("j.value ->> 2"),
            each = D::each(1),
        );
        self.run(sql, vec![all]).await.map(drop)
    }

    pub(super) async fn write_deleted_answer(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        seq: u64,
    ) -> Result<()> {
        let left = format!(
            "FROM entry AS n WHERE n.conversation_id = $1 AND n.target_seq = $2 AND n.kind = {MESSAGE} AND n.deleted_at IS NULL"
        );
        let sql = format!(
            "UPDATE entry SET replies = (SELECT count(*) {left}), replied_seq = $3,
                replied_at = coalesce((SELECT max(n.created_at) {left}), replied_at)
            WHERE conversation_id = $1 AND seq = $2"
        );
        let values = vec![conversation.as_uuid().into(), column(root_seq).into(), column(seq).into()];
        self.run(sql, values).await.map(drop)
    }

    pub(super) async fn write_follower(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        user: UserId,
        follows: bool,
    ) -> Result<()> {
        let sql = format!(
            "INSERT INTO thread_member (conversation_id, root_seq, user_id, follows, read_seq)
            SELECT e.conversation_id, e.seq, $3, $4, coalesce(e.replied_seq, e.seq) FROM entry AS e
            WHERE e.conversation_id = $1 AND e.seq = $2
            ON CONFLICT (conversation_id, root_seq, user_id) DO UPDATE SET follows = excluded.follows,
                read_seq = {greatest}(thread_member.read_seq, excluded.read_seq)",
            greatest = D::GREATEST,
        );
        let values = vec![
            conversation.as_uuid().into(),
            column(root_seq).into(),
            user.as_uuid().into(),
            follows.into(),
        ];
        self.run(sql, values).await.map(drop)
    }
}
