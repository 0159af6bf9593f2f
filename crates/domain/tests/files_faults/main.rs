//! Files where room runs out, and where the store of files is slow, away or does not let go.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "../common/mod.rs"]
mod common;
mod shaky;

use std::future::ready;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use common::Chat;
use parlor_domain::{
    Actor, Appending, Defect, File, FileError, FileFailure, FileName, FileRefusal, Files, FilesPolicy,
    MediaFacts, ObjectId, ResumableUpload, StoreError, UploadId,
};
use parlor_files::{FileTypes, Folder};
use shaky::{Faults, Look, Shaky};
use tempfile::TempDir;

const MEBIBYTE: usize = 1024 * 1024;

struct World {
    chat: Chat,
    folder: TempDir,
    faults: Arc<Faults>,
    files: Arc<Files>,
    ana: Actor,
}

impl World {
    async fn start(quota_bytes: u64) -> Self {
        let (chat, folder) = (Chat::new().await, tempfile::tempdir().unwrap());
        let ana = chat.person("ana").await;
        let policy = FilesPolicy { max_bytes: 1 << 30, quota_bytes, min_free_bytes: 1_000 };
        let faults = Arc::new(Faults { free: u64::MAX.into(), ..Faults::default() });
        let shaky = Shaky {
            folder: Folder::open(folder.path(), FileTypes::default()).unwrap(),
            faults: faults.clone(),
        };
        let (store, clock, ids) = (chat.store.clone(), chat.clock.clone(), chat.ids.clone());
        let files = Arc::new(Files::new(store, Arc::new(shaky), clock, ids, policy));
        Self { chat, folder, faults, files, ana }
    }

    async fn upload(&self, name: &str, content: &[u8]) -> File {
        let mut upload = self.files.begin(&self.ana, named(name), None, None).await.unwrap();
        upload.write(content).await.unwrap();
        upload.finish().await.unwrap()
    }

    async fn announce(&self, name: &str, length: u64) -> Result<ResumableUpload, FileError> {
        let (media, metadata) = (MediaFacts::default(), String::new());
        self.files.announce(&self.ana, named(name), None, media, metadata, length).await
    }

    /// Sends all bytes of an upload; how far it is then.
    async fn append(&self, id: UploadId, content: &[u8]) -> ResumableUpload {
        match self.files.append(&self.ana, id, 0, None).await.unwrap() {
            Appending::Part(mut part) => {
                part.write(content).await.unwrap();
                part.keep().await.unwrap()
            }
            Appending::Whole(upload) => upload,
        }
    }

    fn disk_has(&self, free: u64) {
        self.faults.free.store(free, Ordering::SeqCst);
    }

    fn kept(&self) -> usize {
        count_below(self.folder.path())
    }

    fn place(&self, object: ObjectId) -> PathBuf {
        let digits = object.as_uuid().simple().to_string();
        self.folder.path().join(&digits[30..]).join(digits)
    }

    /// Loses the small versions of a picture.
    fn spoil(&self, file: &File) {
        let made = file.face().thumbnails.unwrap();
        std::fs::remove_file(self.place(made.small.object)).unwrap();
    }

    /// Lets everything go that nothing has used for a day; the objects that are to be deleted then.
    async fn freed(&self) -> Vec<ObjectId> {
        self.chat.clock.pass(Duration::from_hours(25));
        while self.files.free().await.unwrap() {}
        self.files.freed(None).await.unwrap()
    }

    /// How many small versions were found to be missing, and how many of them are there again.
    async fn mended(&self) -> (u64, u64) {
        self.files.verify(true, || ready(())).await.unwrap().total(Defect::Thumbnail)
    }
}

fn named(name: &str) -> FileName {
    FileName::parse(name).unwrap()
}

/// A film, as far as its beginning tells.
const FILM: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free\0\0\0\x08mdat";

/// A PNG of one grey pixel.
const GREY: &[u8] =
    b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\
    \x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";

/// A GIF of one pixel.
fn pixel(red: u8) -> Vec<u8> {
    let mut gif = b"GIF89a\x01\0\x01\0\x80\0\0RGB\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;".to_vec();
    gif[13] = red;
    gif
}

fn count_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_lock = |path: &Path| path.file_name().is_some_and(|name| name == "lock");
    entries.map(|path| if path.is_dir() { count_below(&path) } else { usize::from(!is_lock(&path)) }).sum()
}

