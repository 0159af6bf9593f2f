//! Who is connected, and who of them is to hear of what.

mod fanout;
mod heads;
mod inlet;
mod maintenance;
mod notifying;
mod seat;
mod views;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_domain::{Authenticated, ConversationId, Event, SessionId, UserId};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;

pub(crate) use fanout::{Fanout, line};
pub(crate) use heads::watch_heads;
pub use inlet::Inlet;
pub(crate) use inlet::Outlet;
pub(crate) use maintenance::watch_maintenance;
pub(crate) use seat::Seat;

use crate::connection::{Batch, Control, Ephemeral, Mailbox};
use crate::frames::{CloseReason, ServerFrame, Typed, encode};
use crate::metrics::Metrics;
use crate::nodes::{Bell, Ringer};
use crate::settings::Settings;

/// Connections by person, and members online by conversation: an entry costs as much as there
/// are members online, however many people are connected.
#[derive(Debug)]
pub(crate) struct Hub {
    settings: Settings,
    metrics: Arc<Metrics>,
    /// How the other nodes are rung, when there are others.
    ringer: Option<Arc<Ringer>>,
    next_id: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    all: HashMap<u64, Arc<Mailbox>>,
    people: HashMap<UserId, Vec<Arc<Mailbox>>>,
    rooms: HashMap<ConversationId, Room>,
    /// Sockets by address that have not said who they are.
    guests: HashMap<IpAddr, usize>,
    /// What people get to read during maintenance, as they were told last.
    maintenance: Option<String>,
    closing: bool,
}

/// What is heard from elsewhere than the store's own events.
#[derive(Debug)]
pub(crate) enum News {
    /// Something that another node committed.
    Event(Event),
    /// A log reaches at least this far.
    Reached(ConversationId, u64),
}

/// A conversation with members online.
#[derive(Debug)]
struct Room {
    /// The newest entry that was handed out; who came later has read further by themselves.
    handed: u64,
    members: Vec<Arc<Mailbox>>,
    /// Who typed lately.
    typed: Vec<(UserId, Instant)>,
}

