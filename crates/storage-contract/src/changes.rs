use std::sync::Arc;

use parlor_domain::{
    Changes, ConversationId, Emoji, Entry, EntryKind, MessageBody, PageSize, Reaction, Revision, Span,
    Target, Timestamp, User,
};

use crate::world::{NOW, Outcome, World, append_next};

fn emoji(text: &str) -> Outcome<Emoji> {
    Ok(Emoji::parse(text)?)
}

fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

impl World {
    /// Writes what became of a message's entry, and an entry that says so. Answers both.
    async fn alter(
        &self,
        entry: &Entry,
        change: impl FnOnce(&mut MessageBody, &mut Changes),
        kind: impl FnOnce(Box<Target>) -> EntryKind,
    ) -> Outcome<[Entry; 2]> {
        let mut message = entry.message().ok_or("no message")?.clone();
        change(&mut message.body, &mut message.changes);
        let log = self.store.conversation(entry.conversation).await?.ok_or("no conversation")?;
        message.changes.seq = log.last_seq + 1;
        let author = entry.actor.ok_or("no author")?;
        let kind = kind(Box::new(Target { seq: entry.seq, author, message: message.clone() }));
        let mut work = self.store.begin().await?;
        work.update_message(entry.conversation, entry.seq, &message).await?;
        let change = append_next(&mut *work, entry.conversation, entry.actor, kind, NOW).await?;
        work.commit().await?;
        Ok([Entry { kind: EntryKind::Message(message), ..entry.clone() }, change])
    }

    async fn react(&self, entry: &Entry, text: &str, user: &User, millis: i64) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_reaction(entry.conversation, entry.seq, &emoji(text)?, user.id, later(millis)).await?;
        Ok(work.commit().await?)
    }

    async fn all(&self, conversation: ConversationId, reader: &User) -> Outcome<Vec<Arc<Entry>>> {
        Ok(self.store.log(conversation, reader.id, Span::After(0), 100).await?.ok_or("no log")?.entries)
    }
}

pub(crate) async fn what_was_done_with_a_message_is_read_back(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let first = world.post(group, &ana, "first \"one\"").await?;
    let second = world.post(group, &ben, "second").await?;
    let body = MessageBody::parse("new \\ \"text\"\n漢字 🎈")?;

    let edit = |text: &mut MessageBody, changes: &mut Changes| {
        *text = body.clone();
        changes.edited_at = Some(later(1));
    };
    let [edited, edit] = world.alter(&first, edit, EntryKind::Edit).await?;
    assert_eq!(world.all(group, &ben).await?, [&edited, &second, &edit].map(|one| Arc::new(one.clone())));
    let pin = |_: &mut MessageBody, changes: &mut Changes| changes.pinned_at = Some(later(2));
    let [_, pin] = world.alter(&second, pin, EntryKind::Pin).await?;
    assert_eq!(world.store.entries(group, pin.seq - 1, 10).await?, std::slice::from_ref(&pin));

    // What an earlier entry says of a message is what the message is like now.
    let delete = |text: &mut MessageBody, changes: &mut Changes| {
        *text = MessageBody::from_stored(String::new());
        changes.deleted_at = Some(later(3));
    };
    let [deleted, deletion] = world.alter(&edited, delete, EntryKind::Deletion).await?;
    let log = world.all(group, &ben).await?;
    assert_eq!((&*log[0], &*log[4]), (&deleted, &deletion));
    assert_eq!(log[2].target().map(|target| &target.message), deleted.message());
    let id = deleted.message().ok_or("no message")?.id;
    assert_eq!(world.store.message(id).await?, Some(deleted));
    Ok(())
}

