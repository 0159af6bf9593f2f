use std::collections::HashMap;
use std::sync::Arc;

use parlor_domain::{
    Conversation, ConversationId, ConversationKind, Cursor, DirectKey, EntryKind, MemberRole, Membership,
    NewConversation, SlowMode, Span, Standing, StandingGroup, UniqueKey, UserId, Visibility,
};

use crate::world::{NOW, Outcome, World, append_next, conflict, later, membership};

impl World {
    async fn add(&self, members: &[Membership]) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_members(members).await?;
        Ok(work.commit().await?)
    }

    async fn members_counted(&self, group: ConversationId) -> Outcome<u64> {
        Ok(self.store.group(group.into()).await?.ok_or("no group")?.member_count)
    }
}

pub(crate) async fn a_new_conversation_has_an_empty_log(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let found = world.store.conversation(group).await?.ok_or("no conversation")?;
    assert_eq!(found, Conversation { id: group, direct: None, last_seq: 0, active_at: NOW });
    assert_eq!(found.kind(), ConversationKind::Group);
    assert_eq!(world.store.conversation(ConversationId::from_uuid(world.id())).await?, None);
    Ok(())
}

pub(crate) async fn two_people_have_one_direct_conversation(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let key = DirectKey::of(ben.id, ana.id);
    assert_eq!(world.store.direct_conversation(key).await?, None);
    let id = world.direct(&ana, &ben).await?;
    let found = world.store.direct_conversation(key).await?.ok_or("no conversation")?;
    assert_eq!((found.id, found.direct), (id, Some(DirectKey::of(ana.id, ben.id))));
    let mut work = world.store.begin().await?;
    let second =
        NewConversation { id: ConversationId::from_uuid(world.id()), direct: Some(key), created_at: NOW };
    assert_eq!(conflict(&work.insert_conversation(&second).await), Some(UniqueKey::DirectKey));
    drop(work);
    let notes = world.direct(&ana, &ana).await?;
    assert_eq!(
        world.store.direct_conversation(DirectKey::of(ana.id, ana.id)).await?.map(|found| found.id),
        Some(notes)
    );
    Ok(())
}

pub(crate) async fn places_are_taken_in_order_in_many_logs_at_once(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let one = world.group("One", &[(&ana, MemberRole::Owner)]).await?;
    let other = world.group("Other", &[(&ana, MemberRole::Owner)]).await?;
    world.post(one, &ana, "first").await?;
    let mut work = world.store.begin().await?;
    let taken =
        work.take_seqs(&[(one, 3), (other, 2), (ConversationId::from_uuid(world.id()), 1)], later(5)).await?;
    assert_eq!(taken.into_iter().collect::<HashMap<_, _>>(), HashMap::from([(one, 4), (other, 2)]));
    assert_eq!(work.take_seqs(&[(one, 1)], later(6)).await?, [(one, 5)]);
    work.commit().await?;
    let found = world.store.conversation(one).await?.ok_or("no conversation")?;
    assert_eq!((found.last_seq, found.active_at), (5, later(6)));
    Ok(())
}

