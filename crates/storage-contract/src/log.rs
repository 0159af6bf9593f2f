use parlor_domain::{ConversationId, Entry, MemberRole, Membership, Span, User};

use crate::world::{Outcome, World, membership, places};

impl World {
    /// A group with that many messages, and a member of it.
    async fn log_of(&self, messages: u32) -> Outcome<(ConversationId, User)> {
        let ana = self.user("ana").await?;
        let group = self.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
        self.post_many(group, &ana, messages).await?;
        Ok((group, ana))
    }

    async fn seen(
        &self,
        conversation: ConversationId,
        reader: &User,
        span: Span,
        limit: u32,
    ) -> Outcome<Vec<u64>> {
        Ok(places(&self.store.log(conversation, reader.id, span, limit).await?.ok_or("no log")?))
    }
}

pub(crate) async fn the_newest_entries_come_oldest_first(world: World) -> Outcome {
    let (group, ana) = world.log_of(10).await?;
    for (limit, expected) in [(1, 10..=10), (3, 8..=10), (10, 1..=10), (11, 1..=10), (100, 1..=10)] {
        assert_eq!(
            world.seen(group, &ana, Span::Newest, limit).await?,
            expected.collect::<Vec<_>>(),
            "{limit}"
        );
    }
    Ok(())
}

pub(crate) async fn entries_before_a_place_are_the_nearest(world: World) -> Outcome {
    let (group, ana) = world.log_of(10).await?;
    for (seq, expected) in [
        (0, vec![]),
        (1, vec![]),
        (2, vec![1]),
        (3, vec![1, 2]),
        (10, vec![7, 8, 9]),
        (11, vec![8, 9, 10]),
        (u64::MAX, vec![8, 9, 10]),
    ] {
        assert_eq!(world.seen(group, &ana, Span::Before(seq), 3).await?, expected, "{seq}");
    }
    Ok(())
}

pub(crate) async fn entries_after_a_place_are_the_nearest(world: World) -> Outcome {
    let (group, ana) = world.log_of(10).await?;
    for (seq, expected) in [
        (0, vec![1, 2, 3]),
        (1, vec![2, 3, 4]),
        (7, vec![8, 9, 10]),
        (9, vec![10]),
        (10, vec![]),
        (u64::MAX, vec![]),
    ] {
        assert_eq!(world.seen(group, &ana, Span::After(seq), 3).await?, expected, "{seq}");
    }
    Ok(())
}

pub(crate) async fn entries_around_a_place_lie_on_both_sides(world: World) -> Outcome {
    let (group, ana) = world.log_of(10).await?;
    for (limit, expected) in
        [(1, vec![5]), (2, vec![4, 5]), (3, vec![4, 5, 6]), (4, vec![3, 4, 5, 6]), (5, vec![3, 4, 5, 6, 7])]
    {
        assert_eq!(world.seen(group, &ana, Span::Around(5), limit).await?, expected, "{limit}");
    }
    Ok(())
}

pub(crate) async fn entries_around_the_ends_are_those_that_exist(world: World) -> Outcome {
    let (group, ana) = world.log_of(10).await?;
    for (seq, expected) in [
        (0, vec![1, 2]),
        (1, vec![1, 2]),
        (2, vec![1, 2, 3]),
        (10, vec![8, 9, 10]),
        (11, vec![9, 10]),
        (u64::MAX, vec![9, 10]),
    ] {
        assert_eq!(world.seen(group, &ana, Span::Around(seq), 4).await?, expected, "{seq}");
    }
    Ok(())
}

pub(crate) async fn an_empty_log_has_an_empty_page(world: World) -> Outcome {
    let (group, ana) = world.log_of(0).await?;
    for span in [Span::Newest, Span::Before(1), Span::After(0), Span::Around(1)] {
        let page = world.store.log(group, ana.id, span, 10).await?.ok_or("no log")?;
        assert_eq!(
            (page.entries.len(), page.standing.last_seq, page.has_older(), page.has_newer()),
            (0, 0, false, false)
        );
    }
    Ok(())
}

