use std::slice;

use parlor_domain::{
    Blob, ContentHash, ConversationId, Entry, EntryKind, File, FileId, FileKind, FileName, KnownObject,
    MediaFacts, MediaType, Message, MessageBody, ObjectId, Pixels, Thumbnail, Thumbnails, Timestamp,
    UniqueKey, User, UserStatus, Username,
};

use crate::world::{NOW, Outcome, World, append_next, conflict, later};

impl World {
    fn object(&self) -> ObjectId {
        ObjectId::from_uuid(self.id())
    }

    /// A file that was not uploaded yet, of bytes that no other one has.
    pub(crate) fn file(&self, owner: &User, name: &str, media_type: &str) -> Outcome<File> {
        let media_type = MediaType::from_stored(media_type.to_owned());
        let is_picture = media_type.kind() == FileKind::Picture;
        let (id, object) = (self.id(), self.object());
        let mut hash = [0xf0; 32];
        hash[16..].copy_from_slice(object.as_uuid().as_bytes());
        let thumbnail = |bytes| Thumbnail { object: self.object(), bytes };
        Ok(File {
            id: FileId::from_uuid(id),
            owner: owner.id,
            name: FileName::parse(name)?,
            media_type,
            blob: Blob {
                object,
                hash: ContentHash(hash),
                bytes: 5_000_000_000,
                pixels: is_picture.then_some(Pixels { width: 4_000, height: 12_000 }),
                placeholder: is_picture.then(|| vec![0, 15, 240, 255]),
                thumbnails: is_picture.then(|| Thumbnails { small: thumbnail(9), large: thumbnail(99) }),
            },
            media: MediaFacts::default(),
            poster: None,
            created_at: NOW,
        })
    }

    /// Uploads a file and its bytes.
    pub(crate) async fn upload(&self, file: &File) -> Outcome {
        let mut work = self.store.begin().await?;
        work.insert_blob(&file.blob, file.created_at).await?;
        work.insert_file(file).await?;
        Ok(work.commit().await?)
    }

    /// Uploads a new file.
    pub(crate) async fn uploaded(&self, owner: &User, name: &str, media_type: &str) -> Outcome<File> {
        let file = self.file(owner, name, media_type)?;
        self.upload(&file).await?;
        Ok(file)
    }

    /// Posts a message with files that were uploaded.
    pub(crate) async fn post_files(
        &self,
        conversation: ConversationId,
        author: &User,
        text: &str,
        files: &[File],
    ) -> Outcome<Entry> {
        self.post_files_at(NOW, conversation, author, text, files).await
    }

    pub(crate) async fn post_files_at(
        &self,
        at: Timestamp,
        conversation: ConversationId,
        author: &User,
        text: &str,
        files: &[File],
    ) -> Outcome<Entry> {
        let body = MessageBody::parse_caption(text)?;
        let message = Message { body, files: files.to_vec(), ..self.message("in its place")? };
        let ids: Vec<_> = files.iter().map(|file| file.id).collect();
        let mut work = self.store.begin().await?;
        work.lock_files(&ids).await?;
        let kind = EntryKind::Message(message);
        let entry = append_next(&mut *work, conversation, Some(author.id), kind, at).await?;
        work.attach(&[(conversation, entry.seq, ids)]).await?;
        work.commit().await?;
        Ok(entry)
    }

    pub(crate) async fn detach(&self, entry: &Entry, at: Timestamp) -> Outcome {
        let mut work = self.store.begin().await?;
        work.detach(entry.conversation, entry.seq, at).await?;
        Ok(work.commit().await?)
    }

    /// Frees what nothing has used since this moment; how many files.
    pub(crate) async fn free(&self, unused_since: Timestamp) -> Outcome<u64> {
        let mut work = self.store.begin().await?;
        let freed = work.free_files(unused_since, 100).await?;
        work.commit().await?;
        Ok(freed)
    }

    pub(crate) async fn is_there(&self, file: &File) -> Outcome<bool> {
        Ok(self.store.file(file.id).await?.is_some())
    }
}

pub(crate) async fn a_file_is_read_back_with_all_that_is_known_of_it(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let picture = world.uploaded(&ana, "Grüße, \"Welt\"\n.png", "image/png").await?;
    let document = world.uploaded(&ana, "notes.pdf", "application/pdf").await?;
    let unknown = FileId::from_uuid(world.id());
    for file in [&picture, &document] {
        assert_eq!(world.store.file(file.id).await?.as_ref(), Some(file));
    }
    assert_eq!(world.store.file(unknown).await?, None);
    let mut work = world.store.begin().await?;
    let mut locked = work.lock_files(&[document.id, unknown, picture.id, picture.id]).await?;
    locked.sort_by_key(|file| file.id);
    assert_eq!(locked, [picture.clone(), document]);
    assert_eq!(work.lock_files(&[]).await?, []);
    assert_eq!(work.lock_blob(&picture.blob.hash).await?, Some(picture.blob));
    assert_eq!(work.lock_blob(&ContentHash([1; 32])).await?, None);
    Ok(())
}

