//! Turns at work of which only a little may be done at a time.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use crate::problem::Problem;

/// How long a client should wait that got no turn.
const COME_BACK_MS: u64 = 1_000;

/// Turns at work that keeps a connection to the database for long, so that whoever does something
/// else need not wait for those who do this.
pub struct Turns {
    free: Semaphore,
    room: Semaphore,
    patience: Duration,
}

/// A turn, for as long as it is kept. When the client goes away, it is over.
pub struct Turn<'a> {
    _turn: SemaphorePermit<'a>,
    _place: SemaphorePermit<'a>,
}

impl Turns {
    /// Searches that run at a time: half of the connections with which an SQLite file is read.
    const SEARCHES: usize = 2;

    /// Searches that may wait for their turn.
    const WAITING_SEARCHES: usize = 32;

    /// How long a search may wait for its turn.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Turns at searching.
    pub fn at_searching() -> Self {
        Self::new(Self::SEARCHES, Self::WAITING_SEARCHES, Self::PATIENCE)
    }

    fn new(at_once: usize, waiting: usize, patience: Duration) -> Self {
        Self { free: Semaphore::new(at_once), room: Semaphore::new(at_once + waiting), patience }
    }

    /// Waits for a turn. Where too many wait, and where it does not come soon, the client is told to
    /// come back.
    pub async fn take(&self) -> Result<Turn<'_>, Problem> {
        let busy = || Problem::busy(COME_BACK_MS);
        let place = self.room.try_acquire().map_err(|_| busy())?;
        let turn = timeout(self.patience, self.free.acquire()).await.map_err(|_| busy())?;
        Ok(Turn { _turn: turn.map_err(|_| busy())?, _place: place })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::time::Instant;

    use super::*;

    fn turns() -> Turns {
        Turns::new(1, 1, Duration::from_secs(2))
    }

    #[tokio::test]
    async fn whoever_waits_has_their_turn_as_soon_as_the_one_before_is_done() {
        let turns = Arc::new(turns());
        let first = turns.take().await.unwrap();
        let waiting = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move { turns.take().await.map(drop) }
        });
        while turns.room.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.unwrap().unwrap();
        assert_eq!((turns.free.available_permits(), turns.room.available_permits()), (1, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn one_whose_turn_does_not_come_is_told_to_come_back() {
        let turns = turns();
        let _first = turns.take().await.unwrap();
        let refused = turns.take().await.err().unwrap();
        assert_eq!(refused.code(), "busy");
        assert_eq!(turns.room.available_permits(), 1, "nobody waits any more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_turned_away_at_once() {
        let turns = turns();
        let _first = turns.take().await.unwrap();
        let refused_at_once = async {
            let began = Instant::now();
            (turns.take().await.is_err(), began.elapsed())
        };
        let (waited, refused) = tokio::join!(turns.take(), refused_at_once);
        assert!(waited.is_err());
        assert_eq!(refused, (true, Duration::ZERO));
    }
}
