use std::time::Duration;

use parlor_domain::{
    BanReason, ConversationId, Freeze, Group, GroupDescription, GroupFilter, GroupId, GroupName, InviteLink,
    InviteLinkId, Member, MemberRole, NewGroup, PageSize, PictureId, PictureSize, SlowMode, Standing,
    StoreError, Timestamp, TokenHash, User, Visibility,
};

use crate::pictures::made;
use crate::world::{NOW, Outcome, World, later};

impl World {
    async fn listed(&self, viewer: &User, typed: Option<&str>) -> Outcome<Vec<(String, bool)>> {
        let filter = GroupFilter { search: typed.map(str::to_owned), archived: false };
        let page = self.store.list_groups(viewer.id, &filter, None, PageSize::default()).await?;
        Ok(page.items.iter().map(|listing| (listing.group.name.to_string(), listing.joined)).collect())
    }

    async fn found_groups(&self, viewer: &User, typed: &str) -> Outcome<Vec<String>> {
        Ok(self.listed(viewer, Some(typed)).await?.into_iter().map(|(name, _)| name).collect())
    }
}

pub(crate) async fn a_group_is_read_back_and_changed(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let new = NewGroup { created_by: Some(ana.id), ..world.new_group("Talk", Visibility::Public)? };
    world.make_group(&new, &[(&ana, MemberRole::Owner)]).await?;
    let expected = Group {
        id: new.id,
        name: new.name,
        description: new.description,
        visibility: Visibility::Public,
        lobby: false,
        read_only: false,
        slow_mode: SlowMode::default(),
        archived_at: None,
        freeze: None,
        picture: None,
        member_count: 1,
        created_by: Some(ana.id),
        created_at: NOW,
    };
    assert_eq!(world.store.group(new.id).await?, Some(expected.clone()));
    let picture = PictureId::from_uuid(world.id());
    let changed = Group {
        name: GroupName::parse("Über uns")?,
        description: GroupDescription::parse("")?,
        visibility: Visibility::Private,
        read_only: true,
        slow_mode: SlowMode::new(30).ok_or("a wait")?,
        archived_at: Some(NOW),
        freeze: Some(Freeze { reason: BanReason::parse("too loud")?, at: NOW }),
        picture: Some(picture),
        ..expected
    };
    let mut work = world.store.begin().await?;
    work.insert_picture(picture, &made(), NOW).await?;
    // What is counted is not written from a copy that may be old.
    work.update_group(&Group { member_count: 99, ..changed.clone() }).await?;
    work.commit().await?;
    assert_eq!(world.store.group(new.id).await?, Some(changed));
    assert_eq!(world.store.group(GroupId::from_uuid(world.id())).await?, None);
    Ok(())
}

pub(crate) async fn a_group_without_its_conversation_is_refused(world: World) -> Outcome {
    let mut work = world.store.begin().await?;
    let refused = work.insert_group(&world.new_group("Talk", Visibility::Public)?).await;
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    Ok(())
}

