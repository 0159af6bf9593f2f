//! Which devices are told of what while the page is closed.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mockall::mock;
use parlor_domain::{
    Actor, Authenticated, Clock, ConversationId, Event, Grant, GroupDescription, GroupName, MessageBody,
    NotificationKind, NotificationSettings, Presence, ProfileChange, Push, PushDelivery, PushFailure,
    PushKeys, PushNews, PushPolicy, PushReach, PushSender, PushSubscription, Pushes, QuietHours, SessionKind,
    SubscribeError, Timestamp, Visibility,
};

use common::{Chat, SESSIONS, form};

mock! {
    Sender {}

    #[async_trait]
    impl PushSender for Sender {
        fn public_key(&self) -> [u8; 65];
        async fn send(&self, to: &PushSubscription, push: &Push, now: Timestamp) -> Result<(), PushFailure>;
    }
}

const ON: PushPolicy = PushPolicy { enabled: true, reach: PushReach::World, sessions: SESSIONS };

fn keys() -> PushKeys {
    PushKeys::new(&[4; 65], &[7; 16]).unwrap()
}

struct World {
    chat: Chat,
    pushes: Pushes,
    ana: Actor,
    ben: Authenticated,
    direct: ConversationId,
}

impl World {
    /// Ben has a device that is told.
    async fn new() -> Self {
        Self::with(MockSender::new()).await
    }

    async fn with(sender: MockSender) -> Self {
        let chat = Chat::new().await;
        let pushes = Pushes::new(chat.store.clone(), chat.clock.clone(), Arc::new(sender), ON);
        let ana = chat.person("ana").await;
        let ben = sign_up(&chat, "ben").await;
        pushes.subscribe(&ben, "https://push.example/ben", keys()).await.unwrap();
        let direct = chat.conversations.open_direct(&ana, ben.actor.user).await.unwrap().0.conversation.id;
        chat.published.take();
        Self { chat, pushes, ana, ben, direct }
    }

    /// What happened since the last call.
    fn news(&self) -> PushNews {
        let mut news = PushNews::default();
        for event in self.chat.published.take() {
            match event {
                Event::EntryAppended(entry) if entry.message().is_some() => news.messages.push(entry),
                Event::Notified(told) => news.told.extend(told.iter().cloned()),
                _ => {}
            }
        }
        news
    }

    async fn gather(&self) -> Vec<PushDelivery> {
        self.pushes.gather(self.news()).await.unwrap()
    }

    /// What Ben's device is told when Ana writes to him now.
    async fn told_of(&self, text: &str) -> Option<Arc<Push>> {
        self.chat.post(&self.ana, self.direct, text).await.unwrap();
        let mut told = self.gather().await;
        assert!(told.len() <= 1, "{told:?}");
        told.pop().map(|delivery| delivery.push)
    }

    async fn want(&self, settings: NotificationSettings) {
        self.chat.notifications.set_settings(&self.ben.actor, &settings).await.unwrap();
    }
}

async fn sign_up(chat: &Chat, username: &str) -> Authenticated {
    let signed_in = chat.accounts.register(&form(username), &SessionKind::Token.into()).await.unwrap();
    let actor = Actor { user: signed_in.user.id, role: signed_in.user.role };
    Authenticated { actor, session: signed_in.session, grant: Grant::Everything }
}

#[tokio::test]
async fn a_message_that_was_not_read_is_told_in_words() {
    let world = World::new().await;
    let push = world.told_of("Soup?").await.unwrap();
    assert_eq!((push.conversation, push.seq, push.urgent), (Some(world.direct), Some(1), true));
    let words = push.words.as_ref().unwrap();
    assert_eq!((words.kind, words.text.as_deref()), (None, Some("Soup?")));
    assert_eq!(words.actor.as_ref().unwrap().as_str(), "ana");
    assert_eq!(words.group, None);
    // What one writes oneself is no news.
    world.chat.post(&world.ben.actor, world.direct, "Soup!").await.unwrap();
    assert!(world.gather().await.is_empty());
}

#[tokio::test]
async fn what_was_read_or_deleted_meanwhile_is_not_told_and_what_was_changed_as_it_is() {
    let world = World::new().await;
    let first = world.chat.post(&world.ana, world.direct, "one").await.unwrap();
    let news = world.news();
    world.chat.messaging.edit(&world.ana, first.message, MessageBody::parse("two").unwrap()).await.unwrap();
    world.news();
    let told = world.pushes.gather(news).await.unwrap();
    assert_eq!(told[0].push.words.as_ref().unwrap().text.as_deref(), Some("two"));

    let second = world.chat.post(&world.ana, world.direct, "three").await.unwrap();
    let news = world.news();
    world.chat.messaging.delete(&world.ana, second.message).await.unwrap();
    assert!(world.pushes.gather(news).await.unwrap().is_empty());
}

#[tokio::test]
async fn hidden_texts_say_only_that_there_is_something() {
    let world = World::new().await;
    world.want(NotificationSettings { preview: false, ..NotificationSettings::default() }).await;
    let push = world.told_of("a secret").await.unwrap();
    assert_eq!(push.words, None);
    assert_eq!((push.conversation, push.seq), (Some(world.direct), Some(1)));
}

