//! What is done with messages that were sent.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use parlor_domain::{
    Actor, ChangeError, ChangePolicy, ConversationId, Denied, Emoji, EntryKind, MessageBody, MessageId,
    Messaging, PageSize, UserId,
};

use common::Chat;

/// Two people and what one of them wrote.
struct Talk {
    chat: Chat,
    ana: Actor,
    ben: Actor,
    direct: ConversationId,
    message: MessageId,
}

impl Talk {
    async fn start() -> Self {
        let chat = Chat::new().await;
        let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
        let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
        let message = chat.post(&ana, direct, "one").await.unwrap().message;
        Self { chat, ana, ben, direct, message }
    }

    async fn body(&self) -> String {
        let entry = self.chat.messaging.message(&self.ben, self.message).await.unwrap();
        entry.message().unwrap().body.to_string()
    }
}

fn body(text: &str) -> MessageBody {
    MessageBody::parse(text).unwrap()
}

fn emoji(text: &str) -> Emoji {
    Emoji::parse(text).unwrap()
}

fn is_denied<T: std::fmt::Debug>(result: &Result<T, ChangeError>, denied: Denied) {
    assert!(matches!(result, Err(ChangeError::Denied(found)) if *found == denied), "{result:?}");
}

#[tokio::test]
async fn an_author_changes_the_text_and_nobody_else_does() {
    let talk = Talk::start().await;
    let messaging = &talk.chat.messaging;
    let changed = messaging.edit(&talk.ana, talk.message, body("two")).await.unwrap();
    assert!(changed.changed);
    assert_eq!(talk.body().await, "two");
    is_denied(&messaging.edit(&talk.ben, talk.message, body("three")).await, Denied::Forbidden);
    // The same text again is no change, and no entry.
    assert!(!messaging.edit(&talk.ana, talk.message, body("two")).await.unwrap().changed);
    let log = talk.chat.log(&talk.ben, talk.direct).await;
    assert_eq!(log.len(), 2);
    assert!(matches!(&log[1].kind, EntryKind::Edit(target) if target.message.body.as_str() == "two"));
    let earlier = messaging.revisions(&talk.ana, talk.message).await.unwrap();
    assert_eq!(earlier.iter().map(|one| one.body.as_str()).collect::<Vec<_>>(), ["one"]);
    is_denied(&messaging.revisions(&talk.ben, talk.message).await, Denied::Forbidden);
}

#[tokio::test]
async fn a_text_may_be_changed_as_long_as_the_server_says() {
    let talk = Talk::start().await;
    let chat = &talk.chat;
    let policy = ChangePolicy {
        edit_within: Some(Duration::from_mins(5)),
        keep_revisions: false,
        ..ChangePolicy::default()
    };
    let messaging = Messaging::new(chat.store.clone(), chat.clock.clone(), chat.ids.clone(), policy);
    chat.clock.pass(Duration::from_mins(5));
    messaging.edit(&talk.ana, talk.message, body("two")).await.unwrap();
    assert!(messaging.revisions(&talk.ana, talk.message).await.unwrap().is_empty(), "none are kept");
    chat.clock.pass(Duration::from_millis(1));
    let late = messaging.edit(&talk.ana, talk.message, body("three")).await;
    assert!(matches!(late, Err(ChangeError::TooLate(_))), "{late:?}");
    // Deleting is possible for ever.
    messaging.delete(&talk.ana, talk.message).await.unwrap();
}

