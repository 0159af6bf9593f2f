use parlor_domain::{ConversationId, Draft, MessageBody, MessageId, PageSize, StoreError, User};

use crate::world::{Outcome, World, later};

impl World {
    async fn keep(
        &self,
        user: &User,
        conversation: ConversationId,
        root_seq: u64,
        text: &str,
    ) -> Outcome<Draft> {
        let mut work = self.store.begin().await?;
        let version = work.next_draft_version(user.id).await?;
        let body = MessageBody::parse(text)?;
        let draft = Draft { conversation, thread: None, body, version, updated_at: later(7) };
        work.put_draft(user.id, root_seq, &draft).await?;
        work.commit().await?;
        Ok(draft)
    }

    async fn drafts_of(&self, user: &User) -> Result<Vec<Draft>, StoreError> {
        Ok(self.store.drafts(user.id, None, None, PageSize::default()).await?.items)
    }
}

pub(crate) async fn a_draft_is_read_back_and_replaced_by_the_next_one(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let first = world.keep(&ana, group, 0, "so").await?;
    let second = world.keep(&ana, group, 0, "soup").await?;
    assert!(second.version > first.version);
    assert_eq!(world.drafts_of(&ana).await?, std::slice::from_ref(&second));
    assert!(world.drafts_of(&ben).await?.is_empty(), "it is nobody else's");
    // What is older than the draft does not delete it, and the versions count on.
    let mut work = world.store.begin().await?;
    assert!(!work.delete_draft(ana.id, group, 0, first.version).await?);
    assert!(work.delete_draft(ana.id, group, 0, second.version).await?);
    assert!(!work.delete_draft(ana.id, group, 0, second.version).await?);
    work.commit().await?;
    assert!(world.drafts_of(&ana).await?.is_empty());
    assert!(world.keep(&ana, group, 0, "salad").await?.version > second.version);
    Ok(())
}

pub(crate) async fn drafts_are_listed_page_by_page_and_go_with_the_membership(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (group, direct) = (world.group_of(&ana, &ben).await?, world.direct(&ana, &ben).await?);
    let root = world.post(group, &ben, "soup?").await?;
    world.keep(&ana, group, 0, "in the conversation").await?;
    world.keep(&ana, group, root.seq, "in the thread").await?;
    world.keep(&ana, direct, 0, "to ben").await?;
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let size = PageSize::new(1).ok_or("a size")?;
        let page = world.store.drafts(ana.id, None, after.as_deref(), size).await?;
        listed.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed.len(), 3);
    assert_eq!(listed, world.drafts_of(&ana).await?);
    let (size, first) = (PageSize::new(1).ok_or("a size")?, Some(group));
    let page = world.store.drafts(ana.id, first, None, size).await?;
    let rest = world.store.drafts(ana.id, first, page.next.as_deref(), PageSize::default()).await?.items;
    let threads: Vec<Option<MessageId>> = page.items.iter().chain(&rest).map(|draft| draft.thread).collect();
    assert_eq!(threads, [None, root.message().map(|message| message.id)]);
    assert_eq!(world.store.count_drafts(ana.id).await?, 3);
    world.leave(group, &ana).await?;
    assert_eq!(world.store.count_drafts(ana.id).await?, 1);
    Ok(())
}
