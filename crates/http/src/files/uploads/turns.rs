//! One at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parlor_domain::UploadId;
use poem::http::StatusCode;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::Result;
use crate::problem::Problem;

/// How long one waits for a request to keep what came through it.
const PATIENCE: Duration = Duration::from_secs(10);

type Taken = Arc<Mutex<HashMap<UploadId, watch::Sender<bool>>>>;

/// The uploads that requests to this node send bytes of: each by one request at a time.
///
/// Requests to other nodes do no harm, either: bytes that are not the next ones when they were received
/// are not kept.
#[derive(Default)]
pub struct Uploading {
    taken: Taken,
}

/// The only request that sends bytes of an upload, for as long as it is kept.
pub(super) struct Turn {
    id: UploadId,
    taken: Taken,
    is_over: watch::Receiver<bool>,
}

impl Uploading {
    /// Takes the turn at an upload; answers 423 while another request has it.
    pub(super) fn take(&self, id: UploadId) -> Result<Turn> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.contains_key(&id) {
            return Err(locked());
        }
        let (end, is_over) = watch::channel(false);
        taken.insert(id, end);
        Ok(Turn { id, taken: Arc::clone(&self.taken), is_over })
    }

    /// Ends the request that sends bytes of an upload, and waits until what came is kept. A client that
    /// lost its connection goes on over another one, and the server may not have noticed yet.
    pub(super) async fn end(&self, id: UploadId) {
        let turn = self.taken.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let Some(turn) = turn else { return };
        _ = turn.send(true);
        // One that is being made a file is not ended, and may take longer.
        _ = timeout(PATIENCE, turn.closed()).await;
    }
}

impl Turn {
    /// Waits until it is over.
    pub(super) async fn over(&mut self) -> Problem {
        // The other side is kept until this one goes.
        _ = self.is_over.wait_for(|is_over| *is_over).await;
        locked()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// 423: another request sends bytes of it.
fn locked() -> Problem {
    let detail = "Another request sends bytes of this upload; ask how far it is, and go on from there.";
    Problem::new(StatusCode::LOCKED, "upload_locked", detail)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn one_has_the_turn_until_it_is_ended() {
        let uploading = Uploading::default();
        let (one, other) = (UploadId::from_uuid(Uuid::nil()), UploadId::from_uuid(Uuid::max()));
        let mut turn = uploading.take(one).unwrap();
        assert_eq!(uploading.take(one).err().unwrap().code(), "upload_locked");
        drop(uploading.take(other).unwrap());
        let sending = tokio::spawn(async move { turn.over().await.code() });
        uploading.end(one).await;
        uploading.end(other).await;
        assert_eq!(sending.await.unwrap(), "upload_locked");
        drop(uploading.take(one).unwrap());
    }
}
