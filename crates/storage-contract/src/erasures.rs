use parlor_domain::{
    About, Belonging, ConversationId, DisplayName, EntryKind, Erasure, ErasureId, Invite, InviteId, Login,
    MemberRole, Membership, PageSize, Revision, Role, TokenHash, UniqueKey, User, UserStatus, Username,
};
use uuid::Uuid;

use crate::world::{NOW, Outcome, World, conflict, later, membership};

const BEGINNING: ConversationId = ConversationId::from_uuid(Uuid::nil());

impl World {
    fn erasure(&self, author: Option<&User>, conversation: Option<ConversationId>) -> Erasure {
        Erasure {
            id: ErasureId::from_uuid(self.id()),
            author: author.map(|author| author.id),
            conversation,
            until: NOW,
            reached: (BEGINNING, 0),
        }
    }

    async fn order(&self, erasure: &Erasure) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_erasure(erasure).await?;
        Ok(work.commit().await?)
    }

    async fn belongings(&self, user: &User) -> Outcome<Vec<Belonging>> {
        Ok(self.store.belongings(user.id).await?)
    }
}

/// What stays of somebody.
fn shell(user: &User) -> User {
    User {
        username: Username::from_stored(user.code.to_string().to_lowercase()),
        name: DisplayName::from_stored(User::DELETED.to_owned()),
        about: About::from_stored(String::new()),
        email: None,
        role: Role::User,
        status: UserStatus::Deleted,
        last_seen_at: None,
        ..user.clone()
    }
}

pub(crate) async fn an_erasure_is_kept_with_how_far_it_is_until_it_is_done(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let all = world.erasure(Some(&ana), None);
    let some = world.erasure(None, Some(group));
    world.order(&all).await?;
    world.order(&some).await?;
    assert_eq!(world.store.erasures(10).await?, [all.clone(), some.clone()]);
    assert_eq!(world.store.erasures(1).await?, std::slice::from_ref(&all));
    assert!(world.store.is_erasing(ana.id).await?);
    assert!(!world.store.is_erasing(ben.id).await?);

    let mut work = world.store.begin().await?;
    work.move_erasure(all.id, (group, 7)).await?;
    let moved = Erasure { reached: (group, 7), ..all };
    assert_eq!(work.lock_erasure(moved.id).await?, Some(moved.clone()));
    work.delete_erasure(some.id).await?;
    assert_eq!(work.lock_erasure(some.id).await?, None);
    work.commit().await?;
    assert_eq!(world.store.erasures(10).await?, [moved]);
    Ok(())
}

pub(crate) async fn messages_to_be_erased_are_found_by_author_place_and_time(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut places = Vec::new();
    for number in 0..3 {
        let text = |who: &str| format!("{who} {number}");
        places.push(world.post(group, &ana, &text("ana")).await?.seq);
        world.post(group, &ben, &text("ben")).await?;
    }
    world.write(group, Some(ana.id), EntryKind::Leave(ana.id)).await?;
    let late = EntryKind::Message(world.message("late")?);
    world.write_at(later(1), group, Some(ana.id), late).await?;
    let find =
        async |between, limit| world.store.messages_between(group, between, Some(ana.id), NOW, limit).await;
    let descending: Vec<u64> = places.iter().rev().copied().collect();
    assert_eq!(find((0, 100), 10).await?, descending);
    assert_eq!(find((0, 100), 2).await?, descending[..2]);
    assert_eq!(find((places[0], places[2]), 10).await?, [places[1]]);
    assert_eq!(world.store.messages_between(group, (0, 100), None, NOW, 10).await?.len(), 6);
    assert_eq!(world.store.count_messages_by(ana.id).await?, 4);
    let found = world.store.messages_at(group, &[places[1], places[0], 1_000]).await?;
    let bodies = found.iter().filter_map(|entry| entry.message()).map(|message| message.body.as_str());
    assert_eq!(bodies.collect::<Vec<_>>(), ["ana 0", "ana 1"]);
    Ok(())
}

