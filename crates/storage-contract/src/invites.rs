use std::time::Duration;

use parlor_domain::{Email, Invite, InviteId, PageSize, Role, TokenHash};

use crate::world::{NOW, Outcome, World};

impl World {
    fn invite(&self) -> Invite {
        Invite {
            id: InviteId::from_uuid(self.id()),
            role: Role::User,
            email: None,
            created_by: None,
            created_at: NOW,
            expires_at: None,
            max_uses: None,
            uses: 0,
            revoked_at: None,
        }
    }

    async fn invited(&self, invite: &Invite, token: u8) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_invite(invite, &TokenHash::from_bytes([token; 32])).await?;
        work.commit().await?;
        Ok(())
    }
}

pub(crate) async fn an_invitation_is_found_by_its_token_as_it_was_made(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let full = Invite {
        role: Role::Admin,
        email: Some(Email::parse("ben@example.org")?),
        created_by: Some(ana.id),
        expires_at: Some(NOW.plus(Duration::from_hours(1))),
        max_uses: Some(1),
        ..world.invite()
    };
    let bare = world.invite();
    world.invited(&full, 1).await?;
    world.invited(&bare, 2).await?;
    let found = |token| {
        let store = &world.store;
        async move { store.invite_by_token(&TokenHash::from_bytes([token; 32])).await }
    };
    assert_eq!(found(1).await?, Some(full));
    assert_eq!(found(2).await?, Some(bare));
    assert_eq!(found(3).await?, None);
    Ok(())
}

pub(crate) async fn invitations_are_listed_newest_first_page_by_page(world: World) -> Outcome {
    let mut made = Vec::new();
    for token in 0..5 {
        let invite = world.invite();
        world.invited(&invite, token).await?;
        made.insert(0, invite);
    }
    let size = PageSize::new(2).ok_or("no size")?;
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.invites(after, size).await?;
        listed.extend(page.items);
        let Some(next) = page.next else { break };
        after = Some(next.parse()?);
    }
    assert_eq!(listed, made);
    Ok(())
}

pub(crate) async fn the_uses_of_an_invitation_are_counted_and_told(world: World) -> Outcome {
    let (one, other) = (world.invite(), world.invite());
    world.invited(&one, 1).await?;
    world.invited(&other, 2).await?;
    for (number, name) in (0..).zip(["ana", "ben", "cid"]) {
        let user = world.user(name).await?;
        let mut work = world.store.begin().await?;
        work.lock_invite(one.id).await?;
        work.use_invite(one.id, user.id, NOW.plus(Duration::from_secs(number))).await?;
        work.commit().await?;
    }
    let told = world.store.invite_uses(&[one.id, other.id], 2).await?;
    let names: Vec<_> = told.iter().map(|used| (used.invite, used.username.as_str())).collect();
    assert_eq!(names, [(one.id, "cid"), (one.id, "ben")]);
    assert_eq!(told[0].used_at, NOW.plus(Duration::from_secs(2)));
    let found = world.store.invite_by_token(&TokenHash::from_bytes([1; 32])).await?;
    assert_eq!(found.map(|invite| invite.uses), Some(3));
    Ok(())
}

pub(crate) async fn an_invitation_is_taken_back_once(world: World) -> Outcome {
    let invite = world.invite();
    world.invited(&invite, 1).await?;
    let mut work = world.store.begin().await?;
    assert!(work.revoke_invite(invite.id, NOW).await?);
    assert!(!work.revoke_invite(invite.id, NOW.plus(Duration::from_secs(1))).await?);
    assert!(!work.revoke_invite(InviteId::from_uuid(world.id()), NOW).await?);
    work.commit().await?;
    let found = world.store.invite_by_token(&TokenHash::from_bytes([1; 32])).await?;
    assert_eq!(found.and_then(|invite| invite.revoked_at), Some(NOW));
    Ok(())
}
