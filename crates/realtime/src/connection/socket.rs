use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Sink, SinkExt, StreamExt};
use parlor_domain::{Authenticated, CursorQueue, PostError, Posted, Presence};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};

use super::changing::Changing;
use super::events::{Action, Event, Loaded, Mail};
use super::jobs::{Asker, Desk};
use super::machine::{Common, Machine};
use super::pulse::{Due, Pulse};
use crate::frames::{Bye, CloseReason, ServerFrame, encode};
use crate::hub::Seat;
use crate::presence::Stay;
use crate::settings::Settings;

/// Actions that wait for the socket; beyond it nothing new is taken in.
const WAITING: usize = 32;

/// How long a client may take to hear goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Why the loop is over.
enum Over {
    /// The server says so.
    Closed(CloseReason),
    /// The client is gone.
    Gone,
}

/// The loop around one socket: it moves bytes and runs what the machine asks for, and decides
/// nothing itself.
pub(crate) struct Connection<S> {
    socket: WebSocketStream<S>,
    machine: Machine,
    seat: Seat,
    common: Arc<Common>,
    desk: Arc<Desk>,
    began: Instant,
    pulse: Pulse,
    timer: Pin<Box<Sleep>>,
    /// The mail being read; its space is used again.
    mail: Mail,
    job: Option<BoxFuture<'static, Loaded>>,
    /// Posts in the order they were handed in, which is the order they are answered.
    posts: VecDeque<(u64, oneshot::Receiver<Result<Posted, PostError>>)>,
    changing: Changing,
    choice: Option<Presence>,
    /// Set from hello on.
    stay: Option<Stay>,
    unflushed: bool,
    over: Option<Over>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Connection<S> {
    pub(crate) fn new(
        socket: WebSocketStream<S>,
        seat: Seat,
        desk: Arc<Desk>,
        common: Arc<Common>,
        who: Option<Authenticated>,
    ) -> Self {
        Self {
            machine: Machine::new(Arc::clone(&common), who),
            socket,
            seat,
            desk,
            began: Instant::now(),
            pulse: Pulse::default(),
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            mail: Mail::default(),
            job: None,
            posts: VecDeque::new(),
            changing: Changing::default(),
            choice: None,
            stay: None,
            unflushed: false,
            over: None,
            common,
        }
    }

    /// Serves the client until it goes or has to go.
    pub(crate) async fn run(mut self) {
        let over = poll_fn(|cx| self.poll(cx)).await;
        let Self { socket, seat, common, stay, .. } = self;
        let id = seat.mailbox().id;
        // The place is free before goodbye is said, so that nothing is put into the mailbox of one
        // who goes.
        drop((seat, stay));
        if let Over::Closed(reason) = over {
            if reason == CloseReason::TooSlow {
                common.metrics.too_slow.one();
            }
            let hint = retry_hint(reason, id, common.settings.retry_within);
            // Boxed, so that a connection is not larger all its life for its last moment.
            goodbye(socket, reason, hint).boxed().await;
        }
    }

    /// Says goodbye to a client there is no place for.
    pub(crate) async fn refuse(socket: WebSocketStream<S>, reason: CloseReason, settings: &Settings) {
        goodbye(socket, reason, retry_hint(reason, 0, settings.retry_within)).boxed().await;
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Over> {
        self.seat.mailbox().register(cx.waker());
        if let Some(reason) = self.seat.mailbox().ending() {
            self.machine.handle(Event::End(reason), self.now());
        }
        loop {
            let mut progress = self.act(cx);
            if self.machine.has_little_to_do(WAITING) && self.over.is_none() {
                progress |= self.read_mail();
                progress |= self.read_answers(cx);
                progress |= self.read_changes(cx);
                progress |= self.work(cx);
                progress |= self.read_frame(cx);
            }
            progress |= self.keep_time(cx);
            if let Some(over) = self.over.take() {
                return Poll::Ready(over);
            }
            if !progress && self.flush(cx) {
                return Poll::Pending;
            }
        }
    }

    /// Does what the machine wants, as far as the socket takes it; whether anything was done.
    /// Everything that is ready is handed over before it is flushed once.
    fn act(&mut self, cx: &mut Context<'_>) -> bool {
        let mut progress = false;
        while self.over.is_none() {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => self.over = Some(Over::Gone),
                Poll::Pending => break,
            }
            let Some(action) = self.machine.next_action() else { break };
            progress = true;
            self.perform(action);
        }
        progress
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Send(frame) => self.write(Message::Text(frame)),
            Action::Post(re, post) => match self.desk.services.posts.submit(*post) {
                Ok(answer) => self.posts.push_back((re, answer)),
                Err(error) => self.tell(Event::Posted(re, Err(error))),
            },
            Action::Change(re, change) => self.changing.push(re, change),
            Action::Move(step) => self.desk.services.cursors.push(step),
            Action::Type(re, conversation) => {
                let Some(user) = self.machine.who().map(|who| who.actor.user) else { return };
                let result = self.desk.hub.typing(user, conversation);
                self.tell(Event::Typed(re, result));
            }
            Action::Show(choice) => self.show(choice),
            Action::Subscribe(conversations) => self.seat.subscribe(&conversations),
            Action::Unsubscribe(conversation) => self.seat.unsubscribe(conversation),
            Action::Listen => {
                self.seat.mailbox().listen();
                self.arrive();
            }
            Action::Close(reason) => self.over = Some(Over::Closed(reason)),
        }
    }

