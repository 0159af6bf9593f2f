use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Actor, Authenticated, ConversationId};
use uuid::Uuid;

use super::bucket::Bucket;
use super::events::{Action, Event, Job, Loaded, Phase};
use super::refusals::Refusal;
use super::tracks::Tracks;
use super::window::Window;
use crate::frames::{CloseReason, Done, Posted, ServerFrame, encode};
use crate::metrics::Metrics;
use crate::settings::Settings;

/// How long to wait before asking a store again that could not answer.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// What all connections have in common.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) settings: Settings,
    pub(crate) metrics: Arc<Metrics>,
    /// The database's own id.
    pub(crate) epoch: Uuid,
}

/// What a connection does, as a pure state machine: events go in with the present moment, actions
/// and jobs come out. It knows no socket, no task and no clock, so that tests can put it through
/// anything.
///
/// Its promise, for each conversation: entries are sent in order, each once, without a gap, never
/// behind the entry that ended the membership, and never more than the window admits.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(super) common: Arc<Common>,
    pub(super) phase: Phase,
    pub(super) who: Option<Authenticated>,
    pub(super) tracks: Tracks,
    pub(super) window: Window,
    pub(super) bucket: Bucket,
    pub(super) wants: Wants,
    actions: VecDeque<Action>,
    /// Whether a job is being done.
    busy: bool,
    /// Whether that job reads memberships.
    holds_mail: bool,
    /// The store failed: nothing is asked of it before this moment.
    pause_until: Duration,
    /// Posts and changes of messages that are not answered yet.
    pub(super) posting: usize,
}

/// What is to be fetched when nothing is being fetched.
#[derive(Debug, Default)]
pub(super) struct Wants {
    pub(super) first: Option<Job>,
    pub(super) recheck: bool,
    pub(super) resync: bool,
    pub(super) views: Vec<ConversationId>,
    pub(super) heads: Vec<ConversationId>,
}

impl Machine {
    pub(crate) fn new(common: Arc<Common>, who: Option<Authenticated>) -> Self {
        let settings = &common.settings;
        Self {
            phase: Phase::Anonymous,
            who: None,
            tracks: Tracks::default(),
            window: Window::new(settings.window_entries, settings.window_bytes),
            bucket: Bucket::new(settings.commands_per_second, settings.commands_burst),
            wants: Wants { first: who.map(Job::Confirm), ..Wants::default() },
            actions: VecDeque::new(),
            busy: false,
            holds_mail: false,
            pause_until: Duration::ZERO,
            posting: 0,
            common,
        }
    }

    /// Takes in what happened at `now`.
    pub(crate) fn handle(&mut self, event: Event<'_>, now: Duration) {
        if matches!(self.phase, Phase::Over) {
            return;
        }
        match event {
            Event::End(reason) => self.end(reason),
            Event::Posted(re, result) => self.posted(re, result),
            Event::Changed(re, result) => self.changed(re, result),
            // One that is ending hears and says nothing more than the answers it owes.
            _ if matches!(self.phase, Phase::Ending(_)) => {}
            Event::Frame(text) => self.frame(text, now),
            Event::Mail(mail) => self.mail(mail),
            Event::Loaded(loaded) => self.loaded(loaded, now),
            Event::Typed(re, Ok(())) => self.done(re),
            Event::Typed(re, Err(wait)) => self.refuse(re, Refusal::rate_limited(wait)),
            Event::Answered => self.wants.recheck = true,
        }
    }

    /// The next thing to do, in order.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Whether fewer than so many actions wait.
    pub(crate) fn has_little_to_do(&self, most: usize) -> bool {
        self.actions.len() < most
    }

    /// The next thing to fetch, when nothing is being fetched. What comes of it is to be told as
    /// [`Event::Loaded`].
    pub(crate) fn next_job(&mut self, now: Duration) -> Option<Job> {
        if self.busy || now < self.pause_until || matches!(self.phase, Phase::Ending(_) | Phase::Over) {
            return None;
        }
        let job = self.choose_job()?;
        self.busy = true;
        self.holds_mail = matches!(job, Job::Snapshot | Job::View(_));
        Some(job)
    }

    fn choose_job(&mut self) -> Option<Job> {
        if let Some(job) = self.wants.first.take() {
            return Some(job);
        }
        if self.who.is_some() && std::mem::take(&mut self.wants.recheck) {
            return Some(Job::Recheck);
        }
        if self.phase != Phase::Live {
            return None;
        }
        if std::mem::take(&mut self.wants.resync) {
            return Some(Job::Snapshot);
        }
        if !self.wants.views.is_empty() {
            return Some(Job::View(self.wants.views.remove(0)));
        }
        if !self.wants.heads.is_empty() {
            return Some(Job::Heads(std::mem::take(&mut self.wants.heads)));
        }
        let room = u32::try_from(self.window.room()).unwrap_or(u32::MAX);
        if room == 0 {
            return None;
        }
        let (conversation, after) = self.tracks.take_turn()?;
        let limit = room.min(self.common.settings.page_entries);
        Some(Job::Page(conversation, after, limit))
    }

    /// When something has to be looked at again without anything happening.
    pub(crate) fn wakes_at(&self) -> Option<Duration> {
        (self.pause_until > Duration::ZERO).then_some(self.pause_until)
    }

