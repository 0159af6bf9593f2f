//! Groups and who is in them, on a real store.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::{Chat, MAX_MEMBERS};
use parlor_domain::{
    Actor, Denied, EntryKind, Event, Group, GroupChange, GroupDescription, GroupError, GroupName, Role,
    Visibility,
};

async fn group(chat: &Chat, owner: &Actor, visibility: Visibility, people: &[&Actor]) -> Group {
    let people: Vec<_> = people.iter().map(|actor| actor.user).collect();
    let (name, about) = (GroupName::parse("garden").unwrap(), GroupDescription::parse("").unwrap());
    chat.groups.create(owner, name, about, visibility, &people).await.unwrap()
}

#[tokio::test]
async fn everybody_is_in_the_lobby_and_nobody_leaves_it() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let lobby = chat.store.lobby().await.unwrap().unwrap();
    assert_eq!(lobby.member_count, 1);
    let left = chat.groups.remove(&ana, lobby.id, ana.user).await;
    assert!(matches!(left, Err(GroupError::Denied(Denied::Forbidden))));
    assert_eq!(chat.log(&ana, lobby.id.into()).await[0].kind, EntryKind::Join(ana.user));
}

#[tokio::test]
async fn a_new_group_begins_with_the_joins_of_its_members() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    chat.published.take();
    let garden = group(&chat, &ana, Visibility::Private, &[&ben, &ana, &ben]).await;
    assert_eq!(garden.member_count, 2);
    let joins: Vec<_> =
        chat.published.take_entries().iter().map(|entry| (entry.seq, entry.kind.clone())).collect();
    assert_eq!(joins, [(1, EntryKind::Join(ana.user)), (2, EntryKind::Join(ben.user))]);
}

#[tokio::test]
async fn a_group_with_somebody_who_does_not_exist_is_not_made() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let nobody = parlor_domain::UserId::from_uuid(uuid::Uuid::from_u128(u128::MAX));
    let (name, about) = (GroupName::parse("garden").unwrap(), GroupDescription::parse("").unwrap());
    let made = chat.groups.create(&ana, name, about, Visibility::Public, &[nobody]).await;
    assert!(matches!(made, Err(GroupError::NoSuchUser(id)) if id == nobody));
    assert_eq!(chat.conversations.all(&ana).await.unwrap().len(), 1, "only the lobby");
}

#[tokio::test]
async fn a_private_group_does_not_exist_for_strangers_and_admins() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let admin = Actor { role: Role::Admin, ..chat.person("root").await };
    let garden = group(&chat, &ana, Visibility::Private, &[]).await;
    for stranger in [&ben, &admin] {
        assert!(matches!(
            chat.groups.one(stranger, garden.id).await,
            Err(GroupError::Denied(Denied::NotFound))
        ));
        let joined = chat.groups.add(stranger, garden.id, stranger.user).await;
        assert!(matches!(joined, Err(GroupError::Denied(Denied::NotFound))));
    }
}

#[tokio::test]
async fn what_was_written_before_one_came_in_is_not_unread() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, Visibility::Public, &[]).await;
    chat.post(&ana, garden.id.into(), "before").await.unwrap();
    chat.groups.add(&ben, garden.id, ben.user).await.unwrap();
    assert_eq!(chat.conversations.one(&ben, garden.id.into()).await.unwrap().unread, 0);
    chat.post(&ana, garden.id.into(), "after").await.unwrap();
    assert_eq!(chat.conversations.one(&ben, garden.id.into()).await.unwrap().unread, 1);
}

#[tokio::test]
async fn joining_twice_is_joining_once() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, Visibility::Public, &[]).await;
    assert!(chat.groups.add(&ben, garden.id, ben.user).await.unwrap().1);
    assert!(!chat.groups.add(&ben, garden.id, ben.user).await.unwrap().1);
    assert_eq!(chat.log(&ana, garden.id.into()).await.len(), 2);
}

#[tokio::test]
async fn a_full_group_takes_nobody_and_its_log_stays_as_it_was() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let garden = group(&chat, &ana, Visibility::Public, &[]).await;
    for number in 1..MAX_MEMBERS {
        let person = chat.person(&format!("person{number}")).await;
        chat.groups.add(&person, garden.id, person.user).await.unwrap();
    }
    let late = chat.person("late").await;
    let refused = chat.groups.add(&late, garden.id, late.user).await;
    assert!(matches!(refused, Err(GroupError::Full { max: MAX_MEMBERS })));
    assert_eq!(chat.log(&ana, garden.id.into()).await.len() as u64, MAX_MEMBERS);
}

