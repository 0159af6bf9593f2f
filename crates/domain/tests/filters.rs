//! Words that are not to be written.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::{Chat, post};
use parlor_domain::{
    Actor, AdminError, Administrator, AuditAction, AuditFilter, AuditTarget, ChangeError, ClientId,
    ConversationId, FilterAction, FilterPhrase, FilterRule, GroupDescription, GroupName, HeldMessage,
    HeldState, IdSource, MessageBody, NotificationKind, PageSize, PostError, SlowMode, Visibility,
};

const BY: Administrator = Administrator::Operator;

async fn group(chat: &Chat, owner: &Actor, people: &[&Actor]) -> ConversationId {
    let people: Vec<_> = people.iter().map(|actor| actor.user).collect();
    let (name, about) = (GroupName::parse("garden").unwrap(), GroupDescription::parse("").unwrap());
    chat.groups.create(owner, name, about, Visibility::Public, &people).await.unwrap().id.into()
}

async fn rule(chat: &Chat, phrase: &str, action: FilterAction) -> FilterRule {
    let phrase = FilterPhrase::parse(phrase).unwrap();
    let rule = chat.administration.add_filter_rule(&BY, phrase, action).await.unwrap();
    chat.messaging.load_filter().await.unwrap();
    rule
}

async fn held(chat: &Chat) -> Vec<HeldMessage> {
    let page = chat.administration.held_messages(&BY, None, None, PageSize::default()).await.unwrap();
    page.items.into_iter().map(|listed| listed.message).collect()
}

#[tokio::test]
async fn what_is_refused_is_not_posted_and_says_why_and_the_others_of_the_batch_are() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let garden = group(&chat, &ana, &[]).await;
    let casino = rule(&chat, "casino", FilterAction::Refuse).await;
    let id = || ClientId::from_uuid(chat.ids.next_id());
    let posts = ["hello", "to the CASINO!", "bye"].map(|text| post(&ana, garden, id(), text)).to_vec();
    let answers = chat.messaging.post_all(posts).await;
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(matches!(&answers[1], Err(PostError::Filtered(phrase)) if phrase.as_str() == "casino"));
    assert!(answers[1].as_ref().unwrap_err().to_string().contains("“casino”"));
    let mine = answers[0].as_ref().unwrap().message;
    let edited = chat.messaging.edit(&ana, mine, MessageBody::parse("Casino").unwrap()).await;
    assert!(matches!(edited, Err(ChangeError::Filtered(_))));
    chat.administration.remove_filter_rule(&BY, casino.id).await.unwrap();
    chat.messaging.load_filter().await.unwrap();
    chat.post(&ana, garden, "to the casino").await.unwrap();
}

#[tokio::test]
async fn what_is_held_waits_once_and_is_posted_as_its_authors_when_it_is_released() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    rule(&chat, "casino", FilterAction::Hold).await;
    let client_id = ClientId::from_uuid(chat.ids.next_id());
    let said = post(&ben, garden, client_id, "to the casino");
    for _ in 0..2 {
        let answer = chat.messaging.post_all(vec![said.clone()]).await.pop().unwrap();
        assert!(matches!(answer, Err(PostError::Held)));
    }
    let other = chat.messaging.post_all(vec![post(&ben, garden, client_id, "another casino")]).await;
    assert!(matches!(other[0], Err(PostError::IdempotencyConflict)));
    let waiting = held(&chat).await;
    assert_eq!(
        (waiting.len(), waiting[0].body.as_ref().map(MessageBody::as_str), waiting[0].state),
        (1, Some("to the casino"), HeldState::Waiting)
    );
    assert_eq!(chat.administration.count_held_messages(&BY).await.unwrap(), 1);
    chat.published.take();
    chat.administration.release(&BY, waiting[0].id, &chat.messaging).await.unwrap();
    let entries = chat.published.take_entries();
    assert_eq!((entries.len(), entries[0].actor), (1, Some(ben.user)));
    assert_eq!(entries[0].message().unwrap().client_id, client_id);
    let again = chat.administration.release(&BY, waiting[0].id, &chat.messaging).await;
    assert!(matches!(again, Err(AdminError::NoSuchHeldMessage)));
    let repeat = chat.messaging.post_all(vec![said]).await.pop().unwrap().unwrap();
    assert!(repeat.duplicate);
    let done = held(&chat).await.pop().unwrap();
    assert_eq!((done.state, done.body), (HeldState::Released, None), "what was said stands in the log alone");
}

#[tokio::test]
async fn one_whose_id_another_text_was_posted_under_is_rejected_and_not_released() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let garden = group(&chat, &ana, &[]).await;
    rule(&chat, "casino", FilterAction::Hold).await;
    let client_id = ClientId::from_uuid(chat.ids.next_id());
    let held_back = chat.messaging.post_all(vec![post(&ana, garden, client_id, "casino")]).await;
    assert!(matches!(held_back[0], Err(PostError::Held)));
    chat.messaging.post_all(vec![post(&ana, garden, client_id, "tea")]).await.pop().unwrap().unwrap();
    let waiting = held(&chat).await.pop().unwrap();
    let released = chat.administration.release(&BY, waiting.id, &chat.messaging).await;
    assert!(matches!(released, Err(AdminError::Post(PostError::IdempotencyConflict))));
    chat.administration.reject(&BY, waiting.id).await.unwrap();
    assert_eq!(held(&chat).await[0].state, HeldState::Rejected);
}

