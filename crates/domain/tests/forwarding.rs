//! Copies of messages in other conversations, messages that people keep, and what they mark as unread.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{
    Actor, ChangeError, ClientId, ConversationId, Denied, ForwardError, GroupDescription, GroupName,
    IdSource, MessageBody, MessageId, PageSize, Post, PostError, PostQueue, Posted, SaveError, Saved,
    Visibility,
};

use common::Chat;

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
    ana: Actor,
    ben: Actor,
    direct: ConversationId,
    notes: ConversationId,
}

impl World {
    async fn start() -> Self {
        let chat = Chat::new().await;
        let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
        let direct = chat.conversations.open_direct(&ana, ben.user).await.unwrap().0.conversation.id;
        let notes = chat.conversations.open_direct(&ana, ana.user).await.unwrap().0.conversation.id;
        Self { chat, ana, ben, direct, notes }
    }

    fn client_id(&self) -> ClientId {
        ClientId::from_uuid(self.chat.ids.next_id())
    }

    async fn forward(
        &self,
        actor: &Actor,
        message: MessageId,
        to: ConversationId,
        client_id: ClientId,
    ) -> Result<Posted, ForwardError> {
        self.chat.messaging.forward(actor, message, to, client_id, &Straight(&self.chat)).await
    }
}

#[tokio::test]
async fn a_forwarded_message_keeps_its_author_and_hides_where_it_was_private() {
    let world = World::start().await;
    let said = world.chat.post(&world.ben, world.direct, "soup at seven").await.unwrap().message;
    let client_id = world.client_id();
    let copy = world.forward(&world.ana, said, world.notes, client_id).await.unwrap();
    let forwarded = copy.entry.message().unwrap().forwarded.clone().unwrap();
    assert_eq!((forwarded.author, forwarded.source), (world.ben.user, None));
    assert_eq!(copy.entry.message().unwrap().body.as_str(), "soup at seven");
    // Again, also when it says something else by now.
    world.chat.messaging.delete(&world.ben, said).await.unwrap();
    let again = world.forward(&world.ana, said, world.notes, client_id).await.unwrap();
    assert!(again.duplicate && again.message == copy.message);
    let late = world.forward(&world.ana, said, world.notes, world.client_id()).await;
    assert!(matches!(late, Err(ForwardError::Deleted)), "{late:?}");
    // What somebody else said is not changed, and stays theirs when it goes on.
    let edit =
        world.chat.messaging.edit(&world.ana, copy.message, MessageBody::parse("at eight").unwrap()).await;
    assert!(matches!(edit, Err(ChangeError::Forwarded)), "{edit:?}");
    let further = world.forward(&world.ana, copy.message, world.direct, world.client_id()).await.unwrap();
    assert_eq!(further.entry.message().unwrap().forwarded, Some(forwarded));
}

#[tokio::test]
async fn a_message_from_a_public_group_says_so() {
    let world = World::start().await;
    let name = GroupName::parse("Kitchen").unwrap();
    let about = GroupDescription::parse("").unwrap();
    let group = world.chat.groups.create(&world.ana, name, about, Visibility::Public, &[]).await.unwrap();
    let said = world.chat.post(&world.ana, group.id.into(), "soup").await.unwrap().message;
    let copy = world.forward(&world.ana, said, world.direct, world.client_id()).await.unwrap();
    let source = copy.entry.message().unwrap().forwarded.clone().unwrap().source;
    assert_eq!(source, Some(group.id.into()));
    // Who may not read it there may not send it on, nor to where they may not write.
    let denied = world.forward(&world.ben, said, world.direct, world.client_id()).await;
    assert!(matches!(denied, Err(ForwardError::NoSuchMessage)), "{denied:?}");
    let elsewhere = world.forward(&world.ben, copy.message, world.notes, world.client_id()).await;
    assert!(
        matches!(elsewhere, Err(ForwardError::Post(PostError::Denied(Denied::NotFound)))),
        "{elsewhere:?}"
    );
}

#[tokio::test]
async fn what_one_saves_is_there_as_long_as_one_may_see_it() {
    let world = World::start().await;
    let saved = Saved::new(world.chat.store.clone(), world.chat.clock.clone());
    let said = world.chat.post(&world.ben, world.direct, "soup at seven").await.unwrap().message;
    let secret = world.chat.post(&world.ana, world.notes, "mine").await.unwrap().message;
    saved.save(&world.ana, said).await.unwrap();
    saved.save(&world.ana, said).await.unwrap();
    for refused in [saved.save(&world.ben, secret).await, saved.let_go(&world.ben, secret).await] {
        assert!(matches!(refused, Err(SaveError::Denied(Denied::NotFound))), "{refused:?}");
    }
    let list = || async { saved.list(&world.ana, None, PageSize::default()).await.unwrap().items };
    assert_eq!(list().await.len(), 1);
    world.chat.messaging.delete(&world.ben, said).await.unwrap();
    assert!(list().await.is_empty());
    let refused = saved.save(&world.ana, said).await;
    assert!(matches!(refused, Err(SaveError::Deleted)), "{refused:?}");
    saved.let_go(&world.ana, said).await.unwrap();
}

#[tokio::test]
async fn what_is_marked_as_unread_is_unread_until_it_is_read_again() {
    let world = World::start().await;
    let (chat, ben) = (&world.chat, &world.ben);
    for text in ["one", "two", "three"] {
        chat.post(&world.ana, world.direct, text).await.unwrap();
    }
    let receipts = Arc::clone(&chat.receipts);
    receipts.read(ben, world.direct, 3, &*chat.cursors).await.unwrap();
    let view = receipts.unread(ben, world.direct, 2, &*chat.cursors).await.unwrap();
    assert_eq!((view.unread, view.membership.cursor.read_seq), (2, 1));
    assert_eq!(view.membership.cursor.delivered_seq, 3);
    let view = receipts.unread(ben, world.direct, 0, &*chat.cursors).await.unwrap();
    assert_eq!(view.unread, 3);
    let view = receipts.unread(ben, world.direct, u64::MAX, &*chat.cursors).await.unwrap();
    assert_eq!((view.unread, view.membership.cursor.read_seq), (0, 3), "beyond the end nothing is unread");
}
