use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{ConversationId, Cursor, CursorMove, CursorQueue, Receipts, UserId};
use tokio::sync::{Mutex as Turn, Notify};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::settings::Settings;

/// How long to wait before writing again what could not be written.
const PAUSE: Duration = Duration::from_secs(1);

/// Merges cursor moves and writes them together, shortly after.
///
/// What waits is at most one move for each member, so it is bounded by the memberships; what
/// cannot be written stays for the next time.
pub struct Cursors {
    receipts: Arc<Receipts>,
    every: Duration,
    per_batch: usize,
    pending: Mutex<Pending>,
    /// Held while moves are being written, so that somebody who settles waits for them.
    turn: Turn<()>,
    moved: Notify,
    /// Whether the store could not write the last time.
    failing: AtomicBool,
    stop: CancellationToken,
    tracker: TaskTracker,
}

#[derive(Default)]
struct Pending {
    moves: HashMap<UserId, Vec<(ConversationId, Cursor)>>,
    /// Those whose moves are being written.
    writing: HashSet<UserId>,
}

impl Pending {
    fn push(&mut self, step: &CursorMove) {
        let moves = self.moves.entry(step.user).or_default();
        match moves.iter_mut().find(|(conversation, _)| *conversation == step.conversation) {
            Some((_, cursor)) => *cursor = cursor.merge(step.cursor),
            None => moves.push((step.conversation, step.cursor)),
        }
    }

    fn concerns(&self, user: UserId) -> bool {
        self.moves.contains_key(&user) || self.writing.contains(&user)
    }

    fn take(&mut self) -> Vec<CursorMove> {
        let taken: Vec<_> = self
            .moves
            .drain()
            .flat_map(|(user, moves)| {
                moves.into_iter().map(move |(conversation, cursor)| CursorMove { conversation, user, cursor })
            })
            .collect();
        self.writing = taken.iter().map(|step| step.user).collect();
        taken
    }
}

impl Cursors {
    /// Begins to write moves through `receipts`. MUST be called within a tokio runtime.
    pub fn start(receipts: Arc<Receipts>, settings: &Settings) -> Arc<Self> {
        let queue = Arc::new(Self {
            receipts,
            every: settings.cursors_every,
            per_batch: settings.cursors_per_batch.max(1),
            pending: Mutex::default(),
            turn: Turn::new(()),
            moved: Notify::new(),
            failing: AtomicBool::new(false),
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
        });
        queue.tracker.spawn(Arc::clone(&queue).write_behind());
        queue.tracker.close();
        queue
    }

    /// Writes what waits, and stops.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tracker.wait().await;
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write_behind(self: Arc<Self>) {
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.moved.notified() => {}
            }
            // Moves collect during this time; only the last of each member is written.
            let mut pause = self.every;
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(pause) => {}
                }
                if self.flush().await {
                    break;
                }
                pause = PAUSE;
            }
        }
        self.flush().await;
    }

    /// Writes everything that waits; whether it was written.
    async fn flush(&self) -> bool {
        let _turn = self.turn.lock().await;
        self.write().await
    }

    /// Writes everything that waits; whoever calls holds the turn.
    async fn write(&self) -> bool {
        let moves = self.pending().take();
        let mut taken = Taken { queue: self, moves, written: 0 };
        // After a failure the rest would only wait as long, to fail, too.
        while taken.written < taken.moves.len() {
            let some = &taken.moves[taken.written..][..self.per_batch.min(taken.moves.len() - taken.written)];
            if let Err(error) = self.receipts.move_all(some).await {
                // Whoever began maintenance knows.
                if !matches!(error, parlor_domain::StoreError::ReadOnly(_)) {
                    tracing::warn!(%error, moves = some.len(), "cursor moves could not be written yet");
                }
                break;
            }
            taken.written += some.len();
        }
        let written = taken.written == taken.moves.len();
        self.failing.store(!written, Ordering::Relaxed);
        written
    }
}

/// Moves that are being written. What was not written waits again, also when whoever wrote them
/// has gone away in the middle.
struct Taken<'a> {
    queue: &'a Cursors,
    moves: Vec<CursorMove>,
    written: usize,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut pending = self.queue.pending();
        pending.writing.clear();
        let unwritten = &self.moves[self.written..];
        for step in unwritten {
            pending.push(step);
        }
        if !unwritten.is_empty() {
            self.queue.moved.notify_one();
        }
    }
}

#[async_trait]
impl CursorQueue for Cursors {
    fn push(&self, step: CursorMove) {
        self.pending().push(&step);
        self.moved.notify_one();
    }

    async fn settle(&self, user: UserId) {
        if self.pending().concerns(user) {
            let _turn = self.turn.lock().await;
            // Nobody waits for a store that could not write a moment ago.
            if !self.failing.load(Ordering::Relaxed) {
                self.write().await;
            }
        }
    }
}
