use std::sync::Arc;

use parlor_domain::{
    ClientId, ConversationId, Entry, EntryKind, GroupDescription, GroupName, MemberRole, Message,
    MessageBody, MessageId, PictureId, Retention, RetentionDays, RetentionScope, Span, StoreError, UniqueKey,
    User, Visibility,
};

use crate::world::{NOW, Outcome, World, conflict};

impl World {
    /// Appends messages at the places from `first` on.
    async fn append(
        &self,
        conversation: ConversationId,
        author: &User,
        first: u64,
        messages: &[Message],
    ) -> Result<Vec<Entry>, StoreError> {
        let entries: Vec<_> = (first..)
            .zip(messages)
            .map(|(seq, message)| Entry {
                conversation,
                seq,
                actor: Some(author.id),
                created_at: NOW,
                kind: EntryKind::Message(message.clone()),
            })
            .collect();
        let mut work = self.store.begin().await?;
        work.append(&entries).await?;
        work.commit().await?;
        Ok(entries)
    }
}

pub(crate) async fn an_entry_of_every_kind_is_read_back(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let first = world.message("first")?;
    let reply = Message { reply_to: Some(first.id), ..world.message("second")? };
    let picture = PictureId::from_uuid(world.id());
    let until = NOW.plus(std::time::Duration::from_mins(5));
    let days = RetentionDays::new(30).ok_or("no days")?;
    let retention = Retention { days, what: RetentionScope::Files };
    let written = [
        world.write(group, None, EntryKind::Join(ana.id)).await?,
        world.write(group, Some(ana.id), EntryKind::Join(ben.id)).await?,
        world.write(group, Some(ana.id), EntryKind::Message(first)).await?,
        world.write(group, Some(ben.id), EntryKind::Message(reply)).await?,
        world.write(group, Some(ana.id), EntryKind::Rename(GroupName::parse("Größer; \"x\"")?)).await?,
        world.write(group, Some(ana.id), EntryKind::Description(GroupDescription::parse("")?)).await?,
        world.write(group, Some(ana.id), EntryKind::Visibility(Visibility::Private)).await?,
        world.write(group, Some(ana.id), EntryKind::Picture(Some(picture))).await?,
        world.write(group, Some(ana.id), EntryKind::Picture(None)).await?,
        world.write(group, Some(ana.id), EntryKind::Archive).await?,
        world.write(group, Some(ana.id), EntryKind::Unarchive).await?,
        world.write(group, None, EntryKind::Freeze).await?,
        world.write(group, None, EntryKind::Unfreeze).await?,
        world.write(group, Some(ana.id), EntryKind::Clear).await?,
        world.write(group, Some(ana.id), EntryKind::Retention(Some(retention))).await?,
        world.write(group, Some(ana.id), EntryKind::Retention(None)).await?,
        world.write(group, Some(ana.id), EntryKind::GroupDeletion).await?,
        world.write(group, Some(ana.id), EntryKind::Role(ben.id, MemberRole::Moderator)).await?,
        world.write(group, Some(ana.id), EntryKind::Mute(ben.id, until)).await?,
        world.write(group, Some(ana.id), EntryKind::Unmute(ben.id)).await?,
        world.write(group, Some(ben.id), EntryKind::Leave(ben.id)).await?,
        world.write(group, Some(ana.id), EntryKind::Removal(ben.id)).await?,
    ];
    let page = world.store.log(group, ana.id, Span::Newest, 100).await?.ok_or("no log")?;
    assert_eq!(page.entries, written.map(Arc::new));
    Ok(())
}

pub(crate) async fn a_message_of_any_text_is_read_back(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let long = "🦀".repeat(MessageBody::MAX_CHARACTERS);
    let texts = [
        "\"quoted\" \\ and\nlines\ttabs",
        "'; DROP TABLE entry; --",
        "👨\u{200D}👩\u{200D}👧 é",
        "null",
        "[1,2]",
        "\u{7f}x",
        long.as_str(),
    ];
    for text in texts {
        let written = world.write(group, Some(ana.id), EntryKind::Message(world.message(text)?)).await?;
        let page = world.store.log(group, ana.id, Span::Newest, 1).await?.ok_or("no log")?;
        assert_eq!(page.entries, [Arc::new(written)]);
    }
    Ok(())
}

