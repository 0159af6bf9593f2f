//! Reading pictures takes a core and much memory, so that few are read at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::timeout;

/// How many are read at a time, and how many more may wait.
const AT_ONCE: usize = 2;
const WAITING_ROOM: usize = 16;

/// How long one may take once it is its turn.
const WITHIN: Duration = Duration::from_secs(10);

/// Work on pictures: a few at a time, off the asynchronous threads, and within a time.
pub(crate) struct Turns {
    at_once: Arc<Semaphore>,
    room: Arc<Semaphore>,
    within: Duration,
}

/// Why there is no result.
#[derive(Debug)]
pub(crate) enum NoResult {
    /// So many wait already that one more may not.
    Busy,
    /// It took too long.
    TooSlow,
    /// It broke off.
    Broken(JoinError),
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
            room: Arc::new(Semaphore::new(AT_ONCE + WAITING_ROOM)),
            within: WITHIN,
        }
    }
}

impl Turns {
    /// Waits for a turn and does the work.
    pub(crate) async fn take<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoResult> {
        let place = Arc::clone(&self.room).try_acquire_owned().map_err(|_| NoResult::Busy)?;
        let turn = Arc::clone(&self.at_once).acquire_owned().await.map_err(|_| NoResult::Busy)?;
        // The turn goes along: a file that takes too long goes on until it is read, and nobody
        // else takes its turn meanwhile.
        let work = spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        match timeout(self.within, work).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(NoResult::Broken(error)),
            Err(_) => Err(NoResult::TooSlow),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn two_are_read_at_a_time_and_never_three() {
        let turns = Arc::new(Turns::default());
        let (together, now, most) =
            (Arc::new(Barrier::new(AT_ONCE)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..AT_ONCE * 4 {
            let (turns, together, now, most) =
                (Arc::clone(&turns), Arc::clone(&together), Arc::clone(&now), Arc::clone(&most));
            all.spawn(async move {
                let work = move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    // It ends only when another one is being worked at, too.
                    together.wait();
                    now.fetch_sub(1, Ordering::SeqCst);
                };
                turns.take(work).await.unwrap();
            });
        }
        all.join_all().await;
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    }

    #[tokio::test]
    async fn so_many_wait_and_no_more() {
        let turns = Turns::default();
        let held = Arc::clone(&turns.room).acquire_many_owned(18).await.unwrap();
        assert!(matches!(turns.take(|| ()).await, Err(NoResult::Busy)));
        drop(held);
        assert!(turns.take(|| ()).await.is_ok());
    }

    #[tokio::test]
    async fn what_takes_too_long_keeps_its_turn_until_it_ends() {
        let turns = Turns { within: Duration::from_millis(1), ..Turns::default() };
        let (end, ended) = mpsc::channel::<()>();
        assert!(matches!(turns.take(move || ended.recv()).await, Err(NoResult::TooSlow)));
        assert_eq!(turns.at_once.available_permits(), AT_ONCE - 1);
        drop(end);
        let both = turns.at_once.acquire_many(2).await.unwrap();
        drop(both);
    }

    #[tokio::test]
    async fn work_that_panics_gives_its_turn_back() {
        let turns = Turns::default();
        let broken = turns.take(|| panic!("as a decoder might")).await;
        assert!(matches!(broken, Err(NoResult::Broken(_))));
        assert_eq!(turns.at_once.available_permits(), AT_ONCE);
    }
}
