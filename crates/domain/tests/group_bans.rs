//! Shutting people out of one group.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::Chat;
use parlor_domain::{
    Actor, AuditAction, AuditFilter, AuditTarget, BanReason, Clock, Denied, EntryKind, GroupDescription,
    GroupError, GroupId, GroupName, MemberRole, NotificationKind, PageSize, Timestamp, Visibility,
};

fn spam() -> BanReason {
    BanReason::parse("spam").unwrap()
}

async fn group(chat: &Chat, owner: &Actor, people: &[&Actor], visibility: Visibility) -> GroupId {
    let people: Vec<_> = people.iter().map(|actor| actor.user).collect();
    let (name, about) = (GroupName::parse("garden").unwrap(), GroupDescription::parse("").unwrap());
    chat.groups.create(owner, name, about, visibility, &people).await.unwrap().id
}

async fn ban(
    chat: &Chat,
    by: &Actor,
    group: GroupId,
    whom: &Actor,
    until: Option<Timestamp>,
) -> Result<(), GroupError> {
    chat.groups.ban(by, None, group, whom.user, spam(), until).await.map(drop)
}

#[tokio::test]
async fn one_who_is_banned_is_put_out_and_does_not_come_back_until_it_ends() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben], Visibility::Public).await;
    chat.published.take();
    let until = chat.clock.now().plus(Duration::from_mins(5));
    ban(&chat, &ana, garden, &ben, Some(until)).await.unwrap();
    let kinds: Vec<_> = chat.published.take_entries().iter().map(|entry| entry.kind.clone()).collect();
    assert_eq!(kinds, [EntryKind::Removal(ben.user)]);
    let own = chat.groups.add(&ben, garden, ben.user).await;
    assert!(matches!(own, Err(GroupError::Banned(ban)) if ban.until == Some(until)));
    let brought = chat.groups.add(&ana, garden, ben.user).await;
    assert!(matches!(brought, Err(GroupError::BannedThere(user)) if user == ben.user));
    chat.clock.pass(Duration::from_mins(5));
    chat.groups.add(&ben, garden, ben.user).await.unwrap();
}

#[tokio::test]
async fn a_ban_is_lifted_told_and_written_down() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben], Visibility::Public).await;
    ban(&chat, &ana, garden, &ben, None).await.unwrap();
    ban(&chat, &ana, garden, &ben, None).await.unwrap();
    let active = chat.groups.bans(&ana, garden, Some(true), None, PageSize::default()).await.unwrap();
    assert_eq!(active.items.len(), 1, "the second one takes the place of the first");
    chat.groups.lift_ban(&ana, None, garden, ben.user).await.unwrap();
    let again = chat.groups.lift_ban(&ana, None, garden, ben.user).await;
    assert!(matches!(again, Err(GroupError::NotBannedThere)));
    let told = chat.notifications.list(&ben, None, PageSize::default()).await.unwrap().items;
    let news: Vec<_> = told.iter().map(|one| (one.kind, one.conversation)).collect();
    assert_eq!(news[0], (NotificationKind::BanLifted, Some(garden.into())));
    let past = chat.groups.bans(&ana, garden, Some(false), None, PageSize::default()).await.unwrap();
    assert_eq!(past.items.len(), 2);
    let filter = AuditFilter { target: Some(AuditTarget::User(ben.user)), ..AuditFilter::default() };
    let written = chat.store.audit(&filter, None, 10).await.unwrap();
    let done: Vec<_> = written.iter().map(|entry| (entry.action, entry.doer.user)).collect();
    let by = Some(ana.user);
    let bans = [(AuditAction::BannedFromGroup, by), (AuditAction::BannedFromGroup, by)];
    assert_eq!(done[..3], [(AuditAction::GroupBanLifted, by), bans[0], bans[1]]);
    assert!(written[0].changes.iter().any(|change| change.field == "name"));
}

#[tokio::test]
async fn admins_learn_of_a_private_groups_ban_neither_its_name_nor_the_reason() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben], Visibility::Private).await;
    ban(&chat, &ana, garden, &ben, None).await.unwrap();
    let filter = AuditFilter { action: Some(AuditAction::BannedFromGroup), ..AuditFilter::default() };
    let written = chat.store.audit(&filter, None, 10).await.unwrap();
    let fields: Vec<_> = written[0].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["group"]);
}

#[tokio::test]
async fn one_whose_ban_from_a_group_ended_by_itself_is_told() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben], Visibility::Private).await;
    let until = chat.clock.now().plus(Duration::from_mins(5));
    ban(&chat, &ana, garden, &ben, Some(until)).await.unwrap();
    chat.clock.pass(Duration::from_mins(6));
    chat.housekeeping().end_bans().await.unwrap();
    let told = chat.notifications.list(&ben, None, PageSize::default()).await.unwrap().items;
    assert_eq!((told[0].kind, told[0].at), (NotificationKind::BanLifted, until));
}

#[tokio::test]
async fn moderators_ban_members_and_nobody_above_them_or_themselves() {
    let chat = Chat::new().await;
    let (ana, ben, eve) = (chat.person("ana").await, chat.person("ben").await, chat.person("eve").await);
    let garden = group(&chat, &ana, &[&ben, &eve], Visibility::Private).await;
    let forbidden = |result| matches!(result, Err(GroupError::Denied(Denied::Forbidden)));
    assert!(forbidden(ban(&chat, &eve, garden, &ben, None).await));
    chat.groups.set_role(&ana, garden, ben.user, MemberRole::Moderator, false).await.unwrap();
    assert!(forbidden(ban(&chat, &ben, garden, &ana, None).await));
    assert!(forbidden(ban(&chat, &ana, garden, &ana, None).await));
    let past = Some(chat.clock.now());
    assert!(matches!(ban(&chat, &ben, garden, &eve, past).await, Err(GroupError::EndsInThePast)));
    ban(&chat, &ben, garden, &eve, None).await.unwrap();
    let stranger = chat.groups.bans(&eve, garden, None, None, PageSize::default()).await;
    assert!(matches!(stranger, Err(GroupError::Denied(Denied::NotFound))));
}

#[tokio::test]
async fn one_who_never_was_a_member_is_kept_out_too() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[], Visibility::Public).await;
    chat.published.take();
    ban(&chat, &ana, garden, &ben, None).await.unwrap();
    assert!(chat.published.take_entries().is_empty());
    assert!(matches!(chat.groups.add(&ben, garden, ben.user).await, Err(GroupError::Banned(_))));
}
