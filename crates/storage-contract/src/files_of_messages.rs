use std::slice;
use std::sync::Arc;

use parlor_domain::{
    Ban, BanId, BanReason, Entry, EntryKind, File, GroupId, InThread, Membership, Message, NewNotification,
    NotificationKind, PageSize, Rebuild, Span, Target, User,
};

use crate::world::{NOW, Outcome, World, append_next, later, membership};

impl World {
    async fn sees(&self, reader: &User, file: &File) -> Outcome<bool> {
        Ok(self.store.is_file_in_sight(file.id, reader.id).await?)
    }

    async fn files_at(&self, entry: &Entry) -> Outcome<Vec<File>> {
        let found = self.store.messages_at(entry.conversation, &[entry.seq]).await?;
        Ok(found[0].message().ok_or("no message")?.files.clone())
    }
}

pub(crate) async fn messages_are_read_with_their_files_in_order_in_every_way(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let root = world.post(group, &ana, "without files").await?;
    let mut files = Vec::new();
    for (name, media_type) in
        [("c.png", "image/png"), ("a \"b\".pdf", "application/pdf"), ("b.mp4", "video/mp4")]
    {
        files.insert(0, world.uploaded(&ana, name, media_type).await?);
    }
    let entry = world.post_files(group, &ana, "", &files).await?;
    assert_eq!(world.store.entries(group, 0, 10).await?, [root.clone(), entry.clone()]);

    // Changed, so that an entry tells of it; and with all that messages are listed by.
    let mut message = entry.message().ok_or("no message")?.clone();
    let root_id = root.message().ok_or("no message")?.id;
    message.changes.seq = 3;
    message.changes.pinned_at = Some(NOW);
    let mut work = world.store.begin().await?;
    work.update_message(group, entry.seq, &message).await?;
    let target = Target { seq: entry.seq, author: ana.id, message: message.clone() };
    let pin = EntryKind::Pin(Box::new(target));
    append_next(&mut *work, group, Some(ben.id), pin, NOW).await?;
    work.save_message(ben.id, group, entry.seq, NOW).await?;
    work.insert_notifications(
        &[NewNotification {
            user: ben.id,
            kind: NotificationKind::Reply,
            conversation: Some(group),
            seq: Some(entry.seq),
            actor: Some(ana.id),
            at: NOW,
        }],
        10,
    )
    .await?;
    work.commit().await?;

    let page = PageSize::default();
    let store = &world.store;
    let log = store.log(group, ben.id, Span::Newest, 10).await?.ok_or("no log")?.entries;
    let view = store.conversation_view(group, ben.id).await?.ok_or("no view")?;
    let told = store.notifications(ben.id, None, page).await?.items.pop().and_then(|told| told.entry);
    let read = [
        log.get(1).cloned().map(Arc::unwrap_or_clone),
        view.last_message,
        told.map(Arc::unwrap_or_clone),
        store.entries(group, 1, 1).await?.pop(),
        store.message(message.id).await?,
        store.posted(&[(ana.id, message.client_id)]).await?.pop(),
        store.pinned(group, 0, None, page).await?.items.pop(),
        store.saved_messages(ben.id, None, page).await?.items.pop().map(|saved| saved.entry),
        store.messages_at(group, &[entry.seq]).await?.pop(),
        store.messages_in_order(Rebuild::NOTHING, 10).await?.pop(),
    ];
    for (way, read) in read.iter().enumerate() {
        let read = read.as_ref().and_then(Entry::message);
        assert_eq!(read.map(|message| &message.files), Some(&files), "way {way}");
    }
    let pins = [log.last().cloned().map(Arc::unwrap_or_clone), store.entries(group, 2, 1).await?.pop()];
    for pin in &pins {
        let target = pin.as_ref().and_then(Entry::target);
        assert_eq!(target.map(|target| &target.message), Some(&message));
    }
    let in_thread = InThread { root: root_id, seq: root.seq, broadcast: false };
    let one = world.uploaded(&ben, "d.pdf", "application/pdf").await?;
    let answer = Message { thread: Some(in_thread), files: vec![one.clone()], ..world.message("answer")? };
    let mut work = world.store.begin().await?;
    let answer = append_next(&mut *work, group, Some(ben.id), EntryKind::Message(answer), NOW).await?;
    work.attach(&[(group, answer.seq, vec![one.id])]).await?;
    work.commit().await?;
    assert_eq!(world.store.thread_entries(group, root.seq, 0, Span::Newest, 10).await?, [answer]);
    Ok(())
}

