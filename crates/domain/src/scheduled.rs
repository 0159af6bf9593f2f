use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::accounts::acting_role;
use crate::{
    Action, Actor, ClientId, Clock, ConversationId, Denied, Event, MessageBody, MessageId, Personal, Post,
    PostError, PostQueue, Posted, Store, StoreError, ThreadAnswer, Timestamp, UnitOfWork, UserId, authorize,
};

/// Messages that are looked at in one go.
const AT_ONCE: u32 = 100;

/// How long one that the store could not take waits until it is tried again, so that it does not
/// stand in the way of the others.
const PAUSE: Duration = Duration::from_mins(1);

/// A message that the server posts at a time its author chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledMessage {
    /// Its id, under which it is posted.
    pub id: ClientId,
    /// Who wrote it.
    pub author: UserId,
    /// Where it is to be posted.
    pub conversation: ConversationId,
    /// Its text.
    pub body: MessageBody,
    /// The message it answers, in the same conversation.
    pub reply_to: Option<MessageId>,
    /// The thread it is written in; `None` for the conversation itself.
    pub thread: Option<ThreadAnswer>,
    /// When it is posted.
    pub at: Timestamp,
    /// Why it was not posted; it waits for its author then.
    pub refusal: Option<Refusal>,
}

impl ScheduledMessage {
    fn is_like(&self, other: &Self) -> bool {
        (self.conversation, self.reply_to, self.thread, self.at)
            == (other.conversation, other.reply_to, other.thread, other.at)
            && self.body == other.body
    }
}

/// Why a message was not posted at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// Its author is not in the conversation any more, or it is gone.
    NotMember,
    /// Its author may not write there.
    Forbidden,
    /// Its author was muted there.
    Muted,
    /// The group was archived.
    Archived,
    /// An admin froze the group.
    Frozen,
    /// Its author blocked the other person.
    Blocked,
    /// What it answers is not there.
    NoSuchMessage,
    /// It says what is not to be written on this server, or an admin did not let it through.
    Filtered,
}

/// Why a message was not scheduled, changed or sent.
#[derive(Debug, Error)]
pub enum ScheduleError {
    /// Not theirs to post in.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// They have no such scheduled message.
    #[error("there is no such scheduled message")]
    NoSuchMessage,
    /// Its time lies in the past or further ahead than a year.
    #[error("must lie in the future, and at most a year ahead")]
    BadTime,
    /// Its time has come.
    #[error("the message is being sent")]
    BeingSent,
    /// They have scheduled as many as they may.
    #[error("at most {most} messages can be scheduled; delete one first", most = Scheduled::MOST)]
    TooMany,
    /// The id was used for another message, or the message could not be posted.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Messages that are posted later.
pub struct Scheduled {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Scheduled {
    /// The most messages that somebody may schedule.
    pub const MOST: u64 = 100;

    /// How far ahead a message may be scheduled: a year.
    pub const FARTHEST: Duration = Duration::from_hours(366 * 24);

    /// Scheduled messages kept in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Schedules a message; whether it was not scheduled before, by an earlier try.
    pub async fn schedule(
        &self,
        actor: &Actor,
        message: ScheduledMessage,
    ) -> Result<(ScheduledMessage, bool), ScheduleError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        let standing = work.standing(message.conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        match authorize(actor, Action::Post, &standing, now) {
            Ok(()) | Err(Denied::SlowMode(_)) => {}
            Err(Denied::Muted(until)) if until <= message.at => {}
            Err(denied) => return Err(denied.into()),
        }
        if let Some(before) = work.scheduled_message(actor.user, message.id).await? {
            return if before.is_like(&message) {
                Ok((before, false))
            } else {
                Err(PostError::IdempotencyConflict.into())
            };
        }
        require_good_time(message.at, now)?;
        if work.count_scheduled(actor.user).await? >= Self::MOST {
            return Err(ScheduleError::TooMany);
        }
        work.insert_scheduled(&message).await?;
        emit(&mut *work, actor.user);
        work.commit().await?;
        Ok((message, true))
    }

    /// Changes a message that waits; one that was refused is tried again at its new time.
    pub async fn change(
        &self,
        actor: &Actor,
        id: ClientId,
        body: Option<MessageBody>,
        at: Option<Timestamp>,
    ) -> Result<ScheduledMessage, ScheduleError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        let before = work.scheduled_message(actor.user, id).await?.ok_or(ScheduleError::NoSuchMessage)?;
        if before.refusal.is_none() && before.at <= now {
            return Err(ScheduleError::BeingSent);
        }
        let message = ScheduledMessage {
            body: body.unwrap_or_else(|| before.body.clone()),
            at: at.unwrap_or(before.at),
            refusal: None,
            ..before
        };
        require_good_time(message.at, now)?;
        work.update_scheduled(&message, Some(message.at)).await?;
        emit(&mut *work, actor.user);
        work.commit().await?;
        Ok(message)
    }

    /// Deletes a message that waits.
    pub async fn delete(&self, actor: &Actor, id: ClientId) -> Result<(), ScheduleError> {
        if self.remove(actor.user, id).await? { Ok(()) } else { Err(ScheduleError::NoSuchMessage) }
    }