pub(crate) async fn an_erased_message_has_lost_all_that_hung_on_it(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let (gone, stays) = (world.post(group, &ana, "gone").await?, world.post(group, &ana, "stays").await?);
    let thumb = parlor_domain::Emoji::parse("👍")?;
    let mut work = world.store.begin().await?;
    for entry in [&gone, &stays] {
        work.insert_reaction(group, entry.seq, &thumb, ben.id, NOW).await?;
        let body = parlor_domain::MessageBody::parse("before")?;
        work.insert_revision(group, entry.seq, &Revision { body, replaced_at: NOW }).await?;
    }
    // What hangs on a message is read of those that were changed only.
    let mut changed = stays.message().ok_or("no message")?.clone();
    changed.changes.seq = 8;
    work.update_message(group, stays.seq, &changed).await?;
    work.erase_messages(group, &[(gone.seq, 9)], later(5)).await?;
    work.commit().await?;
    let read = async |seq| world.store.messages_at(group, &[seq]).await.map(|mut found| found.remove(0));
    let erased = read(gone.seq).await?.message().cloned().ok_or("no message")?;
    assert_eq!((erased.body.as_str(), erased.changes.seq), ("", 9));
    assert_eq!((erased.changes.deleted_at, erased.changes.reactions.len()), (Some(later(5)), 0));
    assert_eq!(world.store.revisions(group, gone.seq).await?, []);
    let other = read(stays.seq).await?.message().cloned().ok_or("no message")?;
    assert_eq!((other.body.as_str(), other.changes.reactions.len()), ("stays", 1));
    assert_eq!(world.store.revisions(group, stays.seq).await?.len(), 1);
    assert_eq!(world.store.count_messages_by(ana.id).await?, 1);
    Ok(())
}

pub(crate) async fn what_many_at_once_leave_in_the_index_is_taken_out_too(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let notes = world.direct(&ana, &ana).await?;
    let mut places = Vec::new();
    for number in 0..40 {
        places.push((world.post(notes, &ana, &format!("needle {number}")).await?.seq, 41));
    }
    world.index().await?;
    let mut work = world.store.begin().await?;
    work.erase_messages(notes, &places[..30], NOW).await?;
    work.commit().await?;
    assert_eq!(world.hits(&ana, "needle").await?.len(), 10);
    for _ in 0..100 {
        if !world.store.has_residue().await? {
            break;
        }
        let mut work = world.store.begin().await?;
        work.remove_residue().await?;
        work.commit().await?;
    }
    assert!(!world.store.has_residue().await?);
    assert_eq!(world.hits(&ana, "needle").await?.len(), 10);
    let mut work = world.store.begin().await?;
    work.erase_messages(notes, &places[30..31], NOW).await?;
    work.remove_residue().await?;
    work.commit().await?;
    assert!(!world.store.has_residue().await?, "a single one leaves nothing");
    assert_eq!(world.hits(&ana, "needle").await?.len(), 9);
    Ok(())
}

pub(crate) async fn the_logs_that_somebody_may_have_written_in_are_gone_through(world: World) -> Outcome {
    let [ana, ben, eve] = [world.user("ana").await?, world.user("ben").await?, world.user("eve").await?];
    let theirs = world.direct(&ana, &ben).await?;
    world.direct(&ben, &eve).await?;
    let left = world.group_of(&ben, &eve).await?;
    world.post_many(left, &eve, 3).await?;
    let deleted = world.group_of(&ana, &ben).await?;
    let mut work = world.store.begin().await?;
    work.delete_group(deleted.into(), NOW).await?;
    work.commit().await?;
    let lobby = world.store.lobby().await?.ok_or("no lobby")?.id;
    let (mut found, mut after) = (Vec::new(), BEGINNING);
    while let Some((next, last)) = world.store.next_log(after, ana.id).await? {
        found.push((next, last));
        after = next;
    }
    let mut expected = vec![(theirs, 0), (left, 3), (lobby.into(), 0)];
    expected.sort_unstable();
    assert_eq!(found, expected);
    Ok(())
}

