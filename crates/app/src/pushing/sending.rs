use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use parlor_domain::{Push, PushDelivery, PushFailure, Pushes, UserId};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::TaskTracker;

/// Pushes that are sent at the same time.
const AT_ONCE: usize = 64;

/// Those of them that are to one person: whoever names addresses that never answer does not hold the
/// others up.
const AT_ONCE_TO_ONE: usize = 4;

/// Pushes that may wait, for their turn or for another try. What is more is not pushed.
const MOST: usize = 5_000;

/// How often one push is tried.
const TRIES: u32 = 5;

/// How long to wait after the first try, unless the service says; four times as long after each
/// further one.
const PAUSE: Duration = Duration::from_secs(2);

/// The longest that a service may ask to wait. A push that comes an hour late tells nothing new.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// Sends pushes side by side, and again where the service asks for it.
pub(super) struct Sending {
    pushes: Arc<Pushes>,
    tasks: TaskTracker,
    turns: Arc<Semaphore>,
    people: Mutex<HashMap<UserId, Weak<Semaphore>>>,
}

impl Sending {
    pub(super) fn new(pushes: Arc<Pushes>) -> Self {
        Self {
            pushes,
            tasks: TaskTracker::new(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            people: Mutex::default(),
        }
    }

    /// Sends one in the background.
    pub(super) fn begin(&self, delivery: PushDelivery) {
        if self.tasks.len() >= MOST {
            tracing::warn!("the push services take so little that not all devices are told");
            return;
        }
        let (pushes, turns) = (Arc::clone(&self.pushes), Arc::clone(&self.turns));
        let own = self.turns_of(delivery.to.user);
        self.tasks.spawn(async move { deliver(&pushes, &delivery, &own, &turns).await });
    }

    /// Waits for what is being sent.
    pub(super) async fn finish(&self, within: Duration) {
        self.tasks.close();
        // What waits for another try is given up.
        _ = timeout(within, self.tasks.wait()).await;
    }

    fn turns_of(&self, user: UserId) -> Arc<Semaphore> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = people.get(&user).and_then(Weak::upgrade) {
            return turns;
        }
        people.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Semaphore::new(AT_ONCE_TO_ONE));
        people.insert(user, Arc::downgrade(&turns));
        turns
    }
}

/// Tries until it is taken, refused for good, or not worth it any more.
async fn deliver(pushes: &Pushes, delivery: &PushDelivery, own: &Semaphore, turns: &Semaphore) {
    let begun = Instant::now();
    for tried in 1..=TRIES {
        let failure = {
            // They are never closed.
            let _own = own.acquire().await;
            let _turn = turns.acquire().await;
            match pushes.send(&delivery.to, &delivery.push).await {
                Ok(()) => return,
                Err(failure) => failure,
            }
        };
        let service = delivery.to.endpoint.host();
        match failure {
            PushFailure::Later(why, asked) if tried < TRIES => {
                let pause = asked.unwrap_or(PAUSE * 4_u32.pow(tried - 1)).clamp(PAUSE / 2, LONGEST_PAUSE);
                if begun.elapsed() + pause > Push::LIFE.min(LONGEST_PAUSE) {
                    return tracing::info!(service, why, "a push was given up");
                }
                tracing::debug!(service, why, "a push is tried again");
                sleep(pause).await;
            }
            PushFailure::Gone(why) => {
                return tracing::info!(service, why, "a push subscription was dropped");
            }
            failure => return tracing::warn!(service, %failure, "a push was given up"),
        }
    }
}

#[cfg(test)]
#[path = "sending_tests.rs"]
mod tests;
