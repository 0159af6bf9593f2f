use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{
    FileId, FileName, MediaFacts, ObjectId, Pixels, ResumableUpload, Store, StoreError, Timestamp,
    UnfinishedUploads, UploadId, UploadPart, User, UserStatus, Username,
};
use tokio::task::yield_now;

use crate::races::ROUNDS;
use crate::side_by_side::at_once;
use crate::world::{NOW, Outcome, World, later};

impl World {
    fn part(&self, bytes: u64) -> UploadPart {
        UploadPart { object: ObjectId::from_uuid(self.id()), bytes }
    }

    /// An upload that was announced, and expires after so many milliseconds.
    async fn announced(&self, owner: &User, length: u64, expires: i64) -> Outcome<ResumableUpload> {
        let upload = ResumableUpload {
            id: UploadId::from_uuid(self.id()),
            owner: owner.id,
            name: FileName::parse("50%00 \0 grüße.mp4")?,
            declared: Some("video/mp4".into()),
            media: MediaFacts {
                pixels: Some(Pixels { width: 640, height: 480 }),
                duration: Some(Duration::from_millis(1_234)),
                waveform: Some(vec![0, 255]),
            },
            metadata: "filename eA==".into(),
            length,
            offset: 0,
            parts: 0,
            created_at: NOW,
            expires_at: later(expires),
            file: None,
        };
        let mut work = self.store.begin().await?;
        work.insert_upload(&upload).await?;
        work.commit().await?;
        Ok(upload)
    }

    /// Notes parts of these lengths; how far the upload is with them, and their objects.
    async fn came(&self, upload: &ResumableUpload, lengths: &[u64]) -> Outcome<Vec<UploadPart>> {
        let mut parts = Vec::new();
        for length in lengths {
            let part = self.part(*length);
            assert!(note(Arc::clone(&self.store), upload.id, part, upload.expires_at).await?.is_some());
            parts.push(part);
        }
        Ok(parts)
    }

    async fn going(&self) -> Outcome<BTreeSet<ObjectId>> {
        Ok(self.store.freed_objects(None, 10_000).await?.into_iter().collect())
    }
}

/// Notes that a part came; how far the upload is with it, unless it is gone or has a file.
async fn note(
    store: Arc<dyn Store>,
    id: UploadId,
    part: UploadPart,
    expires_at: Timestamp,
) -> Result<Option<ResumableUpload>, StoreError> {
    let mut work = store.begin().await?;
    let Some(found) = work.lock_upload(id).await?.filter(|found| !found.is_whole()) else { return Ok(None) };
    yield_now().await;
    let (offset, parts) = (found.offset + part.bytes, found.parts + 1);
    let upload = ResumableUpload { offset, parts, expires_at, ..found };
    work.add_upload_part(&upload, part).await?;
    work.commit().await?;
    Ok(Some(upload))
}

/// Makes a file of an upload, unless somebody did so before; the file that it is.
async fn finish(store: Arc<dyn Store>, id: UploadId, file: FileId) -> Result<Option<FileId>, StoreError> {
    let mut work = store.begin().await?;
    let Some(found) = work.lock_upload(id).await? else { return Ok(None) };
    if found.file.is_some() {
        return Ok(found.file);
    }
    yield_now().await;
    work.finish_upload(id, file).await?;
    work.commit().await?;
    Ok(Some(file))
}

/// Lets go of what has expired by now, somewhere among what others do at the same time.
async fn free(store: Arc<dyn Store>, pause: usize) -> Result<u64, StoreError> {
    for _ in 0..pause {
        yield_now().await;
    }
    let mut work = store.begin().await?;
    let freed = work.free_uploads(NOW, 10).await?;
    work.commit().await?;
    Ok(freed)
}

fn objects(parts: &[UploadPart]) -> BTreeSet<ObjectId> {
    parts.iter().map(|part| part.object).collect()
}

pub(crate) async fn an_upload_is_read_back_with_its_parts_in_order(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let upload = world.announced(&ana, 5_000_000_000, 7).await?;
    assert_eq!(world.store.upload(upload.id).await?.as_ref(), Some(&upload));
    assert_eq!(world.store.upload(UploadId::from_uuid(world.id())).await?, None);
    let parts = world.came(&upload, &[3, 4_000_000_000, 1]).await?;
    assert_eq!(world.store.upload_parts(upload.id).await?, parts);
    let found = world.store.upload(upload.id).await?.ok_or("no upload")?;
    assert_eq!((found.offset, found.parts, found.is_whole()), (4_000_000_004, 3, false));
    let bare = ResumableUpload {
        id: UploadId::from_uuid(world.id()),
        declared: None,
        media: MediaFacts::default(),
        ..upload.clone()
    };
    let mut work = world.store.begin().await?;
    work.insert_upload(&bare).await?;
    assert_eq!(work.lock_upload(bare.id).await?.as_ref(), Some(&bare));
    assert_eq!(work.unfinished_uploads(ana.id).await?, UnfinishedUploads { count: 2, bytes: 10_000_000_000 });
    assert_eq!(work.unfinished_uploads(ben.id).await?, UnfinishedUploads::default());
    Ok(())
}

