//! Links that lead into groups.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Chat, MAX_MEMBERS};
use parlor_domain::{
    Actor, Clock, Denied, GroupChange, GroupDescription, GroupError, GroupId, GroupName, GroupsPolicy,
    InviteLinkId, InviteLinks, MemberRole, Visibility,
};
use parlor_security::{SigningKey, Tokens};

struct World {
    chat: Chat,
    links: InviteLinks,
    ana: Actor,
    ben: Actor,
    group: GroupId,
}

impl World {
    async fn new(visibility: Visibility) -> Self {
        let chat = Chat::new().await;
        let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
        let (name, about) = (GroupName::parse("garden").unwrap(), GroupDescription::parse("").unwrap());
        let group = chat.groups.create(&ana, name, about, visibility, &[]).await.unwrap().id;
        let tokens = Arc::new(Tokens::new(&SigningKey::generate(), "test", Duration::from_mins(5)));
        let policy = GroupsPolicy { max_members: MAX_MEMBERS, notifications_kept: 5 };
        let links =
            InviteLinks::new(chat.store.clone(), chat.clock.clone(), chat.ids.clone(), tokens, policy);
        Self { chat, links, ana, ben, group }
    }

    async fn secret(&self, max_uses: Option<u32>) -> String {
        self.links.create(&self.ana, self.group, None, max_uses).await.unwrap().1
    }

    async fn leads_nowhere(&self, secret: &str) {
        assert!(matches!(self.links.redeem(&self.ben, secret).await, Err(GroupError::NoSuchLink)));
    }
}

#[tokio::test]
async fn a_link_brings_people_in_as_often_as_it_says() {
    let world = World::new(Visibility::Private).await;
    let cleo = world.chat.person("cleo").await;
    let secret = world.secret(Some(1)).await;
    let seen = world.links.look_up(&world.ben, &secret).await.unwrap();
    assert_eq!((seen.group.member_count, seen.joined), (1, false));
    let (group, is_new) = world.links.redeem(&world.ben, &secret).await.unwrap();
    assert_eq!((group.member_count, is_new), (2, true));
    assert!(matches!(world.links.redeem(&cleo, &secret).await, Err(GroupError::NoSuchLink)));
    assert!(matches!(world.links.look_up(&cleo, &secret).await, Err(GroupError::NoSuchLink)));
}

#[tokio::test]
async fn one_who_is_in_already_uses_nothing_up() {
    let world = World::new(Visibility::Private).await;
    let secret = world.secret(Some(1)).await;
    assert!(!world.links.redeem(&world.ana, &secret).await.unwrap().1);
    assert!(world.links.redeem(&world.ben, &secret).await.unwrap().1);
}

#[tokio::test]
async fn a_link_ends_at_its_moment_and_when_it_is_revoked() {
    let world = World::new(Visibility::Private).await;
    let end = world.chat.clock.now().plus(Duration::from_mins(1));
    let (_, short) = world.links.create(&world.ana, world.group, Some(end), None).await.unwrap();
    let (kept, long) = world.links.create(&world.ana, world.group, None, None).await.unwrap();
    world.chat.clock.pass(Duration::from_mins(1));
    world.leads_nowhere(&short).await;
    assert_eq!(world.links.list(&world.ana, world.group).await.unwrap(), std::slice::from_ref(&kept));
    world.links.revoke(&world.ana, world.group, kept.id).await.unwrap();
    world.leads_nowhere(&long).await;
    world.leads_nowhere("something else").await;
    let over = world.links.create(&world.ana, world.group, Some(end), None).await;
    assert!(matches!(over, Err(GroupError::LinkEndsInThePast)));
    for uses in [0, 10_001] {
        let refused = world.links.create(&world.ana, world.group, None, Some(uses)).await;
        assert!(matches!(refused, Err(GroupError::BadNumberOfUses)));
    }
}

#[tokio::test]
async fn a_link_is_worth_what_its_maker_may_do() {
    let world = World::new(Visibility::Private).await;
    let dan = world.chat.person("dan").await;
    world.chat.groups.add(&world.ana, world.group, dan.user).await.unwrap();
    let refused = world.links.create(&dan, world.group, None, None).await;
    assert!(matches!(refused, Err(GroupError::Denied(Denied::Forbidden))));
    let set_role = |role| world.chat.groups.set_role(&world.ana, world.group, dan.user, role, false);
    set_role(MemberRole::Moderator).await.unwrap();
    let (_, secret) = world.links.create(&dan, world.group, None, None).await.unwrap();
    set_role(MemberRole::Member).await.unwrap();
    world.leads_nowhere(&secret).await;
    set_role(MemberRole::Moderator).await.unwrap();
    world.links.redeem(&world.ben, &secret).await.unwrap();
}

#[tokio::test]
async fn members_of_a_public_group_see_and_revoke_their_own_links() {
    let world = World::new(Visibility::Public).await;
    world.chat.groups.add(&world.ben, world.group, world.ben.user).await.unwrap();
    let (hers, _) = world.links.create(&world.ana, world.group, None, None).await.unwrap();
    let (his, _) = world.links.create(&world.ben, world.group, None, None).await.unwrap();
    assert_eq!(world.links.list(&world.ana, world.group).await.unwrap().len(), 2);
    assert_eq!(world.links.list(&world.ben, world.group).await.unwrap(), std::slice::from_ref(&his));
    let refused = world.links.revoke(&world.ben, world.group, hers.id).await;
    assert!(matches!(refused, Err(GroupError::Denied(Denied::Forbidden))));
    world.links.revoke(&world.ben, world.group, his.id).await.unwrap();
    let unknown =
        world.links.revoke(&world.ana, world.group, InviteLinkId::from_uuid(uuid::Uuid::nil())).await;
    assert!(matches!(unknown, Err(GroupError::NoSuchLink)));
}

#[tokio::test]
async fn nobody_comes_by_link_into_a_group_that_is_full_or_archived() {
    let world = World::new(Visibility::Private).await;
    let secret = world.secret(None).await;
    let archived = GroupChange { archived: Some(true), ..GroupChange::default() };
    world.chat.groups.change(&world.ana, world.group, archived).await.unwrap();
    let refused = world.links.redeem(&world.ben, &secret).await;
    assert!(matches!(refused, Err(GroupError::Denied(Denied::Archived))));
    let back = GroupChange { archived: Some(false), ..GroupChange::default() };
    world.chat.groups.change(&world.ana, world.group, back).await.unwrap();
    for number in 1..MAX_MEMBERS {
        let person = world.chat.person(&format!("person{number}")).await;
        world.links.redeem(&person, &secret).await.unwrap();
    }
    assert!(matches!(world.links.redeem(&world.ben, &secret).await, Err(GroupError::Full { .. })));
}

#[tokio::test]
async fn a_group_has_so_many_links_and_those_that_ended_make_room() {
    let world = World::new(Visibility::Private).await;
    let end = world.chat.clock.now().plus(Duration::from_mins(1));
    for _ in 0..50 {
        world.links.create(&world.ana, world.group, Some(end), None).await.unwrap();
    }
    let refused = world.links.create(&world.ana, world.group, None, None).await;
    assert!(matches!(refused, Err(GroupError::TooManyLinks)));
    world.chat.clock.pass(Duration::from_mins(1));
    world.links.create(&world.ana, world.group, None, None).await.unwrap();
}