    fn tell(&mut self, event: Event<'_>) {
        let now = self.now();
        self.machine.handle(event, now);
    }

    fn write(&mut self, message: Message) {
        self.unflushed = true;
        if Pin::new(&mut self.socket).start_send(message).is_err() {
            self.over = Some(Over::Gone);
        }
    }

    /// Flushes what was written; whether there is nothing more to do for now.
    fn flush(&mut self, cx: &mut Context<'_>) -> bool {
        let mut blocked = false;
        if self.unflushed {
            match Pin::new(&mut self.socket).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(_)) => {
                    self.over = Some(Over::Gone);
                    return false;
                }
                Poll::Pending => blocked = true,
            }
        }
        let now = self.now();
        if self.pulse.block(blocked, now) {
            // The next deadline may have come nearer; and what waits may go on now.
            self.timer.as_mut().reset(Instant::now());
            return false;
        }
        true
    }

    fn read_mail(&mut self) -> bool {
        if !self.machine.takes_mail() || !self.seat.mailbox().take(&mut self.mail) {
            return false;
        }
        let now = self.now();
        self.machine.handle(Event::Mail(&mut self.mail), now);
        true
    }

    fn read_answers(&mut self, cx: &mut Context<'_>) -> bool {
        let Some((re, answer)) = self.posts.front_mut() else { return false };
        let Poll::Ready(answer) = answer.poll_unpin(cx) else { return false };
        let re = *re;
        self.posts.pop_front();
        self.common.metrics.posts.one();
        self.tell(Event::Posted(re, answer.unwrap_or(Err(PostError::Busy))));
        true
    }

    fn read_changes(&mut self, cx: &mut Context<'_>) -> bool {
        let Some((re, answer)) = self.changing.poll(&self.desk.services.messaging, cx) else { return false };
        self.tell(Event::Changed(re, answer));
        true
    }

    fn work(&mut self, cx: &mut Context<'_>) -> bool {
        let now = self.now();
        if self.job.is_none()
            && let Some(job) = self.machine.next_job(now)
        {
            let asker = Asker {
                mailbox: Arc::clone(self.seat.mailbox()),
                who: self.machine.who().cloned(),
                from: self.seat.guest(),
            };
            self.job = Some(Arc::clone(&self.desk).work(asker, job).boxed());
        }
        let Some(job) = &mut self.job else { return false };
        let Poll::Ready(loaded) = job.poll_unpin(cx) else { return false };
        self.job = None;
        self.tell(Event::Loaded(loaded));
        if self.machine.is_known() {
            self.seat.is_known();
        }
        if self.machine.wakes_at().is_some() {
            self.timer.as_mut().reset(Instant::now());
        }
        true
    }

    fn read_frame(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.machine.reads() {
            return false;
        }
        let Poll::Ready(message) = self.socket.poll_next_unpin(cx) else { return false };
        let now = self.now();
        self.pulse.hear(now);
        match message {
            Some(Ok(Message::Text(text))) => self.tell(Event::Frame(text.as_str())),
            Some(Ok(Message::Pong(_))) => self.tell(Event::Answered),
            // The library answers these by itself; the answer has to be flushed.
            Some(Ok(Message::Ping(_) | Message::Close(_))) => self.unflushed = true,
            Some(Ok(Message::Binary(_) | Message::Frame(_))) => self.tell(Event::End(CloseReason::Protocol)),
            Some(Err(Error::Capacity(_) | Error::Utf8(_))) => {
                self.over = Some(Over::Closed(CloseReason::Protocol));
            }
            Some(Err(_)) | None => self.over = Some(Over::Gone),
        }
        true
    }

    fn keep_time(&mut self, cx: &mut Context<'_>) -> bool {
        if self.timer.poll_unpin(cx).is_pending() {
            return false;
        }
        let now = self.now();
        match self.pulse.due(self.machine.is_known(), &self.common.settings, now) {
            Due::Nothing(next) => {
                // A pause after a failure of the store is over by then, too.
                let next = self.machine.wakes_at().filter(|at| *at > now).map_or(next, |at| at.min(next));
                self.timer.as_mut().reset(self.began + next);
            }
            Due::Ping => {
                self.pulse.ask(now);
                self.write(Message::Ping(Bytes::new()));
            }
            Due::Dead => self.over = Some(Over::Gone),
            Due::Blocked => self.over = Some(Over::Closed(CloseReason::TooSlow)),
            Due::Unknown => self.over = Some(Over::Closed(CloseReason::Protocol)),
        }
        true
    }

    fn arrive(&mut self) {
        if let Some(who) = self.machine.who()
            && self.stay.is_none()
        {
            let stored = self.seat.mailbox().view().map_or(Presence::Online, |view| view.presence);
            self.stay = Some(Stay::begin(&self.desk.people, who.actor.user, self.choice, stored));
        }
    }

    /// A choice made before hello counts from the first moment on.
    fn show(&mut self, choice: Presence) {
        self.choice = Some(choice);
        if let Some(stay) = &self.stay {
            self.desk.people.choose(stay.user(), choice);
        }
    }
}

/// When to come back, each connection at another moment: the golden ratio spreads consecutive
/// numbers evenly.
fn retry_hint(reason: CloseReason, id: u64, within: Duration) -> Option<u64> {
    let within = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
    match reason {
        CloseReason::Restarting => Some(((id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) * within) >> 32),
        CloseReason::Rate | CloseReason::TooManyConnections => Some(within),
        _ => None,
    }
}

/// Says why and closes, as far as the client still listens.
async fn goodbye<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    reason: CloseReason,
    retry: Option<u64>,
) {
    let bye = Bye { code: reason.code(), reason: reason.text().to_owned(), retry_after_ms: retry };
    let close = CloseFrame { code: reason.code().into(), reason: Utf8Bytes::from_static(reason.text()) };
    let parting = async {
        socket.feed(Message::Text(encode(&ServerFrame::Bye(bye)))).await?;
        socket.send(Message::Close(Some(close))).await?;
        // Until the client closes too; what it still sends is of no interest.
        while let Some(Ok(_)) = socket.next().await {}
        Ok::<_, Error>(())
    };
    let _ = tokio::time::timeout(GOODBYE, parting).await;
}