#[tokio::test]
async fn nobody_is_disturbed_who_does_not_want_to_be() {
    let world = World::new().await;
    // The tests' clock shows 08:00 UTC.
    let quiet = QuietHours::new(8 * 60, 9 * 60, 0x7f, 0);
    world.want(NotificationSettings { quiet, ..NotificationSettings::default() }).await;
    assert_eq!(world.told_of("in quiet hours").await, None);
    world.want(NotificationSettings::default()).await;
    let busy = |presence| ProfileChange { presence: Some(presence), ..ProfileChange::default() };
    world.chat.accounts.change_profile(&world.ben.actor, &busy(Presence::DoNotDisturb)).await.unwrap();
    assert_eq!(world.told_of("in the middle of something").await, None);
    world.chat.accounts.change_profile(&world.ben.actor, &busy(Presence::Online)).await.unwrap();
    assert!(world.told_of("done?").await.is_some());
}

#[tokio::test]
async fn a_device_is_told_while_its_session_lasts() {
    let world = World::new().await;
    assert!(world.told_of("hello").await.is_some());
    world.chat.clock.pass(Duration::from_mins(30));
    assert_eq!(world.told_of("the session is over").await, None);

    let world = World::new().await;
    world.chat.accounts.sign_out(&world.ben).await.unwrap();
    world.chat.published.take();
    assert_eq!(world.told_of("signed out").await, None);
}

#[tokio::test]
async fn what_is_for_somebody_is_told_instead_of_the_message() {
    let world = World::new().await;
    let (name, about) = (GroupName::parse("Kitchen").unwrap(), GroupDescription::parse("").unwrap());
    let people = [world.ben.actor.user];
    let group =
        world.chat.groups.create(&world.ana, name, about, Visibility::Public, &people).await.unwrap().id;
    let told = world.gather().await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].push.words.as_ref().unwrap().kind, Some(NotificationKind::Added));
    assert_eq!(told[0].push.seq, None, "it is about the group");

    world.chat.post(&world.ana, group.into(), "soup").await.unwrap();
    assert!(world.gather().await.is_empty(), "in a public group one hears of what is for one");
    world.chat.post(&world.ana, group.into(), "soup, @ben?").await.unwrap();
    let told = world.gather().await;
    let words = told[0].push.words.as_ref().unwrap();
    assert_eq!((told.len(), words.kind), (1, Some(NotificationKind::Mention)));
    assert_eq!(words.group.as_ref().unwrap().as_str(), "Kitchen");
    world.chat.post(&world.ana, world.direct, "@ben, now").await.unwrap();
    let told = world.gather().await;
    assert_eq!(told.len(), 1, "one push for one message");
    assert_eq!(told[0].push.words.as_ref().unwrap().kind, Some(NotificationKind::Mention));
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_forgotten_and_a_new_one_is_not() {
    let mut sender = MockSender::new();
    sender.expect_send().times(1).returning(|_, _, _| Err(PushFailure::Later("503".into(), None)));
    sender.expect_send().times(2).returning(|_, _, _| Err(PushFailure::Gone("410".into())));
    let world = World::with(sender).await;
    let push = world.told_of("hello").await.unwrap();
    let old = world.pushes.subscription(&world.ben).await.unwrap().unwrap();
    assert!(world.pushes.send(&old, &push).await.is_err());
    assert!(world.pushes.subscription(&world.ben).await.unwrap().is_some(), "it may work later");
    world.pushes.subscribe(&world.ben, "https://push.example/new", keys()).await.unwrap();
    assert!(world.pushes.send(&old, &push).await.is_err());
    let new = world.pushes.subscription(&world.ben).await.unwrap().unwrap();
    assert_eq!(new.endpoint.path(), "/new");
    assert!(world.pushes.send(&new, &push).await.is_err());
    assert_eq!(world.pushes.subscription(&world.ben).await.unwrap(), None);
}

#[tokio::test]
async fn t21_one_subscribes_at_addresses_of_the_internet() {
    let world = World::new().await;
    for endpoint in ["http://push.example/x", "https://127.0.0.1/x", "https://[::ffff:169.254.169.254]/x"] {
        let refused = world.pushes.subscribe(&world.ben, endpoint, keys()).await;
        assert!(matches!(refused, Err(SubscribeError::Endpoint(_))), "{endpoint}: {refused:?}");
    }
    let kept = world.pushes.subscription(&world.ben).await.unwrap().unwrap();
    assert_eq!((kept.endpoint.path(), kept.created_at), ("/ben", world.chat.clock.now()));
}

#[tokio::test]
async fn a_server_that_does_not_push_takes_no_subscriptions() {
    let world = World::new().await;
    let off = PushPolicy { enabled: false, ..ON };
    let sender = Arc::new(MockSender::new());
    let pushes = Pushes::new(world.chat.store.clone(), world.chat.clock.clone(), sender, off);
    assert_eq!(pushes.public_key(), None);
    let refused = pushes.subscribe(&world.ben, "https://push.example/x", keys()).await;
    assert!(matches!(refused, Err(SubscribeError::Off)), "{refused:?}");
    // What is there from before can be given up.
    pushes.unsubscribe(&world.ben).await.unwrap();
    assert_eq!(world.pushes.subscription(&world.ben).await.unwrap(), None);
}
