//! What several nodes do at the same moment. Each of these reads before it writes.

use std::sync::Arc;

use parlor_domain::{
    Actor, ClientId, ConversationId, Cursor, CursorMove, Device, Entry, EntryKind, Grant, GroupError, Invite,
    InviteId, MemberRole, MessageBody, Post, ProfileChange, Receipts, RefreshToken, RegisterError,
    Registration, Role, Session, SessionId, SessionKind, Span, TokenIssuer, User,
};

use crate::side_by_side::{Around, at_once};
use crate::world::{NOW, Outcome, World};

/// How often a race is run: the wrong order does not come every time.
pub(crate) const ROUNDS: usize = 10;

fn actor(user: &User) -> Actor {
    Actor { user: user.id, role: Role::User }
}

pub(crate) fn post(author: &User, conversation: ConversationId, client_id: ClientId) -> Outcome<Post> {
    let body = MessageBody::parse("hello")?;
    Ok(Post {
        actor: actor(author),
        conversation,
        client_id,
        body,
        reply_to: None,
        thread: None,
        files: Vec::new(),
        forward: None,
    })
}

impl World {
    async fn entries(&self, conversation: ConversationId, reader: &User) -> Outcome<Vec<Arc<Entry>>> {
        let page = self.store.log(conversation, reader.id, Span::Newest, 100).await?;
        Ok(page.ok_or("no log")?.entries)
    }

    pub(crate) fn client_id(&self) -> ClientId {
        ClientId::from_uuid(self.id())
    }
}

pub(crate) async fn of_many_who_set_up_at_once_one_becomes_the_admin(world: World) -> Outcome {
    let made = at_once((0..8).map(|number| {
        let accounts = world.accounts();
        async move {
            let form = Registration {
                username: format!("root{number}"),
                name: "Root".into(),
                password: Some("long enough for all".into()),
                ..Registration::default()
            };
            accounts.create_first_admin(&form).await.is_ok()
        }
    }));
    assert_eq!(made.await?.into_iter().filter(|made| *made).count(), 1);
    assert_eq!(world.store.count_admins().await?, 1);
    Ok(())
}

pub(crate) async fn of_many_with_one_invitation_one_gets_an_account(world: World) -> Outcome {
    let (text, token) = Around.secret();
    let invite = Invite {
        id: InviteId::from_uuid(world.id()),
        role: Role::Admin,
        email: None,
        created_by: None,
        created_at: NOW,
        expires_at: None,
        max_uses: Some(1),
        uses: 0,
        revoked_at: None,
    };
    let mut work = world.store.begin().await?;
    work.insert_invite(&invite, &token).await?;
    work.commit().await?;
    let made = at_once((0..8).map(|number| {
        let (accounts, invite) = (world.accounts(), Some(text.clone()));
        async move {
            let form = Registration {
                username: format!("user{number}"),
                name: "User".into(),
                password: Some("long enough for all".into()),
                invite,
                ..Registration::default()
            };
            accounts.register(&form, &SessionKind::Token.into()).await.map(|made| made.user.role)
        }
    }));
    let made = made.await?;
    let roles: Vec<_> = made.iter().filter_map(|made| made.as_ref().ok()).collect();
    assert_eq!(roles, [&Role::Admin]);
    let refused = made.iter().filter(|made| matches!(made, Err(RegisterError::InvalidInvite))).count();
    assert_eq!(refused, 7, "{made:?}");
    assert_eq!(world.store.count_admins().await?, 1);
    assert_eq!(world.store.invite_by_token(&token).await?.map(|invite| invite.uses), Some(1));
    Ok(())
}

pub(crate) async fn of_two_owners_who_leave_at_once_one_stays(world: World) -> Outcome {
    let (ana, ben, cid) = (world.user("ana").await?, world.user("ben").await?, world.user("cid").await?);
    for _ in 0..ROUNDS {
        let members = [(&ana, MemberRole::Owner), (&ben, MemberRole::Owner), (&cid, MemberRole::Member)];
        let group = world.group("Talk", &members).await?;
        let left = at_once([ana.clone(), ben.clone()].map(|owner| {
            let groups = world.groups(100);
            async move { groups.remove(&actor(&owner), group.into(), owner.id).await }
        }))
        .await?;
        assert_eq!(left.iter().filter(|left| left.is_ok()).count(), 1, "{left:?}");
        assert!(left.iter().any(|left| matches!(left, Err(GroupError::LastOwner))), "{left:?}");
        assert_eq!(world.store.count_members(group.into(), MemberRole::Owner).await?, 1);
    }
    Ok(())
}

