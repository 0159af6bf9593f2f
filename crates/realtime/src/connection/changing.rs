//! Changes of messages that one client asked for: one after the other, so that of two edits the
//! later one stays.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parlor_domain::{ChangeError, Changed, Messaging};

use super::events::Change;

type Answer = Result<Changed, ChangeError>;

/// Those that wait, and the one that is being made.
#[derive(Default)]
pub(super) struct Changing {
    waiting: VecDeque<(u64, Box<Change>)>,
    current: Option<(u64, BoxFuture<'static, Answer>)>,
}

impl Changing {
    /// Waits for its turn.
    pub(super) fn push(&mut self, re: u64, change: Box<Change>) {
        self.waiting.push_back((re, change));
    }

    /// The next one that was made or refused.
    pub(super) fn poll(&mut self, messaging: &Arc<Messaging>, cx: &mut Context<'_>) -> Option<(u64, Answer)> {
        if self.current.is_none() {
            let (re, change) = self.waiting.pop_front()?;
            self.current = Some((re, make(Arc::clone(messaging), *change).boxed()));
        }
        let (re, current) = self.current.as_mut()?;
        let Poll::Ready(answer) = current.poll_unpin(cx) else { return None };
        let re = *re;
        self.current = None;
        Some((re, answer))
    }
}

async fn make(messaging: Arc<Messaging>, change: Change) -> Answer {
    match change {
        Change::Edit(actor, message, body) => messaging.edit(&actor, message, body).await,
        Change::Delete(actor, message) => messaging.delete(&actor, message).await,
        Change::React(actor, message, emoji, wanted) => messaging.react(&actor, message, emoji, wanted).await,
    }
}
