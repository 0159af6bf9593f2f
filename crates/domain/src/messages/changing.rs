use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::{Entry, EntryKind, Message, Messaging, Reaction, Target};
use crate::notifications::{Addressed, Addressing, Draft, tell, tell_of_mentions, tell_of_reaction};
use crate::threads::mentioned_in;
use crate::{
    Action, Actor, ConversationId, Denied, Emoji, Event, FilterPhrase, InvalidText, MessageBody, MessageId,
    NewNotification, Page, PageSize, Standing, StoreError, Timestamp, UnitOfWork, UserId, authorize,
};

/// What may be done with messages that were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangePolicy {
    /// How long an author may change the text; `None` is for ever.
    pub edit_within: Option<Duration>,
    /// Whether earlier texts are kept, for those who moderate.
    pub keep_revisions: bool,
    /// How many notifications are kept of each person; beyond that the oldest go.
    pub notifications_kept: u32,
}

impl Default for ChangePolicy {
    fn default() -> Self {
        Self { edit_within: None, keep_revisions: true, notifications_kept: 300 }
    }
}

impl ChangePolicy {
    /// The most different emoji on one message.
    pub const EMOJI: usize = 20;

    /// The most reactions on one message, so that it stays small enough to be sent as a whole.
    pub const REACTIONS: usize = 1_000;
}

/// A message after somebody wanted to change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The message's own entry, as it is now.
    pub entry: Arc<Entry>,
    /// Whether anything had to be done.
    pub changed: bool,
}

/// A text that a message had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The text.
    pub body: MessageBody,
    /// Until when it was shown.
    pub replaced_at: Timestamp,
}

