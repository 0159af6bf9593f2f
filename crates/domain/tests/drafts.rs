//! What people wrote and have not sent yet.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use parlor_domain::{
    Denied, DraftError, Drafts, Event, GroupDescription, GroupName, MessageBody, PageSize, Personal,
    Visibility,
};

use common::Chat;

fn text(text: &str) -> MessageBody {
    MessageBody::parse(text).unwrap()
}

#[tokio::test]
async fn the_last_draft_counts_and_what_is_newer_stays() {
    let chat = Chat::new().await;
    let drafts = Drafts::new(chat.store.clone(), chat.clock.clone());
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
    let first = drafts.keep(&ana, direct, None, text("so")).await.unwrap();
    let second = drafts.keep(&ana, direct, None, text("soup")).await.unwrap();
    chat.published.take();
    drafts.clear(&ana, direct, None, Some(first.version)).await.unwrap();
    assert!(chat.published.take().is_empty(), "nothing changed");
    let list = || async { drafts.list(&ana, None, None, PageSize::default()).await.unwrap().items };
    assert_eq!(list().await, [second]);
    drafts.clear(&ana, direct, None, None).await.unwrap();
    assert!(list().await.is_empty());
    let told = chat.published.take();
    assert!(
        matches!(told[..], [Event::PersonalChanged { user, what: Personal::Draft(conversation, _) }]
            if user == ana.user && conversation == direct),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_draft_belongs_where_one_reads() {
    let chat = Chat::new().await;
    let drafts = Drafts::new(chat.store.clone(), chat.clock.clone());
    let (ana, ben, eve) = (chat.person("ana").await, chat.person("ben").await, chat.person("eve").await);
    let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
    let notes = chat.conversations.open_direct(&ana, ana.user).await.unwrap().0.conversation.id;
    let elsewhere = chat.post(&ana, notes, "soup").await.unwrap().message;
    let denied = drafts.keep(&eve, direct, None, text("hello")).await;
    assert!(matches!(denied, Err(DraftError::Denied(Denied::NotFound))), "{denied:?}");
    let denied = drafts.keep(&ana, direct, Some(elsewhere), text("hello")).await;
    assert!(matches!(denied, Err(DraftError::NoSuchThread)), "{denied:?}");
    let kept = drafts.keep(&ana, notes, Some(elsewhere), text("hello")).await.unwrap();
    assert_eq!(kept.thread, Some(elsewhere));
}

#[tokio::test]
async fn somebody_has_two_hundred_drafts_at_most() {
    let chat = Chat::new().await;
    let drafts = Drafts::new(chat.store.clone(), chat.clock.clone());
    let ana = chat.person("ana").await;
    let (name, about) = (GroupName::parse("Kitchen").unwrap(), GroupDescription::parse("").unwrap());
    let group = chat.groups.create(&ana, name, about, Visibility::Public, &[]).await.unwrap().id.into();
    for _ in 0..Drafts::MOST {
        let root = chat.post(&ana, group, "soup").await.unwrap().message;
        drafts.keep(&ana, group, Some(root), text("hello")).await.unwrap();
    }
    let refused = drafts.keep(&ana, group, None, text("hello")).await;
    assert!(matches!(refused, Err(DraftError::TooMany)), "{refused:?}");
    let root = chat.post(&ana, group, "bread").await.unwrap().message;
    let refused = drafts.keep(&ana, group, Some(root), text("hello")).await;
    assert!(matches!(refused, Err(DraftError::TooMany)), "{refused:?}");
}
