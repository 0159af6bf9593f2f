//! What several nodes do at the same moment with the same files.

use std::slice;
use std::sync::Arc;

use parlor_domain::{ConversationId, File, FileId, Post, PostError, Store, StoreError};
use tokio::task::yield_now;

use crate::races::{ROUNDS, post};
use crate::side_by_side::at_once;
use crate::world::{NOW, Outcome, World, later};

/// Frees what is unused, somewhere among what others do at the same time.
async fn free(store: Arc<dyn Store>, pause: usize) -> Result<u64, StoreError> {
    for _ in 0..pause {
        yield_now().await;
    }
    let mut work = store.begin().await?;
    let freed = work.free_files(NOW, 100).await?;
    work.commit().await?;
    Ok(freed)
}

/// Uploads bytes that somebody uploaded before; whether they were there.
async fn upload_again(store: Arc<dyn Store>, file: File) -> Result<bool, StoreError> {
    let mut work = store.begin().await?;
    let Some(blob) = work.lock_blob(&file.blob.hash).await? else { return Ok(false) };
    yield_now().await;
    work.insert_file(&File { blob, ..file }).await?;
    work.commit().await?;
    Ok(true)
}

async fn detach(store: Arc<dyn Store>, conversation: ConversationId, seq: u64) -> Result<(), StoreError> {
    let mut work = store.begin().await?;
    work.lock_conversations(&[conversation]).await?;
    work.detach(conversation, seq, NOW).await?;
    work.commit().await
}

impl World {
    fn freeing(&self, pauses: usize) -> Vec<impl Future<Output = Result<u64, StoreError>> + use<>> {
        (0..3).map(|number| free(Arc::clone(&self.store), number * pauses)).collect()
    }
}

pub(crate) async fn a_file_that_is_posted_while_it_is_freed_is_whole_or_gone(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let notes = world.direct(&ana, &ana).await?;
    for round in 0..3 * ROUNDS {
        let file = world.uploaded(&ana, "one.pdf", "application/pdf").await?;
        let freeing = tokio::spawn(at_once(world.freeing(round)));
        let mut posts = Vec::new();
        for _ in 0..2 {
            let files = vec![file.id];
            posts.push((world.messaging(), Post { files, ..post(&ana, notes, world.client_id())? }));
        }
        let posted =
            at_once(posts.into_iter().map(|(node, post)| async move { node.post_all(vec![post]).await }));
        let mut posted: Vec<_> = posted.await?.into_iter().flatten().collect();
        let freed: Result<Vec<u64>, _> = freeing.await??.into_iter().collect();
        assert!(freed?.iter().sum::<u64>() <= 1, "nothing is freed twice");
        posted.retain(|answer| !matches!(answer, Err(PostError::NoSuchFile)));
        assert_eq!(world.is_there(&file).await?, !posted.is_empty(), "round {round}");
        for answer in posted {
            let entry = world.store.message(answer?.message).await?.ok_or("no message")?;
            let files = &entry.message().ok_or("no message")?.files;
            assert_eq!(files, slice::from_ref(&file));
        }
    }
    Ok(())
}

pub(crate) async fn bytes_that_are_uploaded_again_while_they_are_freed_are_whole_or_gone(
    world: World,
) -> Outcome {
    let ana = world.user("ana").await?;
    for round in 0..3 * ROUNDS {
        let first = world.uploaded(&ana, "one.pdf", "application/pdf").await?;
        // Not to be freed yet, as what was uploaded just now.
        let created_at = later(1);
        let again = File { id: FileId::from_uuid(world.id()), created_at, ..first.clone() };
        let freeing = tokio::spawn(at_once(world.freeing(round)));
        let uploaded = upload_again(Arc::clone(&world.store), again.clone()).await?;
        let freed: Result<Vec<u64>, _> = freeing.await??.into_iter().collect();
        assert_eq!(freed?.iter().sum::<u64>(), 1);
        assert_eq!(world.store.file(again.id).await?, uploaded.then_some(again), "round {round}");
        let objects = world.store.freed_objects(None, 1_000).await?;
        assert_ne!(objects.contains(&first.blob.object), uploaded, "round {round}");
    }
    Ok(())
}

pub(crate) async fn of_the_last_messages_of_a_file_that_are_deleted_at_once_none_keeps_it(
    world: World,
) -> Outcome {
    let ana = world.user("ana").await?;
    let mut logs = Vec::new();
    for number in 0..4 {
        logs.push(world.group(&format!("Group {number}"), &[]).await?);
    }
    for round in 0..ROUNDS {
        let file = world.uploaded(&ana, "one.pdf", "application/pdf").await?;
        let mut places = Vec::new();
        for log in &logs {
            places.push((*log, world.post_files(*log, &ana, "", slice::from_ref(&file)).await?.seq));
        }
        let detached =
            at_once(places.into_iter().map(|(log, seq)| detach(Arc::clone(&world.store), log, seq)));
        for detached in detached.await? {
            detached?;
        }
        assert_eq!(world.free(NOW).await?, 1, "round {round}");
    }
    Ok(())
}