#[tokio::test]
async fn t20_when_the_disk_fills_up_while_a_file_comes_nothing_of_it_stays() {
    let world = World::start(1 << 40).await;
    let bytes = vec![b'x'; 3 * MEBIBYTE];
    let mut upload = world.files.begin(&world.ana, named("a.txt"), None, None).await.unwrap();
    upload.write(&bytes).await.unwrap();
    world.disk_has(999);
    assert!(matches!(upload.write(&bytes).await, Err(FileError::NoRoom)));
    drop(upload);
    assert_eq!(world.kept(), 0);

    world.disk_has(1 << 30);
    let id = world.announce("a.txt", 8 << 20).await.unwrap().id;
    let Appending::Part(mut part) = world.files.append(&world.ana, id, 0, None).await.unwrap() else {
        panic!("nothing came yet");
    };
    part.write(&bytes).await.unwrap();
    world.disk_has(999);
    assert!(matches!(part.write(&bytes).await, Err(FileError::NoRoom)));
    drop(part);
    assert_eq!((world.kept(), world.files.resumable(&world.ana, id).await.unwrap().offset), (0, 0));
}

#[tokio::test]
async fn t20_of_what_somebody_uploads_at_the_same_time_as_much_is_taken_as_fits() {
    let world = World::start(100).await;
    let mut uploads = Vec::new();
    for _ in 0..4 {
        uploads.push(Some(world.files.begin(&world.ana, named("a.txt"), None, None).await.unwrap()));
    }
    let mut refused = Vec::new();
    for round in 0..3 {
        for (number, upload) in uploads.iter_mut().enumerate() {
            let Some(going) = upload else { continue };
            let text = format!("{number} in {round}..");
            match going.write(&text.as_bytes()[..8]).await {
                Ok(()) => going.write(b"..").await.unwrap(),
                Err(error) => {
                    refused.push(error);
                    *upload = None;
                }
            }
        }
    }
    assert!(matches!(refused.as_slice(), [FileError::Quota { quota: 100, .. }]), "{refused:?}");
    // What was not noted yet is counted for those, too, who begin now.
    let too_much = world.files.begin(&world.ana, named("b.txt"), None, Some(11)).await;
    assert!(matches!(too_much, Err(FileError::Quota { left: 10, .. })));
    assert!(matches!(world.announce("b.txt", 11).await, Err(FileError::Quota { .. })));
    for upload in uploads.into_iter().flatten() {
        upload.finish().await.unwrap();
    }
    assert_eq!((world.kept(), world.chat.store.file_usage(world.ana.user).await.unwrap()), (3, 90));
    world.announce("b.txt", 10).await.unwrap();
}

#[tokio::test]
async fn t20_a_poster_needs_room_on_the_disk_like_any_file() {
    let world = World::start(1 << 40).await;
    let film = world.upload("a.mp4", FILM).await;
    world.disk_has(1_000);
    let refused = world.files.set_poster(&world.ana, film.id, GREY).await;
    assert!(matches!(refused, Err(FileError::NoRoom)), "{refused:?}");
    assert_eq!(world.kept(), 1);
    world.disk_has(2_000);
    world.files.set_poster(&world.ana, film.id, GREY).await.unwrap();
}

#[tokio::test]
async fn t20_what_no_file_may_have_is_too_large_and_not_without_room() {
    let world = World::start(1 << 40).await;
    world.disk_has(0);
    let refused = world.announce("a.txt", 1_000_000_000_000_000).await;
    assert!(matches!(refused, Err(FileError::TooLarge(_))), "{refused:?}");
}

#[tokio::test]
async fn an_upload_whose_picture_took_too_long_is_finished_when_somebody_asks_again() {
    let world = World::start(1 << 40).await;
    let id = world.announce("a.gif", pixel(1).len() as u64).await.unwrap().id;
    let upload = world.append(id, &pixel(1)).await;
    world.faults.looks.lock().unwrap().push_back(Look::TooSlow);
    let refused = world.files.complete(&world.ana, &upload).await;
    assert!(matches!(refused, Err(FileError::Refused(FileRefusal::TooSlow))), "{refused:?}");
    let upload = world.files.resumable(&world.ana, id).await.unwrap();
    let file = world.files.complete(&world.ana, &upload).await.unwrap().unwrap();
    assert!(file.blob.thumbnails.is_some());
}