#[tokio::test]
async fn what_is_rejected_is_never_posted_and_its_author_is_told() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    rule(&chat, "casino", FilterAction::Hold).await;
    let said = post(&ben, garden, ClientId::from_uuid(chat.ids.next_id()), "to the casino");
    chat.messaging.post_all(vec![said.clone()]).await;
    let waiting = held(&chat).await.pop().unwrap();
    chat.administration.reject(&BY, waiting.id).await.unwrap();
    assert!(matches!(chat.administration.reject(&BY, waiting.id).await, Err(AdminError::NoSuchHeldMessage)));
    let told = chat.notifications.list(&ben, None, PageSize::default()).await.unwrap().items;
    assert!(told.iter().any(|one| one.kind == NotificationKind::MessageRejected));
    let answer = chat.messaging.post_all(vec![said]).await.pop().unwrap();
    assert!(matches!(answer, Err(PostError::Rejected)));
    let filter = AuditFilter { target: Some(AuditTarget::User(ben.user)), ..AuditFilter::default() };
    let written = chat.store.audit(&filter, None, 1).await.unwrap();
    assert_eq!(written[0].action, AuditAction::HeldMessageHandled);
}

#[tokio::test]
async fn in_direct_conversations_nothing_is_held_and_what_is_refused_is_refused() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let (view, _) = chat.conversations.open_direct(&ana, ben.user).await.unwrap();
    let direct = view.conversation.id;
    rule(&chat, "casino", FilterAction::Hold).await;
    rule(&chat, "heroin", FilterAction::Refuse).await;
    chat.post(&ana, direct, "to the casino").await.unwrap();
    let refused = chat.post(&ana, direct, "heroin").await;
    assert!(matches!(refused, Err(PostError::Filtered(_))));
    assert!(held(&chat).await.is_empty());
}

#[tokio::test]
async fn what_its_author_may_not_post_any_more_goes_on_waiting_and_slow_mode_does_not_count() {
    let chat = Chat::new().await;
    let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
    let garden = group(&chat, &ana, &[&ben]).await;
    rule(&chat, "casino", FilterAction::Hold).await;
    assert!(matches!(chat.post(&ben, garden, "casino").await, Err(PostError::Held)));
    let waiting = held(&chat).await.pop().unwrap();
    let id = garden.as_uuid();
    let id = parlor_domain::GroupId::from_uuid(id);
    chat.groups.remove(&ana, id, ben.user).await.unwrap();
    let released = chat.administration.release(&BY, waiting.id, &chat.messaging).await;
    assert!(matches!(released, Err(AdminError::Post(PostError::Denied(_)))));
    assert_eq!(held(&chat).await[0].state, HeldState::Waiting);
    chat.groups.add(&ana, id, ben.user).await.unwrap();
    let slow = parlor_domain::GroupChange { slow_mode: SlowMode::new(60), ..Default::default() };
    chat.groups.change(&ana, id, slow).await.unwrap();
    chat.post(&ben, garden, "hello").await.unwrap();
    chat.administration.release(&BY, waiting.id, &chat.messaging).await.unwrap();
}

#[tokio::test]
async fn one_person_has_a_bounded_number_of_messages_waiting() {
    let chat = Chat::new().await;
    let ana = chat.person("ana").await;
    let garden = group(&chat, &ana, &[]).await;
    rule(&chat, "casino", FilterAction::Hold).await;
    for _ in 0..HeldMessage::MAX_WAITING {
        assert!(matches!(chat.post(&ana, garden, "casino").await, Err(PostError::Held)));
    }
    assert!(matches!(chat.post(&ana, garden, "casino").await, Err(PostError::TooManyHeld)));
}

#[tokio::test]
async fn a_rule_is_made_once_changed_and_written_down() {
    let chat = Chat::new().await;
    let made = rule(&chat, "Casinò", FilterAction::Refuse).await;
    let add = async |phrase: &str| {
        let phrase = FilterPhrase::parse(phrase).unwrap();
        chat.administration.add_filter_rule(&BY, phrase, FilterAction::Hold).await
    };
    assert!(matches!(add("CASINO").await, Err(AdminError::SuchRule)));
    assert!(matches!(add("!?").await, Err(AdminError::EmptyPhrase)));
    let changed = chat.administration.change_filter_rule(&BY, made.id, FilterAction::Hold).await.unwrap();
    assert_eq!(chat.administration.filter_rules(&BY).await.unwrap(), [changed]);
    chat.administration.remove_filter_rule(&BY, made.id).await.unwrap();
    let gone = chat.administration.remove_filter_rule(&BY, made.id).await;
    assert!(matches!(gone, Err(AdminError::NoSuchRule)));
    let filter = AuditFilter { action: Some(AuditAction::WordFilterChanged), ..AuditFilter::default() };
    let written = chat.store.audit(&filter, None, 5).await.unwrap();
    let told: Vec<Vec<&str>> = written
        .iter()
        .map(|entry| entry.changes.iter().map(|change| change.field.as_str()).collect())
        .collect();
    assert_eq!(told, vec![vec!["phrase", "action"]; 3]);
}
