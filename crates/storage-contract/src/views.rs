use parlor_domain::{
    ConversationId, Cursor, EntryKind, Event, MemberRole, Membership, PageSize, Peer, User, Visibility,
};

use crate::world::{NOW, Outcome, World, later, membership};

impl World {
    pub(crate) async fn unread(&self, conversation: ConversationId, user: &User) -> Outcome<u64> {
        Ok(self.store.conversation_view(conversation, user.id).await?.ok_or("no view")?.unread)
    }

    async fn touch(&self, millis: i64, conversation: ConversationId, user: &User) -> Outcome {
        self.write_at(later(millis), conversation, Some(user.id), EntryKind::Message(self.message("hello")?))
            .await
            .map(drop)
    }
}

pub(crate) async fn a_group_is_seen_with_its_name_and_members(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let new =
        parlor_domain::NewGroup { created_by: Some(ana.id), ..world.new_group("Talk", Visibility::Private)? };
    let id = world.make_group(&new, &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?;
    let view = world.store.conversation_view(id, ana.id).await?.ok_or("no view")?;
    assert_eq!(view.group, world.store.group(id.into()).await?);
    assert_eq!(
        view.group.as_ref().map(|group| (group.member_count, group.created_by)),
        Some((2, Some(ana.id)))
    );
    assert_eq!(Some(&view.conversation), world.store.conversation(id).await?.as_ref());
    assert_eq!(view.membership, Membership { role: MemberRole::Owner, ..membership(id, ana.id) });
    assert_eq!((&view.peer, view.unread, &view.last_message), (&None, 0, &None));
    assert_eq!(world.store.all_conversation_views(ana.id).await?, [view]);
    Ok(())
}

pub(crate) async fn a_direct_conversation_is_seen_with_its_peer(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user_with_email("ben", "ben@example.org").await?);
    let id = world.direct(&ana, &ben).await?;
    let entry = world.post(id, &ana, "hello").await?;
    world.read_up_to(id, &ana, 1).await?;
    let view = world.store.conversation_view(id, ben.id).await?.ok_or("no view")?;
    assert_eq!(
        view.peer,
        Some(Peer { user: ana.clone(), cursor: Some(Cursor { delivered_seq: 1, read_seq: 1 }) })
    );
    assert_eq!((&view.group, view.unread, &view.last_message), (&None, 1, &Some(entry)));
    let view = world.store.conversation_view(id, ana.id).await?.ok_or("no view")?;
    assert_eq!(view.peer, Some(Peer { user: ben, cursor: Some(Cursor::default()) }));
    assert_eq!(view.membership.cursor, Cursor { delivered_seq: 1, read_seq: 1 });
    Ok(())
}

pub(crate) async fn notes_to_oneself_have_oneself_as_peer(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let id = world.direct(&ana, &ana).await?;
    world.post(id, &ana, "milk").await?;
    let view = world.store.conversation_view(id, ana.id).await?.ok_or("no view")?;
    assert_eq!((view.peer, view.unread), (Some(Peer { user: ana.clone(), cursor: None }), 0));
    assert_eq!(world.store.all_conversation_views(ana.id).await?.len(), 1);
    Ok(())
}

pub(crate) async fn conversations_are_listed_by_latest_activity(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let mut groups = Vec::new();
    for name in ["One", "Two", "Three"] {
        groups.push(world.group(name, &[(&ana, MemberRole::Member)]).await?);
    }
    for (millis, index) in [(10, 1), (30, 0), (20, 2)] {
        world.touch(millis, groups[index], &ana).await?;
    }
    let listed: Vec<_> =
        world.store.all_conversation_views(ana.id).await?.iter().map(|view| view.conversation.id).collect();
    assert_eq!(listed, [groups[0], groups[2], groups[1]]);
    Ok(())
}

pub(crate) async fn conversations_are_paged_without_gaps_or_repeats(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    // Several were active in the same moment.
    for number in 0..7 {
        let group = world.group(&format!("Group {number}"), &[(&ana, MemberRole::Member)]).await?;
        world.touch(number / 3, group, &ana).await?;
    }
    let all: Vec<_> = world.store.all_conversation_views(ana.id).await?;
    for size in [1, 2, 3, 6, 7, 8] {
        let page_size = PageSize::new(size).ok_or("a size")?;
        let (mut after, mut paged) = (None, Vec::new());
        loop {
            let page = world.store.conversation_views(ana.id, after.as_deref(), page_size).await?;
            assert!(page.items.len() <= size as usize);
            paged.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(paged, all, "{size}");
    }
    assert_eq!(all.len(), 7);
    Ok(())
}

pub(crate) async fn a_stranger_sees_no_conversation(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    assert_eq!(world.store.conversation_view(group, ben.id).await?, None);
    assert_eq!(world.store.all_conversation_views(ben.id).await?, []);
    world.leave(group, &ana).await?;
    assert_eq!(world.store.conversation_view(group, ana.id).await?, None);
    assert_eq!(world.store.all_conversation_views(ana.id).await?, []);
    Ok(())
}

pub(crate) async fn unread_counts_messages_by_others_behind_the_cursor(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    world.post_many(group, &ana, 3).await?; // 1 to 3
    world.write(group, Some(ana.id), EntryKind::Join(ben.id)).await?; // 4
    world.post(group, &ben, "mine").await?; // 5
    world.post_many(group, &ana, 2).await?; // 6 and 7
    assert_eq!((world.unread(group, &ben).await?, world.unread(group, &ana).await?), (5, 1));
    for (read, expected) in [(1, 4), (3, 2), (4, 2), (5, 2), (6, 1), (7, 0)] {
        world.read_up_to(group, &ben, read).await?;
        assert_eq!(world.unread(group, &ben).await?, expected, "{read}");
    }
    assert_eq!(
        world.store.all_conversation_views(ana.id).await?.iter().map(|view| view.unread).sum::<u64>(),
        1
    );
    Ok(())
}

pub(crate) async fn unread_begins_above_the_floor(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    world.post_many(group, &ana, 5).await?;
    let mut work = world.store.begin().await?;
    work.insert_members(&[Membership { floor_seq: 5, ..membership(group, ben.id) }]).await?;
    work.emit(Event::ConversationOpened { conversation: group, members: vec![ben.id] });
    work.commit().await?;
    assert_eq!(world.unread(group, &ben).await?, 0);
    world.post_many(group, &ana, 2).await?;
    assert_eq!(world.unread(group, &ben).await?, 2);
    Ok(())
}

pub(crate) async fn the_last_message_is_the_newest_that_may_be_seen(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    world.post(group, &ana, "old").await?;
    let last = world.post(group, &ana, "last").await?;
    world.write_at(NOW, group, Some(ana.id), EntryKind::Join(ben.id)).await?;
    let view = world.store.conversation_view(group, ana.id).await?.ok_or("no view")?;
    assert_eq!(view.last_message, Some(last));
    let mut work = world.store.begin().await?;
    work.insert_members(&[Membership { floor_seq: 2, ..membership(group, ben.id) }]).await?;
    work.commit().await?;
    let view = world.store.conversation_view(group, ben.id).await?.ok_or("no view")?;
    assert_eq!((view.last_message, view.membership.floor_seq), (None, 2));
    Ok(())
}
