//! Waiting for something, with a bound.

use std::time::{Duration, Instant};

/// How long anything may take that should happen at once. A busy machine is slower than a bound
/// that a person would choose, and a test that passes never waits for it.
pub const BOUND: Duration = Duration::from_secs(30);

/// How often a condition is looked at that cannot announce itself.
const EVERY: Duration = Duration::from_millis(5);

/// Asks again and again until there is an answer, and gives up loudly after [`BOUND`].
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(BOUND, what, ask).await
}

/// The same with another bound.
pub async fn eventually_within<T>(bound: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(start.elapsed() < bound, "{what}: not within {bound:?}");
        tokio::time::sleep(EVERY).await;
    }
}