pub(crate) async fn reactions_come_in_the_order_they_were_made_in(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let entry = world.post(group, &ana, "react!").await?;
    world.react(&entry, "🎈", &ben, 1).await?;
    world.react(&entry, "👍", &ana, 2).await?;
    world.react(&entry, "🎈", &ana, 3).await?;
    // Once more changes nothing.
    world.react(&entry, "🎈", &ben, 4).await?;
    let removal = |target| EntryKind::Reaction(target, Emoji::from_stored("🎈".into()));
    let [_, change] = world.alter(&entry, |_, _| (), removal).await?;
    let reaction = |text, users| Outcome::Ok(Reaction { emoji: emoji(text)?, users });
    let expected = vec![reaction("🎈", vec![ben.id, ana.id])?, reaction("👍", vec![ana.id])?];
    let log = world.all(group, &ana).await?;
    assert_eq!(log[0].message().ok_or("no message")?.changes.reactions, expected);
    assert_eq!(log[1].target().ok_or("no target")?.message.changes.reactions, expected);
    assert!(matches!(&log[1].kind, EntryKind::Reaction(_, with) if with.as_str() == "🎈"));
    assert_eq!(log[1].seq, change.seq);

    let mut work = world.store.begin().await?;
    work.delete_reaction(group, entry.seq, &emoji("🎈")?, ben.id).await?;
    work.commit().await?;
    let left = world.all(group, &ana).await?;
    assert_eq!(left[0].message().ok_or("no message")?.changes.reactions[1].users, [ana.id]);
    let mut work = world.store.begin().await?;
    work.delete_reactions(group, entry.seq).await?;
    work.commit().await?;
    assert!(world.all(group, &ana).await?[0].message().ok_or("no message")?.changes.reactions.is_empty());
    Ok(())
}

pub(crate) async fn pinned_messages_come_in_pages_the_latest_first(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut pinned = Vec::new();
    for number in 0..4 {
        let entry = world.post(group, &ana, &format!("message {number}")).await?;
        // The last two in the same moment.
        let at = later(number.min(2));
        let pin = |_: &mut MessageBody, changes: &mut Changes| changes.pinned_at = Some(at);
        let [entry, _] = world.alter(&entry, pin, EntryKind::Pin).await?;
        pinned.insert(0, entry);
    }
    world.post(group, &ana, "not pinned").await?;
    let size = PageSize::new(3).ok_or("a size")?;
    let first = world.store.pinned(group, 0, None, size).await?;
    assert_eq!(first.items, pinned[..3]);
    let second = world.store.pinned(group, 0, first.next.as_deref(), size).await?;
    assert_eq!((second.items.as_slice(), second.next), (&pinned[3..], None));
    let above = world.store.pinned(group, pinned[2].seq, None, size).await?;
    assert_eq!(above.items, pinned[..2], "those above a place");
    Ok(())
}

pub(crate) async fn earlier_texts_are_kept_until_they_are_let_go_of(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let (entry, other) = (world.post(group, &ana, "one").await?, world.post(group, &ana, "other").await?);
    let revision = |text: &str, millis| {
        Outcome::Ok(Revision { body: MessageBody::parse(text)?, replaced_at: later(millis) })
    };
    let kept = [revision("one", 1)?, revision("two", 2)?];
    let mut work = world.store.begin().await?;
    for one in &kept {
        work.insert_revision(group, entry.seq, one).await?;
    }
    work.insert_revision(group, other.seq, &kept[0]).await?;
    work.commit().await?;
    assert_eq!(world.store.revisions(group, entry.seq).await?, kept);
    let mut work = world.store.begin().await?;
    work.delete_revisions(group, entry.seq).await?;
    work.commit().await?;
    assert!(world.store.revisions(group, entry.seq).await?.is_empty());
    assert_eq!(world.store.revisions(group, other.seq).await?, kept[..1]);
    Ok(())
}

pub(crate) async fn a_deleted_message_does_not_count_as_unread(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let entry = world.post(group, &ana, "one").await?;
    world.post(group, &ana, "two").await?;
    let delete = |_: &mut MessageBody, changes: &mut Changes| changes.deleted_at = Some(NOW);
    world.alter(&entry, delete, EntryKind::Deletion).await?;
    let view = world.store.conversation_view(group, ben.id).await?.ok_or("no view")?;
    assert_eq!(view.unread, 1);
    Ok(())
}
