use parlor_domain::{ConversationId, Cursor, CursorMove, MemberRole, MovedCursor, User, UserId};

use crate::world::{Outcome, World};

const fn cursor(delivered_seq: u64, read_seq: u64) -> Cursor {
    Cursor { delivered_seq, read_seq }
}

impl World {
    async fn advance(&self, steps: &[(ConversationId, UserId, Cursor)]) -> Outcome<Vec<MovedCursor>> {
        let steps: Vec<_> = steps
            .iter()
            .map(|(conversation, user, cursor)| CursorMove {
                conversation: *conversation,
                user: *user,
                cursor: *cursor,
            })
            .collect();
        let mut work = self.store.begin().await?;
        let moved = work.move_cursors(&steps).await?;
        work.commit().await?;
        Ok(moved)
    }

    async fn cursor_of(&self, conversation: ConversationId, user: &User) -> Outcome<Cursor> {
        Ok(self.store.conversation_view(conversation, user.id).await?.ok_or("no view")?.membership.cursor)
    }

    /// A group with ten messages and one reader.
    async fn ten_messages(&self) -> Outcome<(ConversationId, User)> {
        let (ana, ben) = (self.user("ana").await?, self.user("ben").await?);
        let group = self.group_of(&ana, &ben).await?;
        self.post_many(group, &ana, 10).await?;
        Ok((group, ben))
    }
}

pub(crate) async fn cursors_move_forward_and_say_so(world: World) -> Outcome {
    let (group, ben) = world.ten_messages().await?;
    let moved = world.advance(&[(group, ben.id, cursor(5, 3))]).await?;
    assert_eq!(moved, [MovedCursor { conversation: group, user: ben.id, cursor: cursor(5, 3), peer: None }]);
    let moved = world.advance(&[(group, ben.id, cursor(5, 4))]).await?;
    assert_eq!(moved, [MovedCursor { conversation: group, user: ben.id, cursor: cursor(5, 4), peer: None }]);
    assert_eq!(world.cursor_of(group, &ben).await?, cursor(5, 4));
    assert_eq!(world.advance(&[]).await?, []);
    Ok(())
}

pub(crate) async fn cursors_never_move_back_or_beyond_the_log(world: World) -> Outcome {
    let (group, ben) = world.ten_messages().await?;
    world.advance(&[(group, ben.id, cursor(6, 4))]).await?;
    for back in [cursor(6, 4), cursor(2, 1), cursor(0, 0)] {
        assert_eq!(world.advance(&[(group, ben.id, back)]).await?, []);
    }
    assert_eq!(world.advance(&[(group, ben.id, cursor(1, 5))]).await?.len(), 1);
    assert_eq!(world.cursor_of(group, &ben).await?, cursor(6, 5));
    world.advance(&[(group, ben.id, cursor(99, u64::MAX))]).await?;
    assert_eq!(world.cursor_of(group, &ben).await?, cursor(10, 10));
    assert_eq!(world.advance(&[(group, ben.id, cursor(11, 11))]).await?, []);
    Ok(())
}

pub(crate) async fn what_is_read_has_been_delivered(world: World) -> Outcome {
    let (group, ben) = world.ten_messages().await?;
    world.advance(&[(group, ben.id, cursor(0, 7))]).await?;
    assert_eq!(world.cursor_of(group, &ben).await?, cursor(7, 7));
    Ok(())
}

pub(crate) async fn moves_of_strangers_are_left_out(world: World) -> Outcome {
    let (group, ben) = world.ten_messages().await?;
    let cat = world.user("cat").await?;
    let nowhere = ConversationId::from_uuid(world.id());
    let moved = world
        .advance(&[
            (group, cat.id, cursor(1, 1)),
            (nowhere, ben.id, cursor(1, 1)),
            (group, ben.id, cursor(1, 1)),
        ])
        .await?;
    assert_eq!(moved.iter().map(|one| one.user).collect::<Vec<_>>(), [ben.id]);
    Ok(())
}

pub(crate) async fn the_farthest_of_several_moves_counts(world: World) -> Outcome {
    let (group, ben) = world.ten_messages().await?;
    let moved = world
        .advance(&[
            (group, ben.id, cursor(2, 1)),
            (group, ben.id, cursor(4, 4)),
            (group, ben.id, cursor(9, 3)),
        ])
        .await?;
    assert_eq!(moved.iter().map(|one| one.cursor).collect::<Vec<_>>(), [cursor(9, 4)]);
    Ok(())
}

pub(crate) async fn the_peer_of_a_moved_cursor_is_the_other_person(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let direct = world.direct(&ana, &ben).await?;
    let notes = world.direct(&ana, &ana).await?;
    world.post(direct, &ana, "hello").await?;
    world.post(notes, &ana, "milk").await?;
    for (conversation, user, peer) in
        [(direct, &ana, Some(ben.id)), (direct, &ben, Some(ana.id)), (notes, &ana, None)]
    {
        let moved = world.advance(&[(conversation, user.id, cursor(1, 1))]).await?;
        assert_eq!(moved, [MovedCursor { conversation, user: user.id, cursor: cursor(1, 1), peer }]);
    }
    Ok(())
}

pub(crate) async fn cursors_hold_under_any_order_of_three_devices(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    world.post_many(group, &ana, 50).await?;
    let mut expected = Cursor::default();
    // A small generator, so that every run takes the same 300 steps.
    let mut state = 7_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..100 {
        let devices: Vec<_> = (0..3).map(|_| cursor(next(60), next(60))).collect();
        let before = expected;
        for device in &devices {
            let reachable = cursor(device.delivered_seq.min(50), device.read_seq.min(50));
            expected = expected.merge(reachable);
        }
        let steps: Vec<_> = devices.into_iter().map(|device| (group, ana.id, device)).collect();
        let moved = world.advance(&steps).await?;
        assert_eq!(moved.is_empty(), before == expected);
        assert_eq!(world.cursor_of(group, &ana).await?, expected);
    }
    Ok(())
}
