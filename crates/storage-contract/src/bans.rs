use parlor_domain::{Ban, BanFilter, BanId, BanReason, ConversationId, GroupId, MemberRole, Timestamp, User};

use crate::world::{NOW, Outcome, World, later};

impl World {
    pub(crate) async fn ban(
        &self,
        user: &User,
        by: &User,
        group: Option<GroupId>,
        until: Option<Timestamp>,
    ) -> Outcome<Ban> {
        let ban = Ban {
            id: BanId::from_uuid(self.id()),
            user: user.id,
            group,
            reason: BanReason::parse("spam")?,
            issued_by: Some(by.id),
            issued_at: NOW,
            until,
            lifted_at: None,
        };
        let mut work = self.store.begin().await?;
        work.insert_ban(&ban).await?;
        work.commit().await?;
        Ok(ban)
    }

    async fn lift(&self, ban: &Ban) -> Outcome {
        let mut work = self.store.begin().await?;
        work.lift_ban(ban.id, later(1)).await?;
        Ok(work.commit().await?)
    }

    async fn banned_until(&self, conversation: ConversationId, user: &User) -> Outcome<Option<Timestamp>> {
        Ok(self.store.standing(conversation, user.id).await?.ok_or("no standing")?.banned_until)
    }

    async fn admin_and_spammer(&self) -> Outcome<(User, User, ConversationId)> {
        let (ana, ben) = (self.user("ana").await?, self.user("ben").await?);
        let group = self.group("Talk", &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?;
        Ok((ana, ben, group))
    }
}

pub(crate) async fn a_ban_is_listed_until_it_is_lifted(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    let timed = world.ban(&ben, &ana, Some(group.into()), Some(later(-1))).await?;
    let lasting = world.ban(&ben, &ana, Some(group.into()), None).await?;
    assert_eq!(world.store.bans_of(ben.id, Some(group.into())).await?, [timed.clone(), lasting.clone()]);
    world.lift(&timed).await?;
    world.lift(&timed).await?;
    assert_eq!(world.store.bans_of(ben.id, Some(group.into())).await?, [lasting]);
    assert_eq!(world.store.bans_of(ana.id, Some(group.into())).await?, []);
    Ok(())
}

pub(crate) async fn a_server_ban_is_not_a_groups_ban(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    let server = world.ban(&ben, &ana, None, None).await?;
    let local = world.ban(&ben, &ana, Some(group.into()), Some(later(9))).await?;
    assert_eq!(world.store.bans_of(ben.id, None).await?, [server]);
    assert_eq!(world.store.bans_of(ben.id, Some(group.into())).await?, [local]);
    Ok(())
}

pub(crate) async fn the_latest_end_of_a_ban_counts(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    assert_eq!(world.banned_until(group, &ben).await?, None);
    world.ban(&ben, &ana, Some(group.into()), Some(later(50))).await?;
    assert_eq!(world.banned_until(group, &ben).await?, Some(later(50)));
    world.ban(&ben, &ana, None, Some(later(90))).await?;
    world.ban(&ben, &ana, None, Some(later(10))).await?;
    assert_eq!(world.banned_until(group, &ben).await?, Some(later(90)));
    assert_eq!(world.banned_until(group, &ana).await?, None);
    Ok(())
}

pub(crate) async fn a_ban_for_good_never_ends(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    world.ban(&ben, &ana, None, Some(later(90))).await?;
    world.ban(&ben, &ana, None, None).await?;
    assert_eq!(world.banned_until(group, &ben).await?, Some(Timestamp::from_millis(i64::MAX)));
    let page = world.store.log(group, ben.id, parlor_domain::Span::Newest, 10).await?.ok_or("no log")?;
    assert_eq!(page.standing.banned_until, Some(Timestamp::from_millis(i64::MAX)));
    Ok(())
}

pub(crate) async fn a_lifted_ban_keeps_nobody_out(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    let ban = world.ban(&ben, &ana, None, None).await?;
    world.lift(&ban).await?;
    assert_eq!(world.banned_until(group, &ben).await?, None);
    assert_eq!(world.store.bans_of(ben.id, None).await?, []);
    Ok(())
}

pub(crate) async fn a_ban_from_one_group_leaves_the_others_alone(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    let other = world.group("Other", &[(&ben, MemberRole::Member)]).await?;
    let direct = world.direct(&ana, &ben).await?;
    world.ban(&ben, &ana, Some(group.into()), None).await?;
    assert_eq!(world.banned_until(other, &ben).await?, None);
    assert_eq!(world.banned_until(direct, &ben).await?, None);
    world.ban(&ben, &ana, None, Some(later(5))).await?;
    assert_eq!(world.banned_until(direct, &ben).await?, Some(later(5)));
    Ok(())
}

pub(crate) async fn bans_of_the_server_are_listed_the_latest_first(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    let eve = world.user("eve").await?;
    world.ban(&ben, &ana, Some(group.into()), None).await?;
    let over = world.ban(&ben, &ana, None, Some(later(-1))).await?;
    let lifted = world.ban(&eve, &ana, None, None).await?;
    world.lift(&lifted).await?;
    let lifted = Ban { lifted_at: Some(later(1)), ..lifted };
    let timed = world.ban(&ben, &ana, None, Some(later(9))).await?;
    let lasting = world.ban(&eve, &ana, None, None).await?;

    let list = async |filter: BanFilter, after: Option<&Ban>| {
        world.store.list_bans(&filter, NOW, after.map(|ban| ban.id), 3).await
    };
    let all = BanFilter::default();
    assert_eq!(list(all, None).await?, [lasting.clone(), timed.clone(), lifted.clone()]);
    assert_eq!(list(all, Some(&lifted)).await?, std::slice::from_ref(&over));
    let active = BanFilter { active: Some(true), ..all };
    assert_eq!(list(active, None).await?, [lasting, timed.clone()]);
    assert_eq!(list(BanFilter { active: Some(false), ..all }, None).await?, [lifted.clone(), over.clone()]);
    assert_eq!(list(BanFilter { user: Some(ben.id), ..active }, None).await?, [timed]);
    assert_eq!(world.store.ended_bans(NOW, 5).await?, [over]);
    assert_eq!(world.store.ban(lifted.id).await?, Some(lifted));
    assert_eq!(world.store.ban(BanId::from_uuid(world.id())).await?, None);
    Ok(())
}

pub(crate) async fn bans_of_a_group_are_listed_apart(world: World) -> Outcome {
    let (ana, ben, group) = world.admin_and_spammer().await?;
    let other = world.group("Other", &[(&ana, MemberRole::Owner)]).await?;
    world.ban(&ben, &ana, None, None).await?;
    world.ban(&ben, &ana, Some(other.into()), None).await?;
    let over = world.ban(&ben, &ana, Some(group.into()), Some(later(-1))).await?;
    let timed = world.ban(&ben, &ana, Some(group.into()), Some(later(9))).await?;
    let list = async |active| {
        let filter = BanFilter { group: Some(group.into()), user: None, active };
        world.store.list_bans(&filter, NOW, None, 5).await
    };
    assert_eq!(list(None).await?, [timed.clone(), over.clone()]);
    assert_eq!(list(Some(true)).await?, [timed]);
    assert_eq!(list(Some(false)).await?, [over]);
    Ok(())
}

pub(crate) async fn a_ban_by_whoever_operates_the_machine_is_nobodys(world: World) -> Outcome {
    let (ana, ben, _) = world.admin_and_spammer().await?;
    let ban =
        Ban { issued_by: None, id: BanId::from_uuid(world.id()), ..world.ban(&ben, &ana, None, None).await? };
    let mut work = world.store.begin().await?;
    work.insert_ban(&ban).await?;
    work.commit().await?;
    assert_eq!(world.store.ban(ban.id).await?, Some(ban));
    Ok(())
}
