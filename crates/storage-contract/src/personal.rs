use parlor_domain::{Entry, EntryKind, Forward, Forwarded, PageSize, Span, User, Visibility};

use crate::world::{NOW, Outcome, World, append_next, later, membership};

impl World {
    async fn save(&self, user: &User, entry: &Entry, millis: i64) -> Outcome<bool> {
        let mut work = self.store.begin().await?;
        let is_new = work.save_message(user.id, entry.conversation, entry.seq, later(millis)).await?;
        work.commit().await?;
        Ok(is_new)
    }

    async fn saved(&self, user: &User) -> Outcome<Vec<u64>> {
        let page = self.store.saved_messages(user.id, None, PageSize::default()).await?;
        Ok(page.items.iter().map(|saved| saved.entry.seq).collect())
    }
}

pub(crate) async fn saved_messages_are_listed_for_those_who_may_still_see_them(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut entries = Vec::new();
    for number in 0..3 {
        let entry = world.post(group, &ana, &format!("message {number}")).await?;
        assert!(world.save(&ben, &entry, number.min(1)).await?);
        assert!(!world.save(&ben, &entry, 9).await?, "once more changes nothing");
        entries.push(entry);
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let size = PageSize::new(1).ok_or("a size")?;
        let page = world.store.saved_messages(ben.id, after.as_deref(), size).await?;
        listed.extend(page.items.into_iter().map(|saved| (saved.entry.seq, saved.saved_at)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, [(3, later(1)), (2, later(1)), (1, later(0))]);
    assert_eq!(world.saved(&ana).await?, [0_u64; 0], "it is nobody else's");
    // One that was deleted, or let go of, is gone.
    let mut message = entries[2].message().cloned().ok_or("no message")?;
    message.changes.deleted_at = Some(NOW);
    let mut work = world.store.begin().await?;
    work.update_message(group, 3, &message).await?;
    assert!(work.forget_saved(ben.id, group, 2).await?);
    assert!(!work.forget_saved(ben.id, group, 2).await?);
    work.commit().await?;
    assert_eq!(world.saved(&ben).await?, [1]);
    assert_eq!(world.store.count_saved(ben.id).await?, 2, "deleted ones take their place");
    // So is what one may not see, while that is so.
    world.leave(group, &ben).await?;
    assert!(world.saved(&ben).await?.is_empty());
    let mut back = membership(group, ben.id);
    back.floor_seq = 1;
    let mut work = world.store.begin().await?;
    work.insert_members(&[back]).await?;
    work.commit().await?;
    assert!(world.saved(&ben).await?.is_empty(), "it lies below the floor");
    Ok(())
}

pub(crate) async fn a_forwarded_message_tells_its_source_only_while_that_is_public(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let public = world.group_of(&ana, &ben).await?;
    let private = world.make_group(&world.new_group("Secret", Visibility::Private)?, &[]).await?;
    let direct = world.direct(&ana, &ben).await?;
    let mut work = world.store.begin().await?;
    for (source, told) in
        [(Some(public), Some(public)), (Some(private), None), (Some(direct), None), (None, None)]
    {
        let mut message = world.message("as somebody said")?;
        message.forwarded = Some(Box::new(Forwarded { author: ben.id, source: told }));
        let kind = EntryKind::Message(message);
        let entry = append_next(&mut *work, direct, Some(ana.id), kind, NOW).await?;
        let forward = Forward { author: ben.id, source, is_public: told.is_some() };
        work.note_forwards(&[(direct, entry.seq, forward)]).await?;
    }
    work.commit().await?;
    let log = world.store.log(direct, ana.id, Span::After(0), 10).await?.ok_or("no log")?.entries;
    let told: Vec<_> = log.iter().filter_map(|entry| entry.message()?.forwarded.clone()).collect();
    assert!(told.iter().all(|forwarded| forwarded.author == ben.id) && told.len() == 4);
    assert_eq!(
        told.iter().map(|forwarded| forwarded.source).collect::<Vec<_>>(),
        [Some(public), None, None, None]
    );
    // It is unread like any other message, and so is what says where it comes from no more.
    assert_eq!(world.unread(direct, &ben).await?, 4);
    let mut group = world.store.group(public.into()).await?.ok_or("no group")?;
    group.visibility = Visibility::Private;
    let mut work = world.store.begin().await?;
    work.update_group(&group).await?;
    work.commit().await?;
    let first = world.store.entries(direct, 0, 1).await?;
    assert_eq!(
        first[0].message().and_then(|message| message.forwarded.clone()).and_then(|from| from.source),
        None
    );
    Ok(())
}

pub(crate) async fn a_read_cursor_is_set_back(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let eve = world.user("eve").await?;
    let group = world.group_of(&ana, &ben).await?;
    world.post_many(group, &ana, 5).await?;
    world.read_up_to(group, &ben, 5).await?;
    let mut work = world.store.begin().await?;
    assert!(work.set_read_cursor(group, ben.id, 2).await?);
    assert!(!work.set_read_cursor(group, eve.id, 2).await?, "who is no member has none");
    work.commit().await?;
    let view = world.store.conversation_view(group, ben.id).await?.ok_or("no view")?;
    assert_eq!(
        (view.unread, view.membership.cursor.read_seq, view.membership.cursor.delivered_seq),
        (3, 2, 5)
    );
    Ok(())
}
