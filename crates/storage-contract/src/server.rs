use parlor_domain::{GroupName, NewGroup, RegistrationPolicy, StoreError, UniqueKey, Visibility};

use crate::world::{Outcome, World, conflict};

pub(crate) async fn a_store_answers(world: World) -> Outcome {
    world.store.ping().await?;
    let work = world.store.begin().await?;
    work.ping().await?;
    Ok(())
}

pub(crate) async fn a_store_knows_what_time_it_is(world: World) -> Outcome {
    let lobby = world.store.lobby().await?.ok_or("no lobby")?;
    let (first, second) = (world.store.now().await?, world.store.now().await?);
    assert!(lobby.created_at <= first && first <= second, "{first:?} {second:?}");
    assert!(second.since(lobby.created_at) < std::time::Duration::from_hours(1));
    Ok(())
}

pub(crate) async fn the_epoch_stays_the_same(world: World) -> Outcome {
    let epoch = world.store.epoch().await?;
    world.user("ana").await?;
    assert_eq!(world.store.epoch().await?, epoch);
    assert_eq!(epoch.get_version_num(), 4);
    Ok(())
}

pub(crate) async fn ids_that_the_store_makes_differ(world: World) -> Outcome {
    let lobby = world.store.lobby().await?.ok_or("no lobby")?;
    assert_ne!(world.store.epoch().await?, lobby.id.as_uuid());
    Ok(())
}

pub(crate) async fn the_lobby_is_there_from_the_start(world: World) -> Outcome {
    let lobby = world.store.lobby().await?.ok_or("no lobby")?;
    assert_eq!(
        (lobby.name.as_str(), lobby.visibility, lobby.lobby, lobby.read_only),
        ("lobby", Visibility::Public, true, false)
    );
    assert_eq!((lobby.member_count, lobby.created_by), (0, None));
    assert!(lobby.created_at.as_millis() > 1_700_000_000_000);
    let log = world.store.conversation(lobby.id.into()).await?.ok_or("no conversation")?;
    assert_eq!((log.last_seq, log.active_at), (0, lobby.created_at));
    assert_eq!(world.store.group(lobby.id).await?, Some(lobby));
    Ok(())
}

pub(crate) async fn there_is_one_lobby(world: World) -> Outcome {
    let second = NewGroup {
        lobby: true,
        name: GroupName::parse("second")?,
        ..world.new_group("second", Visibility::Public)?
    };
    let mut work = world.store.begin().await?;
    let id = second.id.into();
    work.insert_conversation(&parlor_domain::NewConversation {
        id,
        direct: None,
        created_at: second.created_at,
    })
    .await?;
    assert_eq!(conflict(&work.insert_group(&second).await), Some(UniqueKey::Other));
    Ok(())
}

pub(crate) async fn during_maintenance_nothing_begins_and_everything_is_read(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    assert_eq!(world.store.maintenance().await?, None);
    // One message after the other, as it is put right.
    for message in ["Back at noon.", "Back at one."] {
        world.store.set_maintenance(Some(message)).await?;
        assert_eq!(world.store.maintenance().await?.as_deref(), Some(message));
        match world.store.begin().await.err() {
            Some(StoreError::ReadOnly(told)) => assert_eq!(told, message),
            other => return Err(format!("a unit of work began: {other:?}").into()),
        }
        assert_eq!(world.store.user(ana.id).await?.map(|user| user.id), Some(ana.id));
    }
    world.store.set_maintenance(None).await?;
    assert_eq!(world.store.maintenance().await?, None);
    world.user("bob").await?;
    Ok(())
}

pub(crate) async fn the_first_signing_key_stays(world: World) -> Outcome {
    let mut dropped = world.store.begin().await?;
    assert_eq!(dropped.signing_key(&[1; 32]).await?, [1; 32]);
    drop(dropped);
    for own in [2, 3, 2] {
        let mut work = world.store.begin().await?;
        assert_eq!(work.signing_key(&[own; 32]).await?, [2; 32]);
        work.commit().await?;
    }
    Ok(())
}

pub(crate) async fn who_may_register_is_what_was_chosen_last(world: World) -> Outcome {
    assert_eq!(world.store.registration().await?, None);
    for policy in [RegistrationPolicy::Invite, RegistrationPolicy::Closed, RegistrationPolicy::Open] {
        let mut work = world.store.begin().await?;
        work.set_registration(policy).await?;
        assert_eq!(work.registration().await?, Some(policy));
        work.commit().await?;
        assert_eq!(world.store.registration().await?, Some(policy));
    }
    Ok(())
}
