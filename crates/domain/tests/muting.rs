//! Keeping people from writing on the whole server.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::Chat;
use parlor_domain::{
    AdminError, Administrator, AuditAction, AuditFilter, AuditTarget, BanReason, Clock, Denied, Event,
    GroupDescription, GroupError, GroupName, PageSize, PostError, Visibility,
};

fn spam() -> BanReason {
    BanReason::parse("spam").unwrap()
}

#[tokio::test]
async fn one_who_is_muted_writes_nowhere_until_it_ends() {
    let chat = Chat::new().await;
    let ana = Administrator::Operator;
    let (ben, eve) = (chat.person("ben").await, chat.person("eve").await);
    let (direct, _) = chat.conversations.open_direct(&ben, eve.user).await.unwrap();
    let direct = direct.conversation.id;
    let until = chat.clock.now().plus(Duration::from_mins(5));
    chat.published.take();
    let muted = chat.administration.mute(&ana, ben.user, spam(), until).await.unwrap();
    assert_eq!(chat.published.take(), [Event::UserChanged(muted.into())]);
    let refused = chat.post(&ben, direct, "hello").await;
    assert!(matches!(refused, Err(PostError::Denied(Denied::Muted(end))) if end == until));
    let (name, about) = (GroupName::parse("garden").unwrap(), GroupDescription::parse("").unwrap());
    let made = chat.groups.create(&ben, name, about, Visibility::Private, &[]).await;
    assert!(matches!(made, Err(GroupError::Denied(Denied::Muted(_)))));
    chat.post(&eve, direct, "you there?").await.unwrap();
    assert_eq!(chat.log(&ben, direct).await.len(), 1, "they go on reading");
    chat.clock.pass(Duration::from_mins(5));
    chat.post(&ben, direct, "at last").await.unwrap();
    assert!(chat.administration.muted(&ana, None, PageSize::default()).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_mute_is_listed_lifted_and_written_down() {
    let chat = Chat::new().await;
    let ana = Administrator::Operator;
    let ben = chat.person("ben").await;
    let until = chat.clock.now().plus(Duration::from_mins(5));
    assert!(matches!(chat.administration.unmute(&ana, ben.user).await, Err(AdminError::NoSuchMute)));
    let past = chat.administration.mute(&ana, ben.user, spam(), chat.clock.now()).await;
    assert!(matches!(past, Err(AdminError::EndsInThePast)));
    chat.administration.mute(&ana, ben.user, spam(), until).await.unwrap();
    let listed = chat.administration.muted(&ana, None, PageSize::default()).await.unwrap().items;
    assert_eq!(listed.iter().map(|user| user.id).collect::<Vec<_>>(), [ben.user]);
    chat.administration.unmute(&ana, ben.user).await.unwrap();
    assert!(chat.administration.muted(&ana, None, PageSize::default()).await.unwrap().items.is_empty());
    let filter = AuditFilter { target: Some(AuditTarget::User(ben.user)), ..AuditFilter::default() };
    let written = chat.store.audit(&filter, None, 2).await.unwrap();
    let told: Vec<_> = written
        .iter()
        .map(|entry| (entry.action, entry.changes.iter().map(|change| change.field.as_str()).collect()))
        .collect::<Vec<(_, Vec<_>)>>();
    let fields = vec!["reason", "until"];
    assert_eq!(told, [(AuditAction::MuteLifted, fields.clone()), (AuditAction::UserMuted, fields)]);
}
