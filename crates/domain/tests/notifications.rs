//! Who is told of what.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use common::{Chat, NOTIFICATIONS_KEPT};
use parlor_domain::{
    Actor, ConversationId, Event, GroupChange, GroupDescription, GroupId, GroupName, Level, MemberRole,
    MessageBody, MessageId, NotificationKind, NotificationSettings, PageSize, Preferences, UserId,
    Visibility,
};

use NotificationKind::{Added, Announcement, Mention, Reaction, Reply, Role};

struct World {
    chat: Chat,
    ana: Actor,
    ben: Actor,
    cleo: Actor,
    group: GroupId,
}

impl World {
    /// A group that Ana owns, with Ben and Cleo in it; what they were told of that is forgotten.
    async fn new() -> Self {
        let chat = Chat::new().await;
        let [ana, ben, cleo] =
            [chat.person("ana").await, chat.person("ben").await, chat.person("cleo").await];
        let (name, about) = (GroupName::parse("Talk").unwrap(), GroupDescription::parse("").unwrap());
        let people = [ben.user, cleo.user];
        let group = chat.groups.create(&ana, name, about, Visibility::Private, &people).await.unwrap().id;
        chat.published.take();
        chat.clock.pass(Duration::from_secs(1));
        Self { chat, ana, ben, cleo, group }
    }

    fn talk(&self) -> ConversationId {
        self.group.into()
    }

    async fn say(&self, who: &Actor, text: &str) -> MessageId {
        self.chat.post(who, self.talk(), text).await.unwrap().message
    }

    /// Who was told of what since the last call, as events told it.
    fn told(&self) -> Vec<(UserId, NotificationKind)> {
        let mut told: Vec<_> = self
            .chat
            .published
            .take()
            .into_iter()
            .filter_map(|event| match event {
                Event::Notified(told) => Some(told),
                _ => None,
            })
            .flat_map(|told| told.iter().map(|one| (one.user, one.kind)).collect::<Vec<_>>())
            .collect();
        told.sort_unstable();
        told
    }

    async fn kinds(&self, who: &Actor) -> Vec<NotificationKind> {
        let page = self.chat.notifications.list(who, None, PageSize::default()).await.unwrap();
        page.items.iter().map(|told| told.kind).collect()
    }

    async fn edit(&self, who: &Actor, message: MessageId, text: &str) {
        self.chat.messaging.edit(who, message, MessageBody::parse(text).unwrap()).await.unwrap();
    }

    async fn prefer(&self, who: &Actor, preferences: Preferences) {
        self.chat.conversations.prefer(who, self.talk(), &preferences).await.unwrap();
    }
}

#[tokio::test]
async fn who_is_named_and_there_is_told_and_nobody_else() {
    let world = World::new().await;
    let dora = world.chat.person("dora").await;
    world.chat.published.take();
    let posted = world.chat.post(&world.ana, world.talk(), "@ben. @dora @ana @nobody `@cleo`").await.unwrap();
    assert_eq!(posted.entry.message().unwrap().mentions.users, [world.ben.user]);
    assert_eq!(world.told(), [(world.ben.user, Mention)]);
    assert_eq!(world.kinds(&dora).await, []);
}

#[tokio::test]
async fn everybody_is_mentioned_by_those_who_moderate() {
    let world = World::new().await;
    world.say(&world.ben, "@all from a member").await;
    assert_eq!(world.told(), []);
    let posted = world.chat.post(&world.ana, world.talk(), "@all and @ben").await.unwrap();
    assert!(posted.entry.message().unwrap().mentions.all);
    let mut expected = [(world.ben.user, Mention), (world.cleo.user, Mention)];
    expected.sort_unstable();
    assert_eq!(world.told(), expected);
    let direct = world.chat.conversations.open_direct(&world.ana, world.ben.user).await.unwrap().0;
    let posted = world.chat.post(&world.ana, direct.conversation.id, "@all").await.unwrap();
    assert!(posted.entry.message().unwrap().mentions.is_empty(), "between two it means nothing");
}

#[tokio::test]
async fn an_edit_tells_those_who_are_new_in_it_once() {
    let world = World::new().await;
    let message = world.say(&world.ana, "@ben").await;
    assert_eq!(world.told(), [(world.ben.user, Mention)]);
    world.edit(&world.ana, message, "@ben and @cleo").await;
    assert_eq!(world.told(), [(world.cleo.user, Mention)]);
    world.edit(&world.ana, message, "nobody").await;
    assert_eq!((world.told(), world.kinds(&world.ben).await), (vec![], vec![Added]));
    world.edit(&world.ana, message, "@ben again").await;
    assert_eq!((world.told(), world.kinds(&world.ben).await), (vec![], vec![Mention, Added]));
    let view = world.chat.conversations.one(&world.ben, world.talk()).await.unwrap();
    assert_eq!(view.unread_mentions, 1);
}