/// Why a message was not changed.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// Not theirs to change, or to know of.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It was deleted.
    #[error("the message was deleted")]
    Deleted,
    /// They are the words of somebody else.
    #[error("a forwarded message says what somebody else said and cannot be changed")]
    Forwarded,
    /// It would say nothing, and have no files either.
    #[error(transparent)]
    Invalid(#[from] InvalidText),
    /// It would say what is not to be written on this server.
    #[error("this says “{0}”, which is not to be written here")]
    Filtered(FilterPhrase),
    /// It was written too long ago.
    #[error("a message can be changed for {} minutes", .0.as_secs() / 60)]
    TooLate(Duration),
    /// It has as many reactions as it may have.
    #[error("the message has as many reactions as it may have")]
    TooMany,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A message that the unit of work has to itself.
struct Held {
    work: Box<dyn UnitOfWork>,
    standing: Standing,
    entry: Entry,
    author: UserId,
    message: Message,
    now: Timestamp,
    /// What others are told of the change.
    news: Vec<NewNotification>,
}

impl Messaging {
    /// A message's entry, for somebody who may read it.
    pub async fn message(&self, actor: &Actor, id: MessageId) -> Result<Entry, ChangeError> {
        let entry = self.store.message(id).await?.ok_or(Denied::NotFound)?;
        let standing = self.store.standing(entry.conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        is_in_sight(actor, &entry, &standing, self.clock.now())?;
        Ok(entry)
    }

    /// Gives the actor's own message another text, which may be empty when it has files.
    pub async fn edit(
        &self,
        actor: &Actor,
        id: MessageId,
        body: MessageBody,
    ) -> Result<Changed, ChangeError> {
        let mut held = self.hold(actor, id).await?;
        if held.author != actor.user {
            return Err(Denied::Forbidden.into());
        }
        authorize(actor, Action::Amend, &held.standing, held.now)?;
        held.require_present()?;
        if held.message.forwarded.is_some() {
            return Err(ChangeError::Forwarded);
        }
        if held.message.files.is_empty() {
            // What was said of nothing but files, and of a message, are read in two ways.
            MessageBody::parse(body.as_str())?;
        }
        if held.message.body == body {
            return Ok(held.unchanged());
        }
        if let Some(within) = self.policy.edit_within
            && held.now > held.entry.created_at.plus(within)
        {
            return Err(ChangeError::TooLate(within));
        }
        // A change cannot wait for a decision, because what it would change is to be seen meanwhile.
        let can_hold = held.standing.group.is_some();
        let broken = self.screen.filter();
        if let Some((_, phrase)) = broken.as_ref().and_then(|filter| filter.judge(body.as_str(), can_hold)) {
            return Err(ChangeError::Filtered(phrase.clone()));
        }
        if self.policy.keep_revisions {
            let revision = Revision { body: held.message.body.clone(), replaced_at: held.now };
            held.work.insert_revision(held.entry.conversation, held.entry.seq, &revision).await?;
        }
        held.message.body = body;
        held.message.changes.edited_at = Some(held.now);
        held.address_anew(actor).await?;
        self.finish(held, actor, EntryKind::Edit).await
    }

    /// Deletes a message: its text, its earlier texts and its reactions are gone for good, and what
    /// stays is that there was one. Authors delete their own; in groups, those who moderate delete any.
    pub async fn delete(&self, actor: &Actor, id: MessageId) -> Result<Changed, ChangeError> {
        let mut held = self.hold(actor, id).await?;
        if held.author != actor.user {
            authorize(actor, Action::Moderate, &held.standing, held.now)?;
        }
        if held.message.changes.deleted_at.is_some() {
            return Ok(held.unchanged());
        }
        held.work.delete_revisions(held.entry.conversation, held.entry.seq).await?;
        held.work.delete_reactions(held.entry.conversation, held.entry.seq).await?;
        held.work.erase_document(held.entry.conversation, held.entry.seq).await?;
        if !held.message.files.is_empty() {
            held.work.detach(held.entry.conversation, held.entry.seq, held.now).await?;
        }
        held.message.erase(held.now);
        self.finish(held, actor, EntryKind::Deletion).await
    }

    /// Reacts to a message with an emoji, or takes that back.
    pub async fn react(
        &self,
        actor: &Actor,
        id: MessageId,
        emoji: Emoji,
        wanted: bool,
    ) -> Result<Changed, ChangeError> {
        let mut held = self.hold(actor, id).await?;
        authorize(actor, Action::React, &held.standing, held.now)?;
        held.require_present()?;
        let (conversation, seq) = (held.entry.conversation, held.entry.seq);
        let reactions = &mut held.message.changes.reactions;
        let changed = if wanted {
            add_reaction(reactions, &emoji, actor.user)?
        } else {
            remove_reaction(reactions, &emoji, actor.user)
        };
        if !changed {
            return Ok(held.unchanged());
        }
        if wanted {
            held.work.insert_reaction(conversation, seq, &emoji, actor.user, held.now).await?;
            held.news = tell_of_reaction(&*held.work, &held.entry, held.author, actor.user, held.now).await?;
            self.finish(held, actor, |target| EntryKind::Reaction(target, emoji)).await
        } else {
            held.work.delete_reaction(conversation, seq, &emoji, actor.user).await?;
            self.finish(held, actor, |target| EntryKind::ReactionRemoval(target, emoji)).await
        }
    }

    /// Pins a message, or unpins it.
    pub async fn pin(&self, actor: &Actor, id: MessageId, wanted: bool) -> Result<Changed, ChangeError> {
        let mut held = self.hold(actor, id).await?;
        authorize(actor, Action::Amend, &held.standing, held.now)?;
        held.require_present()?;
        if held.message.changes.pinned_at.is_some() == wanted {
            return Ok(held.unchanged());
        }
        held.message.changes.pinned_at = wanted.then_some(held.now);
        self.finish(held, actor, if wanted { EntryKind::Pin } else { EntryKind::Unpin }).await
    }

    /// The pinned messages of a conversation, the latest pinned first.
    pub async fn pinned(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Entry>, ChangeError> {
        let standing = self.store.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &standing, self.clock.now())?;
        Ok(self.store.pinned(conversation, standing.floor_seq, after, size).await?)
    }

    /// The texts that a message had before, the oldest first: for its author, and for those who moderate.
    pub async fn revisions(&self, actor: &Actor, id: MessageId) -> Result<Vec<Revision>, ChangeError> {
        let entry = self.store.message(id).await?.ok_or(Denied::NotFound)?;
        let standing = self.store.standing(entry.conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        is_in_sight(actor, &entry, &standing, self.clock.now())?;
        if entry.actor != Some(actor.user) {
            authorize(actor, Action::Moderate, &standing, self.clock.now())?;
        }
        Ok(self.store.revisions(entry.conversation, entry.seq).await?)
    }

    /// Has a message to itself, for somebody who may read it. Where it stands never changes, so that
    /// is read first; what it says is read once nobody else can change it.
    async fn hold(&self, actor: &Actor, id: MessageId) -> Result<Held, ChangeError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let places = work.places(&[id]).await?;
        let (_, conversation, _) = *places.first().ok_or(Denied::NotFound)?;
        work.lock_conversations(&[conversation]).await?;
        let standing = work.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        let entry = work.message(id).await?.ok_or(Denied::NotFound)?;
        is_in_sight(actor, &entry, &standing, now)?;
        let author = entry.actor.ok_or(Denied::NotFound)?;
        let message = entry.message().cloned().ok_or(Denied::NotFound)?;
        Ok(Held { work, standing, entry, author, message, now, news: Vec::new() })
    }

    /// Writes the message as it is now, with an entry that says what the actor did.
    async fn finish(
        &self,
        held: Held,
        actor: &Actor,
        kind: impl FnOnce(Box<Target>) -> EntryKind,
    ) -> Result<Changed, ChangeError> {
        let Held { mut work, entry, author, mut message, now, news, .. } = held;
        let conversation = entry.conversation;
        let taken = work.take_seqs(&[(conversation, 1)], now).await?;
        let (_, seq) = *taken.first().ok_or(Denied::NotFound)?;
        message.changes.seq = seq;
        work.update_message(conversation, entry.seq, &message).await?;
        let was_there = entry.message().is_some_and(|before| before.changes.deleted_at.is_none());
        if let Some(thread) = message.thread.filter(|_| was_there && message.changes.deleted_at.is_some()) {
            work.note_deleted_answer(conversation, thread.seq, seq).await?;
        }
        let told = Message { replies: None, forwarded: None, ..message.clone() };
        let target = Box::new(Target { seq: entry.seq, author, message: told });
        let actor = Some(actor.user);
        let change = Entry { conversation, seq, actor, created_at: now, kind: kind(target) };
        work.append(std::slice::from_ref(&change)).await?;
        let change = Arc::new(change);
        work.emit(Event::EntryAppended(Arc::clone(&change)));
        let entry = Arc::new(Entry { kind: EntryKind::Message(message), ..entry });
        tell(&mut *work, news, std::slice::from_ref(&entry), self.policy.notifications_kept).await?;
        work.commit().await?;
        self.recent.append(&[change]);
        Ok(Changed { entry, changed: true })
    }
}

impl Held {
    fn require_present(&self) -> Result<(), ChangeError> {
        if self.message.changes.deleted_at.is_some() { Err(ChangeError::Deleted) } else { Ok(()) }
    }

    /// Finds out whom the new text mentions, and tells those whom the one before did not. In a thread
    /// they follow it.
    async fn address_anew(&mut self, actor: &Actor) -> Result<(), StoreError> {
        let to = Addressing::of_change(actor, &self.message.body, &self.standing, self.now);
        let draft = Draft {
            id: self.message.id,
            conversation: self.entry.conversation,
            author: self.author,
            reply_to: None,
            to: &to,
        };
        let addressed = Addressed::look_up(&*self.work, std::iter::once(draft)).await?;
        let before = std::mem::replace(&mut self.message.mentions, addressed.mentions(self.message.id));
        self.news = tell_of_mentions(&addressed, &self.entry, &before, self.now);
        let kind = EntryKind::Message(self.message.clone());
        let mentioned = mentioned_in(&Entry { kind, ..self.entry.clone() }, &before.users);
        if !mentioned.is_empty() {
            self.work.follow_mentioned(&mentioned).await?;
        }
        Ok(())
    }

    fn unchanged(self) -> Changed {
        Changed { entry: Arc::new(self.entry), changed: false }
    }
}

/// Whether the actor may read this entry.
pub(crate) fn is_in_sight(
    actor: &Actor,
    entry: &Entry,
    standing: &Standing,
    now: Timestamp,
) -> Result<(), Denied> {
    // A message has an id that is told to those who may see it only; to others it does not exist.
    authorize(actor, Action::Read, standing, now).map_err(|_| Denied::NotFound)?;
    if entry.seq > standing.floor_seq { Ok(()) } else { Err(Denied::NotFound) }
}

/// Whether that is new.
fn add_reaction(reactions: &mut Vec<Reaction>, emoji: &Emoji, user: UserId) -> Result<bool, ChangeError> {
    let all: usize = reactions.iter().map(|reaction| reaction.users.len()).sum();
    let different = reactions.len();
    match reactions.iter_mut().find(|reaction| reaction.emoji == *emoji) {
        Some(reaction) if reaction.users.contains(&user) => return Ok(false),
        _ if all >= ChangePolicy::REACTIONS => return Err(ChangeError::TooMany),
        Some(reaction) => reaction.users.push(user),
        None if different >= ChangePolicy::EMOJI => return Err(ChangeError::TooMany),
        None => reactions.push(Reaction { emoji: emoji.clone(), users: vec![user] }),
    }
    Ok(true)
}

/// Whether there was one.
fn remove_reaction(reactions: &mut Vec<Reaction>, emoji: &Emoji, user: UserId) -> bool {
    let Some(index) = reactions.iter().position(|reaction| reaction.emoji == *emoji) else { return false };
    let users = &mut reactions[index].users;
    let before = users.len();
    users.retain(|one| *one != user);
    let removed = users.len() < before;
    if users.is_empty() {
        reactions.remove(index);
    }
    removed
}