pub(crate) async fn places_in_a_log_are_dense_and_follow_the_commits(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let world = Arc::new(world);
    let writers: Vec<_> = (0..8_u64)
        .map(|writer| {
            let (world, ana) = (Arc::clone(&world), ana.id);
            tokio::spawn(async move {
                for round in 0..10 {
                    let kind = EntryKind::Message(world.message("hello")?);
                    let mut work = world.store.begin().await?;
                    append_next(&mut *work, group, Some(ana), kind, NOW).await?;
                    // Some give up: their places are taken by others.
                    if (writer + round) % 3 != 0 {
                        work.commit().await?;
                    }
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    let head = world.store.heads(&[group]).await?;
    let page = world.store.log(group, ana.id, Span::Newest, 100).await?.ok_or("no log")?;
    let written: Vec<u64> = page.entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(written, (1..=written.len() as u64).collect::<Vec<_>>());
    assert_eq!(head, [(group, written.len() as u64)]);
    assert!(written.len() > 40);
    Ok(())
}

pub(crate) async fn heads_leave_out_what_does_not_exist(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let talk = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let quiet = world.group("Quiet", &[(&ana, MemberRole::Owner)]).await?;
    world.post_many(talk, &ana, 3).await?;
    let heads = world.store.heads(&[talk, quiet, talk, ConversationId::from_uuid(world.id())]).await?;
    assert_eq!(heads.len(), 2);
    assert_eq!(heads.into_iter().collect::<HashMap<_, _>>(), HashMap::from([(talk, 3), (quiet, 0)]));
    assert_eq!(world.store.heads(&[]).await?, []);
    Ok(())
}

pub(crate) async fn a_standing_tells_role_group_and_end_of_the_log(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let secret = world
        .make_group(&world.new_group("Secret", Visibility::Private)?, &[(&ana, MemberRole::Moderator)])
        .await?;
    world.post_many(secret, &ana, 2).await?;
    let group = StandingGroup {
        visibility: Visibility::Private,
        lobby: false,
        read_only: false,
        slow_mode: SlowMode::default(),
        archived: false,
        frozen: false,
    };
    let expected = Standing {
        floor_seq: 0,
        conversation: secret,
        user: ana.id,
        role: Some(MemberRole::Moderator),
        last_seq: 2,
        group: Some(group),
        banned_until: None,
        muted_until: None,
        server_muted_until: None,
        posted_at: None,
        blocked: None,
    };
    assert_eq!(world.store.standing(secret, ana.id).await?, Some(expected));
    assert_eq!(
        world.store.standing(secret, ben.id).await?,
        Some(Standing { user: ben.id, role: None, ..expected })
    );
    let direct = world.direct(&ana, &ben).await?;
    let expected = Standing {
        floor_seq: 0,
        conversation: direct,
        user: ben.id,
        role: Some(MemberRole::Member),
        last_seq: 0,
        group: None,
        banned_until: None,
        muted_until: None,
        server_muted_until: None,
        posted_at: None,
        blocked: None,
    };
    assert_eq!(world.store.standing(direct, ben.id).await?, Some(expected));
    Ok(())
}

pub(crate) async fn standings_leave_out_what_does_not_exist(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let nowhere = ConversationId::from_uuid(world.id());
    let nobody = UserId::from_uuid(world.id());
    let pairs = [(group, ana.id), (nowhere, ana.id), (group, ben.id), (group, nobody), (group, ana.id)];
    let mut found: Vec<_> =
        world.store.standings(&pairs).await?.iter().map(|one| (one.user, one.role)).collect();
    found.sort_by_key(|(user, _)| *user);
    assert_eq!(found, [(ana.id, Some(MemberRole::Owner)), (ben.id, None), (nobody, None)]);
    assert_eq!(world.store.standing(nowhere, ana.id).await?, None);
    assert_eq!(world.store.standings(&[]).await?, []);
    Ok(())
}

pub(crate) async fn one_who_is_in_already_stays_as_they_are(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let cursor = Cursor { delivered_seq: 0, read_seq: 0 };
    let again = Membership {
        role: MemberRole::Member,
        floor_seq: 7,
        cursor,
        joined_at: later(9),
        ..membership(group, ana.id)
    };
    world.add(&[again, membership(group, ben.id)]).await?;
    let view = world.store.conversation_view(group, ana.id).await?.ok_or("no view")?;
    assert_eq!(view.membership, Membership { role: MemberRole::Owner, ..membership(group, ana.id) });
    assert_eq!(world.members_counted(group).await?, 2);
    Ok(())
}

pub(crate) async fn the_number_of_members_follows_joins_and_leaves(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let other = world.group("Other", &[]).await?;
    world.add(&[membership(group, ben.id), membership(other, ana.id), membership(other, ben.id)]).await?;
    world.add(&[]).await?;
    assert_eq!((world.members_counted(group).await?, world.members_counted(other).await?), (2, 2));
    assert!(world.leave(group, &ben).await?);
    assert!(!world.leave(group, &ben).await?);
    assert_eq!((world.members_counted(group).await?, world.members_counted(other).await?), (1, 2));
    Ok(())
}

pub(crate) async fn a_dropped_join_is_not_counted(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let mut work = world.store.begin().await?;
    work.insert_members(&[membership(group, ben.id)]).await?;
    assert!(work.delete_member(group, ana.id).await?);
    drop(work);
    let work = world.store.begin().await?;
    assert_eq!(work.group(group.into()).await?.ok_or("no group")?.member_count, 1);
    Ok(())
}

pub(crate) async fn those_who_joined_lately_are_told_the_latest_first(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    world.add(&[Membership { joined_at: later(9), ..membership(group, ben.id) }]).await?;
    assert_eq!(world.store.joined_since(NOW, 9).await?, [(group, ben.id), (group, ana.id)]);
    assert_eq!(world.store.joined_since(NOW, 1).await?, [(group, ben.id)]);
    assert_eq!(world.store.joined_since(later(10), 9).await?, []);
    Ok(())
}