pub(crate) async fn the_same_bytes_are_kept_once_and_counted_for_each_file(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let first = world.uploaded(&ana, "one.png", "image/png").await?;
    let blob = Blob { hash: first.blob.hash, ..world.file(&ben, "two.png", "image/png")?.blob };
    let mut work = world.store.begin().await?;
    assert_eq!(conflict(&work.insert_blob(&blob, NOW).await), Some(UniqueKey::Other));
    drop(work);
    let second = File { blob: first.blob.clone(), ..world.file(&ben, "two.png", "image/png")? };
    // People may call a file whatever they like.
    let name = FileName::parse("50%00 \0 %25 \u{202E}\r\n.png")?;
    let third = File { id: FileId::from_uuid(world.id()), name, ..second.clone() };
    assert_eq!(world.store.file_usage(ben.id).await?, 0);
    let mut work = world.store.begin().await?;
    work.insert_file(&second).await?;
    work.insert_file(&third).await?;
    assert_eq!(work.file_usage(ben.id).await?, 2 * first.blob.bytes);
    work.commit().await?;
    assert_eq!(world.store.file_usage(ana.id).await?, first.blob.bytes);
    assert_eq!(world.store.file_usage(ben.id).await?, 2 * first.blob.bytes);
    assert_eq!(world.store.files_of(ben.id, None, 10).await?, [second.clone(), third.clone()]);
    assert_eq!(world.store.files_of(ben.id, None, 1).await?, slice::from_ref(&second));
    assert_eq!(world.store.files_of(ben.id, Some(second.id), 10).await?, slice::from_ref(&third));
    for file in [first, second, third] {
        assert_eq!(world.store.file(file.id).await?, Some(file));
    }
    Ok(())
}

pub(crate) async fn a_file_is_freed_when_nothing_has_used_it_for_long_enough(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let notes = world.direct(&ana, &ana).await?;
    let file = world.uploaded(&ana, "one.pdf", "application/pdf").await?;
    assert_eq!(world.free(later(-1)).await?, 0, "it is too new");
    let entry = world.post_files(notes, &ana, "look", slice::from_ref(&file)).await?;
    assert_eq!(world.free(later(10)).await?, 0, "a message has it");
    world.detach(&entry, later(5)).await?;
    assert_eq!(world.free(later(4)).await?, 0, "somebody saw it a moment ago");
    assert!(world.is_there(&file).await?);
    assert_eq!(world.free(later(5)).await?, 1);
    assert!(!world.is_there(&file).await?);
    assert_eq!(world.free(later(5)).await?, 0);
    Ok(())
}

pub(crate) async fn a_file_stays_as_long_as_any_message_has_it(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (group, direct) = (world.group_of(&ana, &ben).await?, world.direct(&ana, &ben).await?);
    let file = world.uploaded(&ana, "one.pdf", "application/pdf").await?;
    let first = world.post_files(group, &ana, "look", slice::from_ref(&file)).await?;
    let forward = world.post_files(direct, &ben, "ana says", slice::from_ref(&file)).await?;
    world.detach(&first, NOW).await?;
    assert_eq!(world.free(later(1)).await?, 0);
    let read = world.store.entries(direct, 0, 10).await?;
    assert_eq!(read, slice::from_ref(&forward));
    world.detach(&forward, later(2)).await?;
    assert_eq!(world.free(later(1)).await?, 0, "it was used until later");
    assert_eq!(world.free(later(2)).await?, 1);
    Ok(())
}

pub(crate) async fn bytes_are_let_go_of_with_the_last_file_that_has_them(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let notes = world.direct(&ben, &ben).await?;
    let first = world.uploaded(&ana, "one.png", "image/png").await?;
    let second = File { blob: first.blob.clone(), ..world.file(&ben, "two.png", "image/png")? };
    let mut work = world.store.begin().await?;
    work.insert_file(&second).await?;
    work.commit().await?;
    let entry = world.post_files(notes, &ben, "", slice::from_ref(&second)).await?;
    assert_eq!(world.free(NOW).await?, 1);
    assert_eq!(world.store.freed_objects(None, 10).await?, []);
    world.detach(&entry, NOW).await?;
    assert_eq!(world.free(NOW).await?, 1);
    let made = first.blob.thumbnails.ok_or("no thumbnails")?;
    let mut objects = [first.blob.object, made.small.object, made.large.object];
    objects.sort_unstable();
    let mut freed = world.store.freed_objects(None, 10).await?;
    freed.sort_unstable();
    assert_eq!(freed, objects);
    let page = world.store.freed_objects(None, 2).await?;
    assert_eq!((page.len(), world.store.freed_objects(page.last().copied(), 2).await?.len()), (2, 1));
    let mut work = world.store.begin().await?;
    assert_eq!(work.lock_blob(&first.blob.hash).await?, None);
    work.forget_objects(&objects[..2]).await?;
    work.forget_objects(&[]).await?;
    work.commit().await?;
    assert_eq!(world.store.freed_objects(None, 10).await?, objects[2..]);
    // The same bytes may come again, under other names.
    let blob = Blob { hash: first.blob.hash, ..world.file(&ana, "one.png", "image/png")?.blob };
    world.upload(&File { blob, ..world.file(&ana, "one.png", "image/png")? }).await
}

