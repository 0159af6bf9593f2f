use std::collections::BTreeMap;
use std::sync::Arc;

use super::code::code_of;
use super::words::words_of;
use super::{Contents, Document, Rebuild};
use crate::{ConversationId, Entry, EntryKind, Message, Store, StoreError, UserId};

/// Keeps the index for searching, behind the logs: nobody who posts waits for it.
///
/// It has two parts. What was written before there was an index is brought in once, in the order in
/// which it was written; from then on each log is followed from where the index of it ends. Each call
/// is one slice in a unit of work of its own. What is deleted leaves the index with the deletion
/// itself, and what somebody may see is asked when they search.
pub struct Indexing {
    store: Arc<dyn Store>,
}

/// How it went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do.
    More,
    /// There was nothing more to do.
    Done,
    /// Another node is at it.
    Elsewhere,
}

/// The most messages, or entries of a log, that are indexed at once: a few milliseconds, for which
/// others may wait who write.
const SLICE: u32 = 100;

/// The most bytes of text that are indexed at once, but for a single message. The longest messages
/// have 32 KiB, and their pieces several times as much.
const BYTES: usize = 64 * 1_024;

impl Indexing {
    /// Keeps the index of `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Brings more of what was written before there was an index into it.
    pub async fn rebuild(&self) -> Result<Progress, StoreError> {
        let state = self.store.rebuild_state().await?;
        if state == Rebuild::Done {
            return Ok(Progress::Done);
        }
        let messages = match state {
            Rebuild::UpTo(after) => fitting(self.store.messages_in_order(after, SLICE).await?),
            _ => Vec::new(),
        };
        let last = messages.last().and_then(Entry::message).map(|message| message.id);
        let documents: Vec<Document> = messages.iter().filter_map(of_entry).collect();
        let mut work = self.store.begin().await?;
        if work.claim_rebuild().await? != Some(state) {
            return Ok(Progress::Elsewhere);
        }
        let progress = match (state, last) {
            (Rebuild::NotBegun, _) => {
                work.begin_rebuild().await?;
                Progress::More
            }
            (_, Some(last)) => {
                work.write_documents(&documents).await?;
                work.note_rebuilt(Rebuild::UpTo(last)).await?;
                Progress::More
            }
            (_, None) => {
                work.note_rebuilt(Rebuild::Done).await?;
                Progress::Done
            }
        };
        work.commit().await?;
        Ok(progress)
    }

    /// Brings the next entries of a log into the index. Call it once everything older is in.
    pub async fn follow(&self, conversation: ConversationId) -> Result<Progress, StoreError> {
        let from = self.store.indexed_up_to(conversation).await?;
        let read = self.store.entries(conversation, from, SLICE).await?;
        let found = read.len();
        let entries = fitting(read);
        let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok(Progress::Done) };
        // Of a message that was changed several times the entries all tell what it is like now.
        let documents: BTreeMap<u64, Document> =
            entries.iter().filter_map(of_entry).map(|document| (document.seq, document)).collect();
        let documents: Vec<Document> = documents.into_values().collect();
        let mut work = self.store.begin().await?;
        if work.claim_index_of(conversation).await? != Some(from) {
            return Ok(Progress::Elsewhere);
        }
        work.write_documents(&documents).await?;
        work.note_indexed(conversation, last).await?;
        work.commit().await?;
        let is_all = entries.len() == found && found < SLICE as usize;
        Ok(if is_all { Progress::Done } else { Progress::More })
    }

    /// Conversations whose logs go on behind the index, at most `limit`.
    pub async fn behind(&self, limit: u32) -> Result<Vec<ConversationId>, StoreError> {
        self.store.unindexed_conversations(limit).await
    }
}

/// As many of the first entries as are indexed at once.
fn fitting(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut bytes = 0;
    let fits = |entry: &&Entry| {
        bytes += entry.text();
        bytes <= BYTES
    };
    let number = entries.iter().take_while(fits).count();
    entries.truncate(number.max(1));
    entries
}

/// What an entry changes about the index.
fn of_entry(entry: &Entry) -> Option<Document> {
    match &entry.kind {
        EntryKind::Message(message) => document(entry.conversation, entry.seq, entry.actor?, message),
        EntryKind::Edit(target) | EntryKind::FileRemoval(target) => {
            document(entry.conversation, target.seq, target.author, &target.message)
        }
        _ => None,
    }
}

fn document(conversation: ConversationId, seq: u64, author: UserId, message: &Message) -> Option<Document> {
    message.changes.deleted_at.is_none().then(|| Document {
        conversation,
        seq,
        author,
        code: code_of(&words_of(message)),
        contents: Contents::of(message),
    })
}
