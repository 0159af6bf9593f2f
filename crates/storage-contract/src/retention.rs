use std::time::Duration;

use parlor_domain::{
    AppliedRetention, BanReason, ConversationId, EntryKind, Freeze, Group, Kept, MemberRole, Retention,
    RetentionDays, RetentionProgress, RetentionScope, Timestamp,
};

use crate::world::{NOW, Outcome, World, later};

const DAY: Duration = Duration::from_hours(24);

fn setting(days: u64, what: RetentionScope) -> Outcome<Option<Retention>> {
    Ok(Some(Retention { days: RetentionDays::new(days).ok_or("no days")?, what }))
}

/// So many days before everything happens.
fn ago(days: u32) -> Timestamp {
    NOW.minus(DAY * days)
}

/// Nothing was looked at there yet.
fn untouched(conversation: ConversationId, own: Option<Retention>) -> RetentionProgress {
    RetentionProgress { conversation, own, messages: Kept::default(), files: Kept::default() }
}

impl World {
    async fn set_retention(&self, conversation: ConversationId, own: Option<Retention>) -> Outcome {
        let mut work = self.store.begin().await?;
        work.set_retention(conversation, own).await?;
        Ok(work.commit().await?)
    }

    async fn note_retention(&self, progress: &RetentionProgress) -> Outcome {
        let mut work = self.store.begin().await?;
        work.note_retention(progress).await?;
        Ok(work.commit().await?)
    }

    /// The place, the moment, whether it is a message and whether it has files.
    async fn places(
        &self,
        conversation: ConversationId,
        above: u64,
        limit: u32,
    ) -> Outcome<Vec<(u64, Timestamp, bool, bool)>> {
        let places = self.store.dated_places(conversation, above, limit).await?;
        let told =
            places.iter().map(|place| (place.seq, place.created_at, place.is_message, place.has_files));
        Ok(told.collect())
    }

    /// The conversations that are due now.
    async fn due(&self, server: Option<Retention>) -> Outcome<Vec<ConversationId>> {
        let due = self.store.due_retentions(server, NOW, 100).await?;
        Ok(due.into_iter().map(|progress| progress.conversation).collect())
    }
}

pub(crate) async fn what_was_set_for_a_conversation_and_how_far_it_was_kept_to_is_read_back(
    world: World,
) -> Outcome {
    let ana = world.user("ana").await?;
    let notes = world.direct(&ana, &ana).await?;
    let unknown = ConversationId::from_uuid(world.id());
    assert_eq!(world.store.retention(unknown).await?, None);
    assert_eq!(world.store.retention(notes).await?, Some(untouched(notes, None)));
    let files = setting(30, RetentionScope::Files)?;
    world.set_retention(notes, files).await?;
    assert_eq!(world.store.retention(notes).await?, Some(untouched(notes, files)));
    let view = world.store.conversation_view(notes, ana.id).await?.ok_or("no view")?;
    assert_eq!(view.retention, AppliedRetention::of(None, files));

    // Neither touches the other.
    let messages = Kept { seq: 7, since: ago(3) };
    let progress =
        RetentionProgress { messages, files: Kept { seq: 9, since: ago(1) }, ..untouched(notes, files) };
    world.note_retention(&progress).await?;
    assert_eq!(world.store.retention(notes).await?, Some(progress));
    let both = setting(3_650, RetentionScope::MessagesAndFiles)?;
    world.set_retention(notes, both).await?;
    assert_eq!(world.store.retention(notes).await?, Some(RetentionProgress { own: both, ..progress }));
    world.set_retention(notes, None).await?;
    assert_eq!(world.store.retention(notes).await?, Some(RetentionProgress { own: None, ..progress }));
    let view = world.store.conversation_view(notes, ana.id).await?.ok_or("no view")?;
    assert_eq!(view.retention, AppliedRetention::default());
    Ok(())
}

