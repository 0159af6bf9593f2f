//! What members may do, and who decides that.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::{Chat, post};
use parlor_domain::{
    Actor, ClientId, Clock, Denied, EntryKind, GroupChange, GroupDescription, GroupError, GroupId, GroupName,
    IdSource, MemberRole, PostError, SlowMode, Visibility,
};

async fn group(chat: &Chat, owner: &Actor, people: &[&Actor]) -> GroupId {
    let people: Vec<_> = people.iter().map(|actor| actor.user).collect();
    let (name, about) = (GroupName::parse("garden").unwrap(), GroupDescription::parse("").unwrap());
    chat.groups.create(owner, name, about, Visibility::Public, &people).await.unwrap().id
}

#[tokio::test]
async fn a_new_role_is_an_entry_and_the_same_role_is_nothing() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    chat.published.take();
    for told in [vec![EntryKind::Role(ben.user, MemberRole::Moderator)], Vec::new()] {
        let set = chat.groups.set_role(&ana, garden, ben.user, MemberRole::Moderator, false).await.unwrap();
        assert_eq!(set.role, MemberRole::Moderator);
        let kinds: Vec<_> = chat.published.take_entries().iter().map(|entry| entry.kind.clone()).collect();
        assert_eq!(kinds, told);
    }
}

#[tokio::test]
async fn a_group_is_handed_over_in_one_step_and_never_without_an_owner() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    let alone = chat.groups.set_role(&ana, garden, ana.user, MemberRole::Member, false).await;
    assert!(matches!(alone, Err(GroupError::LastOwner)));
    let aimless = chat.groups.set_role(&ana, garden, ben.user, MemberRole::Moderator, true).await;
    assert!(matches!(aimless, Err(GroupError::NothingToHandOver)));
    chat.groups.set_role(&ana, garden, ben.user, MemberRole::Owner, true).await.unwrap();
    let members = chat.groups.members(&ana, garden, None, parlor_domain::PageSize::default()).await.unwrap();
    let roles: Vec<_> = members.items.iter().map(|member| member.role).collect();
    assert_eq!(roles, [MemberRole::Moderator, MemberRole::Owner]);
    chat.groups.remove(&ana, garden, ana.user).await.unwrap();
}

#[tokio::test]
async fn an_owner_who_has_another_one_beside_them_steps_down() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    chat.groups.set_role(&ana, garden, ben.user, MemberRole::Owner, false).await.unwrap();
    chat.groups.set_role(&ana, garden, ana.user, MemberRole::Member, false).await.unwrap();
    let back = chat.groups.set_role(&ana, garden, ana.user, MemberRole::Owner, false).await;
    assert!(matches!(back, Err(GroupError::Denied(Denied::Forbidden))));
}

#[tokio::test]
async fn one_who_is_muted_writes_again_when_it_ends_and_no_sooner_by_coming_back() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    let until = chat.clock.now().plus(Duration::from_mins(5));
    let muted = chat.groups.mute(&ana, garden, ben.user, until).await.unwrap();
    assert_eq!(muted.muted_until, Some(until));
    for _ in 0..2 {
        let refused = chat.post(&ben, garden.into(), "let me").await;
        assert!(matches!(refused, Err(PostError::Denied(Denied::Muted(end))) if end == until));
        chat.groups.remove(&ben, garden, ben.user).await.unwrap();
        chat.groups.add(&ben, garden, ben.user).await.unwrap();
    }
    chat.clock.pass(Duration::from_mins(5));
    chat.post(&ben, garden.into(), "at last").await.unwrap();
}

#[tokio::test]
async fn a_mute_is_an_entry_and_so_is_its_end_before_its_time() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    let until = chat.clock.now().plus(Duration::from_mins(5));
    chat.published.take();
    for _ in 0..2 {
        chat.groups.mute(&ana, garden, ben.user, until).await.unwrap();
    }
    for _ in 0..2 {
        chat.groups.unmute(&ana, garden, ben.user).await.unwrap();
    }
    let kinds: Vec<_> = chat.published.take_entries().iter().map(|entry| entry.kind.clone()).collect();
    assert_eq!(kinds, [EntryKind::Mute(ben.user, until), EntryKind::Unmute(ben.user)]);
    let over = chat.groups.mute(&ana, garden, ben.user, chat.clock.now()).await;
    assert!(matches!(over, Err(GroupError::EndsInThePast)));
    chat.post(&ben, garden.into(), "thanks").await.unwrap();
}

#[tokio::test]
async fn in_slow_mode_one_of_two_messages_in_a_batch_is_posted_and_the_next_one_after_the_wait() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    let slow_mode = SlowMode::new(30);
    chat.groups.change(&ana, garden, GroupChange { slow_mode, ..GroupChange::default() }).await.unwrap();
    let write = |actor: &Actor| post(actor, garden.into(), ClientId::from_uuid(chat.ids.next_id()), "x");
    let batch = vec![write(&ben), write(&ben), write(&ana), write(&ana)];
    let answers = chat.messaging.post_all(batch).await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true, true]);
    let wait = Duration::from_secs(30);
    assert!(matches!(&answers[1], Err(PostError::Denied(Denied::SlowMode(left))) if *left == wait));
    chat.clock.pass(Duration::from_millis(29_999));
    assert!(chat.post(&ben, garden.into(), "too soon").await.is_err());
    chat.clock.pass(Duration::from_millis(1));
    chat.post(&ben, garden.into(), "now").await.unwrap();
}