pub(crate) async fn a_group_passes_to_moderators_first_and_then_to_who_came_first(world: World) -> Outcome {
    let [ana, ben, eve] = [world.user("ana").await?, world.user("ben").await?, world.user("eve").await?];
    let alone = world.group("Alone", &[(&ana, MemberRole::Owner)]).await?;
    let shared = world.group("Shared", &[(&ana, MemberRole::Owner), (&ben, MemberRole::Owner)]).await?;
    let three = [(&ana, MemberRole::Owner), (&ben, MemberRole::Member), (&eve, MemberRole::Moderator)];
    let moderated = world.group("Led", &three).await?;
    let old = world.group("Old", &[(&ana, MemberRole::Owner)]).await?;
    let mut work = world.store.begin().await?;
    for (user, at) in [(&ben, later(2)), (&eve, later(1))] {
        work.insert_members(&[Membership { joined_at: at, ..membership(old, user.id) }]).await?;
    }
    work.commit().await?;
    let (direct, notes) = (world.direct(&ana, &ben).await?, world.direct(&ana, &ana).await?);
    let of = |conversation| Belonging { conversation, peer: None, is_alone: false, heir: None };
    let expected = [
        Belonging { is_alone: true, ..of(alone) },
        of(shared),
        Belonging { heir: Some(eve.id), ..of(moderated) },
        Belonging { heir: Some(eve.id), ..of(old) },
        Belonging { peer: Some(ben.id), ..of(direct) },
        Belonging { peer: Some(ana.id), ..of(notes) },
    ];
    assert_eq!(world.belongings(&ana).await?, expected);
    assert!(world.belongings(&ben).await?.iter().all(|one| one.heir.is_none()));
    Ok(())
}

pub(crate) async fn a_closed_account_leaves_a_shell_and_frees_its_names(world: World) -> Outcome {
    let (ana, ben) = (world.user_with_email("ana", "ana@example.org").await?, world.user("ben").await?);
    let code = TokenHash::from_bytes([1; 32]);
    let secret = TokenHash::from_bytes([2; 32]);
    let invite = Invite {
        id: InviteId::from_uuid(world.id()),
        role: Role::User,
        email: None,
        created_by: Some(ana.id),
        created_at: NOW,
        expires_at: None,
        max_uses: None,
        uses: 0,
        revoked_at: None,
    };
    let mut work = world.store.begin().await?;
    work.replace_recovery_codes(ana.id, std::slice::from_ref(&code)).await?;
    work.replace_recovery_link(ana.id, &secret, later(1_000)).await?;
    work.insert_block(ben.id, ana.id, NOW).await?;
    work.insert_block(ana.id, ben.id, NOW).await?;
    work.insert_invite(&invite, &secret).await?;
    work.commit().await?;

    let shell = shell(&ana);
    let mut work = world.store.begin().await?;
    work.close_account(&shell, NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.user(ana.id).await?, Some(shell.clone()));
    for login in ["ana", "ana@example.org", "usr000001"] {
        let login = Login::parse(login).ok_or("a login")?;
        assert!(world.store.user_by_login(&login).await?.is_none(), "{login:?}");
    }
    assert!(world.store.password(ana.id).await?.is_none());
    assert_eq!(world.store.count_recovery_codes(ana.id).await?, 0);
    assert_eq!(world.store.recovery_link(&secret, NOW).await?, None);
    assert_eq!(world.store.blocks_of(ben.id).await?, []);
    assert_eq!(world.store.blocks_of(ana.id).await?, []);
    let invites = world.store.invites(None, PageSize::default()).await?.items;
    assert_eq!(invites[0].revoked_at, Some(NOW));

    let heir = world.user_with_email("ana", "ana@example.org").await?;
    assert_ne!(heir.code, ana.code);
    // The shell's name is nobody else's, whatever the code is.
    let mut work = world.store.begin().await?;
    let taken = work.close_account(&User { id: ben.id, ..shell }, NOW).await;
    assert_eq!(conflict(&taken), Some(UniqueKey::Username));
    Ok(())
}
