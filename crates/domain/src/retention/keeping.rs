use std::sync::Arc;

use super::{AppliedRetention, DatedPlace, Kept, Retention, RetentionProgress};
use crate::erasures::erase_messages;
use crate::files::take_files;
use crate::{Clock, ConversationId, FileId, Store, StoreError, Timestamp, UnitOfWork};

/// Messages that are erased, or lose their files, in one unit of work: few enough that nobody who posts
/// waits for it.
const SLICE: usize = 25;

/// Places of a log that are looked through in one go.
const LOOKED_AT: u32 = 500;

/// Conversations that are looked up in one go.
const AT_ONCE: u32 = 100;

/// Lets messages and files go that are older than they are to be kept.
///
/// A log is in the order of time. So it is gone through from its beginning, only as far as it is too old,
/// and how far that was is kept: nothing is looked at twice, and after a restart it goes on from there.
pub struct RetentionKeeper {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    server: Option<Retention>,
}

impl RetentionKeeper {
    /// Keeps to the settings of the conversations in `store`, and to the server's.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, server: Option<Retention>) -> Self {
        Self { store, clock, server }
    }

    /// Some of the conversations in which something may be too old, those with the oldest first.
    pub async fn due(&self) -> Result<Vec<RetentionProgress>, StoreError> {
        self.store.due_retentions(self.server, self.clock.now(), AT_ONCE).await
    }

    /// Lets the next few messages and files of a conversation go, and keeps how far that was.
    pub async fn keep(&self, progress: &RetentionProgress) -> Result<(), StoreError> {
        let now = self.clock.now();
        let RetentionProgress { conversation, own, mut messages, mut files } = *progress;
        let applied = AppliedRetention::of(self.server, own);
        let (mut erased, mut stripped) = (Vec::new(), Vec::new());
        let mut is_through = true;
        if let Some(days) = applied.messages {
            let until = days.before(now);
            (messages, erased) = self.look(conversation, messages, until, now, |_| true).await?;
            is_through = until < messages.since;
        }
        // What goes with its message is not taken from it first.
        if let Some(days) = applied.files.filter(|_| is_through) {
            let from = if files.seq < messages.seq { messages } else { files };
            let until = days.before(now);
            (files, stripped) = self.look(conversation, from, until, now, |place| place.has_files).await?;
        }

        let mut work = self.store.begin().await?;
        work.lock_conversations(&[conversation]).await?;
        // Another node may have been quicker, or somebody has just set something else.
        if work.retention(conversation).await?.as_ref() != Some(progress) {
            return Ok(());
        }
        // So much may have come before it since it was looked up that somebody has frozen it meanwhile.
        if work.is_kept_whole(conversation).await? {
            return Ok(());
        }
        if !erased.is_empty() {
            erase_messages(&mut *work, conversation, &erased, now).await?;
        }
        if !stripped.is_empty() {
            take_all_files(&mut *work, conversation, &stripped, now).await?;
        }
        work.note_retention(&RetentionProgress { messages, files, ..*progress }).await?;
        work.commit().await
    }

    /// Goes on through a log as long as what is there was written until a moment: how far that was, and
    /// the places of the messages which are wanted.
    async fn look(
        &self,
        conversation: ConversationId,
        mut kept: Kept,
        until: Timestamp,
        now: Timestamp,
        is_wanted: fn(&DatedPlace) -> bool,
    ) -> Result<(Kept, Vec<u64>), StoreError> {
        let places = self.store.dated_places(conversation, kept.seq, LOOKED_AT).await?;
        let mut found = Vec::new();
        for place in &places {
            kept.since = place.created_at;
            if until < place.created_at || found.len() == SLICE {
                return Ok((kept, found));
            }
            kept.seq = place.seq;
            if place.is_message && is_wanted(place) {
                found.push(place.seq);
            }
        }
        if places.len() < LOOKED_AT as usize {
            // That was the log's end: what comes behind it is written from now on.
            kept.since = now;
        }
        Ok((kept, found))
    }
}

/// Takes from messages all files that they have.
async fn take_all_files(
    work: &mut dyn UnitOfWork,
    conversation: ConversationId,
    seqs: &[u64],
    now: Timestamp,
) -> Result<(), StoreError> {
    let messages = work.messages_at(conversation, seqs).await?;
    let mut taken: Vec<(u64, FileId)> = Vec::new();
    for entry in &messages {
        let files = entry.message().into_iter().flat_map(|message| &message.files);
        taken.extend(files.map(|file| (entry.seq, file.id)));
    }
    if taken.is_empty() {
        return Ok(());
    }
    take_files(work, conversation, &taken, now).await
}