pub(crate) async fn a_client_id_is_used_once_by_its_author(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let other = world.group("Other", &[(&ana, MemberRole::Owner)]).await?;
    let first = world.message("first")?;
    world.append(group, &ana, 1, std::slice::from_ref(&first)).await?;
    let again = Message { client_id: first.client_id, ..world.message("again")? };
    assert_eq!(
        conflict(&world.append(other, &ana, 1, std::slice::from_ref(&again)).await),
        Some(UniqueKey::ClientId)
    );
    // One conflict in a batch leaves nothing of it.
    let batch = [world.message("new")?, again.clone()];
    assert_eq!(conflict(&world.append(other, &ana, 1, &batch).await), Some(UniqueKey::ClientId));
    assert!(world.store.log(other, ana.id, Span::Newest, 10).await?.ok_or("no log")?.entries.is_empty());
    // Another author may have the same one.
    world.append(group, &ben, 2, &[again]).await?;
    Ok(())
}

pub(crate) async fn a_message_id_is_used_once(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let first = world.message("first")?;
    world.append(group, &ana, 1, std::slice::from_ref(&first)).await?;
    let same = Message { id: first.id, ..world.message("same")? };
    assert_eq!(conflict(&world.append(group, &ana, 2, &[same]).await), Some(UniqueKey::Other));
    Ok(())
}

pub(crate) async fn a_place_is_used_once(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    world.append(group, &ana, 1, &[world.message("first")?]).await?;
    assert_eq!(
        conflict(&world.append(group, &ana, 1, &[world.message("second")?]).await),
        Some(UniqueKey::Other)
    );
    Ok(())
}

pub(crate) async fn posted_messages_are_found_by_author_and_client_id(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut messages = Vec::new();
    for number in 1..=5 {
        messages.push(world.message(&format!("message {number}"))?);
    }
    let written = world.append(group, &ana, 1, &messages).await?;
    let unknown = ClientId::from_uuid(world.id());
    let wanted = [
        (ana.id, messages[3].client_id),
        (ana.id, unknown),
        (ben.id, messages[0].client_id),
        (ana.id, messages[1].client_id),
        (ana.id, messages[1].client_id),
    ];
    let mut found = world.store.posted(&wanted).await?;
    found.sort_by_key(|entry| entry.seq);
    assert_eq!(found, [written[1].clone(), written[3].clone()]);
    assert_eq!(world.store.posted(&[]).await?, []);
    Ok(())
}

pub(crate) async fn places_leave_out_what_does_not_exist(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let (one, other) = (world.message("one")?, world.message("other")?);
    world.append(group, &ana, 1, &[one.clone(), other.clone()]).await?;
    let mut found = world.store.places(&[other.id, MessageId::from_uuid(world.id()), one.id, one.id]).await?;
    found.sort_by_key(|(_, _, seq)| *seq);
    assert_eq!(found, [(one.id, group, 1), (other.id, group, 2)]);
    assert_eq!(world.store.places(&[]).await?, []);
    Ok(())
}

pub(crate) async fn many_entries_are_appended_at_once(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let mut messages = Vec::new();
    for number in 1..=64 {
        messages.push(world.message(&format!("message {number}"))?);
    }
    let written = world.append(group, &ana, 1, &messages).await?;
    let page = world.store.log(group, ana.id, Span::After(0), 100).await?.ok_or("no log")?;
    assert_eq!(page.entries, written.into_iter().map(Arc::new).collect::<Vec<_>>());
    let mut work = world.store.begin().await?;
    work.append(&[]).await?;
    work.commit().await?;
    Ok(())
}

pub(crate) async fn a_log_is_erased_from_its_beginning_and_never_its_newest_entry(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let [talk, other] =
        [world.group_of(&ana, &world.user("ben").await?).await?, world.group("other", &[]).await?];
    world.post_many(talk, &ana, 5).await?;
    world.post_many(other, &ana, 2).await?;
    let mut left = Vec::new();
    for _ in 0..4 {
        let mut work = world.store.begin().await?;
        let erased = work.erase_entries(talk, 2, NOW).await?;
        work.commit().await?;
        let entries = world.store.entries(talk, 0, 10).await?;
        left.push((erased, entries.iter().map(|entry| entry.seq).collect::<Vec<_>>()));
    }
    assert_eq!(left, [(2, vec![3, 4, 5]), (2, vec![5]), (0, vec![5]), (0, vec![5])]);
    assert_eq!(world.store.entries(other, 0, 10).await?.len(), 2);
    Ok(())
}
