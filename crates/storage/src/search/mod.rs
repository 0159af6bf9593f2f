//! The index for searching: writing it, and what is found in it.
//!
//! Every database cuts the same text into the same pieces of three letters, in an index of its own
//! kind (see [`Index`]), so that all find the same candidates.

mod finding;
mod index;
mod residue;
mod writing;

use async_trait::async_trait;
use parlor_domain::{
    Candidates, ConversationId, Document, Entry, MessageId, Rebuild, SearchRepository, UserId,
};

pub use self::index::{Index, Lookup, Scope, Wanted};
pub use self::residue::Bulk;
use crate::fields::{self, Fields, column};
use crate::messages::{columns, read};
use crate::patterns::{comparable, folded};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> SearchRepository for Sql<C, D> {
    async fn candidates(
        &self,
        wanted: &Candidates,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Entry)>> {
        self.find_candidates(wanted, below, limit).await
    }

    async fn conversations_called(&self, member: UserId, name: &str) -> Result<Vec<ConversationId>> {
        let sql = r#"SELECT m.conversation_id FROM member AS m CROSS JOIN conversation AS c
            LEFT JOIN "group" AS g ON g.id = c.id
            LEFT JOIN "user" AS u ON u.id = CASE WHEN c.direct_low = m.user_id THEN c.direct_high ELSE c.direct_low END
            WHERE m.user_id = $1 AND c.id = m.conversation_id AND (g.sort_name = $2 OR u.username = $2)"#;
        let values = vec![member.as_uuid().into(), folded(comparable(name).trim()).into()];
        self.all(sql.to_owned(), values, |row| Fields::of(row).id(ConversationId::from_uuid)).await
    }

    async fn rebuild_state(&self) -> Result<Rebuild> {
        let found =
            self.first("SELECT up_to, done FROM search_state".to_owned(), Vec::new(), read_state).await;
        found.map(|state| state.unwrap_or(Rebuild::NotBegun))
    }

    async fn messages_in_order(&self, after: MessageId, limit: u32) -> Result<Vec<Entry>> {
        let sql = format!(
            "SELECT {} FROM entry AS e WHERE e.message_id > $1 ORDER BY e.message_id LIMIT $2",
            columns::<D>()
        );
        let values = vec![after.as_uuid().into(), i64::from(limit).into()];
        self.all(sql, values, |row| read(&mut Fields::of(row))).await
    }

    async fn indexed_up_to(&self, conversation: ConversationId) -> Result<u64> {
        let sql = "SELECT seq FROM search_progress WHERE conversation_id = $1".to_owned();
        let found = self.first(sql, vec![conversation.as_uuid().into()], |row| Fields::of(row).count()).await;
        found.map(Option::unwrap_or_default)
    }

    async fn unindexed_conversations(&self, limit: u32) -> Result<Vec<ConversationId>> {
        let sql = "SELECT c.id FROM conversation AS c
            LEFT JOIN search_progress AS p ON p.conversation_id = c.id
            WHERE c.last_seq > coalesce(p.seq, 0) LIMIT $1";
        let values = vec![i64::from(limit).into()];
        self.all(sql.to_owned(), values, |row| Fields::of(row).id(ConversationId::from_uuid)).await
    }

    async fn claim_rebuild(&mut self) -> Result<Option<Rebuild>> {
        self.take_rebuild().await
    }

    async fn begin_rebuild(&mut self) -> Result<()> {
        let sql = "INSERT INTO search_progress (conversation_id, seq) SELECT id, last_seq FROM conversation
            WHERE true ON CONFLICT (conversation_id) DO UPDATE SET seq = excluded.seq";
        self.run(sql.to_owned(), Vec::new()).await.map(drop)
    }

    async fn note_rebuilt(&mut self, state: Rebuild) -> Result<()> {
        let (up_to, done) = match state {
            Rebuild::NotBegun => {
                return self.run("DELETE FROM search_state".to_owned(), Vec::new()).await.map(drop);
            }
            Rebuild::UpTo(message) => (message, false),
            Rebuild::Done => (Rebuild::NOTHING, true),
        };
        let sql = "UPDATE search_state SET up_to = $1, done = $2";
        self.run(sql.to_owned(), vec![up_to.as_uuid().into(), done.into()]).await.map(drop)
    }

    async fn claim_index_of(&mut self, conversation: ConversationId) -> Result<Option<u64>> {
        self.take_progress(conversation).await
    }

    async fn note_indexed(&mut self, conversation: ConversationId, seq: u64) -> Result<()> {
        let sql = "UPDATE search_progress SET seq = $2 WHERE conversation_id = $1";
        self.run(sql.to_owned(), vec![conversation.as_uuid().into(), column(seq).into()]).await.map(drop)
    }

    async fn write_documents(&mut self, documents: &[Document]) -> Result<()> {
        self.insert_documents(documents).await
    }

    async fn erase_document(&mut self, conversation: ConversationId, seq: u64) -> Result<()> {
        let sql = "DELETE FROM search_document WHERE conversation_id = $1 AND seq = $2";
        self.run(sql.to_owned(), vec![conversation.as_uuid().into(), column(seq).into()]).await.map(drop)
    }

    async fn has_residue(&self) -> Result<bool> {
        Ok(self.residue().await?.is_some())
    }

    async fn remove_residue(&mut self) -> Result<()> {
        self.merge().await
    }
}

fn read_state(row: &sea_orm::QueryResult) -> fields::Result<Rebuild> {
    let mut fields = Fields::of(row);
    let (up_to, done) = (fields.id(MessageId::from_uuid)?, fields.get()?);
    Ok(if done { Rebuild::Done } else { Rebuild::UpTo(up_to) })
}