pub(crate) async fn a_log_that_does_not_exist_is_none(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    for span in [Span::Newest, Span::Before(1), Span::After(0), Span::Around(1)] {
        assert_eq!(world.store.log(ConversationId::from_uuid(world.id()), ana.id, span, 10).await?, None);
    }
    Ok(())
}

pub(crate) async fn a_stranger_reads_nothing(world: World) -> Outcome {
    let (group, _) = world.log_of(10).await?;
    let ben = world.user("ben").await?;
    for span in [Span::Newest, Span::Before(5), Span::After(0), Span::Around(5)] {
        let page = world.store.log(group, ben.id, span, 10).await?.ok_or("no log")?;
        assert_eq!(
            (page.entries.len(), page.standing.role, page.standing.last_seq),
            (0, None, 10),
            "{span:?}"
        );
    }
    Ok(())
}

pub(crate) async fn a_removed_member_reads_nothing(world: World) -> Outcome {
    let (group, ana) = world.log_of(10).await?;
    assert_eq!(world.seen(group, &ana, Span::Newest, 10).await?.len(), 10);
    world.leave(group, &ana).await?;
    for span in [Span::Newest, Span::Before(5), Span::After(0), Span::Around(5)] {
        assert_eq!(world.seen(group, &ana, span, 10).await?, [0; 0], "{span:?}");
    }
    Ok(())
}

pub(crate) async fn entries_up_to_the_floor_are_not_shown(world: World) -> Outcome {
    let (group, _) = world.log_of(10).await?;
    let ben = world.user("ben").await?;
    let mut work = world.store.begin().await?;
    work.insert_members(&[Membership { floor_seq: 4, ..membership(group, ben.id) }]).await?;
    work.commit().await?;
    for (span, expected) in [
        (Span::Newest, vec![5, 6, 7, 8, 9, 10]),
        (Span::Before(7), vec![5, 6]),
        (Span::Before(5), vec![]),
        (Span::After(0), vec![5, 6, 7, 8, 9, 10]),
        (Span::After(7), vec![8, 9, 10]),
        (Span::Around(5), vec![5, 6, 7, 8, 9]),
        (Span::Around(2), vec![5, 6, 7, 8, 9]),
    ] {
        let page = world.store.log(group, ben.id, span, 10).await?.ok_or("no log")?;
        assert_eq!((places(&page), page.standing.floor_seq), (expected, 4), "{span:?}");
    }
    Ok(())
}

pub(crate) async fn a_page_knows_whether_there_is_more(world: World) -> Outcome {
    let (group, ana) = world.log_of(10).await?;
    for (span, older, newer) in [
        (Span::Newest, true, false),
        (Span::Before(4), false, true),
        (Span::Before(5), true, true),
        (Span::After(0), false, true),
        (Span::After(7), true, false),
        (Span::After(6), true, true),
    ] {
        let page = world.store.log(group, ana.id, span, 3).await?.ok_or("no log")?;
        assert_eq!((page.has_older(), page.has_newer()), (older, newer), "{span:?}");
    }
    Ok(())
}

pub(crate) async fn a_page_carries_the_readers_standing(world: World) -> Outcome {
    let (group, ana) = world.log_of(3).await?;
    let page = world.store.log(group, ana.id, Span::Newest, 1).await?.ok_or("no log")?;
    assert_eq!(Some(page.standing), world.store.standing(group, ana.id).await?);
    assert_eq!((page.standing.role, page.standing.floor_seq), (Some(MemberRole::Owner), 0));
    Ok(())
}

pub(crate) async fn the_server_reads_entries_after_a_place(world: World) -> Outcome {
    let (group, _) = world.log_of(5).await?;
    let seqs = |entries: Vec<Entry>| entries.iter().map(|entry| entry.seq).collect::<Vec<_>>();
    assert_eq!(seqs(world.store.entries(group, 2, 2).await?), [3, 4]);
    assert_eq!(seqs(world.store.entries(group, 0, 9).await?), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(world.store.entries(group, 5, 9).await?), []);
    Ok(())
}
