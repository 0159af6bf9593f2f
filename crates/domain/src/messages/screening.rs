//! What is not to be written is found before it is posted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::posting::{Decision, answer};
use super::{Messaging, Post, PostError, Posted};
use crate::{
    Actor, Denied, FilterAction, FilterPhrase, FilterRule, HeldMessage, HeldMessageId, HeldState, Standing,
    StoreError, Timestamp, UnitOfWork, User, WordFilter,
};

/// The word filter as it was loaded last. Posts look at it in memory.
#[derive(Debug, Default)]
pub(super) struct Screen {
    loaded: RwLock<Loaded>,
    looks: AtomicU64,
}

#[derive(Debug, Default)]
struct Loaded {
    rules: Vec<FilterRule>,
    filter: Option<Arc<WordFilter>>,
    /// Which look it is from. One that began earlier and ends later is old.
    look: u64,
}

impl Screen {
    /// The filter; `None` when there is nothing to look for.
    pub(super) fn filter(&self) -> Option<Arc<WordFilter>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).filter.clone()
    }

    fn replace(&self, look: u64, rules: Vec<FilterRule>) -> Result<(), StoreError> {
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if look < loaded.look || rules == loaded.rules {
            return Ok(());
        }
        let filter = WordFilter::of(&rules).map_err(|error| StoreError::Failed(Box::new(error)))?;
        *loaded = Loaded { rules, filter: filter.map(Arc::new), look };
        Ok(())
    }
}

/// How a batch of posts is looked at.
pub(super) enum Pass {
    /// What breaks a rule of this filter is refused or held.
    Screened(Option<Arc<WordFilter>>),
    /// An admin let it through: neither the filter nor the pace of the group counts.
    Released,
}

impl Pass {
    /// Whether its author may post it.
    pub(super) fn allows(&self, allowed: Result<(), Denied>) -> Result<(), Denied> {
        match (self, allowed) {
            (Self::Released, Err(Denied::SlowMode(_))) => Ok(()),
            (_, allowed) => allowed,
        }
    }

    /// The rule that a post breaks, when it breaks any. Only in groups a message can wait: of direct
    /// conversations admins see nothing.
    pub(super) fn judge(
        &self,
        post: &Post,
        standing: Option<&Standing>,
    ) -> Option<(FilterAction, FilterPhrase)> {
        let Self::Screened(Some(filter)) = self else { return None };
        let can_hold = standing.is_some_and(|standing| standing.group.is_some());
        let (action, phrase) = filter.judge(post.body.as_str(), can_hold)?;
        Some((action, phrase.clone()))
    }
}

impl Messaging {
    /// Takes the rules of the word filter over as they are now. Posts after that go by them.
    pub async fn load_filter(&self) -> Result<(), StoreError> {
        let look = self.screen.looks.fetch_add(1, Ordering::SeqCst) + 1;
        self.screen.replace(look, self.store.filter_rules().await?)
    }

    /// Posts a message that an admin lets through, as its author, in the unit of work that notes that;
    /// one that was posted before is left as it is.
    pub(crate) async fn post_held(
        &self,
        work: &mut dyn UnitOfWork,
        held: &HeldMessage,
    ) -> Result<Posted, PostError> {
        let author = work.user(held.author).await.map_err(Arc::new)?.filter(User::is_active);
        let author = author.ok_or(Denied::Forbidden)?;
        let body = held.body.clone().ok_or(PostError::Held)?;
        let post = Post {
            actor: Actor { user: author.id, role: author.role },
            conversation: held.conversation,
            client_id: held.client_id,
            body,
            reply_to: held.reply_to,
            thread: held.thread,
            files: Vec::new(),
            forward: held.forward,
        };
        let posts = std::slice::from_ref(&post);
        let done = self.post_in(work, posts, &Pass::Released).await.map_err(Arc::new)?;
        answer(done.decisions, done.entries).into_iter().next().unwrap_or(Err(PostError::Busy))
    }

    /// Keeps what has to wait, each under its client's id once; whether anything was kept.
    pub(super) async fn hold_all(
        &self,
        work: &mut dyn UnitOfWork,
        posts: &[Post],
        decisions: &mut [Decision],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut is_any = false;
        for (post, decision) in posts.iter().zip(decisions) {
            let Decision::Held(phrase) = decision else { continue };
            let error = match work.held_as(post.actor.user, post.client_id).await? {
                Some(before)
                    if before.body.as_ref() != Some(&post.body)
                        || before.conversation != post.conversation =>
                {
                    PostError::IdempotencyConflict
                }
                Some(before) if before.state == HeldState::Rejected => PostError::Rejected,
                Some(_) => PostError::Held,
                None if work.count_waiting(Some(post.actor.user)).await? >= HeldMessage::MAX_WAITING => {
                    PostError::TooManyHeld
                }
                None => {
                    let id = HeldMessageId::from_uuid(self.ids.next_id());
                    work.hold_message(&HeldMessage::of(post, phrase, id, now)).await?;
                    is_any = true;
                    PostError::Held
                }
            };
            *decision = Decision::Refused(error);
        }
        Ok(is_any)
    }
}