#[tokio::test]
async fn a_removed_member_reads_and_posts_nothing_more() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, Visibility::Private, &[&ben]).await;
    chat.groups.remove(&ana, garden.id, ben.user).await.unwrap();
    assert!(matches!(chat.groups.one(&ben, garden.id).await, Err(GroupError::Denied(Denied::NotFound))));
    assert!(chat.post(&ben, garden.id.into(), "still here?").await.is_err());
    let last = chat.log(&ana, garden.id.into()).await.pop().unwrap();
    assert_eq!((&last.kind, last.actor), (&EntryKind::Removal(ben.user), Some(ana.user)));
}

#[tokio::test]
async fn the_last_owner_stays_while_others_do() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, Visibility::Private, &[&ben]).await;
    assert!(matches!(chat.groups.remove(&ana, garden.id, ana.user).await, Err(GroupError::LastOwner)));
    chat.groups.remove(&ben, garden.id, ben.user).await.unwrap();
    chat.groups.remove(&ana, garden.id, ana.user).await.unwrap();
}

#[tokio::test]
async fn a_new_name_is_an_entry_and_the_same_name_is_nothing() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let garden = group(&chat, &ana, Visibility::Public, &[]).await;
    chat.published.take();
    let name = GroupName::parse("orchard").unwrap();
    let change = GroupChange { name: Some(name.clone()), ..GroupChange::default() };
    let renamed = chat.groups.change(&ana, garden.id, change.clone()).await.unwrap();
    let told = chat.published.take();
    assert!(matches!(&told[..], [Event::EntryAppended(entry), Event::GroupChanged(group)]
        if entry.kind == EntryKind::Rename(name) && **group == renamed));
    chat.groups.change(&ana, garden.id, change).await.unwrap();
    assert!(chat.published.take().is_empty());
}

#[tokio::test]
async fn the_lobby_may_be_made_read_only_by_an_admin_but_never_private() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let admin = Actor { role: Role::Admin, ..chat.person("root").await };
    let lobby = chat.store.lobby().await.unwrap().unwrap().id;
    let private = GroupChange { visibility: Some(Visibility::Private), ..GroupChange::default() };
    assert!(matches!(chat.groups.change(&admin, lobby, private).await, Err(GroupError::LobbyIsPublic)));
    let read_only = GroupChange { read_only: Some(true), ..GroupChange::default() };
    assert!(chat.groups.change(&ana, lobby, read_only.clone()).await.is_err());
    chat.groups.change(&admin, lobby, read_only).await.unwrap();
    assert!(chat.post(&ana, lobby.into(), "hello?").await.is_err());
    assert!(chat.post(&admin, lobby.into(), "news").await.is_ok());
}

#[tokio::test]
async fn a_deleted_group_is_gone_at_once_and_erased_bit_by_bit() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, Visibility::Public, &[&ben]).await;
    for number in 0..600 {
        chat.post(&ana, garden.id.into(), &number.to_string()).await.unwrap();
    }
    let refused = chat.groups.delete(&ben, None, garden.id).await;
    assert!(matches!(refused, Err(GroupError::Denied(Denied::Forbidden))));
    chat.published.take();
    chat.groups.delete(&ana, None, garden.id).await.unwrap();
    let told: Vec<_> = chat.published.take_entries().iter().map(|entry| entry.kind.clone()).collect();
    assert_eq!(told, [EntryKind::GroupDeletion]);
    for actor in [&ana, &ben] {
        let gone = chat.groups.one(actor, garden.id).await;
        assert!(matches!(gone, Err(GroupError::Denied(Denied::NotFound))));
        let refused = chat.groups.add(actor, garden.id, actor.user).await;
        assert!(matches!(refused, Err(GroupError::Denied(Denied::NotFound))));
    }

    let housekeeping = chat.housekeeping();
    let mut left = Vec::new();
    while housekeeping.erase().await.unwrap() {
        left.push(chat.store.entries(garden.id.into(), 0, 1_000).await.unwrap().len());
    }
    // What the index for searching has of them goes at the end.
    left.dedup();
    // Two joins, the messages and the deletion, which other nodes may still have to hear of.
    assert_eq!(left, [103, 1]);
    chat.clock.pass(Duration::from_hours(1));
    assert!(!housekeeping.erase().await.unwrap());
    assert_eq!(chat.store.conversation(garden.id.into()).await.unwrap(), None);
}