pub(crate) async fn a_few_files_are_freed_at_once_the_longest_unused_first(world: World) -> Outcome {
    let ana = world.user("ana").await?;
    let mut files = Vec::new();
    for number in [3, 1, 2] {
        let file = world.file(&ana, &format!("{number}.pdf"), "application/pdf")?;
        let file = File { created_at: later(number), ..file };
        world.upload(&file).await?;
        files.push(file);
    }
    let mut work = world.store.begin().await?;
    assert_eq!(work.free_files(later(3), 2).await?, 2);
    work.commit().await?;
    let mut left = Vec::new();
    for file in &files {
        left.push(world.is_there(file).await?);
    }
    assert_eq!(left, [true, false, false]);
    Ok(())
}

pub(crate) async fn what_a_closed_account_did_not_send_is_freed(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let group = world.group_of(&ana, &ben).await?;
    let sent = world.uploaded(&ana, "sent.pdf", "application/pdf").await?;
    let unsent = world.uploaded(&ana, "unsent.pdf", "application/pdf").await?;
    world.post_files(group, &ana, "look", slice::from_ref(&sent)).await?;
    let shell = User {
        username: Username::from_stored(ana.code.to_string().to_lowercase()),
        status: UserStatus::Deleted,
        ..ana.clone()
    };
    let mut work = world.store.begin().await?;
    work.close_account(&shell, later(1)).await?;
    work.commit().await?;
    assert_eq!(world.free(later(1)).await?, 1);
    assert!(!world.is_there(&unsent).await?);
    assert!(world.is_there(&sent).await?, "the message stays as it is");
    Ok(())
}

pub(crate) async fn lost_bytes_are_replaced_for_all_files_that_have_them(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let notes = world.direct(&ana, &ana).await?;
    let first = world.uploaded(&ana, "one.png", "image/png").await?;
    let second = File { blob: first.blob.clone(), ..world.file(&ben, "two.png", "image/png")? };
    let mut work = world.store.begin().await?;
    work.insert_file(&second).await?;
    work.commit().await?;
    let entry = world.post_files(notes, &ana, "", slice::from_ref(&first)).await?;
    let used = world.store.files_with(first.blob.object).await?;
    let told: Vec<_> =
        used.iter().map(|used| (used.file.clone(), &used.owner, used.places.clone())).collect();
    let places = vec![(notes, entry.seq)];
    let [one, two] = [(first.clone(), &ana.username, places), (second.clone(), &ben.username, Vec::new())];
    assert_eq!(told, if first.id < second.id { [one, two] } else { [two, one] });

    let known = world.store.known_objects(None, 10).await?;
    assert_eq!(known, [KnownObject::Blob { blob: first.blob.clone(), lost: false }]);
    let mut work = world.store.begin().await?;
    work.lose_blob(first.blob.object, Some(NOW)).await?;
    assert_eq!(work.lock_blob(&first.blob.hash).await?, None, "they are not taken for present");
    work.commit().await?;
    let known = world.store.known_objects(None, 10).await?;
    assert_eq!(known, [KnownObject::Blob { blob: first.blob.clone(), lost: true }]);

    let anew = Blob { hash: first.blob.hash, ..world.file(&ana, "x.png", "image/png")?.blob };
    let mut work = world.store.begin().await?;
    work.insert_blob(&anew, later(1)).await?;
    work.commit().await?;
    for file in [&first, &second] {
        assert_eq!(world.store.file(file.id).await?.map(|file| file.blob), Some(anew.clone()));
    }
    assert_eq!(world.store.files_with(first.blob.object).await?, []);
    // What is left of the lost ones goes, and is known until then; all of it page by page.
    let (mut known, mut after) = (Vec::new(), None);
    while let [one] = world.store.known_objects(after, 1).await?.as_slice() {
        after = Some(one.key());
        known.push(one.clone());
    }
    let gone = first.blob.thumbnails.ok_or("no thumbnails")?;
    let gone = [first.blob.object, gone.small.object, gone.large.object];
    let mut expected: Vec<_> = gone.into_iter().map(KnownObject::Freed).collect();
    expected.push(KnownObject::Blob { blob: anew.clone(), lost: false });
    expected.sort_unstable_by_key(KnownObject::key);
    assert_eq!(known, expected);

    let mut work = world.store.begin().await?;
    work.lose_blob(anew.object, Some(NOW)).await?;
    work.lose_blob(anew.object, None).await?;
    assert_eq!(work.lock_blob(&anew.hash).await?, Some(anew));
    Ok(())
}