    /// Whether the client's next frame may be read: not while it is found out who it is, nor
    /// while as many of its posts wait as may.
    pub(crate) fn reads(&self) -> bool {
        let finding_out = self.phase == Phase::Anonymous && (self.busy || self.wants.first.is_some());
        self.posting < self.common.settings.posts_in_flight && !self.is_ending() && !finding_out
    }

    /// Whether the mailbox may be emptied: not while memberships are being read, because what
    /// changes meanwhile is applied after it.
    pub(crate) fn takes_mail(&self) -> bool {
        self.phase == Phase::Live && !self.holds_mail
    }

    pub(crate) fn is_known(&self) -> bool {
        self.who.is_some()
    }

    pub(crate) fn is_ending(&self) -> bool {
        matches!(self.phase, Phase::Ending(_) | Phase::Over)
    }

    /// Who the connection belongs to, once known.
    pub(crate) fn who(&self) -> Option<&Authenticated> {
        self.who.as_ref()
    }

    pub(super) fn actor(&self) -> Option<Actor> {
        self.who.as_ref().map(|who| who.actor)
    }

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    pub(super) fn send(&mut self, frame: &ServerFrame) {
        self.act(Action::Send(encode(frame)));
    }

    pub(super) fn done(&mut self, re: u64) {
        self.send(&ServerFrame::Done(Done { re }));
    }

    pub(super) fn refuse(&mut self, re: u64, refusal: Refusal) {
        self.send(&refusal.answer(re));
    }

    fn posted(&mut self, re: u64, result: Result<parlor_domain::Posted, parlor_domain::PostError>) {
        self.posting = self.posting.saturating_sub(1);
        match result {
            Ok(posted) => self.send(&ServerFrame::Posted(Posted {
                re,
                seq: posted.entry.seq,
                message_id: posted.message.as_uuid(),
                created_at: posted.entry.created_at.into(),
                duplicate: posted.duplicate,
            })),
            Err(error) => self.refuse(re, Refusal::from(&error)),
        }
        self.close_when_answered();
    }

    fn changed(&mut self, re: u64, result: Result<parlor_domain::Changed, parlor_domain::ChangeError>) {
        self.posting = self.posting.saturating_sub(1);
        match result {
            Ok(_) => self.done(re),
            Err(error) => self.refuse(re, Refusal::from(&error)),
        }
        self.close_when_answered();
    }

    fn loaded(&mut self, loaded: Loaded, now: Duration) {
        self.busy = false;
        self.holds_mail = false;
        self.pause_until = Duration::ZERO;
        match loaded {
            Loaded::Known(re, Ok(who)) => self.known(re, who),
            Loaded::Known(re, Err(refusal)) => self.refuse(re, refusal),
            Loaded::Confirmed(who) => {
                self.who = Some(who);
                self.phase = Phase::Known;
            }
            // It has a place in the hub already and cannot try again on this connection.
            Loaded::Unavailable => self.end(CloseReason::Restarting),
            Loaded::Crowded => self.end(CloseReason::TooManyConnections),
            Loaded::Rechecked(Some(who)) => self.who = Some(who),
            Loaded::Rechecked(None) => self.end(CloseReason::SessionEnded),
            Loaded::Snapshot(snapshot) => self.snapshot(*snapshot),
            Loaded::View(conversation, place) => self.viewed(conversation, place),
            Loaded::Heads(heads) => {
                for (conversation, head) in heads {
                    self.reaches(conversation, head);
                }
            }
            Loaded::Page(conversation, page) => self.page(conversation, page),
            Loaded::Failed(job) => self.failed(job, now),
        }
    }

    /// What could not be fetched is fetched again after a pause; pages are asked for anyway.
    fn failed(&mut self, job: Job, now: Duration) {
        self.pause_until = now + STORE_PAUSE;
        match job {
            Job::Authenticate(_) | Job::Page(..) => {}
            Job::Recheck => self.wants.recheck = true,
            Job::Snapshot if self.phase == Phase::Live => self.wants.resync = true,
            Job::Confirm(_) | Job::Snapshot => self.wants.first = Some(job),
            Job::View(conversation) => self.wants.views.push(conversation),
            Job::Heads(conversations) => self.wants.heads.extend(conversations),
        }
    }

    /// Ends the connection. When it ends because the server restarts, posts in flight are
    /// answered first; otherwise nothing follows, not even what was queued.
    fn end(&mut self, reason: CloseReason) {
        match (&self.phase, reason) {
            (Phase::Ending(_), CloseReason::Restarting) => {}
            (_, CloseReason::Restarting | CloseReason::Protocol | CloseReason::Rate) => {
                self.phase = Phase::Ending(reason);
                self.close_when_answered();
            }
            _ => {
                self.actions.clear();
                self.close(reason);
            }
        }
    }

    pub(super) fn close_when_answered(&mut self) {
        if let Phase::Ending(reason) = self.phase
            && self.posting == 0
        {
            self.close(reason);
        }
    }

    fn close(&mut self, reason: CloseReason) {
        self.phase = Phase::Over;
        self.act(Action::Close(reason));
    }

    pub(super) fn break_off(&mut self, reason: CloseReason) {
        self.end(reason);
    }
}
