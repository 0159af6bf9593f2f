use parlor_domain::{BanReason, MemberRole, ServerMute, Timestamp, User};

use crate::world::{NOW, Outcome, World, later};

impl World {
    async fn mute(&self, user: &User, until: Timestamp) -> Outcome<User> {
        let mute =
            ServerMute { reason: BanReason::parse("spam")?, issued_by: Some(user.id), issued_at: NOW, until };
        let muted = User { mute: Some(mute), ..user.clone() };
        self.change(&muted).await?;
        Ok(muted)
    }
}

pub(crate) async fn a_mute_on_the_server_is_read_with_every_standing(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group("Talk", &[(&ana, MemberRole::Owner), (&ben, MemberRole::Member)]).await?;
    let direct = world.direct(&ana, &ben).await?;
    let muted = world.mute(&ben, later(9)).await?;
    assert_eq!(world.store.user(ben.id).await?, Some(muted.clone()));
    for conversation in [group, direct] {
        let standing = world.store.standing(conversation, ben.id).await?.ok_or("no standing")?;
        assert_eq!((standing.server_muted_until, standing.muted_until), (Some(later(9)), None));
        let other = world.store.standing(conversation, ana.id).await?.ok_or("no standing")?;
        assert_eq!(other.server_muted_until, None);
    }
    world.change(&User { mute: None, ..muted }).await?;
    let standing = world.store.standing(group, ben.id).await?.ok_or("no standing")?;
    assert_eq!(standing.server_muted_until, None);
    Ok(())
}

pub(crate) async fn who_is_muted_is_listed_while_it_lasts(world: World) -> Outcome {
    let [ana, ben, eve] = [world.user("ana").await?, world.user("ben").await?, world.user("eve").await?];
    world.mute(&ana, later(0)).await?;
    let ben = world.mute(&ben, later(1)).await?;
    let eve = world.mute(&eve, later(9)).await?;
    assert_eq!(world.store.muted_users(NOW, None, 5).await?, [eve.clone(), ben.clone()]);
    assert_eq!(world.store.muted_users(NOW, None, 1).await?, std::slice::from_ref(&eve));
    assert_eq!(world.store.muted_users(NOW, Some(eve.id), 5).await?, [ben]);
    Ok(())
}
