use parlor_domain::{
    Blocked, ConversationId, Cursor, CursorMove, MemberRole, MovedCursor, PageSize, Presence, Seen, User,
    Viewer,
};

use crate::world::{NOW, later};
use crate::{Outcome, World};

impl World {
    async fn block(&self, one: &User, other: &User, millis: i64) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_block(one.id, other.id, later(millis)).await?;
        Ok(work.commit().await?)
    }

    /// Moves a read cursor and notes when.
    async fn read_at(&self, talk: ConversationId, user: &User, seq: u64, millis: i64) -> Outcome {
        let cursor = Cursor { delivered_seq: seq, read_seq: seq };
        let mut work = self.store.begin().await?;
        let moved = work.move_cursors(&[CursorMove { conversation: talk, user: user.id, cursor }]).await?;
        work.note_reads(&moved, later(millis)).await?;
        Ok(work.commit().await?)
    }
}

pub(crate) async fn a_viewer_is_told_of_blocks_from_both_sides(world: World) -> Outcome {
    let (ana, ben, cleo) = (world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?);
    assert_eq!(world.store.viewer(ana.id).await?, Viewer::open(ana.id));
    world.block(&ana, &ben, 1).await?;
    world.block(&ana, &ben, 2).await?;
    world.block(&cleo, &ana, 3).await?;
    world.change(&User { shares_last_seen: false, presence: Presence::Invisible, ..ana.clone() }).await?;
    let expected = Viewer {
        user: ana.id,
        presence: Presence::Invisible,
        sees_last_seen: false,
        blocked: [ben.id].into(),
        blocked_by: [cleo.id].into(),
    };
    assert_eq!(world.store.viewer(ana.id).await?, expected);
    assert_eq!(world.store.discreet_users().await?, [ana.id]);
    let blocks = world.store.blocks_of(ana.id).await?;
    let found: Vec<_> = blocks.iter().map(|block| (block.user.id, block.since)).collect();
    assert_eq!(found, [(ben.id, later(1))]);
    let mut work = world.store.begin().await?;
    work.delete_block(ana.id, ben.id).await?;
    work.commit().await?;
    assert!(world.store.viewer(ben.id).await?.is_ordinary());
    Ok(())
}

pub(crate) async fn a_standing_in_a_direct_conversation_tells_of_a_block(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (direct, group) = (world.direct(&ana, &ben).await?, world.group_of(&ana, &ben).await?);
    let blocked = async |conversation, user: &User| -> Outcome<Option<Blocked>> {
        Ok(world.store.standing(conversation, user.id).await?.and_then(|standing| standing.blocked))
    };
    assert_eq!(blocked(direct, &ana).await?, None);
    world.block(&ana, &ben, 0).await?;
    assert_eq!(blocked(direct, &ana).await?, Some(Blocked::ByThemselves));
    assert_eq!(blocked(direct, &ben).await?, Some(Blocked::ByOther));
    assert_eq!(blocked(group, &ben).await?, None);
    world.block(&ben, &ana, 0).await?;
    assert_eq!(blocked(direct, &ben).await?, Some(Blocked::ByThemselves));
    Ok(())
}

pub(crate) async fn cursors_are_kept_from_each_other_when_one_hides_them(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let direct = world.direct(&ana, &ben).await?;
    world.post(direct, &ana, "hello").await?;
    let cursor_of_peer = async |user: &User| -> Outcome<Option<Cursor>> {
        let view = world.store.conversation_view(direct, user.id).await?;
        Ok(view.and_then(|view| view.peer).and_then(|peer| peer.cursor))
    };
    for user in [&ana, &ben] {
        assert!(cursor_of_peer(user).await?.is_some());
    }
    world.change(&User { shares_receipts: false, ..ben.clone() }).await?;
    for user in [&ana, &ben] {
        assert_eq!(cursor_of_peer(user).await?, None);
    }
    let cursor = Cursor { delivered_seq: 1, read_seq: 1 };
    let mut work = world.store.begin().await?;
    let moved = work.move_cursors(&[CursorMove { conversation: direct, user: ben.id, cursor }]).await?;
    assert_eq!(moved, [MovedCursor { conversation: direct, user: ben.id, cursor, peer: None }]);
    Ok(())
}

pub(crate) async fn it_is_known_who_has_read_a_message_and_when_they_came_to_it(world: World) -> Outcome {
    let [ana, ben, cleo, dan] = [
        world.user("ana").await?,
        world.user("ben").await?,
        world.user("cleo").await?,
        world.user("dan").await?,
    ];
    let role = MemberRole::Member;
    let talk = world.group("Talk", &[(&ana, role), (&ben, role), (&cleo, role), (&dan, role)]).await?;
    let first = world.post(talk, &ana, "first").await?;
    let second = world.post(talk, &ana, "second").await?;
    world.read_at(talk, &ben, first.seq, 10).await?;
    world.read_at(talk, &ben, second.seq, 20).await?;
    world.read_at(talk, &cleo, second.seq, 30).await?;
    world.read_at(talk, &dan, first.seq, 40).await?;
    world.change(&User { shares_receipts: false, ..dan.clone() }).await?;
    world.read_at(talk, &ana, second.seq, 50).await?;
    let seen = async |entry, after: Option<&str>, size| -> Outcome<Vec<_>> {
        let page = world.store.seen_by(entry, after, PageSize::new(size).unwrap_or_default()).await?;
        let told = |seen: Seen| (seen.user.username.to_string(), seen.read_at);
        Ok(page.items.into_iter().map(told).collect())
    };
    let ben_and_cleo =
        |ben, cleo| [("ben".to_owned(), Some(later(ben))), ("cleo".to_owned(), Some(later(cleo)))];
    assert_eq!(seen(&first, None, 10).await?, ben_and_cleo(10, 30));
    assert_eq!(seen(&second, None, 10).await?, ben_and_cleo(20, 30));
    assert_eq!(seen(&second, Some("ben"), 1).await?, ben_and_cleo(20, 30)[1..]);
    Ok(())
}

pub(crate) async fn of_what_lies_far_back_it_is_known_who_and_no_longer_when(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let talk = world.group_of(&ana, &ben).await?;
    let first = world.post(talk, &ana, "first").await?;
    world.post_many(talk, &ana, 300).await?;
    world.read_at(talk, &ben, 1, 10).await?;
    let when = async || -> Outcome<_> {
        let page = world.store.seen_by(&first, None, PageSize::default()).await?;
        Ok(page.items.first().map(|seen| seen.read_at))
    };
    world.read_at(talk, &ben, 256, 20).await?;
    assert_eq!(when().await?, Some(Some(later(10))));
    world.read_at(talk, &ben, 257, 30).await?;
    assert_eq!(when().await?, Some(None), "its slot is taken by another");
    assert_eq!(NOW, later(0));
    Ok(())
}
