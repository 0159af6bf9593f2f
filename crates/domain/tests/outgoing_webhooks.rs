//! What receivers of webhooks are told, in which order, and what becomes of what they do not take.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{Chat, NOTIFICATIONS_KEPT, form};
use parlor_domain::{
    Actor, AdminError, Administrator, AuditAction, AuditFilter, ConversationId, GroupDescription, GroupId,
    GroupName, MessageFate, NotificationKind, OutgoingWebhook, OutgoingWebhookError, OutgoingWebhookForm,
    OutgoingWebhookId, OutgoingWebhooks, PageSize, Role, Timestamp, UserId, Visibility, WebhookAnswer,
    WebhookContent, WebhookEvent, WebhookEvents, WebhookReach, WebhookSender, WebhookState,
};
use uuid::Uuid;

const BY: Administrator = Administrator::Operator;
const HOUR: Duration = Duration::from_hours(1);

/// A receiver that takes everything, unless it is told to answer something else.
#[derive(Default)]
struct Receiver {
    answers: Mutex<VecDeque<u16>>,
    heard: Mutex<Vec<(String, String)>>,
}

impl Receiver {
    fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// What came since the last call: texts of messages, or the kinds of what is none.
    fn heard(&self) -> Vec<String> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        heard.into_iter().map(|(_, what)| what).collect()
    }
}

#[async_trait]
impl WebhookSender for Receiver {
    fn secret(&self, _: OutgoingWebhookId, seed: Uuid) -> String {
        seed.to_string()
    }

    async fn send(&self, webhook: &OutgoingWebhook, content: &WebhookContent, _: Timestamp) -> WebhookAnswer {
        let what = match content {
            WebhookContent::Test(_) => "test".to_owned(),
            WebhookContent::Entry(event, entry) => {
                entry.message().map_or_else(|| event.word().to_owned(), |message| message.body.to_string())
            }
        };
        self.heard.lock().unwrap().push((content.message_id(webhook.id), what));
        let status = self.answers.lock().unwrap().pop_front().unwrap_or(204);
        WebhookAnswer { status: Some(status), ..WebhookAnswer::default() }
    }
}

struct World {
    chat: Chat,
    receiver: Arc<Receiver>,
    webhooks: OutgoingWebhooks,
    ana: Actor,
    bot: UserId,
    group: ConversationId,
}

fn wanted(events: &[WebhookEvent], groups: Option<Vec<GroupId>>) -> OutgoingWebhookForm {
    OutgoingWebhookForm {
        name: "tickets".into(),
        url: "https://hooks.example.org/x".into(),
        events: WebhookEvents::of(events),
        groups,
    }
}

impl World {
    /// Ana has a group, and the bot is in it.
    async fn new() -> Self {
        let chat = Chat::new().await;
        let receiver = Arc::new(Receiver::default());
        let reach = WebhookReach::default();
        let webhooks = OutgoingWebhooks::new(
            chat.store.clone(),
            chat.clock.clone(),
            chat.ids.clone(),
            receiver.clone(),
            reach,
            NOTIFICATIONS_KEPT,
        );
        let ana = chat.person("ana").await;
        let bot = chat.administration.create_bot(&BY, "robot", "Robot").await.unwrap().id;
        let world =
            Self { group: ConversationId::from_uuid(Uuid::nil()), chat, receiver, webhooks, ana, bot };
        let group = world.group_with_bot("Tickets").await;
        world.chat.clock.pass(HOUR);
        Self { group, ..world }
    }

    async fn group_with_bot(&self, name: &str) -> ConversationId {
        let (name, about) = (GroupName::parse(name).unwrap(), GroupDescription::parse("").unwrap());
        let made = self.chat.groups.create(&self.ana, name, about, Visibility::Private, &[self.bot]).await;
        made.unwrap().id.into()
    }

    async fn hook(&self, form: &OutgoingWebhookForm) -> OutgoingWebhook {
        let made = self.chat.administration.make_outgoing_webhook(&BY, &self.webhooks, self.bot, form).await;
        made.unwrap().0
    }

    async fn say(&self, conversation: ConversationId, body: &str) {
        self.chat.clock.pass(Duration::from_millis(1));
        self.chat.post(&self.ana, conversation, body).await.unwrap();
    }

