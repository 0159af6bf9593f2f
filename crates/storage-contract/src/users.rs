use parlor_domain::{
    About, DisplayName, Email, Login, NewUser, PasswordHash, Role, StoredPassword, Timestamp, TokenHash,
    UniqueKey, User, UserCode, UserStatus, Username,
};

use crate::world::{Outcome, World, conflict, later};

fn own(hash: &str) -> StoredPassword {
    PasswordHash::from_phc(hash.to_owned()).into()
}

impl World {
    pub(crate) async fn change(&self, user: &User) -> Result<(), parlor_domain::StoreError> {
        let mut work = self.store.begin().await?;
        work.update_user(user).await?;
        work.commit().await
    }

    async fn login(&self, login: &str) -> Outcome<Option<(User, StoredPassword)>> {
        let login = Login::parse(login).ok_or("no login")?;
        Ok(self.store.user_by_login(&login).await?)
    }
}

pub(crate) async fn a_user_is_found_by_id_code_address_and_name(world: World) -> Outcome {
    let ana = world.user_with_email("ana", "ana@example.org").await?;
    world.user("ben").await?;
    assert_eq!(ana.code, UserCode::from_number(1));
    assert_eq!((ana.status, ana.role, ana.last_seen_at), (UserStatus::Active, Role::User, None));
    assert_eq!(world.store.user(ana.id).await?, Some(ana.clone()));
    for login in ["USR000001", "ana@example.org", "ana"] {
        let (user, password) = world.login(login).await?.ok_or("nobody")?;
        assert_eq!((user, password), (ana.clone(), own("$hash$of$ana")), "{login}");
    }
    Ok(())
}

pub(crate) async fn an_unknown_user_is_nobody(world: World) -> Outcome {
    world.user("ana").await?;
    for login in ["USR000002", "ana@example.org", "ben"] {
        assert!(world.login(login).await?.is_none(), "{login}");
    }
    Ok(())
}

pub(crate) async fn users_are_numbered_without_gaps(world: World) -> Outcome {
    let mut work = world.store.begin().await?;
    let lost = work.insert_user(&world.new_user("lost")?).await?;
    drop(work);
    assert_eq!(lost.code.number(), 1);
    for number in 1..=3 {
        assert_eq!(world.user(&format!("user{number}")).await?.code.number(), number);
    }
    Ok(())
}

pub(crate) async fn a_taken_username_does_not_use_up_a_number(world: World) -> Outcome {
    world.user("ana").await?;
    assert_eq!(conflict(&world.insert(&world.new_user("ana")?).await), Some(UniqueKey::Username));
    assert_eq!(world.user("ben").await?.code.number(), 2);
    Ok(())
}

pub(crate) async fn a_taken_address_does_not_use_up_a_number(world: World) -> Outcome {
    world.user_with_email("ana", "ana@example.org").await?;
    let other = NewUser { email: Some(Email::parse("ana@example.org")?), ..world.new_user("ben")? };
    assert_eq!(conflict(&world.insert(&other).await), Some(UniqueKey::Email));
    assert_eq!(world.user("ben").await?.code.number(), 2);
    Ok(())
}

pub(crate) async fn an_address_that_is_not_given_is_never_taken(world: World) -> Outcome {
    assert_eq!(world.user("ana").await?.email, None);
    assert_eq!(world.user("ben").await?.email, None);
    Ok(())
}

pub(crate) async fn a_changed_user_is_read_back(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let ben = world.user("ben").await?;
    let changed = User {
        name: DisplayName::parse("Ána")?,
        about: About::parse("likes\nlines")?,
        email: Some(Email::parse("ana@example.org")?),
        role: Role::Admin,
        ..ana
    };
    world.change(&changed).await?;
    assert_eq!(world.store.user(changed.id).await?, Some(changed.clone()));
    assert_eq!(world.store.user(ben.id).await?, Some(ben));
    world.change(&User { email: None, ..changed.clone() }).await?;
    assert_eq!(world.store.user(changed.id).await?, Some(User { email: None, ..changed }));
    Ok(())
}

pub(crate) async fn a_taken_address_is_refused_when_a_user_changes(world: World) -> Outcome {
    world.user_with_email("ana", "ana@example.org").await?;
    let ben = world.user("ben").await?;
    let greedy = User { email: Some(Email::parse("ana@example.org")?), ..ben.clone() };
    assert_eq!(conflict(&world.change(&greedy).await), Some(UniqueKey::Email));
    assert_eq!(world.store.user(ben.id).await?, Some(ben));
    Ok(())
}

pub(crate) async fn a_deleted_user_does_not_sign_in(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let deleted = User { status: UserStatus::Deleted, ..ana };
    world.change(&deleted).await?;
    assert!(world.login("ana").await?.is_none());
    assert_eq!(world.store.user(deleted.id).await?, Some(deleted.clone()));
    assert_eq!(world.store.users(&[deleted.id]).await?, [deleted]);
    Ok(())
}

