use std::collections::BTreeSet;
use std::sync::Arc;

use super::{File, FileError, Files};
use crate::erasures::erase_messages;
use crate::{
    Actor, ConversationId, Denied, Entry, EntryKind, Event, FileId, Message, Store, StoreError, Target,
    Timestamp, UnitOfWork,
};

/// Messages that lose a file in one unit of work: few enough that nobody who posts waits for it.
const SLICE: u32 = 25;

impl Files {
    /// Removes the actor's own file: from now on nobody sees it or sends it. It leaves every message that
    /// has it, in slices that go on after a restart, and then its bytes are let go of unless another file
    /// has them.
    ///
    /// One that is to be removed only when it is `unsent` stays as it is when a message has it.
    pub async fn remove(&self, actor: &Actor, id: FileId, unsent: bool) -> Result<(), FileError> {
        let mut work = self.store.begin().await?;
        let found = work.lock_files(&[id]).await?.pop();
        found.filter(|file| file.owner == actor.user).ok_or(Denied::NotFound)?;
        // Who sends it waits for the lock, and finds it removed then.
        if unsent && !work.messages_with_file(id, 1).await?.is_empty() {
            return Err(FileError::Sent);
        }
        work.order_file_removal(id, self.clock.now()).await?;
        work.commit().await?;
        while remove_slice(&*self.store, id, self.clock.now()).await? {}
        Ok(())
    }
}

/// Takes a file whose removal was ordered from the next messages, or lets go of it when none has it any
/// more; whether there is more to do.
pub(crate) async fn remove_slice(store: &dyn Store, id: FileId, now: Timestamp) -> Result<bool, StoreError> {
    let places = store.messages_with_file(id, SLICE).await?;
    let mut work = store.begin().await?;
    let Some((conversation, _)) = places.first().copied() else {
        work.free_removed_file(id).await?;
        work.commit().await?;
        return Ok(false);
    };
    let taken: Vec<_> =
        places.iter().filter(|(of, _)| *of == conversation).map(|(_, seq)| (*seq, id)).collect();
    take_files(&mut *work, conversation, &taken, now).await?;
    work.commit().await?;
    Ok(true)
}

/// Takes files from messages of one log, each named by the message's place, and tells of each message what
/// it is like then. One of which nothing is left is deleted. That the conversation was active then is not
/// noted: nobody wrote anything.
pub(crate) async fn take_files(
    work: &mut dyn UnitOfWork,
    conversation: ConversationId,
    taken: &[(u64, FileId)],
    now: Timestamp,
) -> Result<(), StoreError> {
    work.lock_conversations(&[conversation]).await?;
    let seqs: BTreeSet<u64> = taken.iter().map(|(seq, _)| *seq).collect();
    let seqs: Vec<u64> = seqs.into_iter().collect();
    let is_taken = |seq: u64, file: &File| taken.contains(&(seq, file.id));
    let (mut emptied, mut kept) = (Vec::new(), Vec::new());
    for entry in work.messages_at(conversation, &seqs).await? {
        let Some(message) = entry.message() else { continue };
        let left = message.files.iter().filter(|file| !is_taken(entry.seq, file)).count();
        if left == message.files.len() {
            // Somebody was quicker.
        } else if left == 0 && message.body.as_str().is_empty() {
            emptied.push(entry.seq);
        } else {
            kept.push(entry);
        }
    }
    if !emptied.is_empty() {
        erase_messages(work, conversation, &emptied, now).await?;
    }
    work.detach_files(conversation, taken, now).await?;
    tell(work, conversation, kept, is_taken, now).await
}

/// Adds an entry for each message that lost files and is still there.
async fn tell(
    work: &mut dyn UnitOfWork,
    conversation: ConversationId,
    messages: Vec<Entry>,
    is_taken: impl Fn(u64, &File) -> bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(active_at) = work.conversation(conversation).await?.map(|found| found.active_at) else {
        return Ok(());
    };
    if messages.is_empty() {
        return Ok(());
    }
    let count = u32::try_from(messages.len()).unwrap_or(u32::MAX);
    let taken = work.take_seqs(&[(conversation, count)], active_at).await?;
    let first = taken.first().map_or(1, |(_, last)| last + 1 - u64::from(count));
    let mut told = Vec::with_capacity(messages.len());
    for (seq, entry) in (first..).zip(messages) {
        let (Some(author), EntryKind::Message(mut message)) = (entry.actor, entry.kind) else { continue };
        message.files.retain(|file| !is_taken(entry.seq, file));
        message.changes.seq = seq;
        work.update_message(conversation, entry.seq, &message).await?;
        let message = Message { replies: None, forwarded: None, ..message };
        let kind = EntryKind::FileRemoval(Box::new(Target { seq: entry.seq, author, message }));
        told.push(Entry { conversation, seq, actor: None, created_at: now, kind });
    }
    work.append(&told).await?;
    for entry in told {
        work.emit(Event::EntryAppended(Arc::new(entry)));
    }
    Ok(())
}