pub(crate) async fn a_finished_upload_knows_its_file_and_its_parts_are_let_go_of(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (upload, other) = (world.announced(&ana, 3, 7).await?, world.announced(&ana, 3, 7).await?);
    let (parts, rest) = (world.came(&upload, &[1, 2]).await?, world.came(&other, &[1]).await?);
    let file = FileId::from_uuid(world.id());
    assert_eq!(finish(Arc::clone(&world.store), upload.id, file).await?, Some(file));
    let found = world.store.upload(upload.id).await?.ok_or("no upload")?;
    assert_eq!((found.file, found.offset, found.expires_at), (Some(file), 3, later(7)));
    assert_eq!(world.store.upload_parts(upload.id).await?, []);
    assert_eq!(world.going().await?, objects(&parts));
    assert_eq!(world.store.upload_parts(other.id).await?, rest);
    assert_eq!(world.store.unfinished_uploads(ana.id).await?, UnfinishedUploads { count: 1, bytes: 3 });
    Ok(())
}

pub(crate) async fn an_upload_that_is_let_go_of_leaves_no_part(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let (upload, other) = (world.announced(&ana, 9, 7).await?, world.announced(&ana, 9, 7).await?);
    let (parts, rest) = (world.came(&upload, &[1, 2]).await?, world.came(&other, &[4]).await?);
    for _ in 0..2 {
        let mut work = world.store.begin().await?;
        work.delete_upload(upload.id).await?;
        work.commit().await?;
        assert_eq!(world.store.upload(upload.id).await?, None);
        assert_eq!(world.going().await?, objects(&parts));
    }
    assert_eq!(world.store.upload_parts(other.id).await?, rest);
    Ok(())
}

pub(crate) async fn what_has_expired_goes_a_few_at_once_the_oldest_first(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let mut uploads = Vec::new();
    for expires in [3, 1, 2] {
        let upload = world.announced(&ana, 9, expires).await?;
        uploads.push((upload.id, world.came(&upload, &[1]).await?));
    }
    let mut work = world.store.begin().await?;
    assert_eq!(work.free_uploads(later(0), 10).await?, 0);
    assert_eq!(work.free_uploads(later(3), 2).await?, 2);
    work.commit().await?;
    assert_eq!(world.going().await?, &objects(&uploads[1].1) | &objects(&uploads[2].1));
    assert!(world.store.upload(uploads[0].0).await?.is_some());
    Ok(())
}

pub(crate) async fn uploads_of_a_closed_account_are_let_go_of(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (upload, other) = (world.announced(&ana, 9, 7).await?, world.announced(&ben, 9, 7).await?);
    let (parts, rest) = (world.came(&upload, &[1, 2]).await?, world.came(&other, &[4]).await?);
    let shell = User {
        username: Username::from_stored(ana.code.to_string().to_lowercase()),
        status: UserStatus::Deleted,
        ..ana
    };
    let mut work = world.store.begin().await?;
    work.close_account(&shell, later(1)).await?;
    work.commit().await?;
    assert_eq!(world.store.upload(upload.id).await?, None);
    assert_eq!(world.going().await?, objects(&parts));
    assert_eq!(world.store.upload_parts(other.id).await?, rest);
    Ok(())
}

pub(crate) async fn of_two_who_finish_an_upload_at_once_both_know_one_file(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    for round in 0..ROUNDS {
        let upload = world.announced(&ana, 3, 7).await?;
        let parts = world.came(&upload, &[1, 2]).await?;
        let finishing =
            (0..3).map(|_| finish(Arc::clone(&world.store), upload.id, FileId::from_uuid(world.id())));
        let files: Result<BTreeSet<_>, _> =
            at_once(finishing.collect::<Vec<_>>()).await?.into_iter().collect();
        let files: Vec<_> = files?.into_iter().collect();
        let known = world.store.upload(upload.id).await?.and_then(|found| found.file);
        assert!(known.is_some());
        assert_eq!(files, [known], "round {round}");
        assert!(objects(&parts).is_subset(&world.going().await?));
    }
    Ok(())
}

pub(crate) async fn an_upload_that_goes_on_while_it_expires_is_whole_or_gone(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    for round in 0..3 * ROUNDS {
        let upload = world.announced(&ana, 9, -1).await?;
        let mut parts = world.came(&upload, &[1]).await?;
        let freeing: Vec<_> = (0..3).map(|number| free(Arc::clone(&world.store), number * round)).collect();
        let freeing = tokio::spawn(at_once(freeing));
        let part = world.part(2);
        let noted = note(Arc::clone(&world.store), upload.id, part, later(9)).await?;
        let freed: Result<Vec<u64>, _> = freeing.await??.into_iter().collect();
        let is_gone = freed?.iter().sum::<u64>() > 0;
        assert_eq!(noted.is_none(), is_gone, "round {round}");
        let freed = world.going().await?;
        if is_gone {
            assert_eq!(world.store.upload(upload.id).await?, None);
            assert!(objects(&parts).is_subset(&freed));
        } else {
            parts.push(part);
            assert_eq!(world.store.upload_parts(upload.id).await?, parts);
            assert!(objects(&parts).is_disjoint(&freed));
        }
    }
    Ok(())
}
