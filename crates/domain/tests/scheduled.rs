//! Messages that are posted later.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{
    Actor, ClientId, Clock, ConversationId, Denied, GroupDescription, GroupName, IdSource, MessageBody, Post,
    PostError, PostQueue, Posted, Refusal, ScheduleError, Scheduled, ScheduledMessage, Visibility,
};

use common::Chat;

const MINUTE: Duration = Duration::from_mins(1);

/// Posts at once.
struct Straight<'a>(&'a Chat);

#[async_trait]
impl PostQueue for Straight<'_> {
    async fn post(&self, post: Post) -> Result<Posted, PostError> {
        self.0.messaging.post_all(vec![post]).await.pop().unwrap()
    }
}

struct World {
    chat: Chat,
    scheduled: Scheduled,
    ana: Actor,
    ben: Actor,
    group: ConversationId,
}

impl World {
    async fn start() -> Self {
        let chat = Chat::new().await;
        let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
        let (name, about) = (GroupName::parse("Kitchen").unwrap(), GroupDescription::parse("").unwrap());
        let group = chat.groups.create(&ana, name, about, Visibility::Public, &[ben.user]).await.unwrap();
        let scheduled = Scheduled::new(chat.store.clone(), chat.clock.clone());
        Self { chat, scheduled, ana, ben, group: group.id.into() }
    }

    fn message(&self, author: &Actor, after: Duration) -> ScheduledMessage {
        ScheduledMessage {
            id: ClientId::from_uuid(self.chat.ids.next_id()),
            author: author.user,
            conversation: self.group,
            body: MessageBody::parse("soup at seven").unwrap(),
            reply_to: None,
            thread: None,
            at: self.chat.clock.now().plus(after),
            refusal: None,
        }
    }

    async fn schedule(&self, author: &Actor, after: Duration) -> ScheduledMessage {
        self.scheduled.schedule(author, self.message(author, after)).await.unwrap().0
    }

    async fn post_due(&self) {
        assert!(!self.scheduled.post_due(&Straight(&self.chat)).await.unwrap());
    }

    async fn texts(&self) -> Vec<String> {
        let log = self.chat.log(&self.ana, self.group).await;
        log.iter().filter_map(|entry| Some(entry.message()?.body.to_string())).collect()
    }
}

#[tokio::test]
async fn a_message_is_posted_once_its_time_has_come() {
    let world = World::start().await;
    let message = world.schedule(&world.ana, 2 * MINUTE).await;
    let again = world.scheduled.schedule(&world.ana, message.clone()).await.unwrap();
    assert_eq!(again, (message.clone(), false));
    world.chat.clock.pass(MINUTE);
    world.post_due().await;
    assert!(world.texts().await.is_empty());
    world.chat.clock.pass(MINUTE);
    let late = world.scheduled.change(&world.ana, message.id, None, Some(message.at.plus(MINUTE))).await;
    assert!(matches!(late, Err(ScheduleError::BeingSent)), "{late:?}");
    world.post_due().await;
    world.post_due().await;
    assert_eq!(world.texts().await, ["soup at seven"]);
    assert!(world.scheduled.list(&world.ana).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_that_was_posted_before_its_row_went_is_posted_once() {
    let world = World::start().await;
    let message = world.schedule(&world.ana, MINUTE).await;
    let post = common::post(&world.ana, world.group, message.id, message.body.as_str());
    world.chat.messaging.post_all(vec![post]).await.pop().unwrap().unwrap();
    world.chat.clock.pass(MINUTE);
    world.post_due().await;
    assert_eq!(world.texts().await, ["soup at seven"]);
    assert!(world.scheduled.list(&world.ana).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_message_that_is_refused_stays_with_its_reason_until_it_is_tried_again() {
    let world = World::start().await;
    let message = world.schedule(&world.ben, MINUTE).await;
    world.chat.groups.remove(&world.ben, world.group.into(), world.ben.user).await.unwrap();
    world.chat.clock.pass(MINUTE);
    world.post_due().await;
    assert!(world.texts().await.is_empty());
    let kept = world.scheduled.list(&world.ben).await.unwrap();
    assert_eq!(kept, [ScheduledMessage { refusal: Some(Refusal::Forbidden), ..message.clone() }]);
    let now = world.scheduled.send_now(&world.ben, message.id, &Straight(&world.chat)).await;
    assert!(matches!(now, Err(ScheduleError::Post(PostError::Denied(Denied::Forbidden)))), "{now:?}");
    world.chat.groups.add(&world.ben, world.group.into(), world.ben.user).await.unwrap();
    let at = world.chat.clock.now().plus(MINUTE);
    let changed = world
        .scheduled
        .change(&world.ben, message.id, Some(MessageBody::parse("soup at eight").unwrap()), Some(at))
        .await
        .unwrap();
    assert_eq!(changed.refusal, None);
    world.chat.clock.pass(MINUTE);
    world.post_due().await;
    assert_eq!(world.texts().await, ["soup at eight"]);
}

#[tokio::test]
async fn a_message_is_sent_at_once_or_deleted_by_its_author_alone() {
    let world = World::start().await;
    let (first, second) =
        (world.schedule(&world.ana, MINUTE).await, world.schedule(&world.ana, MINUTE).await);
    let straight = Straight(&world.chat);
    let theirs = world.scheduled.send_now(&world.ben, first.id, &straight).await;
    assert!(matches!(theirs, Err(ScheduleError::NoSuchMessage)), "{theirs:?}");
    let theirs = world.scheduled.delete(&world.ben, first.id).await;
    assert!(matches!(theirs, Err(ScheduleError::NoSuchMessage)), "{theirs:?}");
    world.scheduled.send_now(&world.ana, first.id, &straight).await.unwrap();
    world.scheduled.delete(&world.ana, second.id).await.unwrap();
    world.chat.clock.pass(MINUTE);
    world.post_due().await;
    assert_eq!(world.texts().await, ["soup at seven"]);
}

#[tokio::test]
async fn a_time_lies_ahead_and_within_a_year_and_there_are_a_hundred_at_most() {
    let world = World::start().await;
    for after in [Duration::ZERO, Scheduled::FARTHEST + MINUTE] {
        let refused = world.scheduled.schedule(&world.ana, world.message(&world.ana, after)).await;
        assert!(matches!(refused, Err(ScheduleError::BadTime)), "{refused:?}");
    }
    for _ in 0..Scheduled::MOST {
        world.schedule(&world.ana, MINUTE).await;
    }
    let refused = world.scheduled.schedule(&world.ana, world.message(&world.ana, MINUTE)).await;
    assert!(matches!(refused, Err(ScheduleError::TooMany)), "{refused:?}");
    world.chat.clock.pass(MINUTE);
    let more = world.scheduled.post_due(&Straight(&world.chat)).await.unwrap();
    assert!(more && world.scheduled.list(&world.ana).await.unwrap().is_empty());
    world.post_due().await;
}
