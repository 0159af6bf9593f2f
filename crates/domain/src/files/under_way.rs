//! Bytes that are on their way in, and that no row tells of yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::UserId;

/// After so many bytes of a file one looks once more how much room there is: meanwhile others may have
/// taken what there was when it began.
const LOOK_AGAIN: u64 = 4 * 1024 * 1024;

/// Whether one looks once more, when so many bytes came and so many of them just now.
pub(super) fn is_to_look_again(received: u64, more: u64) -> bool {
    received / LOOK_AGAIN != received.saturating_sub(more) / LOOK_AGAIN
}

type Counted = Mutex<HashMap<UserId, u64>>;

fn locked(counted: &Counted) -> MutexGuard<'_, HashMap<UserId, u64>> {
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many bytes of each person came through this program that no row tells of yet. What comes through
/// other nodes is not in it; what is too much is refused there when it is noted.
#[derive(Default)]
pub(super) struct UnderWay(Arc<Counted>);

/// What came of one upload. It is counted until this is dropped.
pub(super) struct Arrived {
    counted: Arc<Counted>,
    owner: UserId,
    bytes: u64,
}

impl UnderWay {
    /// How many bytes of somebody's uploads came.
    pub(super) fn of(&self, owner: UserId) -> u64 {
        locked(&self.0).get(&owner).copied().unwrap_or(0)
    }

    /// Counts another upload, of which nothing came yet.
    pub(super) fn begin(&self, owner: UserId) -> Arrived {
        Arrived { counted: Arc::clone(&self.0), owner, bytes: 0 }
    }
}

impl Arrived {
    /// Counts more bytes of somebody who has so many left for all their uploads. How many this one may have
    /// in all: when it has more now, it failed, and counts no longer, so that the others do not fail of it.
    pub(super) fn add(&mut self, more: u64, left: u64) -> u64 {
        let mut counted = locked(&self.counted);
        let all = counted.entry(self.owner).or_default();
        let room = left.saturating_sub(all.saturating_sub(self.bytes));
        *all = all.saturating_add(more);
        self.bytes = self.bytes.saturating_add(more);
        if self.bytes > room {
            *all = all.saturating_sub(std::mem::take(&mut self.bytes));
        }
        room
    }
}

impl Drop for Arrived {
    fn drop(&mut self) {
        let mut counted = locked(&self.counted);
        if let Some(all) = counted.get_mut(&self.owner) {
            *all = all.saturating_sub(self.bytes);
            if *all == 0 {
                counted.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_came_is_counted_for_its_owner_until_it_is_let_go_of_or_too_much() {
        let (under_way, ana) = (UnderWay::default(), UserId::from_uuid(Uuid::nil()));
        let (mut one, mut two) = (under_way.begin(ana), under_way.begin(ana));
        assert_eq!((one.add(60, 100), two.add(40, 100)), (100, 40));
        assert_eq!(under_way.of(UserId::from_uuid(Uuid::max())), 0);
        // The one that has too much makes room for the other.
        assert_eq!((two.add(1, 100), under_way.of(ana)), (40, 60));
        assert_eq!((one.add(40, 100), under_way.of(ana)), (100, 100));
        drop((one, two));
        assert_eq!(under_way.of(ana), 0);
        assert!(locked(&under_way.0).is_empty());
    }

    #[test]
    fn one_looks_again_after_every_few_mebibytes() {
        let times = (1..=64).filter(|quarter| is_to_look_again(quarter << 18, 1 << 18));
        assert_eq!(times.collect::<Vec<u64>>(), [16, 32, 48, 64]);
        assert!(is_to_look_again(100 << 20, 50 << 20));
    }
}