    /// Posts a message before its time. When it is refused, it waits on.
    pub async fn send_now(
        &self,
        actor: &Actor,
        id: ClientId,
        queue: &dyn PostQueue,
    ) -> Result<Posted, ScheduleError> {
        let message =
            self.store.scheduled_message(actor.user, id).await?.ok_or(ScheduleError::NoSuchMessage)?;
        let posted = queue.post(post_of(*actor, &message)).await;
        if matches!(posted, Ok(_) | Err(PostError::Held)) {
            self.remove(actor.user, id).await?;
        }
        Ok(posted?)
    }

    /// What the actor scheduled, the next one first.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<ScheduledMessage>, ScheduleError> {
        Ok(self.store.scheduled_messages(actor.user).await?)
    }

    /// Posts what is due; whether there may be more of it. Each goes its own way: the row goes only
    /// after the message is stored, and a message that was stored before, by a server that was
    /// stopped in between or by another node, is not stored again.
    pub async fn post_due(&self, queue: &dyn PostQueue) -> Result<bool, PostError> {
        let due = self.store.due_messages(self.clock.now(), AT_ONCE).await.map_err(Arc::new)?;
        for message in &due {
            self.deliver(message, queue).await?;
        }
        Ok(due.len() >= AT_ONCE as usize)
    }

    async fn deliver(&self, message: &ScheduledMessage, queue: &dyn PostQueue) -> Result<(), PostError> {
        let now = self.clock.now();
        let posted = match self.author(message.author, now).await.map_err(Arc::new)? {
            Some(author) => queue.post(post_of(author, message)).await.map(drop),
            None => Err(Denied::Forbidden.into()),
        };
        let done = match posted {
            // One that waits for an admin is kept elsewhere from now on.
            Ok(()) | Err(PostError::IdempotencyConflict | PostError::Held) => {
                self.remove(message.author, message.id).await.map(drop)
            }
            Err(PostError::Denied(Denied::SlowMode(wait)) | PostError::TooFast(wait)) => {
                self.keep(message, Some(now.plus(wait))).await
            }
            Err(PostError::Store(error)) if matches!(*error, StoreError::Failed(_)) => {
                self.keep(message, Some(now.plus(PAUSE))).await
            }
            Err(error) => {
                let refusal = Some(refusal(error)?);
                self.keep(&ScheduledMessage { refusal, ..message.clone() }, None).await
            }
        };
        Ok(done.map_err(Arc::new)?)
    }

    /// The author as they are now; `None` when they are banned or gone.
    async fn author(&self, id: UserId, now: Timestamp) -> Result<Option<Actor>, StoreError> {
        let user = self.store.user(id).await?.filter(crate::User::is_active);
        let is_banned = self.store.bans_of(id, None).await?.iter().any(|ban| ban.is_active(now));
        Ok(match user.filter(|_| !is_banned) {
            Some(user) => Some(Actor { user: user.id, role: acting_role(&*self.store, &user).await? }),
            None => None,
        })
    }

    async fn remove(&self, user: UserId, id: ClientId) -> Result<bool, StoreError> {
        let mut work = self.store.begin().await?;
        let was_there = work.delete_scheduled(user, id).await?;
        if was_there {
            emit(&mut *work, user);
            work.commit().await?;
        }
        Ok(was_there)
    }

    async fn keep(&self, message: &ScheduledMessage, try_at: Option<Timestamp>) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        work.update_scheduled(message, try_at).await?;
        emit(&mut *work, message.author);
        work.commit().await
    }
}

fn emit(work: &mut dyn UnitOfWork, user: UserId) {
    work.emit(Event::PersonalChanged { user, what: Personal::Scheduled });
}

fn require_good_time(at: Timestamp, now: Timestamp) -> Result<(), ScheduleError> {
    if now < at && at <= now.plus(Scheduled::FARTHEST) { Ok(()) } else { Err(ScheduleError::BadTime) }
}

fn post_of(actor: Actor, message: &ScheduledMessage) -> Post {
    Post {
        actor,
        conversation: message.conversation,
        client_id: message.id,
        body: message.body.clone(),
        reply_to: message.reply_to,
        thread: message.thread,
        files: Vec::new(),
        forward: None,
    }
}

/// Why a message is not posted, unless it only cannot be posted at the moment.
fn refusal(error: PostError) -> Result<Refusal, PostError> {
    match error {
        PostError::Denied(denied) => Ok(match denied {
            Denied::NotFound => Refusal::NotMember,
            Denied::Forbidden => Refusal::Forbidden,
            Denied::Muted(_) => Refusal::Muted,
            Denied::Blocked => Refusal::Blocked,
            Denied::Archived => Refusal::Archived,
            Denied::Frozen => Refusal::Frozen,
            Denied::SlowMode(_) => return Err(denied.into()),
        }),
        PostError::NoSuchReply
        | PostError::NoSuchThread
        | PostError::NoSuchFile
        | PostError::NestedThread => Ok(Refusal::NoSuchMessage),
        PostError::Filtered(_) | PostError::Rejected | PostError::TooManyHeld => Ok(Refusal::Filtered),
        passing @ (PostError::IdempotencyConflict
        | PostError::Held
        | PostError::Busy
        | PostError::TooFast(_)
        | PostError::Store(_)) => Err(passing),
    }
}
