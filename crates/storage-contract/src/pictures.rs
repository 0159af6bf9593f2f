use parlor_domain::{CustomStatus, Emoji, MadePicture, PictureId, PictureSize, StatusText, TimeZone, User};

use crate::world::{NOW, later};
use crate::{Outcome, World};

pub(crate) fn made() -> MadePicture {
    MadePicture { small: vec![0, 1, 255, b'\''], large: (0..=255).cycle().take(100_000).collect() }
}

pub(crate) async fn a_picture_is_read_back_in_its_sizes_until_it_is_let_go_of(world: World) -> Outcome {
    let id = PictureId::from_uuid(world.id());
    let mut work = world.store.begin().await?;
    work.insert_picture(id, &made(), NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.picture(id, PictureSize::Small).await?, Some(made().small));
    assert_eq!(world.store.picture(id, PictureSize::Large).await?, Some(made().large));
    let mut work = world.store.begin().await?;
    work.delete_picture(id).await?;
    work.delete_picture(id).await?;
    work.commit().await?;
    assert_eq!(world.store.picture(id, PictureSize::Small).await?, None);
    Ok(())
}

pub(crate) async fn a_picture_that_somebody_has_is_not_let_go_of(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let id = PictureId::from_uuid(world.id());
    let mut work = world.store.begin().await?;
    work.insert_picture(id, &made(), NOW).await?;
    work.update_user(&User { picture: Some(id), ..ana.clone() }).await?;
    work.commit().await?;
    assert_eq!(world.store.user(ana.id).await?.and_then(|user| user.picture), Some(id));
    let mut work = world.store.begin().await?;
    assert!(work.delete_picture(id).await.is_err());
    Ok(())
}

pub(crate) async fn a_status_and_a_time_zone_are_read_back(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let status = CustomStatus {
        emoji: Some(Emoji::parse("🌴")?),
        text: StatusText::parse("by the sea")?,
        until: Some(later(1_000)),
    };
    let wordless = CustomStatus { text: StatusText::parse("")?, until: None, ..status.clone() };
    let plain = CustomStatus { emoji: None, ..status.clone() };
    let time_zone = Some(TimeZone::parse("Europe/Bucharest")?);
    for status in [Some(status), Some(wordless), Some(plain), None] {
        let changed = User { custom_status: status, time_zone: time_zone.clone(), ..ana.clone() };
        world.change(&changed).await?;
        assert_eq!(world.store.user(ana.id).await?, Some(changed));
    }
    Ok(())
}
