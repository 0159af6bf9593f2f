use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use parlor_domain::{Messaging, Post, PostError, PostQueue, Posted};
use parlor_limits::{Limits, TooOften};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::settings::Settings;
use crate::timings::Timings;

type Answer = Result<Posted, PostError>;
type Waiting = (Post, oneshot::Sender<Answer>);

/// Stores posts in batches: while one batch is being written the next one collects, so that
/// nobody waits for a timer.
///
/// Full: the post is answered [`PostError::Busy`] and not stored. Whoever writes too fast is answered
/// [`PostError::TooFast`], on whatever way the message came.
pub struct Posts {
    limits: Arc<Limits>,
    /// `None` once closed.
    sender: Mutex<Option<mpsc::Sender<Waiting>>>,
    task: Mutex<Option<JoinHandle<()>>>,
    timings: Arc<Timings>,
    broken: CancellationToken,
}

impl Posts {
    /// Begins to store posts through `messaging`. MUST be called within a tokio runtime.
    pub fn start(messaging: Arc<Messaging>, limits: Arc<Limits>, settings: &Settings) -> Arc<Self> {
        let (sender, receiver) = mpsc::channel(settings.posts_waiting.max(1));
        let (most, broken) = (settings.posts_per_batch.max(1), CancellationToken::new());
        let (guard, timings) = (broken.clone().drop_guard(), Arc::new(Timings::default()));
        let times = Arc::clone(&timings);
        let task = tokio::spawn(async move {
            store(messaging, receiver, most, &times).await;
            guard.disarm();
        });
        let (sender, task) = (Mutex::new(Some(sender)), Mutex::new(Some(task)));
        Arc::new(Self { limits, sender, task, timings, broken })
    }

    /// Hands a post in, in the order of the calls; the answer comes when it is durable or refused.
    pub fn submit(&self, post: Post) -> Result<oneshot::Receiver<Answer>, PostError> {
        self.limits.message(post.actor.user).map_err(|TooOften(wait)| PostError::TooFast(wait))?;
        let (answer, answered) = oneshot::channel();
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = sender.as_ref().ok_or(PostError::Busy)?;
        sender.try_send((post, answer)).map_err(|_| PostError::Busy)?;
        Ok(answered)
    }

    /// How long things took since the start: storing each batch of posts, and what others note.
    pub fn timings(&self) -> &Arc<Timings> {
        &self.timings
    }

    /// Takes no more posts, and returns once those that wait are answered.
    pub async fn close(&self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the post queue broke");
        }
    }

    /// Returns when posts are no longer stored because of a panic.
    pub(crate) async fn broken(&self) {
        self.broken.cancelled().await;
    }
}

#[async_trait]
impl PostQueue for Posts {
    async fn post(&self, post: Post) -> Answer {
        // The answer is lost only when the queue broke; whether it was stored is unknown then,
        // and the same client id makes trying again safe.
        self.submit(post)?.await.unwrap_or(Err(PostError::Busy))
    }
}

async fn store(
    messaging: Arc<Messaging>,
    mut receiver: mpsc::Receiver<Waiting>,
    most: usize,
    timings: &Timings,
) {
    let mut batch = Vec::with_capacity(most);
    while receiver.recv_many(&mut batch, most).await > 0 {
        let (posts, askers): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
        let began = Instant::now();
        let answers = messaging.post_all(posts).await;
        timings.record("stored", "batch of messages", began.elapsed());
        for (asker, answer) in askers.into_iter().zip(answers) {
            // Whoever hung up has lost interest in the answer, not in the message.
            let _ = asker.send(answer);
        }
    }
}
