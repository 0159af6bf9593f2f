use std::collections::HashMap;
use std::time::Duration;

use parlor_domain::{NodeId, Presence, PresentUser, UserId};
use tokio::time::Instant;

/// What was heard is newer than what is read for so long: nodes write who is connected to them a
/// little later than they ring.
const NEWER: Duration = Duration::from_secs(3);

/// Who is connected to other nodes. Bounded by the number of people and nodes.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    people: HashMap<UserId, Vec<(NodeId, Presence)>>,
    /// What was heard lately.
    heard: HashMap<(NodeId, UserId), (Instant, Option<Presence>)>,
}

impl Elsewhere {
    /// How this person is seen there: where two nodes differ, the one that shows less counts.
    pub(super) fn of(&self, user: UserId) -> Option<Presence> {
        self.people.get(&user)?.iter().map(|(_, presence)| *presence).max()
    }

    /// All of them, each once.
    pub(super) fn users(&self) -> impl Iterator<Item = UserId> {
        self.people.keys().copied()
    }

    /// Notes how somebody is seen on a node, as was just heard; answers how they were seen there
    /// before.
    pub(super) fn set(&mut self, node: NodeId, user: UserId, presence: Option<Presence>) -> Option<Presence> {
        self.heard.insert((node, user), (Instant::now(), presence));
        self.put(node, user, presence)
    }

    fn put(&mut self, node: NodeId, user: UserId, presence: Option<Presence>) -> Option<Presence> {
        let nodes = self.people.entry(user).or_default();
        let known = nodes.iter().position(|(known, _)| *known == node);
        let before = known.map(|place| nodes.swap_remove(place).1);
        nodes.extend(presence.map(|presence| (node, presence)));
        if nodes.is_empty() {
            self.people.remove(&user);
        }
        before
    }

    /// Notes everybody anew, as was just read; answers who is seen differently now, and whether
    /// they left.
    pub(super) fn replace(&mut self, present: &[PresentUser]) -> Vec<(UserId, bool)> {
        let before = std::mem::take(&mut self.people);
        for PresentUser { node, user, presence } in present {
            self.people.entry(*user).or_default().push((*node, *presence));
        }
        let now = Instant::now();
        self.heard.retain(|_, (at, _)| now.duration_since(*at) < NEWER);
        let heard: Vec<_> = self.heard.iter().map(|(whom, (_, presence))| (*whom, *presence)).collect();
        for ((node, user), presence) in heard {
            self.put(node, user, presence);
        }
        let came = self.people.keys().filter(|user| !before.contains_key(user)).map(|user| (*user, false));
        let changed = before.iter().filter_map(|(user, nodes)| {
            let was = nodes.iter().map(|(_, presence)| *presence).max();
            let is = self.of(*user);
            (was != is).then_some((*user, is.is_none() && was != Some(Presence::Invisible)))
        });
        came.chain(changed).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANA: UserId = UserId::from_uuid(Uuid::from_u128(1));
    const ONE: NodeId = NodeId::from_uuid(Uuid::from_u128(2));
    const TWO: NodeId = NodeId::from_uuid(Uuid::from_u128(3));

    fn present(node: NodeId, presence: Presence) -> PresentUser {
        PresentUser { node, user: ANA, presence }
    }

    #[tokio::test(start_paused = true)]
    async fn of_two_nodes_the_one_that_shows_less_counts() {
        let mut elsewhere = Elsewhere::default();
        assert_eq!(elsewhere.set(ONE, ANA, Some(Presence::Online)), None);
        elsewhere.set(TWO, ANA, Some(Presence::Invisible));
        assert_eq!(elsewhere.of(ANA), Some(Presence::Invisible));
        assert_eq!(elsewhere.set(TWO, ANA, None), Some(Presence::Invisible));
        assert_eq!(elsewhere.of(ANA), Some(Presence::Online));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_just_heard_is_newer_than_what_is_read() {
        let mut elsewhere = Elsewhere::default();
        elsewhere.set(ONE, ANA, Some(Presence::Online));
        assert_eq!(elsewhere.replace(&[]), []);
        assert_eq!(elsewhere.of(ANA), Some(Presence::Online));
        tokio::time::advance(NEWER).await;
        assert_eq!(elsewhere.replace(&[]), [(ANA, true)], "the lease of her node is over");
        elsewhere.set(ONE, ANA, None);
        assert_eq!(elsewhere.replace(&[present(ONE, Presence::Online)]), []);
        tokio::time::advance(NEWER).await;
        assert_eq!(elsewhere.replace(&[present(ONE, Presence::Away)]), [(ANA, false)]);
    }
}