pub(crate) async fn a_conversation_is_due_when_something_is_as_old_as_it_is_kept(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (direct, notes) = (world.direct(&ana, &ben).await?, world.direct(&ana, &ana).await?);
    assert_eq!(world.due(None).await?, []);
    world.set_retention(direct, setting(30, RetentionScope::MessagesAndFiles)?).await?;
    assert_eq!(world.due(None).await?, [direct]);

    let kept = |messages, files| RetentionProgress {
        messages: Kept { seq: 1, since: messages },
        files: Kept { seq: 1, since: files },
        ..untouched(direct, None)
    };
    for (messages, files, is_due) in [
        (ago(29), ago(29), false),
        (ago(30), ago(29), true),
        (ago(29), ago(30), true),
        (later(1).minus(DAY * 30), ago(0), false),
    ] {
        world.note_retention(&kept(messages, files)).await?;
        assert_eq!(world.due(None).await? == [direct], is_due, "{messages:?} {files:?}");
    }
    // Where only files go, it does not matter how old messages are.
    world.set_retention(direct, setting(30, RetentionScope::Files)?).await?;
    world.note_retention(&kept(ago(300), ago(29))).await?;
    assert_eq!(world.due(None).await?, []);
    world.set_retention(direct, None).await?;
    assert_eq!(world.due(None).await?, []);

    // The server's setting is about all conversations, with and without a row of their own.
    let lobby: ConversationId = world.store.lobby().await?.ok_or("no lobby")?.id.into();
    let server = setting(20, RetentionScope::Files)?;
    let mut due = world.due(server).await?;
    assert_eq!(due.pop(), Some(direct), "what was kept to the least far comes first");
    assert!(due.len() == 2 && due.contains(&lobby) && due.contains(&notes), "{due:?}");
    assert_eq!(world.store.due_retentions(server, NOW, 1).await?.len(), 1);
    for conversation in [lobby, notes] {
        let files = Kept { seq: 0, since: NOW };
        world.note_retention(&RetentionProgress { files, ..untouched(conversation, None) }).await?;
    }
    assert_eq!(world.due(server).await?, [direct]);
    assert_eq!(world.due(setting(30, RetentionScope::Files)?).await?, []);
    assert_eq!(world.due(setting(30, RetentionScope::MessagesAndFiles)?).await?.len(), 3);
    Ok(())
}

pub(crate) async fn what_is_in_a_frozen_or_deleted_group_is_not_due(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let notes = world.direct(&ana, &ana).await?;
    let id = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let own = setting(1, RetentionScope::MessagesAndFiles)?;
    world.set_retention(id, own).await?;
    assert_eq!(world.due(None).await?, [id]);
    let group = world.store.group(id.into()).await?.ok_or("no group")?;
    let freeze = Some(Freeze { reason: BanReason::parse("spam")?, at: NOW });
    for (state, due) in [(Group { freeze, ..group.clone() }, vec![]), (group, vec![id])] {
        let mut work = world.store.begin().await?;
        work.update_group(&state).await?;
        work.commit().await?;
        assert_eq!(world.due(None).await?, due);
        assert_eq!(world.store.is_kept_whole(id).await?, due.is_empty());
        assert_eq!(world.due(own).await?.contains(&id), !due.is_empty());
    }
    let mut work = world.store.begin().await?;
    work.delete_group(id.into(), NOW).await?;
    work.commit().await?;
    assert_eq!(world.due(None).await?, []);
    assert!(world.store.is_kept_whole(id).await? && !world.store.is_kept_whole(notes).await?);
    let mut work = world.store.begin().await?;
    work.erase_conversation(id, NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.retention(id).await?, None);
    Ok(())
}

pub(crate) async fn places_of_a_log_are_told_with_their_age(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    world.write_at(later(1), group, Some(ana.id), EntryKind::Join(ben.id)).await?;
    let said = world.message("said")?;
    world.write_at(later(2), group, Some(ana.id), EntryKind::Message(said)).await?;
    let file = world.uploaded(&ana, "a.pdf", "application/pdf").await?;
    world.post_files_at(later(3), group, &ana, "", std::slice::from_ref(&file)).await?;
    let gone = world.message("gone")?;
    let gone = world.write_at(later(4), group, Some(ben.id), EntryKind::Message(gone)).await?;
    let mut work = world.store.begin().await?;
    work.erase_messages(group, &[(gone.seq, 5)], later(5)).await?;
    work.commit().await?;

    let all = [
        (1, later(1), false, false),
        (2, later(2), true, false),
        (3, later(3), true, true),
        (4, later(4), false, false),
    ];
    assert_eq!(world.places(group, 0, 10).await?, all);
    assert_eq!(world.places(group, 1, 2).await?, all[1..3]);
    assert_eq!(world.places(group, 4, 10).await?, []);
    Ok(())
}
