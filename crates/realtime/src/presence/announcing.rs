use std::sync::Arc;
use std::time::Duration;

use parlor_domain::Store;
use tokio::time::{Instant, MissedTickBehavior};

use super::People;
use crate::hub::Hub;
use crate::settings::Settings;

/// How often it is stored when people were last seen.
const STORED_EVERY: Duration = Duration::from_secs(5);

/// Tells everybody of changes of presence, some at a time in one shared frame, and stores when
/// people were last seen.
///
/// Everybody is in the lobby, so everybody may know of everybody; that makes presence quadratic.
/// The time between two frames therefore grows with the number of receivers, and a frame is small:
/// the work per second is bounded, and what does not fit waits.
pub(crate) async fn announce(hub: Arc<Hub>, people: Arc<People>, store: Arc<dyn Store>, settings: Settings) {
    let mut ticks = tokio::time::interval(settings.presence_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut next_frame, mut next_store) = (Instant::now(), Instant::now());
    loop {
        let now = ticks.tick().await;
        people.sweep();
        if now >= next_frame {
            let users = people.changes(settings.presence_per_frame);
            if !users.is_empty() {
                hub.show_presences(&users);
                let receivers = u32::try_from(hub.count()).unwrap_or(u32::MAX);
                next_frame = now + settings.presence_pace.saturating_mul(receivers);
            }
        }
        if now >= next_store {
            store_seen(&people, &*store).await;
            next_store = now + STORED_EVERY;
        }
    }
}

/// Stores when people were last seen; what fails is tried again with the next.
pub(crate) async fn store_seen(people: &People, store: &dyn Store) {
    let seen = people.take_seen();
    if seen.is_empty() {
        return;
    }
    let stored = async {
        let mut work = store.begin().await?;
        work.set_last_seen(&seen).await?;
        work.commit().await
    };
    if let Err(error) = stored.await {
        tracing::warn!(%error, "it could not be stored when people were last seen");
        people.give_back_seen(seen);
    }
}