#[tokio::test]
async fn an_answer_is_told_and_one_that_mentions_is_told_as_a_mention() {
    let world = World::new().await;
    let question = world.say(&world.ana, "a question").await;
    for (text, kind) in [("an answer", Reply), ("@ana an answer", Mention)] {
        let client_id =
            parlor_domain::ClientId::from_uuid(parlor_domain::IdSource::next_id(&*world.chat.ids));
        let mut post = common::post(&world.ben, world.talk(), client_id, text);
        post.reply_to = Some(question);
        world.chat.messaging.post_all(vec![post]).await.remove(0).unwrap();
        assert_eq!(world.told(), [(world.ana.user, kind)]);
    }
}

#[tokio::test]
async fn reactions_to_a_message_are_told_together() {
    let world = World::new().await;
    let message = world.say(&world.ana, "something").await;
    let emoji = parlor_domain::Emoji::parse("🎈").unwrap();
    for who in [&world.ana, &world.ben, &world.cleo] {
        world.chat.messaging.react(who, message, emoji.clone(), true).await.unwrap();
    }
    assert_eq!(world.told(), [(world.ana.user, Reaction), (world.ana.user, Reaction)]);
    assert_eq!(world.kinds(&world.ana).await, [Reaction]);
    for who in [&world.ben, &world.cleo] {
        world.chat.messaging.react(who, message, emoji.clone(), false).await.unwrap();
    }
    assert_eq!(world.kinds(&world.ana).await, [], "one's own is none");
}

#[tokio::test]
async fn what_becomes_of_one_in_a_group_is_told() {
    let world = World::new().await;
    assert_eq!(world.kinds(&world.ben).await, [Added]);
    assert_eq!(world.kinds(&world.ana).await, []);
    let user = world.ben.user;
    world.chat.groups.set_role(&world.ana, world.group, user, MemberRole::Moderator, false).await.unwrap();
    assert_eq!(world.told(), [(user, Role)]);
    world.chat.groups.set_role(&world.ben, world.group, user, MemberRole::Member, false).await.unwrap();
    assert_eq!(world.told(), [], "one's own doing is no news");
}

#[tokio::test]
async fn announcements_are_told_to_everybody() {
    let world = World::new().await;
    let change = GroupChange { read_only: Some(true), ..GroupChange::default() };
    world.chat.groups.change(&world.ana, world.group, change).await.unwrap();
    world.say(&world.ana, "@ben and all others").await;
    let mut expected = [(world.ben.user, Mention), (world.cleo.user, Announcement)];
    expected.sort_unstable();
    assert_eq!(world.told(), expected);
}

#[tokio::test]
async fn who_wants_to_hear_nothing_is_told_nothing_and_is_mentioned_all_the_same() {
    let world = World::new().await;
    world.prefer(&world.ben, Preferences { level: Some(Level::Nothing), ..Preferences::default() }).await;
    let silent_until = Some(parlor_domain::Clock::now(&*world.chat.clock).plus(Duration::from_mins(1)));
    world.prefer(&world.cleo, Preferences { silent_until, ..Preferences::default() }).await;
    world.say(&world.ana, "@ben @cleo").await;
    assert_eq!(world.told(), []);
    let view = world.chat.conversations.one(&world.ben, world.talk()).await.unwrap();
    assert_eq!(view.unread_mentions, 1);
    world.chat.clock.pass(Duration::from_mins(1));
    world.say(&world.ana, "@ben @cleo").await;
    assert_eq!(world.told(), [(world.cleo.user, Mention)]);
    let off = [Mention].into_iter().collect();
    let settings = NotificationSettings { off, ..NotificationSettings::default() };
    world.chat.notifications.set_settings(&world.cleo, &settings).await.unwrap();
    world.say(&world.ana, "@cleo").await;
    assert_eq!(world.told(), []);
}

#[tokio::test]
async fn so_many_are_kept() {
    let world = World::new().await;
    for _ in 0..NOTIFICATIONS_KEPT + 2 {
        world.chat.clock.pass(Duration::from_secs(1));
        world.say(&world.ana, "@ben").await;
    }
    let kept = world.kinds(&world.ben).await;
    assert_eq!(kept, vec![Mention; NOTIFICATIONS_KEPT as usize]);
    assert_eq!(
        world.chat.notifications.mark_read(&world.ben, None).await.unwrap().unread,
        0,
        "all are marked at once"
    );
}

#[tokio::test]
async fn nobody_is_called_all() {
    let chat = Chat::new().await;
    let refused =
        chat.accounts.register(&common::form("all"), &parlor_domain::SessionKind::Token.into()).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn only_who_is_in_a_conversation_treats_it_somehow() {
    let world = World::new().await;
    let dora = world.chat.person("dora").await;
    let refused = world.chat.conversations.prefer(&dora, world.talk(), &Preferences::default()).await;
    assert!(refused.is_err());
    let view = world.chat.conversations.one(&world.ben, world.talk()).await.unwrap();
    assert_eq!(view.level(), Level::All);
    let lobby = world.chat.store.lobby().await.unwrap().unwrap().id.into();
    assert_eq!(world.chat.conversations.one(&world.ben, lobby).await.unwrap().level(), Level::Mentions);
}