#[tokio::test]
async fn what_cannot_be_deleted_keeps_nothing_else_from_going() {
    let world = World::start(1 << 40).await;
    for content in ["one", "two", "three"] {
        world.upload("a.txt", content.as_bytes()).await;
    }
    let freed = world.freed().await;
    assert_eq!((freed.len(), world.kept()), (3, 3));
    let stuck = freed[1];
    world.faults.stuck.lock().unwrap().insert(stuck);
    let failed = world.files.delete_freed(&freed).await.unwrap();
    assert!(matches!(failed, Some(FileFailure::Failed(_))), "{failed:?}");
    assert_eq!((world.files.freed(None).await.unwrap(), world.kept()), (vec![stuck], 1));
    assert_eq!(world.files.freed(Some(stuck)).await.unwrap(), [], "one gets past it");
    world.faults.stuck.lock().unwrap().clear();
    assert!(world.files.delete_freed(&[stuck]).await.unwrap().is_none());
    assert_eq!((world.files.freed(None).await.unwrap(), world.kept()), (vec![], 0));
}

#[tokio::test]
async fn nothing_is_deleted_while_nobody_can_note_it() {
    let world = World::start(1 << 40).await;
    world.upload("a.txt", b"words").await;
    let freed = world.freed().await;
    world.chat.store.set_maintenance(Some("in a moment")).await.unwrap();
    for _ in 0..2 {
        let refused = world.files.delete_freed(&freed).await;
        assert!(matches!(refused, Err(FileError::Store(StoreError::ReadOnly(_)))), "{refused:?}");
    }
    assert_eq!((world.faults.deletions.load(Ordering::SeqCst), world.kept()), (0, 1));
    world.chat.store.set_maintenance(None).await.unwrap();
    world.files.delete_freed(&freed).await.unwrap();
    assert_eq!(world.kept(), 0);
}

#[tokio::test]
async fn what_cannot_be_mended_keeps_nothing_else_from_being_mended() {
    let world = World::start(1 << 40).await;
    let (first, second) = (world.upload("a.gif", &pixel(1)).await, world.upload("b.gif", &pixel(2)).await);
    let film = world.upload("a.mp4", FILM).await;
    let film = world.files.set_poster(&world.ana, film.id, GREY).await.unwrap();
    for file in [&first, &second, &film] {
        world.spoil(file);
    }
    let poster = film.poster.unwrap();
    std::fs::write(world.place(poster.object), vec![b'x'; usize::try_from(poster.bytes).unwrap()]).unwrap();
    world.faults.stuck.lock().unwrap().insert(first.blob.object);
    assert_eq!(world.mended().await, (3, 1));
    world.faults.stuck.lock().unwrap().clear();
    assert_eq!(world.mended().await, (2, 1));
    std::fs::remove_file(world.place(poster.object)).unwrap();
    assert_eq!(world.mended().await, (1, 0));
}

#[tokio::test]
async fn pictures_that_nobody_has_time_to_look_at_are_mended_after_a_while() {
    let world = World::start(1 << 40).await;
    world.spoil(&world.upload("a.gif", &pixel(1)).await);
    world.faults.looks.lock().unwrap().extend([Look::Busy, Look::Busy]);
    let pauses = AtomicUsize::default();
    let pause = || {
        pauses.fetch_add(1, Ordering::SeqCst);
        ready(())
    };
    let verified = world.files.verify(true, pause).await.unwrap();
    assert_eq!((verified.total(Defect::Thumbnail), pauses.into_inner()), ((1, 1), 2));
    // When it never ends, that is told, too.
    let file = world.upload("b.gif", &pixel(2)).await;
    world.spoil(&file);
    world.faults.looks.lock().unwrap().extend((0..1_000).map(|_| Look::Busy));
    assert_eq!(world.mended().await, (1, 0));
}

#[tokio::test]
async fn a_picture_that_is_let_go_of_while_it_is_mended_leaves_nothing() {
    let world = World::start(1 << 40).await;
    world.spoil(&world.upload("a.gif", &pixel(1)).await);
    let (files, clock) = (world.files.clone(), world.chat.clock.clone());
    let free = async move {
        clock.pass(Duration::from_hours(25));
        while files.free().await.unwrap() {}
    };
    *world.faults.then.lock().unwrap() = Some(Box::pin(free));
    assert_eq!(world.mended().await, (0, 0));
    let freed = world.freed().await;
    assert!(world.files.delete_freed(&freed).await.unwrap().is_none());
    assert_eq!((world.chat.store.known_objects(None, 10).await.unwrap(), world.kept()), (vec![], 0));
}
