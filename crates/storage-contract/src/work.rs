use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{EntryKind, Event, MemberRole, PageSize, UserFilter};

use crate::world::{NOW, Outcome, World, append_next};

pub(crate) async fn a_dropped_unit_of_work_changes_nothing(world: World) -> Outcome {
    let ana = world.new_user("ana")?;
    let mut work = world.store.begin().await?;
    work.insert_user(&ana).await?;
    drop(work);
    // The next one begins only when that is undone.
    let work = world.store.begin().await?;
    assert_eq!(work.user(ana.id).await?, None);
    drop(work);
    assert_eq!(world.store.user(ana.id).await?, None);
    assert_eq!(world.insert(&ana).await?.code.number(), 1);
    Ok(())
}

pub(crate) async fn a_unit_of_work_that_is_dropped_in_the_middle_changes_nothing(world: World) -> Outcome {
    for round in 0..50_u64 {
        let user = world.new_user("somebody")?;
        let mut work = world.store.begin().await?;
        // Gives up at some point between the first statement and the commit.
        let writing = async move {
            work.insert_user(&user).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            work.commit().await
        };
        assert!(tokio::time::timeout(Duration::from_micros(round * 37), writing).await.is_err());
        let work = world.store.begin().await?;
        assert_eq!(work.count_admins().await?, 0);
        assert_eq!(work.list_users(&UserFilter::default(), None, PageSize::default()).await?.items, []);
    }
    Ok(())
}

pub(crate) async fn a_unit_of_work_reads_what_it_wrote(world: World) -> Outcome {
    let mut work = world.store.begin().await?;
    let ana = work.insert_user(&world.new_user("ana")?).await?;
    assert_eq!(work.user(ana.id).await?, Some(ana.clone()));
    work.commit().await?;
    assert_eq!(world.store.user(ana.id).await?, Some(ana));
    Ok(())
}

pub(crate) async fn a_store_shows_what_was_committed_before(world: World) -> Outcome {
    if !world.reads_beside_work {
        return Ok(());
    }
    let mut work = world.store.begin().await?;
    let ana = work.insert_user(&world.new_user("ana")?).await?;
    assert_eq!(world.store.user(ana.id).await?, None);
    work.commit().await?;
    assert_eq!(world.store.user(ana.id).await?, Some(ana));
    Ok(())
}

pub(crate) async fn events_leave_after_the_commit_in_order_or_never(world: World) -> Outcome {
    let ana = Arc::new(world.user("ana").await?);
    let ben = Arc::new(world.user("ben").await?);
    let mut dropped = world.store.begin().await?;
    dropped.emit(Event::UserChanged(Arc::clone(&ben)));
    drop(dropped);
    let mut work = world.store.begin().await?;
    work.emit(Event::UserChanged(Arc::clone(&ana)));
    work.emit(Event::UserChanged(Arc::clone(&ben)));
    assert_eq!(world.heard.all(), []);
    work.commit().await?;
    assert_eq!(world.heard.all(), [Event::UserChanged(ana), Event::UserChanged(ben)]);
    Ok(())
}

/// Each writer's own events are in order everywhere: they leave before the commit answers.
pub(crate) async fn events_of_many_writers_follow_their_commits(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let group = world.group("Talk", &[(&ana, MemberRole::Owner)]).await?;
    let world = Arc::new(world);
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (world, ana) = (Arc::clone(&world), ana.id);
            tokio::spawn(async move {
                for _ in 0..10 {
                    let kind = EntryKind::Message(world.message("hello")?);
                    let mut work = world.store.begin().await?;
                    let entry = append_next(&mut *work, group, Some(ana), kind, NOW).await?;
                    work.emit(Event::EntryAppended(Arc::new(entry)));
                    work.commit().await?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    let mut heard: Vec<u64> = world
        .heard
        .all()
        .iter()
        .filter_map(|event| if let Event::EntryAppended(entry) = event { Some(entry.seq) } else { None })
        .collect();
    if !world.one_writer {
        heard.sort_unstable();
    }
    assert_eq!(heard, (1..=80).collect::<Vec<_>>());
    Ok(())
}

pub(crate) async fn units_of_work_take_their_turns(world: World) -> Outcome {
    let world = Arc::new(world);
    let writers: Vec<_> = (0..20)
        .map(|number| {
            let world = Arc::clone(&world);
            tokio::spawn(
                async move { world.user(&format!("user{number}")).await.map(|user| user.code.number()) },
            )
        })
        .collect();
    let mut numbers = Vec::new();
    for writer in writers {
        numbers.push(writer.await??);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    Ok(())
}
