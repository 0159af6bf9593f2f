use std::time::Duration;

use parlor_domain::{KnownNode, Node, NodeId, Presence, PresentUser, UserId};

use crate::world::{Outcome, World};

impl World {
    fn node(&self, name: &str) -> Node {
        Node {
            id: NodeId::from_uuid(self.id()),
            name: name.into(),
            version: "1.0.0".into(),
            address: "127.0.0.1:8080".into(),
            connections: 0,
            hears: true,
        }
    }

    async fn hear_of(&self, node: &Node) -> Outcome {
        let mut work = self.store.begin().await?;
        work.hear_of_node(node).await?;
        Ok(work.commit().await?)
    }

    async fn present(&self, node: &Node, changes: &[(UserId, Option<Presence>)]) -> Outcome {
        let mut work = self.store.begin().await?;
        work.set_present(node.id, changes).await?;
        Ok(work.commit().await?)
    }
}

pub(crate) async fn nodes_are_listed_by_name_with_what_they_said_last(world: World) -> Outcome {
    let (one, two) = (world.node("one"), world.node("two"));
    world.hear_of(&two).await?;
    world.hear_of(&one).await?;
    let busy = Node { connections: 7, hears: false, ..one };
    world.hear_of(&busy).await?;
    let nodes = world.store.nodes().await?;
    assert_eq!(nodes.iter().map(|known| &known.node).collect::<Vec<_>>(), [&busy, &two]);
    assert!(nodes.iter().all(|known| known.is_up() && known.silent_for <= known.up_for), "{nodes:?}");
    Ok(())
}

pub(crate) async fn a_node_that_goes_takes_its_people_along(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (one, two) = (world.node("one"), world.node("two"));
    world.hear_of(&one).await?;
    world.hear_of(&two).await?;
    world.present(&one, &[(ana.id, Some(Presence::Online))]).await?;
    let mut work = world.store.begin().await?;
    work.forget_node(one.id).await?;
    work.commit().await?;
    assert_eq!(world.store.present_elsewhere(two.id).await?, []);
    assert_eq!(world.store.nodes().await?.len(), 1);
    Ok(())
}

pub(crate) async fn only_silent_nodes_are_forgotten(world: World) -> Outcome {
    world.hear_of(&world.node("one")).await?;
    let mut work = world.store.begin().await?;
    work.forget_silent_nodes(KnownNode::LEASE).await?;
    work.commit().await?;
    assert_eq!(world.store.nodes().await?.len(), 1);
    // Until the database's clock has moved on.
    while !world.store.nodes().await?.is_empty() {
        let mut work = world.store.begin().await?;
        work.forget_silent_nodes(Duration::ZERO).await?;
        work.commit().await?;
    }
    Ok(())
}

pub(crate) async fn who_is_present_elsewhere_follows_the_changes(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (one, two) = (world.node("one"), world.node("two"));
    world.hear_of(&one).await?;
    world.hear_of(&two).await?;
    let nobody = UserId::from_uuid(world.id());
    let here = [ana.id, ben.id, nobody].map(|user| (user, Some(Presence::Online)));
    world.present(&one, &here).await?;
    world.present(&one, &[(ana.id, Some(Presence::Invisible)), (ben.id, None)]).await?;
    let expected = PresentUser { node: one.id, user: ana.id, presence: Presence::Invisible };
    assert_eq!(world.store.present_elsewhere(two.id).await?, [expected]);
    assert_eq!(world.store.present_elsewhere(one.id).await?, []);
    Ok(())
}
