//! News of people, as each of those who are connected may see it.

use std::sync::Arc;

use parlor_domain::{User, UserId, Viewer};
use parlor_wire::{self as wire, PresenceSource, Sight};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::Hub;
use crate::connection::{Control, Ephemeral};
use crate::frames::{Blocks, Presences, ServerFrame, UserChanged, encode};

impl Hub {
    /// Tells everybody of a person who changed: everybody is in the lobby, so everybody shares a
    /// conversation. Most are told the same, encoded once.
    pub(super) fn tell_of(&self, user: &User, known: &dyn PresenceSource) {
        let frame = |source: &dyn PresenceSource| {
            encode(&ServerFrame::User(UserChanged { user: wire::User::render(user, source) }))
        };
        let ordinary = frame(known);
        for mailbox in self.state().all.values() {
            let seen = match mailbox.view() {
                Some(viewer) if !viewer.is_ordinary() => frame(&Sight { known, viewer: &viewer }),
                _ => ordinary.clone(),
            };
            mailbox.put_control(Control::Notice(seen));
        }
    }

    /// Shows everybody who came, went, or wants to be seen otherwise.
    pub(crate) fn show_presences(&self, users: &[wire::Presence]) {
        let ordinary = presences(users.to_vec());
        for mailbox in self.state().all.values() {
            let frame = match mailbox.view() {
                Some(viewer) if !viewer.is_ordinary() => presences(seen_by(&viewer, users)),
                _ => ordinary.clone(),
            };
            mailbox.put_ephemeral(Ephemeral { conversation: None, frame });
        }
    }

    /// From now on a person sees something else of others. Who is not to be seen any more leaves, as
    /// far as they can tell.
    pub(super) fn view_changed(&self, view: &Arc<Viewer>, known: &dyn PresenceSource) {
        let devices = self.state().people.get(&view.user).cloned().unwrap_or_default();
        for device in devices {
            let Some(before) = device.set_view(Arc::clone(view)) else { continue };
            if before.blocked != view.blocked {
                let blocked = view.blocked.iter().map(|user| user.as_uuid()).collect();
                device.put_control(Control::Notice(encode(&ServerFrame::Blocks(Blocks { blocked }))));
            }
            let sight = Sight { known, viewer: view };
            let now = |user: &UserId| wire::Presence {
                user: user.as_uuid(),
                state: sight.presence_of(*user),
                last_seen_at: None,
            };
            let all = [&before.blocked, &before.blocked_by, &view.blocked, &view.blocked_by];
            let differ = all
                .into_iter()
                .flatten()
                .filter(|user| before.is_apart_from(**user) != view.is_apart_from(**user));
            let changes: Vec<_> = differ.map(now).collect();
            if !changes.is_empty() {
                device.put_control(Control::Notice(presences(changes)));
            }
        }
    }

    /// A person changed what they share, and so what they see.
    pub(super) fn shares(&self, user: &User) {
        let devices = self.state().people.get(&user.id).cloned().unwrap_or_default();
        for device in devices {
            if let Some(view) = device.view().filter(|view| view.sees_last_seen != user.shares_last_seen) {
                let sees_last_seen = user.shares_last_seen;
                device.set_view(Arc::new(Viewer { sees_last_seen, ..(*view).clone() }));
            }
        }
    }
}

fn presences(users: Vec<wire::Presence>) -> Utf8Bytes {
    encode(&ServerFrame::Presences(Presences { users }))
}

fn seen_by(viewer: &Viewer, users: &[wire::Presence]) -> Vec<wire::Presence> {
    let may_see = |presence: &&wire::Presence| !viewer.is_apart_from(UserId::from_uuid(presence.user));
    let seen = users.iter().filter(may_see).cloned();
    if viewer.sees_last_seen {
        return seen.collect();
    }
    seen.map(|presence| wire::Presence { last_seen_at: None, ..presence }).collect()
}
