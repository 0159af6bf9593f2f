use std::net::IpAddr;
use std::sync::Arc;

use parlor_domain::{Authenticated, ConversationId};

use super::Hub;
use crate::connection::Mailbox;

/// A connection's place in the hub. Dropping it, also in a panic, frees the place.
#[derive(Debug)]
pub(crate) struct Seat {
    hub: Arc<Hub>,
    mailbox: Arc<Mailbox>,
    /// Where a guest comes from; `None` once known.
    guest: Option<IpAddr>,
    rooms: Vec<ConversationId>,
}

impl Seat {
    pub(super) fn new(hub: Arc<Hub>, mailbox: Arc<Mailbox>, guest: Option<IpAddr>) -> Self {
        Self { hub, mailbox, guest, rooms: Vec::new() }
    }

    pub(crate) fn mailbox(&self) -> &Arc<Mailbox> {
        &self.mailbox
    }

    /// Where the connection comes from, while nobody knows whose it is.
    pub(crate) fn guest(&self) -> Option<IpAddr> {
        self.guest
    }

    /// The connection is known now, or about to be: it no longer counts as a guest.
    pub(crate) fn is_known(&mut self) {
        if let Some(ip) = self.guest.take() {
            self.hub.leave_guests(ip);
        }
    }

    /// From now on entries of these conversations arrive.
    pub(crate) fn subscribe(&mut self, conversations: &[(ConversationId, u64)]) {
        for (conversation, _) in conversations {
            if !self.rooms.contains(conversation) {
                self.rooms.push(*conversation);
            }
        }
        self.hub.subscribe(&self.mailbox, conversations);
    }

    /// No longer.
    pub(crate) fn unsubscribe(&mut self, conversation: ConversationId) {
        self.rooms.retain(|room| *room != conversation);
        self.hub.unsubscribe(&self.mailbox, conversation);
    }
}

impl Hub {
    /// Puts a connection under its person; false when they have too many.
    pub(crate) fn admit(&self, mailbox: &Arc<Mailbox>, who: &Authenticated) -> bool {
        self.register(mailbox, who)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.is_known();
        self.hub.deregister(&self.mailbox, &self.rooms);
    }
}
