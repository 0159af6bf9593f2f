use std::sync::Arc;
use std::time::Duration;

use parlor_domain::Store;
use tokio::sync::mpsc;

use super::{Hub, News};

/// Logs whose ends are asked for in one query.
const AT_ONCE: usize = 500;

/// How long an announcement may take: an end that was read is compared after it, so that entries
/// whose news is merely on its way do not count as missed.
const ANNOUNCED_WITHIN: Duration = Duration::from_millis(500);

/// Compares, every so often, the logs' ends with what was handed out. Whatever news is lost, on
/// this node or from another one, members are behind by no more than one such round.
pub(crate) async fn watch_heads(hub: Arc<Hub>, store: Arc<dyn Store>, news: mpsc::Sender<News>) {
    let every = hub.settings.tick_every;
    loop {
        tokio::time::sleep(every).await;
        let mut heads = Vec::new();
        for some in hub.watched().chunks(AT_ONCE) {
            match store.heads(some).await {
                Ok(found) => heads.extend(found),
                Err(error) => tracing::warn!(%error, "the ends of logs could not be read"),
            }
        }
        tokio::time::sleep(ANNOUNCED_WITHIN).await;
        for (conversation, head) in heads {
            if hub.handed(conversation).is_some_and(|handed| handed < head)
                && news.send(News::Reached(conversation, head)).await.is_err()
            {
                return;
            }
        }
    }
}