pub(crate) async fn a_file_is_in_sight_of_those_who_may_read_a_message_with_it(world: World) -> Outcome {
    let [ana, ben, cleo] = [world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?];
    let group = world.group_of(&ana, &ben).await?;
    let file = world.uploaded(&ana, "one.pdf", "application/pdf").await?;
    assert!(!world.sees(&ben, &file).await?, "it was not sent");
    let entry = world.post_files(group, &ana, "", slice::from_ref(&file)).await?;
    assert!(world.sees(&ben, &file).await?);
    assert!(!world.sees(&cleo, &file).await?, "a stranger, though the group is public");
    let mut work = world.store.begin().await?;
    work.insert_members(&[Membership { floor_seq: entry.seq, ..membership(group, cleo.id) }]).await?;
    work.commit().await?;
    assert!(!world.sees(&cleo, &file).await?, "it lies at the floor");
    world.post_files(group, &ben, "again", slice::from_ref(&file)).await?;
    assert!(world.sees(&cleo, &file).await?);

    world.leave(group, &ben).await?;
    assert!(!world.sees(&ben, &file).await?, "out");
    let mut work = world.store.begin().await?;
    work.insert_ban(&Ban {
        id: BanId::from_uuid(world.id()),
        user: cleo.id,
        group: Some(GroupId::from(group)),
        reason: BanReason::parse("spam")?,
        issued_by: Some(ana.id),
        issued_at: NOW,
        until: None,
        lifted_at: None,
    })
    .await?;
    work.commit().await?;
    assert!(!world.sees(&cleo, &file).await?, "banned");

    let mut work = world.store.begin().await?;
    work.delete_group(group.into(), NOW).await?;
    work.commit().await?;
    assert!(!world.sees(&ana, &file).await?, "the group is deleted");
    Ok(())
}

pub(crate) async fn a_deleted_message_has_no_files(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let file = world.uploaded(&ana, "one.pdf", "application/pdf").await?;
    let other = world.uploaded(&ana, "two.pdf", "application/pdf").await?;
    let gone = world.post_files(group, &ana, "", &[file.clone(), other.clone()]).await?;
    let stays = world.post_files(group, &ana, "", slice::from_ref(&other)).await?;
    world.detach(&gone, NOW).await?;
    assert_eq!(world.files_at(&gone).await?, []);
    assert_eq!(world.files_at(&stays).await?, slice::from_ref(&other));
    assert!(!world.sees(&ben, &file).await?);
    assert!(world.sees(&ben, &other).await?, "in the other message");
    let mut work = world.store.begin().await?;
    work.erase_messages(group, &[(stays.seq, 9)], later(1)).await?;
    work.commit().await?;
    assert_eq!(world.files_at(&stays).await?, []);
    assert!(!world.sees(&ben, &other).await?);
    assert_eq!(world.free(NOW).await?, 1);
    assert_eq!(world.free(later(1)).await?, 1);
    Ok(())
}

pub(crate) async fn files_of_erased_messages_and_logs_are_freed(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (group, direct) = (world.group_of(&ana, &ben).await?, world.direct(&ana, &ben).await?);
    let mut files = Vec::new();
    for number in 0..5 {
        let file = world.uploaded(&ana, &format!("{number}.pdf"), "application/pdf").await?;
        world.post_files(group, &ana, "", slice::from_ref(&file)).await?;
        files.push(file);
    }
    // One of them lives on elsewhere.
    world.post_files(direct, &ana, "", &files[1..2]).await?;
    let there = async || -> Outcome<Vec<bool>> {
        let mut there = Vec::new();
        for file in &files {
            there.push(world.is_there(file).await?);
        }
        Ok(there)
    };
    let mut work = world.store.begin().await?;
    work.erase_messages(group, &[(1, 6), (2, 7)], later(1)).await?;
    work.commit().await?;
    assert_eq!(world.free(later(9)).await?, 1);
    assert_eq!(there().await?, [false, true, true, true, true]);
    let mut work = world.store.begin().await?;
    assert_eq!(work.erase_entries(group, 3, later(2)).await?, 3);
    work.commit().await?;
    assert_eq!(world.free(later(9)).await?, 1);
    assert_eq!(there().await?, [false, true, false, true, true]);
    let mut work = world.store.begin().await?;
    work.erase_conversation(group, later(3)).await?;
    work.commit().await?;
    assert_eq!(world.free(later(2)).await?, 0);
    assert_eq!(world.free(later(3)).await?, 2);
    assert_eq!(there().await?, [false, true, false, false, false]);
    Ok(())
}