pub(crate) async fn a_group_is_never_fuller_than_it_may_be(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(world.user(&format!("user{number}")).await?);
    }
    let joined = at_once(people.into_iter().map(|user| {
        let groups = world.groups(3);
        async move { groups.add(&actor(&user), group.into(), user.id).await.is_ok() }
    }));
    assert_eq!(joined.await?.into_iter().filter(|joined| *joined).count(), 2);
    assert_eq!(world.store.group(group.into()).await?.ok_or("no group")?.member_count, 3);
    assert_eq!(world.entries(group, &ana).await?.len(), 2);
    Ok(())
}

pub(crate) async fn one_who_joins_and_leaves_many_times_at_once_does_it_once(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    for round in 1..=ROUNDS {
        let joined = at_once((0..4).map(|_| {
            let (groups, ben) = (world.groups(100), ben.clone());
            async move { groups.add(&actor(&ben), group.into(), ben.id).await.is_ok_and(|(_, came)| came) }
        }));
        assert_eq!(joined.await?.into_iter().filter(|came| *came).count(), 1);
        let left = at_once((0..4).map(|_| {
            let (groups, ben) = (world.groups(100), ben.clone());
            async move { groups.remove(&actor(&ben), group.into(), ben.id).await.is_ok() }
        }));
        assert_eq!(left.await?.into_iter().filter(|left| *left).count(), 1);
        assert_eq!(world.entries(group, &ana).await?.len(), 2 * round);
    }
    Ok(())
}

