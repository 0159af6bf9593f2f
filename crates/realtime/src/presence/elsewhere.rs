use std::collections::HashMap;

use parlor_domain::{NodeId, Presence, PresentUser, UserId};

/// Who is connected to other nodes. Bounded by the number of people and nodes.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    people: HashMap<UserId, Vec<(NodeId, Presence)>>,
}

impl Elsewhere {
    /// How this person is seen there: where two nodes differ, the one that shows less counts.
    pub(super) fn of(&self, user: UserId) -> Option<Presence> {
        self.people.get(&user)?.iter().map(|(_, presence)| *presence).max()
    }

    /// Notes how somebody is seen on a node; answers how they were seen there before.
    pub(super) fn set(&mut self, node: NodeId, user: UserId, presence: Option<Presence>) -> Option<Presence> {
        let nodes = self.people.entry(user).or_default();
        let before =
            nodes.iter().position(|(known, _)| *known == node).map(|place| nodes.swap_remove(place).1);
        nodes.extend(presence.map(|presence| (node, presence)));
        if nodes.is_empty() {
            self.people.remove(&user);
        }
        before
    }

    /// Notes everybody anew; answers who is seen differently now, and whether they left.
    pub(super) fn replace(&mut self, present: &[PresentUser]) -> Vec<(UserId, bool)> {
        let mut people: HashMap<UserId, Vec<(NodeId, Presence)>> = HashMap::new();
        for PresentUser { node, user, presence } in present {
            people.entry(*user).or_default().push((*node, *presence));
        }
        let before = std::mem::replace(&mut self.people, people);
        let came = self.people.keys().filter(|user| !before.contains_key(user)).map(|user| (*user, false));
        let changed = before.iter().filter_map(|(user, nodes)| {
            let was = nodes.iter().map(|(_, presence)| *presence).max();
            let is = self.of(*user);
            (was != is).then_some((*user, is.is_none() && was != Some(Presence::Invisible)))
        });
        came.chain(changed).collect()
    }
}