impl Hub {
    pub(crate) fn new(settings: Settings, metrics: Arc<Metrics>, ringer: Option<Arc<Ringer>>) -> Self {
        Self { settings, metrics, ringer, next_id: AtomicU64::new(1), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A seat for a socket from this address; `None` when too many from there have not said who
    /// they are. One that brought good credentials along is not counted among those.
    pub(crate) fn take_seat(self: &Arc<Self>, ip: IpAddr, is_known: bool) -> Option<Seat> {
        let guest = (!is_known).then(|| network_of(ip));
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mailbox = Arc::new(Mailbox::new(id, Arc::clone(&self.metrics)));
        let mut state = self.state();
        if let Some(ip) = guest {
            let guests = state.guests.entry(ip).or_default();
            if *guests >= self.settings.unauthenticated_per_ip {
                return None;
            }
            *guests += 1;
        }
        if state.closing {
            mailbox.end(CloseReason::Restarting);
        }
        state.all.insert(id, Arc::clone(&mailbox));
        drop(state);
        Some(Seat::new(Arc::clone(self), mailbox, guest))
    }

    /// The socket is this person's; false when they have too many.
    fn register(&self, mailbox: &Arc<Mailbox>, who: &Authenticated) -> bool {
        let mut state = self.state();
        let devices = state.people.entry(who.actor.user).or_default();
        if devices.len() >= self.settings.sockets_per_user {
            return false;
        }
        mailbox.set_owner(who.clone());
        devices.push(Arc::clone(mailbox));
        true
    }

    fn leave_guests(&self, ip: IpAddr) {
        let mut state = self.state();
        if let Some(guests) = state.guests.get_mut(&ip) {
            *guests -= 1;
            if *guests == 0 {
                state.guests.remove(&ip);
            }
        }
    }

    fn deregister(&self, mailbox: &Arc<Mailbox>, rooms: &[ConversationId]) {
        let mut state = self.state();
        state.all.remove(&mailbox.id);
        for conversation in rooms {
            state.leave(*conversation, mailbox);
        }
        if let Some(owner) = mailbox.owner()
            && let Some(devices) = state.people.get_mut(&owner.actor.user)
        {
            devices.retain(|device| !Arc::ptr_eq(device, mailbox));
            if devices.is_empty() {
                state.people.remove(&owner.actor.user);
            }
        }
    }

    fn subscribe(&self, mailbox: &Arc<Mailbox>, conversations: &[(ConversationId, u64)]) {
        let mut state = self.state();
        for (conversation, head) in conversations {
            let fresh = || Room { handed: *head, members: Vec::new(), typed: Vec::new() };
            let room = state.rooms.entry(*conversation).or_insert_with(fresh);
            if !room.members.iter().any(|member| Arc::ptr_eq(member, mailbox)) {
                room.members.push(Arc::clone(mailbox));
            }
        }
    }

    fn unsubscribe(&self, mailbox: &Arc<Mailbox>, conversation: ConversationId) {
        self.state().leave(conversation, mailbox);
    }

    /// Up to where this conversation's log was handed out; `None` when nobody online is in it.
    fn handed(&self, conversation: ConversationId) -> Option<u64> {
        self.state().rooms.get(&conversation).map(|room| room.handed)
    }

    /// Entries for everybody in the conversation who is online.
    fn push_batch(&self, batch: &Arc<Batch>) {
        let mut state = self.state();
        let Some(room) = state.rooms.get_mut(&batch.conversation) else { return };
        if let Some(last) = batch.lines.last() {
            room.handed = room.handed.max(last.seq);
        }
        for member in &room.members {
            member.put_live(batch);
        }
    }

    /// The person came into the conversation: each device finds out what it looks like.
    fn joined(&self, user: UserId, conversation: ConversationId) {
        self.tell(user, &Control::Joined(conversation));
    }

    /// The person is out since this entry: nothing behind it reaches their devices.
    fn left(&self, user: UserId, conversation: ConversationId, seq: u64) {
        let mut state = self.state();
        let Some(devices) = state.people.get(&user).cloned() else { return };
        for device in devices {
            state.leave(conversation, &device);
            device.put_control(Control::Left(conversation, seq));
        }
    }

    /// Nobody is in the conversation any more since this entry.
    fn all_left(&self, conversation: ConversationId, seq: u64) {
        for device in self.state().rooms.remove(&conversation).into_iter().flat_map(|room| room.members) {
            device.put_control(Control::Left(conversation, seq));
        }
    }

    /// Tells all devices of a person.
    fn tell(&self, user: UserId, control: &Control) {
        for device in self.state().people.get(&user).into_iter().flatten() {
            device.put_control(control.clone());
        }
    }

    /// Tells everybody in a conversation who is online.
    fn tell_members(&self, conversation: ConversationId, frame: &Utf8Bytes) {
        for member in self.state().rooms.get(&conversation).into_iter().flat_map(|room| &room.members) {
            member.put_control(Control::About(conversation, frame.clone()));
        }
    }

    /// How many connections there are.
    pub(crate) fn count(&self) -> usize {
        self.state().all.len()
    }

    /// Passes on that somebody is typing; otherwise how many milliseconds it came too early.
    /// Where many are connected nobody needs to know, and it is not passed on.
    pub(crate) fn typing(&self, user: UserId, conversation: ConversationId) -> Result<(), u64> {
        let (now, every) = (Instant::now(), self.settings.typing_every);
        let mut state = self.state();
        let Some(room) = state.rooms.get_mut(&conversation) else { return Ok(()) };
        room.typed.retain(|(_, at)| now.duration_since(*at) < every);
        if let Some((_, at)) = room.typed.iter().find(|(typist, _)| *typist == user) {
            let wait = every.saturating_sub(now.duration_since(*at));
            return Err(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1));
        }
        if room.members.len() <= self.settings.typing_audience {
            room.typed.push((user, now));
            room.show_typing(user, conversation);
            if let Some(ringer) = &self.ringer {
                ringer.ring(Bell::Typing(conversation.as_uuid(), user.as_uuid()));
            }
        }
        Ok(())
    }

    /// Passes on that somebody who is connected to another node is typing.
    pub(crate) fn typed_elsewhere(&self, user: UserId, conversation: ConversationId) {
        if let Some(room) = self.state().rooms.get(&conversation)
            && room.members.len() <= self.settings.typing_audience
        {
            room.show_typing(user, conversation);
        }
    }

    /// Each session that somebody is connected through, with whose it is.
    pub(crate) fn sessions(&self) -> Vec<(UserId, SessionId)> {
        let state = self.state();
        let owners = state.people.values().flatten().filter_map(|device| device.owner());
        let mut sessions: Vec<_> = owners.map(|owner| (owner.actor.user, owner.session)).collect();
        drop(state);
        sessions.sort_unstable();
        sessions.dedup();
        sessions
    }

    /// Whether this person is connected here.
    fn is_connected(&self, user: UserId) -> bool {
        self.state().people.contains_key(&user)
    }

    /// Whether this person is connected, but not as one who is in this conversation.
    pub(crate) fn lacks(&self, user: UserId, conversation: ConversationId) -> bool {
        let state = self.state();
        let listens = |room: &Room| room.members.iter().any(|member| member.belongs_to(user));
        state.people.contains_key(&user) && !state.rooms.get(&conversation).is_some_and(listens)
    }

    /// Ends whatever is connected through a session.
    fn end_session(&self, user: UserId, session: SessionId, reason: CloseReason) {
        for device in self.state().people.get(&user).into_iter().flatten() {
            if device.owner().is_some_and(|owner| owner.session == session) {
                device.end(reason);
            }
        }
    }

    /// News was lost: everybody looks for themselves.
    pub(crate) fn resync_all(&self) {
        self.metrics.overflows.one();
        for mailbox in self.state().all.values() {
            mailbox.put_resync();
        }
    }

    /// Ends every connection, and those that still come.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closing = true;
        for mailbox in state.all.values() {
            mailbox.end(CloseReason::Restarting);
        }
    }

