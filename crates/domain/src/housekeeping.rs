use std::sync::Arc;
use std::time::Duration;

use crate::bans::tell_of_end;
use crate::erasures::erase_slice;
use crate::files::remove_slice;
use crate::{Clock, SessionPolicy, Store, StoreError};

/// Entries that are erased in one unit of work: few enough that nobody who posts waits for it.
const SLICE: u32 = 500;

/// How long the last entry of a deleted group stays. It tells the other nodes that nobody is in the
/// group any more, and one of them may have been cut off for a while.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// Groups, or bans, that are looked at in one go.
const AT_ONCE: u32 = 100;

/// How long a session stays that is over. When it was last used is noted a while later.
const OVER_FOR: Duration = Duration::from_hours(24);

/// Messages that are counted in one unit of work.
const COUNTED: u64 = 20_000;

/// Does what is due: erases what was deleted, bit by bit, so that even a large log holds nobody up,
/// tells those whose bans ended, and forgets where people were signed in.
pub struct Housekeeping {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    notifications_kept: u32,
    sessions: SessionPolicy,
}

impl Housekeeping {
    /// Keeps `store` in order. Of the notifications of one person so many are kept; sessions live as
    /// long as `sessions` says.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        notifications_kept: u32,
        sessions: SessionPolicy,
    ) -> Self {
        Self { store, clock, notifications_kept, sessions }
    }

    /// Deletes some of the sessions that have been over for a day, with the browsers and addresses
    /// they came from; whether there may be more of them.
    pub async fn forget_sessions(&self) -> Result<bool, StoreError> {
        let moment = self.clock.now().minus(OVER_FOR);
        let mut work = self.store.begin().await?;
        let deleted = work.delete_expired_sessions(&self.sessions, moment, SLICE).await?;
        if deleted > 0 {
            work.commit().await?;
        }
        Ok(deleted == u64::from(SLICE))
    }

    /// Tells those whose bans ended by themselves. The bans need it not: they are over at their
    /// moment.
    pub async fn end_bans(&self) -> Result<(), StoreError> {
        for ban in self.store.ended_bans(self.clock.now(), AT_ONCE).await? {
            let Some(until) = ban.until else { continue };
            let mut work = self.store.begin().await?;
            work.lock_user(ban.user).await?;
            // Another node may have been quicker.
            if work.ban(ban.id).await?.is_none_or(|ban| ban.lifted_at.is_some()) {
                continue;
            }
            work.lift_ban(ban.id, until).await?;
            tell_of_end(&mut *work, &ban, None, until, self.notifications_kept).await?;
            work.commit().await?;
        }
        Ok(())
    }

    /// Counts messages that were posted since they were counted last, for the overview; whether there
    /// may be more to be counted right away.
    pub async fn count(&self) -> Result<bool, StoreError> {
        let uncounted = self.store.uncounted(COUNTED).await?;
        if uncounted.is_empty() {
            return Ok(false);
        }
        let mut work = self.store.begin().await?;
        // Where another node was quicker, what is left is looked up anew.
        if work.note_counted(&uncounted).await? {
            work.commit().await?;
        }
        Ok(true)
    }

    /// Erases one slice of each deleted group and of the messages that were ordered to be erased, and
    /// takes files that are being removed from some of their messages. When none of it is left, some of
    /// what the index for searching has of them goes. Whether there is more to be erased right away.
    pub async fn erase(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut is_more = false;
        let deleted = self.store.deleted_groups(AT_ONCE).await?;
        // What is gone cannot be counted any more.
        while !deleted.is_empty() && self.count().await? {}
        for (group, deleted_at) in deleted {
            let mut work = self.store.begin().await?;
            let erased = work.erase_entries(group.into(), SLICE, now).await?;
            if erased > 0 {
                is_more = true;
            } else if deleted_at.plus(KEPT_FOR) <= now {
                work.erase_conversation(group.into(), now).await?;
            } else {
                continue;
            }
            work.commit().await?;
        }
        for erasure in self.store.erasures(AT_ONCE).await? {
            is_more |= erase_slice(&*self.store, &erasure, now).await?;
        }
        for file in self.store.file_removals(AT_ONCE).await? {
            is_more |= remove_slice(&*self.store, file, now).await?;
        }
        if !is_more && self.store.has_residue().await? {
            let mut work = self.store.begin().await?;
            work.remove_residue().await?;
            work.commit().await?;
            return Ok(true);
        }
        Ok(is_more)
    }
}
