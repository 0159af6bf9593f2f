use parlor_domain::{Contents, ConversationId, Document, Rebuild};

use super::finding::scopes;
use super::read_state;
use crate::fields::{Fields, column};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure, unless_taken};
use crate::{Connection, Dialect, Sql};

/// What a message has, as the column `has` holds it.
pub(super) fn bits(contents: Contents) -> i32 {
    i32::from(contents.link) | i32::from(contents.file) << 1 | i32::from(contents.image) << 2
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn take_rebuild(&mut self) -> Result<Option<Rebuild>> {
        let sql = "INSERT INTO search_state (id, up_to, done) VALUES (1, $1, false) ON CONFLICT DO NOTHING";
        let begun = self.run(sql.to_owned(), vec![Rebuild::NOTHING.as_uuid().into()]).await?;
        if begun > 0 {
            return Ok(Some(Rebuild::NotBegun));
        }
        let sql = format!("SELECT up_to, done FROM search_state{}", unless_taken::<D>());
        self.first(sql, Vec::new(), read_state).await
    }

    pub(super) async fn take_progress(&mut self, conversation: ConversationId) -> Result<Option<u64>> {
        let id = conversation.as_uuid();
        let sql = "INSERT INTO search_progress (conversation_id, seq)
            SELECT id, 0 FROM conversation WHERE id = $1 ON CONFLICT DO NOTHING";
        self.run(sql.to_owned(), vec![id.into()]).await?;
        let sql =
            format!("SELECT seq FROM search_progress WHERE conversation_id = $1{}", unless_taken::<D>());
        self.first(sql, vec![id.into()], |row| Fields::of(row).count()).await
    }

    pub(super) async fn insert_documents(&mut self, documents: &[Document]) -> Result<()> {
        if documents.is_empty() {
            return Ok(());
        }
        // In the order given, because numbers are given out in it.
        let sql = format!(
            "INSERT INTO search_document (conversation_id, seq, created_at, has, scope, text)
            SELECT e.conversation_id, e.seq, e.created_at, CAST(j.value ->> 3 AS integer), {scope}, j.value ->> 5
            FROM {each} CROSS JOIN entry AS e
            WHERE e.conversation_id = {conversation} AND e.seq = CAST(j.value ->> 1 AS bigint) AND e.deleted_at IS NULL
            ORDER BY CAST(j.value ->> 2 AS integer)
            ON CONFLICT (conversation_id, seq) DO UPDATE SET has = excluded.has, scope = excluded.scope, text = excluded.text",
            scope = D::scope_column("(j.value ->> 4)"),
            each = D::each(1),
            conversation = D::id("(j.value ->> 0)"),
        );
        let documents = rows(documents.iter().enumerate().map(|(position, document)| {
            (
                Digits(document.conversation.as_uuid()),
                column(document.seq),
                position,
                bits(document.contents),
                D::scopes(&scopes(document)),
                &document.code,
            )
        }));
        self.run(sql, vec![documents.map_err(failure::<D>)?]).await.map(drop)
    }
}