pub(crate) async fn public_groups_are_listed_by_name_page_by_page(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    for name in ["delta", "Bravo", "alpha", "Charlie", "bravo"] {
        world.group(name, &[]).await?;
    }
    // Two have the same name but for its case; the elder one comes first.
    let expected = ["alpha", "Bravo", "bravo", "Charlie", "delta", "lobby"];
    for size in 1..=7 {
        let page_size = PageSize::new(size).ok_or("a size")?;
        let (mut after, mut names) = (None, Vec::new());
        loop {
            let page =
                world.store.list_groups(ana.id, &GroupFilter::default(), after.as_deref(), page_size).await?;
            assert!(page.items.len() <= size as usize);
            names.extend(page.items.iter().map(|listing| listing.group.name.to_string()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(names, expected, "{size}");
    }
    Ok(())
}

pub(crate) async fn private_groups_are_not_listed(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    world.make_group(&world.new_group("Secret", Visibility::Private)?, &[(&ana, MemberRole::Owner)]).await?;
    assert_eq!(world.listed(&ana, None).await?, [("lobby".to_owned(), false)]);
    assert_eq!(world.found_groups(&ana, "secret").await?, Vec::<String>::new());
    Ok(())
}

pub(crate) async fn a_listing_tells_whether_one_is_in(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    world.group("Ours", &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?;
    world.group("Mine", &[(&ana, MemberRole::Owner)]).await?;
    let expected = |mine| [("lobby".to_owned(), false), ("Mine".to_owned(), mine), ("Ours".to_owned(), true)];
    assert_eq!(world.listed(&ana, None).await?, expected(true));
    assert_eq!(world.listed(&ben, None).await?, expected(false));
    Ok(())
}

pub(crate) async fn a_search_for_groups_takes_signs_literally_and_knows_no_case(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    for (name, description) in
        [("100 % Rust", "Ferris"), ("100 x Rust", "krabben"), ("snake_case", "ÖL"), ("snakexcase", "x")]
    {
        let new = NewGroup {
            description: GroupDescription::parse(description)?,
            ..world.new_group(name, Visibility::Public)?
        };
        world.make_group(&new, &[]).await?;
    }
    assert_eq!(world.found_groups(&ana, "100 %").await?, ["100 % Rust"]);
    assert_eq!(world.found_groups(&ana, "SNAKE_").await?, ["snake_case"]);
    assert_eq!(world.found_groups(&ana, "öl").await?, ["snake_case"]);
    assert_eq!(world.found_groups(&ana, "FERRIS").await?, ["100 % Rust"]);
    assert_eq!(world.found_groups(&ana, "rust").await?, ["100 % Rust", "100 x Rust"]);
    Ok(())
}

pub(crate) async fn members_are_listed_by_username_page_by_page(world: World) -> Outcome {
    let (cat, ana, ben) = (world.user("cat").await?, world.user("ana").await?, world.user("ben").await?);
    world.user("dan").await?;
    let group = world
        .group(
            "Talk",
            &[(&cat, MemberRole::Owner), (&ana, MemberRole::Member), (&ben, MemberRole::Moderator)],
        )
        .await?;
    let size = PageSize::new(2).ok_or("a size")?;
    let first = world.store.list_members(group.into(), None, size).await?;
    assert_eq!(
        first.items.iter().map(|member| (&member.user, member.role)).collect::<Vec<_>>(),
        [(&ana, MemberRole::Member), (&ben, MemberRole::Moderator)]
    );
    let second = world.store.list_members(group.into(), first.next.as_deref(), size).await?;
    assert_eq!(
        second.items,
        [Member { user: cat, role: MemberRole::Owner, joined_at: NOW, muted_until: None }]
    );
    assert_eq!(second.next, None);
    Ok(())
}

pub(crate) async fn a_member_is_found_with_their_role(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Moderator)]).await?;
    let expected =
        Member { user: ana.clone(), role: MemberRole::Moderator, joined_at: NOW, muted_until: None };
    assert_eq!(world.store.member(group.into(), ana.id).await?, Some(expected));
    assert_eq!(world.store.member(group.into(), ben.id).await?, None);
    // A direct conversation has members, but it is no group.
    let direct = world.direct(&ana, &ben).await?;
    assert_eq!(world.store.member(direct.into(), ana.id).await?, None);
    Ok(())
}

pub(crate) async fn members_are_counted_by_role(world: World) -> Outcome {
    let (ana, ben, cat) = (world.user("ana").await?, world.user("ben").await?, world.user("cat").await?);
    let members = [(&ana, MemberRole::Owner), (&ben, MemberRole::Member), (&cat, MemberRole::Member)];
    let group = world.group("Talk", &members).await?;
    for (role, number) in [(MemberRole::Owner, 1), (MemberRole::Moderator, 0), (MemberRole::Member, 2)] {
        assert_eq!(world.store.count_members(group.into(), role).await?, number, "{role:?}");
    }
    Ok(())
}

pub(crate) async fn a_member_has_the_role_they_were_given_last(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut work = world.store.begin().await?;
    work.set_role(group.into(), ana.id, MemberRole::Owner).await?;
    work.commit().await?;
    let role = |standing: Option<Standing>| standing.and_then(|standing| standing.role);
    assert_eq!(role(world.store.standing(group, ana.id).await?), Some(MemberRole::Owner));
    assert_eq!(role(world.store.standing(group, ben.id).await?), Some(MemberRole::Member));
    Ok(())
}

pub(crate) async fn a_mute_is_kept_while_one_is_away_and_until_it_is_lifted(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let ends = [NOW.plus(Duration::from_mins(1)), NOW.plus(Duration::from_mins(2))];
    for end in ends {
        let mut work = world.store.begin().await?;
        work.set_mute(group.into(), ana.id, Some(end)).await?;
        work.commit().await?;
        let standing = world.store.standing(group, ana.id).await?.ok_or("no standing")?;
        let member = world.store.member(group.into(), ana.id).await?.ok_or("no member")?;
        let view = world.store.conversation_view(group, ana.id).await?.ok_or("no view")?;
        assert_eq!([standing.muted_until, member.muted_until, view.muted_until], [Some(end); 3]);
    }
    let mut work = world.store.begin().await?;
    work.delete_member(group, ana.id).await?;
    work.commit().await?;
    let away = world.store.standing(group, ana.id).await?.ok_or("no standing")?;
    assert_eq!((away.role, away.muted_until), (None, Some(ends[1])));
    let other = world.store.standing(group, ben.id).await?.ok_or("no standing")?;
    assert_eq!(other.muted_until, None);
    let mut work = world.store.begin().await?;
    work.set_mute(group.into(), ana.id, None).await?;
    work.commit().await?;
    assert_eq!(world.store.standing(group, ana.id).await?.ok_or("no standing")?.muted_until, None);
    Ok(())
}

pub(crate) async fn in_slow_mode_a_standing_tells_when_one_posted_last(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (group, other) = (world.group_of(&ana, &ben).await?, world.group_of(&ana, &ben).await?);
    let posted_at = async |conversation, user: &User| -> Outcome<Option<Timestamp>> {
        Ok(world.store.standing(conversation, user.id).await?.ok_or("no standing")?.posted_at)
    };
    let later = NOW.plus(Duration::from_secs(5));
    for at in [NOW, later] {
        let mut work = world.store.begin().await?;
        work.note_posts(&[(group, ana.id), (other, ana.id)], at).await?;
        work.commit().await?;
    }
    assert_eq!(posted_at(group, &ana).await?, None, "no slow mode");
    let slow_mode = SlowMode::new(30).ok_or("a wait")?;
    let before = world.store.group(group.into()).await?.ok_or("no group")?;
    let mut work = world.store.begin().await?;
    work.update_group(&Group { slow_mode, ..before }).await?;
    work.delete_member(group, ana.id).await?;
    work.commit().await?;
    assert_eq!(posted_at(group, &ana).await?, Some(later));
    assert_eq!(posted_at(group, &ben).await?, None);
    assert_eq!(posted_at(other, &ana).await?, None);
    Ok(())
}

pub(crate) async fn archived_groups_are_listed_apart(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (old, _) = (world.group("Old", &[]).await?, world.group("New", &[]).await?);
    let before = world.store.group(old.into()).await?.ok_or("no group")?;
    let mut work = world.store.begin().await?;
    work.update_group(&Group { archived_at: Some(NOW), ..before }).await?;
    work.commit().await?;
    for (archived, expected) in [(false, vec!["lobby", "New"]), (true, vec!["Old"])] {
        let filter = GroupFilter { search: None, archived };
        let page = world.store.list_groups(ana.id, &filter, None, PageSize::default()).await?;
        let names: Vec<_> = page.items.iter().map(|listing| listing.group.name.to_string()).collect();
        assert_eq!(names, expected);
    }
    let standing = world.store.standing(old, ana.id).await?.ok_or("no standing")?;
    assert!(standing.group.is_some_and(|group| group.archived));
    Ok(())
}

pub(crate) async fn a_deleted_group_is_found_by_nobody_but_the_housekeeping(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let [kept, first, second] = [
        world.group("kept", &[(&ana, MemberRole::Owner)]).await?,
        world.group("first", &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?,
        world.group("second", &[(&ana, MemberRole::Owner)]).await?,
    ];
    world.post(first, &ana, "hello").await?;
    let picture = PictureId::from_uuid(world.id());
    let mut work = world.store.begin().await?;
    work.insert_picture(picture, &made(), NOW).await?;
    let pictured = work.group(first.into()).await?.ok_or("no group")?;
    work.update_group(&Group { picture: Some(picture), ..pictured }).await?;
    work.delete_group(second.into(), later(2)).await?;
    work.delete_group(first.into(), later(1)).await?;
    work.delete_picture(picture).await?;
    work.commit().await?;
    assert_eq!(world.store.picture(picture, PictureSize::Small).await?, None);
    assert_eq!(world.listed(&ben, None).await?, [("kept".into(), false), ("lobby".into(), false)]);
    let standing = world.store.standing(first, ana.id).await?.ok_or("no standing")?;
    assert_eq!(standing.role, None);
    assert_eq!(standing.group.map(|group| group.visibility), Some(Visibility::Private));
    assert_eq!(world.store.group(first.into()).await?.map(|group| group.member_count), Some(0));
    assert_eq!(world.store.all_conversation_views(ben.id).await?, []);
    let deleted = [(first.into(), later(1)), (second.into(), later(2))];
    assert_eq!(world.store.deleted_groups(10).await?, deleted);
    assert_eq!(world.store.deleted_groups(1).await?, deleted[..1]);

    let mut work = world.store.begin().await?;
    work.erase_conversation(first, NOW).await?;
    work.erase_conversation(ConversationId::from_uuid(world.id()), NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.conversation(first).await?, None);
    assert_eq!(world.store.deleted_groups(10).await?, deleted[1..]);
    assert!(world.store.group(kept.into()).await?.is_some());
    Ok(())
}

pub(crate) async fn links_lead_to_their_group_and_are_counted(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let [talk, other] = [world.group("Talk", &[]).await?, world.group("other", &[]).await?];
    let link = |group: ConversationId, number: u8, millis| InviteLink {
        id: InviteLinkId::from_uuid(world.id()),
        group: group.into(),
        created_by: ana.id,
        created_at: later(millis),
        expires_at: (number == 2).then(|| later(9)),
        max_uses: (number == 2).then_some(3),
        uses: 0,
        secret: TokenHash::from_bytes([number; 32]),
    };
    let [first, mut second, third] = [link(talk, 1, 1), link(talk, 2, 2), link(other, 3, 3)];
    let mut work = world.store.begin().await?;
    for link in [&first, &second, &third] {
        work.insert_invite_link(link).await?;
    }
    work.count_use(second.id).await?;
    work.commit().await?;
    second.uses = 1;
    assert_eq!(world.store.invite_links(talk.into()).await?, [second.clone(), first.clone()]);
    assert_eq!(world.store.invite_link(&second.secret).await?, Some(second.clone()));
    assert_eq!(world.store.invite_link(&TokenHash::from_bytes([9; 32])).await?, None);
    let mut work = world.store.begin().await?;
    work.delete_invite_link(second.id).await?;
    work.delete_invite_link(second.id).await?;
    work.delete_group(other.into(), later(4)).await?;
    work.commit().await?;
    assert_eq!(world.store.invite_link(&second.secret).await?, None);
    assert_eq!(world.store.invite_link(&third.secret).await?, None, "the group was deleted");
    assert_eq!(world.store.invite_links(talk.into()).await?, [first]);
    Ok(())
}