pub(crate) async fn a_changed_password_replaces_the_old_one(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    world.user("ben").await?;
    let mut work = world.store.begin().await?;
    work.set_password(ana.id, &own("$new")).await?;
    work.commit().await?;
    assert_eq!(world.login("ana").await?.ok_or("nobody")?.1, own("$new"));
    assert_eq!(world.login("ben").await?.ok_or("nobody")?.1, own("$hash$of$ben"));
    Ok(())
}

pub(crate) async fn a_temporary_password_is_one_until_it_is_replaced(world: World) -> Outcome {
    let temporary = |text| StoredPassword { temporary_until: Some(later(5)), ..own(text) };
    let made = NewUser { password: temporary("$made"), ..world.new_user("ana")? };
    let ana = world.insert(&made).await?;
    assert_eq!(world.login("ana").await?.ok_or("nobody")?.1, temporary("$made"));
    for password in [own("$own"), temporary("$other"), own("$own")] {
        let mut work = world.store.begin().await?;
        work.set_password(ana.id, &password).await?;
        assert_eq!(work.password(ana.id).await?.as_ref(), Some(&password));
        work.commit().await?;
        assert_eq!(world.login("ana").await?.ok_or("nobody")?.1, password);
    }
    Ok(())
}

pub(crate) async fn last_seen_never_moves_back(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let steps: [(&[Timestamp], Timestamp); 3] =
        [(&[later(5)], later(5)), (&[later(3)], later(5)), (&[later(8), later(9), later(7)], later(9))];
    for (seen, expected) in steps {
        let mut work = world.store.begin().await?;
        work.set_last_seen(&seen.iter().map(|at| (ana.id, *at)).collect::<Vec<_>>()).await?;
        work.set_last_seen(&[]).await?;
        work.commit().await?;
        assert_eq!(world.store.user(ana.id).await?.ok_or("nobody")?.last_seen_at, Some(expected));
    }
    assert_eq!(world.store.user(ben.id).await?, Some(ben));
    Ok(())
}

pub(crate) async fn many_users_are_read_at_once(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    world.user("cat").await?;
    let mut found =
        world.store.users(&[ben.id, ana.id, ben.id, parlor_domain::UserId::from_uuid(world.id())]).await?;
    found.sort_by_key(|user| user.code);
    assert_eq!(found, [ana, ben]);
    assert_eq!(world.store.users(&[]).await?, []);
    Ok(())
}

pub(crate) async fn admins_are_counted_while_they_are_active(world: World) -> Outcome {
    let ana = world.insert(&NewUser { role: Role::Admin, ..world.new_user("ana")? }).await?;
    world
        .insert(&NewUser { role: Role::Admin, username: Username::parse("ben")?, ..world.new_user("ben")? })
        .await?;
    world.user("cat").await?;
    assert_eq!(world.store.count_admins().await?, 2);
    world.change(&User { status: UserStatus::Deleted, ..ana }).await?;
    assert_eq!(world.store.count_admins().await?, 1);
    Ok(())
}

pub(crate) async fn a_recovery_code_is_its_owners_and_works_once(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let codes = [1, 2, 3].map(|byte| TokenHash::from_bytes([byte; 32]));
    let mut work = world.store.begin().await?;
    work.replace_recovery_codes(ana.id, &codes[..2]).await?;
    work.replace_recovery_codes(ben.id, &codes[2..]).await?;
    work.commit().await?;
    assert_eq!(world.store.count_recovery_codes(ana.id).await?, 2);
    assert!(world.store.has_recovery_code(ana.id, &codes[0]).await?);
    assert!(!world.store.has_recovery_code(ana.id, &codes[2]).await?);
    let mut work = world.store.begin().await?;
    let used = [
        work.use_recovery_code(ana.id, &codes[2]).await?,
        work.use_recovery_code(ana.id, &codes[0]).await?,
        work.use_recovery_code(ana.id, &codes[0]).await?,
    ];
    work.commit().await?;
    assert_eq!(used, [false, true, false]);
    let mut work = world.store.begin().await?;
    work.replace_recovery_codes(ana.id, &codes[..1]).await?;
    work.commit().await?;
    assert!(!world.store.has_recovery_code(ana.id, &codes[1]).await?, "new ones replace those before");
    assert_eq!(world.store.count_recovery_codes(ben.id).await?, 1);
    Ok(())
}

pub(crate) async fn a_password_is_read_while_its_user_is_active(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    assert_eq!(world.store.password(ana.id).await?, Some(own("$hash$of$ana")));
    world.change(&User { status: UserStatus::Deleted, ..ana.clone() }).await?;
    assert_eq!(world.store.password(ana.id).await?, None);
    Ok(())
}