pub(crate) async fn nobody_posts_behind_their_removal(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    for round in 0..2 * ROUNDS {
        let group = world.group("Talk", &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?;
        let mut posts = Vec::new();
        for _ in 0..6 {
            posts.push((world.messaging(), post(&ben, group, world.client_id())?));
        }
        let (groups, owner, member) = (world.groups(100), actor(&ana), ben.id);
        let removing = tokio::spawn(async move {
            // Somewhere among the posts, another place each time.
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            groups.remove(&owner, group.into(), member).await
        });
        let posting =
            at_once(posts.into_iter().map(|(node, post)| async move { node.post_all(vec![post]).await }));
        posting.await?;
        removing.await??;
        let entries = world.entries(group, &ana).await?;
        let removed = entries.iter().position(|entry| matches!(entry.kind, EntryKind::Removal(_)));
        assert_eq!(removed.map(|place| place + 1), Some(entries.len()), "{entries:?}");
    }
    Ok(())
}

pub(crate) async fn batches_over_the_same_logs_do_not_stop_each_other(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let one = world.group_of(&ana, &ben).await?;
    let other = world.direct(&ana, &ben).await?;
    for _ in 0..ROUNDS {
        let mut batches = Vec::new();
        for order in [[one, other], [other, one], [one, other], [other, one]] {
            let posts: Outcome<Vec<_>> =
                order.into_iter().map(|log| post(&ana, log, world.client_id())).collect();
            batches.push((world.messaging(), posts?));
        }
        let answers =
            at_once(batches.into_iter().map(|(node, posts)| async move { node.post_all(posts).await }));
        assert!(answers.await?.iter().flatten().all(Result::is_ok));
    }
    let entries = world.entries(one, &ana).await?;
    assert_eq!(entries.last().map(|entry| entry.seq), Some(4 * ROUNDS as u64));
    Ok(())
}

pub(crate) async fn a_message_that_reaches_many_nodes_at_once_is_posted_once(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let log = world.direct(&ana, &ben).await?;
    for round in 1..=ROUNDS {
        let same = post(&ana, log, world.client_id())?;
        let answers = at_once((0..5).map(|_| {
            let (node, same) = (world.messaging(), same.clone());
            async move { node.post_all(vec![same]).await }
        }))
        .await?;
        let mut first = 0;
        for answer in answers.into_iter().flatten() {
            let posted = answer?;
            assert_eq!(posted.entry.seq, round as u64);
            first += usize::from(!posted.duplicate);
        }
        assert_eq!(first, 1);
    }
    Ok(())
}

pub(crate) async fn a_refresh_token_that_is_used_many_times_at_once_has_one_successor(
    world: World,
) -> Outcome {
    let ana = world.user("ana").await?;
    let id = SessionId::from_uuid(world.id());
    let session = Session {
        id,
        user: ana.id,
        kind: SessionKind::Token,
        secret: None,
        grant: Grant::Everything,
        remember: true,
        created_at: NOW,
        last_used_at: NOW,
        confirmed_at: NOW,
        device: Device::default(),
    };
    let (secret, hash) = Around.secret();
    let mut work = world.store.begin().await?;
    work.insert_session(&session).await?;
    work.insert_refresh_token(&RefreshToken {
        hash,
        session: id,
        issued_at: NOW,
        successor: None,
        revoked: false,
    })
    .await?;
    work.commit().await?;
    let refreshed = at_once((0..6).map(|_| {
        let (accounts, secret) = (world.accounts(), secret.clone());
        async move { accounts.refresh(&secret).await }
    }));
    let mut good = 0;
    for refreshed in refreshed.await? {
        let successor = Around.hash(&refreshed?.tokens.refresh);
        let token = world.store.refresh_token(&successor).await?.ok_or("no token")?;
        good += usize::from(!token.revoked);
    }
    assert_eq!(good, 1);
    Ok(())
}

pub(crate) async fn two_changes_of_a_profile_at_once_are_both_kept(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    for round in 0..ROUNDS {
        let name = ProfileChange { name: Some(format!("Ana {round}")), ..ProfileChange::default() };
        let about = ProfileChange { about: Some(format!("About {round}")), ..ProfileChange::default() };
        let changed = at_once([name, about].map(|change| {
            let (accounts, who) = (world.accounts(), actor(&ana));
            async move { accounts.change_profile(&who, &change).await.is_ok() }
        }));
        assert_eq!(changed.await?, [true, true]);
        let found = world.store.user(ana.id).await?.ok_or("no user")?;
        assert_eq!(
            (found.name.as_str(), found.about.as_str()),
            (&*format!("Ana {round}"), &*format!("About {round}"))
        );
    }
    Ok(())
}

pub(crate) async fn a_direct_conversation_is_opened_once_from_both_sides(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    for round in 0..ROUNDS {
        let ben = world.user(&format!("ben{round}")).await?;
        let opened = at_once([(ana.clone(), ben.clone()), (ben, ana.clone())].map(|(one, other)| {
            let node = world.conversations();
            async move { node.open_direct(&actor(&one), other.id).await }
        }));
        let mut made = 0;
        let mut ids = Vec::new();
        for opened in opened.await? {
            let (view, new) = opened?;
            made += usize::from(new);
            ids.push(view.conversation.id);
        }
        assert_eq!(made, 1);
        assert_eq!(ids[0], ids[1]);
    }
    Ok(())
}

pub(crate) async fn cursors_that_many_nodes_move_at_once_end_at_the_farthest(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let one = world.group_of(&ana, &ben).await?;
    let other = world.direct(&ana, &ben).await?;
    world.post_many(one, &ana, 40).await?;
    world.post_many(other, &ana, 40).await?;
    let moved = at_once((1..=40_u64).map(|step| {
        let node = Receipts::new(Arc::clone(&world.store), Arc::new(Around));
        // Delivered is far when read is near, so that neither side may be taken from an old row.
        let cursor = Cursor { delivered_seq: 41 - step, read_seq: step.min(20) };
        let mut moves: Vec<_> = [(one, ana.id), (one, ben.id), (other, ana.id), (other, ben.id)]
            .map(|(conversation, user)| CursorMove { conversation, user, cursor })
            .into();
        if step % 2 == 0 {
            moves.reverse();
        }
        async move { node.move_all(&moves).await }
    }));
    for moved in moved.await? {
        moved?;
    }
    for (conversation, user) in [(one, &ana), (other, &ben)] {
        let view = world.store.conversation_view(conversation, user.id).await?.ok_or("no view")?;
        assert_eq!(view.membership.cursor, Cursor { delivered_seq: 40, read_seq: 20 });
    }
    Ok(())
}
