use parlor_domain::{Totp, TotpSecret};

use crate::world::{Outcome, World};

pub(crate) async fn a_second_factor_is_read_back_replaced_and_taken_away(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let begun = Totp::begun(TotpSecret::from_sealed(vec![7; 48]));
    let used = Totp { confirmed: true, last_step: 59_000_000, failures: 3, ..begun.clone() };
    let anew = Totp::begun(TotpSecret::from_sealed(vec![8; 48]));
    for totp in [&begun, &used, &anew] {
        let mut work = world.store.begin().await?;
        work.put_totp(ana.id, totp).await?;
        work.commit().await?;
        assert_eq!(world.store.totp(ana.id).await?.as_ref(), Some(totp));
    }
    assert_eq!(world.store.totp(ben.id).await?, None);
    let mut work = world.store.begin().await?;
    let taken =
        [work.delete_totp(ben.id).await?, work.delete_totp(ana.id).await?, work.delete_totp(ana.id).await?];
    work.commit().await?;
    assert_eq!(taken, [false, true, false]);
    assert_eq!(world.store.totp(ana.id).await?, None);
    Ok(())
}

pub(crate) async fn what_admins_need_is_set(world: World) -> Outcome {
    assert!(!world.store.admins_need_totp().await?);
    for needed in [true, false] {
        let mut work = world.store.begin().await?;
        work.set_admins_need_totp(needed).await?;
        work.commit().await?;
        assert_eq!(world.store.admins_need_totp().await?, needed);
    }
    Ok(())
}