    /// The conversations with members online.
    fn watched(&self) -> Vec<ConversationId> {
        self.state().rooms.keys().copied().collect()
    }

    /// A log reaches further than is handed out: each connection reads it for itself.
    fn fall_behind(&self, conversation: ConversationId, head: u64) {
        let mut state = self.state();
        let Some(room) = state.rooms.get_mut(&conversation) else { return };
        room.handed = room.handed.max(head);
        for member in &room.members {
            member.put_dirty(conversation, head);
        }
    }
}

impl Room {
    fn show_typing(&self, user: UserId, conversation: ConversationId) {
        let typed = Typed { conversation: conversation.as_uuid(), user: user.as_uuid() };
        let frame = encode(&ServerFrame::Typed(typed));
        let hears = |member: &&Arc<Mailbox>| {
            !member.belongs_to(user) && !member.view().is_some_and(|view| view.is_apart_from(user))
        };
        for member in self.members.iter().filter(hears) {
            member.put_ephemeral(Ephemeral { conversation: Some(conversation), frame: frame.clone() });
        }
    }
}

impl State {
    fn leave(&mut self, conversation: ConversationId, mailbox: &Arc<Mailbox>) {
        let Some(room) = self.rooms.get_mut(&conversation) else { return };
        if let Some(place) = room.members.iter().position(|member| Arc::ptr_eq(member, mailbox)) {
            room.members.swap_remove(place);
        }
        if room.members.is_empty() {
            self.rooms.remove(&conversation);
        }
    }
}

/// What counts as one address: with IPv6 the /64, because that is what one customer gets.
fn network_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        ip @ IpAddr::V4(_) => ip,
    }
}
