//! What people keep to themselves, and from whom.

use std::collections::BTreeSet;
use std::sync::Arc;

use thiserror::Error;

use crate::{Actor, Clock, Event, Presence, Store, StoreError, Timestamp, User, UserId};

/// What one person may see of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who looks.
    pub user: UserId,
    /// How they want to be seen themselves.
    pub presence: Presence,
    /// Whether they learn when others were last seen: who hides it does not.
    pub sees_last_seen: bool,
    /// Whom they blocked.
    pub blocked: BTreeSet<UserId>,
    /// Who blocked them.
    pub blocked_by: BTreeSet<UserId>,
}

impl Viewer {
    /// Somebody from whom nothing is kept.
    pub fn open(user: UserId) -> Self {
        let nobody = BTreeSet::new;
        let presence = Presence::Online;
        Self { user, presence, sees_last_seen: true, blocked: nobody(), blocked_by: nobody() }
    }

    /// Whether everything is shown to them as it is to most.
    pub fn is_ordinary(&self) -> bool {
        self.sees_last_seen && self.blocked.is_empty() && self.blocked_by.is_empty()
    }

    /// Whether there is a block between the two, either way: neither sees whether the other is at hand.
    pub fn is_apart_from(&self, other: UserId) -> bool {
        self.blocked.contains(&other) || self.blocked_by.contains(&other)
    }

    /// Whether they may know when this person was last seen.
    pub fn knows_last_seen_of(&self, other: &User) -> bool {
        other.id == self.user
            || self.sees_last_seen && other.shares_last_seen && !self.is_apart_from(other.id)
    }
}

/// Who blocked whom, as far as it concerns writing to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// The person blocked the other one.
    ByThemselves,
    /// The other one blocked the person, who is not told.
    ByOther,
}

/// Somebody who is blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Who.
    pub user: User,
    /// Since when.
    pub since: Timestamp,
}

/// Why somebody could not be blocked.
#[derive(Debug, Error)]
pub enum BlockError {
    /// There is no such person.
    #[error("there is no such user")]
    NoSuchUser,
    /// Nobody blocks themselves.
    #[error("you cannot block yourself")]
    Yourself,
    /// So many are enough.
    #[error("you have blocked as many people as you can")]
    TooMany,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Blocking people: they cannot write to one directly, and one is not bothered by them elsewhere.
pub struct Blocks {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Blocks {
    /// The most people that one person blocks.
    pub const MOST: usize = 1_000;

    /// Blocks kept in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Whom the actor blocked, the latest first.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Block>, StoreError> {
        self.store.blocks_of(actor.user).await
    }

    /// Blocks somebody; once more changes nothing.
    pub async fn block(&self, actor: &Actor, other: UserId) -> Result<(), BlockError> {
        if other == actor.user {
            return Err(BlockError::Yourself);
        }
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        if !work.user(other).await?.is_some_and(|user| user.is_active()) {
            return Err(BlockError::NoSuchUser);
        }
        if work.viewer(actor.user).await?.blocked.len() >= Self::MOST {
            return Err(BlockError::TooMany);
        }
        work.insert_block(actor.user, other, self.clock.now()).await?;
        Ok(tell(work, actor.user, other).await?)
    }

    /// Lets somebody be again; one who is not blocked stays so.
    pub async fn unblock(&self, actor: &Actor, other: UserId) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        work.delete_block(actor.user, other).await?;
        tell(work, actor.user, other).await
    }
}

/// Tells both what they may see of each other now, each only their own side.
async fn tell(mut work: Box<dyn crate::UnitOfWork>, one: UserId, other: UserId) -> Result<(), StoreError> {
    for user in [one, other] {
        let viewer = work.viewer(user).await?;
        work.emit(Event::ViewChanged(Arc::new(viewer)));
    }
    work.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_block_parts_two_people_both_ways() {
        let [ana, ben, cleo] = [1, 2, 3].map(|number| UserId::from_uuid(Uuid::from_u128(number)));
        let mut viewer = Viewer::open(ana);
        assert!(viewer.is_ordinary() && !viewer.is_apart_from(ben));
        viewer.blocked.insert(ben);
        viewer.blocked_by.insert(cleo);
        assert!(viewer.is_apart_from(ben) && viewer.is_apart_from(cleo) && !viewer.is_ordinary());
    }
}