    /// Delivers what is due; what came.
    async fn deliver(&self) -> Vec<String> {
        for webhook in self.webhooks.due().await.unwrap() {
            let Some(mut lease) = self.webhooks.take(webhook).await.unwrap() else { continue };
            while self.webhooks.deliver(&mut lease).await.unwrap() {}
            self.webhooks.release(lease).await.unwrap();
        }
        self.receiver.heard()
    }

    async fn now(&self, webhook: &OutgoingWebhook) -> OutgoingWebhook {
        self.chat.store.outgoing_webhook(webhook.id).await.unwrap().unwrap()
    }
}

fn refused<T>(result: Result<T, AdminError>) -> OutgoingWebhookError {
    match result {
        Err(AdminError::OutgoingWebhook(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was let through"),
    }
}

#[tokio::test]
async fn what_happens_from_then_on_is_told_once_and_in_order() {
    let world = World::new().await;
    world.say(world.group, "before").await;
    world.chat.clock.pass(HOUR);
    world.hook(&wanted(&[WebhookEvent::MessagePosted, WebhookEvent::MemberJoined], None)).await;
    assert!(world.deliver().await.is_empty());
    for number in 0..120 {
        world.say(world.group, &number.to_string()).await;
    }
    let expected: Vec<_> = (0..120).map(|number| number.to_string()).collect();
    assert_eq!(world.deliver().await, expected, "more than a page");
    assert!(world.deliver().await.is_empty());
    let ben = world.chat.person("ben").await;
    world.chat.groups.add(&world.ana, GroupId::from(world.group), ben.user).await.unwrap();
    // Ben came into the lobby, too, where the bot is as everybody else.
    assert_eq!(world.deliver().await, ["member.joined", "member.joined"]);
    world.chat.groups.remove(&ben, GroupId::from(world.group), ben.user).await.unwrap();
    assert!(world.deliver().await.is_empty(), "that was not chosen");
}

#[tokio::test]
async fn what_the_bot_may_not_read_is_not_told() {
    let world = World::new().await;
    let direct = world.chat.conversations.open_direct(&world.ana, world.bot).await.unwrap().0.conversation.id;
    let (name, about) = (GroupName::parse("Secret").unwrap(), GroupDescription::parse("").unwrap());
    let secret = world.chat.groups.create(&world.ana, name, about, Visibility::Private, &[]).await.unwrap();
    world.hook(&wanted(&[WebhookEvent::MessagePosted], None)).await;
    world.say(direct, "to the bot alone").await;
    world.say(secret.id.into(), "among us").await;
    world.say(world.group, "for all").await;
    assert_eq!(world.deliver().await, ["for all"]);
    // It is told from when the bot comes in, and no more once it is out.
    world.chat.clock.pass(HOUR);
    world.chat.groups.add(&world.ana, secret.id, world.bot).await.unwrap();
    world.say(secret.id.into(), "now you, too").await;
    assert_eq!(world.deliver().await, ["now you, too"]);
    world.say(secret.id.into(), "too late").await;
    world.chat.groups.remove(&world.ana, secret.id, world.bot).await.unwrap();
    assert!(world.deliver().await.is_empty());
}

#[tokio::test]
async fn only_the_groups_that_were_chosen_are_told_of() {
    let world = World::new().await;
    let other = world.group_with_bot("Other").await;
    let form = wanted(&[WebhookEvent::MessagePosted], Some(vec![other.into()]));
    let hook = world.hook(&form).await;
    world.say(world.group, "here").await;
    world.say(other, "there").await;
    assert_eq!(world.deliver().await, ["there"]);
    world.chat.clock.pass(HOUR);
    let both = OutgoingWebhookForm { groups: Some(vec![other.into(), world.group.into()]), ..form };
    let (administration, webhooks) = (&world.chat.administration, &world.webhooks);
    administration.change_outgoing_webhook(&BY, webhooks, hook.id, &both).await.unwrap();
    world.say(world.group, "here again").await;
    assert_eq!(world.deliver().await, ["here again"], "not what was there before it was chosen");
    let foreign = wanted(&[WebhookEvent::MessagePosted], Some(vec![GroupId::from_uuid(Uuid::nil())]));
    let changed = administration.change_outgoing_webhook(&BY, webhooks, hook.id, &foreign).await;
    assert!(matches!(changed, Err(AdminError::BotNotInGroup)));
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_and_nothing_passes_it() {
    let world = World::new().await;
    let hook = world.hook(&wanted(&[WebhookEvent::MessagePosted], None)).await;
    for text in ["one", "two", "three"] {
        world.say(world.group, text).await;
    }
    world.receiver.answer([204, 500, 500]);
    assert_eq!(world.deliver().await, ["one", "two"]);
    let failing = world.now(&hook).await;
    assert_eq!((failing.tries, failing.failing_since.is_some()), (1, true));
    assert!(world.deliver().await.is_empty(), "it is not time");
    world.chat.clock.pass(Duration::from_secs(3));
    assert_eq!(world.deliver().await, ["two"]);
    world.chat.clock.pass(Duration::from_secs(8));
    assert_eq!(world.deliver().await, ["two", "three"]);
    let works = world.now(&hook).await;
    assert_eq!((works.tries, works.failing_since), (0, None));
    let sent = world.chat.administration.webhook_deliveries(&BY, hook.id, None, PageSize::default()).await;
    let sent = sent.unwrap().items;
    let told: Vec<_> = sent.iter().rev().map(|sent| (sent.answer.status.unwrap(), sent.attempt)).collect();
    assert_eq!(told, [(204, 1), (500, 1), (500, 2), (204, 3), (204, 1)]);
    assert_eq!(sent[1].message_id(), sent[3].message_id(), "the same message has the same id");
}

#[tokio::test]
async fn after_a_day_admins_are_told_and_nothing_is_lost_when_it_goes_on() {
    let world = World::new().await;
    world.chat.accounts.create_admin(&form("boss")).await.unwrap();
    let hook = world.hook(&wanted(&[WebhookEvent::MessagePosted], None)).await;
    world.say(world.group, "one").await;
    world.receiver.answer([503; 40]);
    let mut tries = 0;
    while world.now(&hook).await.state == WebhookState::Active {
        tries += world.deliver().await.len();
        world.chat.clock.pass(HOUR + HOUR / 3);
    }
    assert!((15..=25).contains(&tries), "{tries}");
    world.say(world.group, "two").await;
    assert!(world.deliver().await.is_empty());
    let boss = world.chat.store.user_by_login(&parlor_domain::Login::parse("boss").unwrap()).await.unwrap();
    let boss = Actor { user: boss.unwrap().0.id, role: Role::Admin };
    let told = world.chat.notifications.list(&boss, None, PageSize::default()).await.unwrap().items;
    let told: Vec<_> = told.iter().map(|told| (told.kind, told.actor)).collect();
    assert_eq!(told, [(NotificationKind::WebhookFailed, Some(world.bot))]);

    world.receiver.answers.lock().unwrap().clear();
    world.chat.administration.resume_outgoing_webhook(&BY, hook.id, false).await.unwrap();
    assert_eq!(world.deliver().await, ["one", "two"]);
    assert_eq!(world.now(&hook).await.state, WebhookState::Active);
}

#[tokio::test]
async fn a_paused_one_waits_and_goes_on_where_it_was_or_with_what_is_new() {
    let world = World::new().await;
    let hook = world.hook(&wanted(&[WebhookEvent::MessagePosted], None)).await;
    let administration = &world.chat.administration;
    for (skips, expected) in [(false, &["one", "two"][..]), (true, &["two"][..])] {
        administration.pause_outgoing_webhook(&BY, hook.id).await.unwrap();
        world.say(world.group, "one").await;
        assert!(world.deliver().await.is_empty());
        administration.resume_outgoing_webhook(&BY, hook.id, skips).await.unwrap();
        world.say(world.group, "two").await;
        assert_eq!(world.deliver().await, expected);
    }
}

#[tokio::test]
async fn one_node_delivers_at_a_time() {
    let world = World::new().await;
    let hook = world.hook(&wanted(&[WebhookEvent::MessagePosted], None)).await;
    world.say(world.group, "one").await;
    let mut lease = world.webhooks.take(hook.id).await.unwrap().unwrap();
    assert!(world.webhooks.take(hook.id).await.unwrap().is_none());
    // It took so long that another one has it: what this one did does not count.
    world.chat.clock.pass(Duration::from_mins(1));
    let mut other = world.webhooks.take(hook.id).await.unwrap().unwrap();
    assert!(!world.webhooks.deliver(&mut lease).await.unwrap());
    world.webhooks.release(lease).await.unwrap();
    assert!(world.webhooks.take(hook.id).await.unwrap().is_none(), "the other one still has it");
    world.webhooks.deliver(&mut other).await.unwrap();
    assert_eq!(world.receiver.heard(), ["one", "one"], "at least once");
    assert!(!world.webhooks.deliver(&mut other).await.unwrap());
}

#[tokio::test]
async fn something_is_sent_by_hand_and_written_down() {
    let world = World::new().await;
    let hook = world.hook(&wanted(&[WebhookEvent::MessagePosted], None)).await;
    let (administration, webhooks) = (&world.chat.administration, &world.webhooks);
    let test = administration.test_outgoing_webhook(&BY, webhooks, hook.id).await.unwrap();
    assert_eq!((test.event, world.receiver.heard()), (None, vec!["test".to_owned()]));
    world.say(world.group, "one").await;
    world.deliver().await;
    let sent = administration.webhook_deliveries(&BY, hook.id, None, PageSize::default()).await.unwrap();
    assert_eq!(sent.items.len(), 2);
    let again = administration.send_again(&BY, webhooks, hook.id, sent.items[0].id).await.unwrap();
    assert_eq!(world.receiver.heard(), ["one"]);
    assert_eq!(again.message_id(), sent.items[0].message_id());
    world.chat.groups.remove(&world.ana, world.group.into(), world.bot).await.unwrap();
    let refusal = refused(administration.send_again(&BY, webhooks, hook.id, sent.items[0].id).await);
    assert!(matches!(refusal, OutgoingWebhookError::Unreadable));
    let (_, secret) = administration.replace_webhook_secret(&BY, webhooks, hook.id).await.unwrap();
    let seeds = world.now(&hook).await.seeds;
    assert_eq!((seeds.current.to_string(), seeds.previous.unwrap().0), (secret, hook.seeds.current));
    administration.delete_outgoing_webhook(&BY, hook.id).await.unwrap();
    let done = administration.audit(&BY, &AuditFilter::default(), None, PageSize::default()).await.unwrap();
    let done: Vec<_> = done.items.iter().take(5).map(|entry| entry.action).collect();
    let sent = AuditAction::WebhookSentByHand;
    let (replaced, made) = (AuditAction::WebhookSecretReplaced, AuditAction::OutgoingWebhookMade);
    assert_eq!(done, [AuditAction::OutgoingWebhookDeleted, replaced, sent, sent, made]);
}

#[tokio::test]
async fn what_cannot_be_a_webhook_is_refused() {
    let world = World::new().await;
    world.chat.accounts.create_admin(&form("boss")).await.unwrap();
    let (administration, webhooks) = (&world.chat.administration, &world.webhooks);
    let make = async |bot: UserId, form: &OutgoingWebhookForm| {
        administration.make_outgoing_webhook(&BY, webhooks, bot, form).await
    };
    let good = wanted(&[WebhookEvent::MessagePosted], None);
    assert!(matches!(make(world.ana.user, &good).await, Err(AdminError::NotABot)));
    let none = wanted(&[], None);
    assert!(matches!(refused(make(world.bot, &none).await), OutgoingWebhookError::NoEvents));
    let nowhere = OutgoingWebhookForm { groups: Some(Vec::new()), ..good.clone() };
    assert!(matches!(refused(make(world.bot, &nowhere).await), OutgoingWebhookError::NoGroups));
    let inside =
        OutgoingWebhookForm { name: String::new(), url: "http://127.0.0.1/x".into(), ..good.clone() };
    let OutgoingWebhookError::Invalid(wrong) = refused(make(world.bot, &inside).await) else {
        panic!("what is wrong is told")
    };
    assert_eq!(wrong.iter().map(|wrong| wrong.field).collect::<Vec<_>>(), ["name", "url"]);
    for _ in 0..OutgoingWebhook::MAX {
        make(world.bot, &good).await.unwrap();
    }
    assert!(matches!(refused(make(world.bot, &good).await), OutgoingWebhookError::TooMany));
    // They end with their bot.
    administration.delete_account(&BY, world.bot, MessageFate::Keep).await.unwrap();
    assert!(administration.outgoing_webhooks(&BY).await.unwrap().is_empty());
}
