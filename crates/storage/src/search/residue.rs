//! What many deletions at once leave in the file of the index, and how it is taken out of it.

use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// How an index for which each deletion is dear takes many at once: it notes what is gone, and what it
/// has of that leaves its file when its parts are merged into one.
#[derive(Debug, Clone, Copy)]
pub struct Bulk {
    /// Deletions are noted from here on, and nothing is merged by itself.
    pub begin: &'static [&'static str],
    /// Each deletion leaves nothing from here on, and some of what was noted is merged.
    pub end: &'static [&'static str],
    /// Begins to merge all parts into one, and writes a few pages of it.
    pub merge_all: &'static str,
    /// Writes the next pages.
    pub merge_on: &'static str,
    /// A query for how many rows this connection has changed.
    pub changes: &'static str,
    /// All is merged: from here on it is done by itself again.
    pub done: &'static str,
}

/// A statement to merge that had nothing to do changes fewer rows: the one that it looks like.
const SOME: i64 = 2;

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// Deletes many documents, or what they belong to, by this statement and these values.
    pub(crate) async fn delete_many(&self, sql: String, values: Vec<sea_orm::Value>) -> Result<u64> {
        let Some(bulk) = D::BULK else { return self.run(sql, values).await };
        for statement in bulk.begin {
            self.run((*statement).to_owned(), Vec::new()).await?;
        }
        let deleted = self.run(sql, values).await?;
        for statement in bulk.end {
            self.run((*statement).to_owned(), Vec::new()).await?;
        }
        let note = "INSERT INTO search_residue (id, merging) VALUES (1, false)
            ON CONFLICT (id) DO UPDATE SET merging = false";
        let last = if deleted > 0 { note } else { bulk.done };
        self.run(last.to_owned(), Vec::new()).await?;
        Ok(deleted)
    }

    /// Whether there is a residue, and whether it is being taken out.
    pub(super) async fn residue(&self) -> Result<Option<bool>> {
        if D::BULK.is_none() {
            return Ok(None);
        }
        let sql = "SELECT merging FROM search_residue".to_owned();
        self.first(sql, Vec::new(), |row| Fields::of(row).get()).await
    }

    pub(super) async fn merge(&mut self) -> Result<()> {
        let (Some(bulk), Some(merging)) = (D::BULK, self.residue().await?) else { return Ok(()) };
        let before = self.count_changes(bulk).await?;
        let step = if merging { bulk.merge_on } else { bulk.merge_all };
        self.run(step.to_owned(), Vec::new()).await?;
        if self.count_changes(bulk).await? - before >= SOME {
            let sql = "UPDATE search_residue SET merging = true".to_owned();
            return self.run(sql, Vec::new()).await.map(drop);
        }
        self.run(bulk.done.to_owned(), Vec::new()).await?;
        self.run("DELETE FROM search_residue".to_owned(), Vec::new()).await.map(drop)
    }

    async fn count_changes(&self, bulk: Bulk) -> Result<i64> {
        let found = self.first(bulk.changes.to_owned(), Vec::new(), |row| Fields::of(row).get()).await?;
        Ok(found.unwrap_or_default())
    }
}