#[tokio::test]
async fn a_deleted_message_leaves_nothing_but_its_place() {
    let talk = Talk::start().await;
    let messaging = &talk.chat.messaging;
    messaging.edit(&talk.ana, talk.message, body("two")).await.unwrap();
    messaging.react(&talk.ben, talk.message, emoji("🎈"), true).await.unwrap();
    messaging.pin(&talk.ben, talk.message, true).await.unwrap();
    is_denied(&messaging.delete(&talk.ben, talk.message).await, Denied::Forbidden);
    messaging.delete(&talk.ana, talk.message).await.unwrap();
    assert!(!messaging.delete(&talk.ana, talk.message).await.unwrap().changed);

    assert_eq!(talk.body().await, "");
    let log = talk.chat.log(&talk.ben, talk.direct).await;
    for entry in &log {
        let message = entry.message().unwrap_or_else(|| &entry.target().unwrap().message);
        assert!(message.body.as_str().is_empty() && message.changes.reactions.is_empty(), "{entry:?}");
    }
    assert!(messaging.revisions(&talk.ana, talk.message).await.unwrap().is_empty());
    assert!(
        messaging.pinned(&talk.ben, talk.direct, None, PageSize::default()).await.unwrap().items.is_empty()
    );
    for refused in [
        messaging.edit(&talk.ana, talk.message, body("again")).await,
        messaging.react(&talk.ben, talk.message, emoji("👍"), true).await,
        messaging.pin(&talk.ana, talk.message, true).await,
    ] {
        assert!(matches!(refused, Err(ChangeError::Deleted)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_reaction_counts_once_and_can_be_taken_back() {
    let talk = Talk::start().await;
    let messaging = &talk.chat.messaging;
    assert!(messaging.react(&talk.ben, talk.message, emoji("🎈"), true).await.unwrap().changed);
    assert!(!messaging.react(&talk.ben, talk.message, emoji("🎈"), true).await.unwrap().changed);
    let changed = messaging.react(&talk.ana, talk.message, emoji("🎈"), true).await.unwrap();
    let reactions = &changed.entry.message().unwrap().changes.reactions;
    assert_eq!(reactions[0].users, [talk.ben.user, talk.ana.user]);
    for person in [&talk.ben, &talk.ana] {
        assert!(messaging.react(person, talk.message, emoji("🎈"), false).await.unwrap().changed);
    }
    let last = messaging.react(&talk.ana, talk.message, emoji("🎈"), false).await.unwrap();
    assert!(!last.changed && last.entry.message().unwrap().changes.reactions.is_empty());
    assert_eq!(talk.chat.log(&talk.ana, talk.direct).await.len(), 5);
}

#[tokio::test]
async fn a_message_has_a_bounded_number_of_emoji() {
    let talk = Talk::start().await;
    let messaging = &talk.chat.messaging;
    let all: Vec<Emoji> =
        ('\u{1F400}'..).take(ChangePolicy::EMOJI + 1).map(|one| emoji(&one.to_string())).collect();
    for one in &all[..ChangePolicy::EMOJI] {
        messaging.react(&talk.ana, talk.message, one.clone(), true).await.unwrap();
    }
    let more = messaging.react(&talk.ana, talk.message, all[ChangePolicy::EMOJI].clone(), true).await;
    assert!(matches!(more, Err(ChangeError::TooMany)), "{more:?}");
    messaging.react(&talk.ben, talk.message, all[0].clone(), true).await.unwrap();
}

#[tokio::test]
async fn whoever_lost_sight_of_a_message_can_do_nothing_with_it() {
    let talk = Talk::start().await;
    let (chat, messaging) = (&talk.chat, &talk.chat.messaging);
    let stranger = chat.person("eve").await;
    let group = chat
        .groups
        .create(
            &talk.ana,
            parlor_domain::GroupName::parse("Tea").unwrap(),
            parlor_domain::GroupDescription::parse("").unwrap(),
            parlor_domain::Visibility::Private,
            &[talk.ben.user],
        )
        .await
        .unwrap();
    let own = chat.post(&talk.ben, group.id.into(), "mine").await.unwrap().message;
    chat.groups.remove(&talk.ana, group.id, talk.ben.user).await.unwrap();
    for actor in [&talk.ben, &stranger] {
        is_denied(&messaging.message(actor, own).await, Denied::NotFound);
        is_denied(&messaging.edit(actor, own, body("changed")).await, Denied::NotFound);
        is_denied(&messaging.delete(actor, own).await, Denied::NotFound);
        is_denied(&messaging.react(actor, own, emoji("👍"), true).await, Denied::NotFound);
        is_denied(&messaging.pin(actor, own, true).await, Denied::NotFound);
        is_denied(&messaging.revisions(actor, own).await, Denied::NotFound);
    }
    // Those who run the group delete what others wrote.
    messaging.delete(&talk.ana, own).await.unwrap();
    let nothing = MessageId::from_uuid(UserId::as_uuid(talk.ana.user));
    is_denied(&messaging.message(&talk.ana, nothing).await, Denied::NotFound);
}

#[test]
fn an_emoji_is_the_same_one_whatever_keyboard_it_comes_from() {
    for (typed, kept) in [("👍", "👍"), ("👍\u{FE0F}", "👍"), ("❤", "❤\u{FE0F}"), ("❤\u{FE0F}", "❤\u{FE0F}")]
    {
        assert_eq!(emoji(typed).as_str(), kept);
    }
}

#[test]
fn an_emoji_is_one_emoji() {
    for good in ["👍", "👍🏽", "❤️", "👨‍👩‍👧", "🇷🇴", "1️⃣", " 🎈 ", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]
    {
        assert!(Emoji::parse(good).is_ok(), "{good}");
    }
    for bad in ["", "a", "1", "#", "👍👍", "👍a", "<b>", "é", "漢", "\u{200D}"] {
        assert!(Emoji::parse(bad).is_err(), "{bad}");
    }
}
