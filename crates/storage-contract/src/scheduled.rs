use parlor_domain::{
    ClientId, ConversationId, MessageBody, MessageId, Refusal, ScheduledMessage, ThreadAnswer, UniqueKey,
    User,
};

use crate::world::{Outcome, World, conflict, later};

impl World {
    fn scheduled(
        &self,
        author: &User,
        conversation: ConversationId,
        millis: i64,
    ) -> Outcome<ScheduledMessage> {
        Ok(ScheduledMessage {
            id: ClientId::from_uuid(self.id()),
            author: author.id,
            conversation,
            body: MessageBody::parse("soup at seven")?,
            reply_to: None,
            thread: None,
            at: later(millis),
            refusal: None,
        })
    }

    async fn schedule(&self, message: &ScheduledMessage) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_scheduled(message).await?;
        Ok(work.commit().await?)
    }
}

pub(crate) async fn a_scheduled_message_is_read_back_changed_and_deleted(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut message = world.scheduled(&ana, group, 5)?;
    message.reply_to = Some(MessageId::from_uuid(world.id()));
    message.thread = Some(ThreadAnswer { root: MessageId::from_uuid(world.id()), broadcast: true });
    world.schedule(&message).await?;
    let sooner = world.scheduled(&ana, group, 4)?;
    world.schedule(&sooner).await?;
    let found = world.store.scheduled_messages(ana.id).await?;
    assert_eq!(found, [sooner.clone(), message.clone()]);
    assert!(world.store.scheduled_messages(ben.id).await?.is_empty(), "it is nobody else's");
    assert_eq!(world.store.scheduled_message(ben.id, message.id).await?, None);
    assert_eq!(world.store.count_scheduled(ana.id).await?, 2);
    let mut work = world.store.begin().await?;
    assert_eq!(conflict(&work.insert_scheduled(&message).await), Some(UniqueKey::Other));
    drop(work);
    // The same id by somebody else is another message.
    world.schedule(&ScheduledMessage { author: ben.id, ..sooner.clone() }).await?;
    message.body = MessageBody::parse("soup at eight")?;
    message.at = later(9);
    message.refusal = Some(Refusal::Archived);
    let mut work = world.store.begin().await?;
    work.update_scheduled(&message, None).await?;
    assert!(work.delete_scheduled(ana.id, sooner.id).await?);
    assert!(!work.delete_scheduled(ana.id, sooner.id).await?);
    work.commit().await?;
    assert_eq!(world.store.scheduled_messages(ana.id).await?, [message]);
    assert_eq!(world.store.count_scheduled(ben.id).await?, 1);
    Ok(())
}

pub(crate) async fn messages_are_due_at_their_time_and_not_once_refused(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let (first, second) = (world.scheduled(&ana, group, 5)?, world.scheduled(&ben, group, 6)?);
    for message in [&second, &first] {
        world.schedule(message).await?;
    }
    assert!(world.store.due_messages(later(4), 9).await?.is_empty());
    assert_eq!(world.store.due_messages(later(5), 9).await?, std::slice::from_ref(&first));
    assert_eq!(world.store.due_messages(later(9), 9).await?, [first.clone(), second.clone()]);
    assert_eq!(world.store.due_messages(later(9), 1).await?, std::slice::from_ref(&first));
    let mut work = world.store.begin().await?;
    work.update_scheduled(&first, Some(later(20))).await?;
    let refused = ScheduledMessage { refusal: Some(Refusal::Muted), ..second };
    work.update_scheduled(&refused, None).await?;
    work.commit().await?;
    assert!(world.store.due_messages(later(19), 9).await?.is_empty());
    assert_eq!(world.store.due_messages(later(20), 9).await?, [first]);
    Ok(())
}
