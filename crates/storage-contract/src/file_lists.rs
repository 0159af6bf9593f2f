use std::slice;

use parlor_domain::{
    Blob, ConversationId, Entry, File, FileFigures, FileKind, FileOrder, FileUse, MemberRole, Membership,
    PageSize, PostedFile, User,
};

use crate::world::{NOW, Outcome, World, later, membership};

const ALL: Option<FileKind> = None;

impl World {
    /// A new file with so many bytes.
    async fn uploaded_with(&self, owner: &User, name: &str, bytes: u64) -> Outcome<File> {
        let file = self.file(owner, name, "application/pdf")?;
        let file = File { blob: Blob { bytes, ..file.blob.clone() }, ..file };
        self.upload(&file).await?;
        Ok(file)
    }

    /// What the reader sees of a conversation's files, page by page.
    async fn posted(
        &self,
        conversation: ConversationId,
        reader: &User,
        kind: Option<FileKind>,
        size: u32,
    ) -> Outcome<Vec<PostedFile>> {
        let size = PageSize::new(size).ok_or("no size")?;
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page =
                self.store.posted_files(conversation, reader.id, kind, before.as_deref(), size).await?;
            assert!(page.items.len() <= size.get() as usize);
            all.extend(page.items);
            before = page.next;
            if before.is_none() {
                return Ok(all);
            }
        }
    }

    async fn names(&self, conversation: ConversationId, reader: &User) -> Outcome<Vec<String>> {
        let found = self.posted(conversation, reader, ALL, 10).await?;
        Ok(found.into_iter().map(|one| one.file.name.to_string()).collect())
    }

    async fn own(&self, owner: &User, order: FileOrder, size: u32) -> Outcome<Vec<String>> {
        let size = PageSize::new(size).ok_or("no size")?;
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.own_files(owner.id, order, after.as_deref(), size).await?;
            all.extend(page.items.into_iter().map(|file| file.name.to_string()));
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}

fn told(file: &File, position: u32, entry: &Entry) -> Outcome<PostedFile> {
    let message = entry.message().ok_or("no message")?;
    Ok(PostedFile {
        file: file.clone(),
        position,
        message: message.id,
        seq: entry.seq,
        thread: None,
        author: entry.actor.ok_or("no author")?,
        posted_at: entry.created_at,
    })
}

pub(crate) async fn files_of_a_conversation_are_listed_the_newest_first_and_by_kind(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (group, direct) = (world.group_of(&ana, &ben).await?, world.direct(&ana, &ben).await?);
    let picture = world.uploaded(&ana, "a.png", "image/png").await?;
    let film = world.uploaded(&ana, "b.mp4", "video/mp4").await?;
    let sound = world.uploaded(&ben, "c.mp3", "audio/mpeg").await?;
    let text = world.uploaded(&ben, "d.pdf", "application/pdf").await?;
    world.post(group, &ana, "without files").await?;
    let first = world.post_files(group, &ana, "", &[picture.clone(), film.clone()]).await?;
    let second = world
        .post_files_at(later(5), group, &ben, "look", &[sound.clone(), text.clone(), picture.clone()])
        .await?;
    world.post_files(direct, &ana, "elsewhere", slice::from_ref(&film)).await?;
    let all = [
        told(&picture, 2, &second)?,
        told(&text, 1, &second)?,
        told(&sound, 0, &second)?,
        told(&film, 1, &first)?,
        told(&picture, 0, &first)?,
    ];
    for size in [1, 2, 5, 100] {
        assert_eq!(world.posted(group, &ana, ALL, size).await?, all, "{size} at once");
    }
    for (kind, expected) in [
        (FileKind::Picture, vec![all[0].clone(), all[4].clone()]),
        (FileKind::Video, vec![all[3].clone()]),
        (FileKind::Audio, vec![all[2].clone()]),
        (FileKind::Document, vec![all[1].clone()]),
    ] {
        assert_eq!(world.posted(group, &ben, Some(kind), 1).await?, expected, "{kind:?}");
    }
    // A place that nobody told is the beginning.
    let page = world.store.posted_files(group, ana.id, ALL, Some("nonsense"), PageSize::default()).await?;
    assert_eq!(page.items, all);
    Ok(())
}

pub(crate) async fn files_of_a_conversation_are_listed_for_those_who_see_their_messages(
    world: World,
) -> Outcome {
    let (ana, ben, cleo) = (world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?);
    let group = world.group_of(&ana, &ben).await?;
    let mut posted = Vec::new();
    for name in ["1.pdf", "2.pdf", "3.pdf"] {
        let file = world.uploaded(&ana, name, "application/pdf").await?;
        posted.push(world.post_files(group, &ana, "", slice::from_ref(&file)).await?);
    }
    assert_eq!(world.names(group, &ben).await?, ["3.pdf", "2.pdf", "1.pdf"]);
    assert_eq!(world.names(group, &cleo).await?, Vec::<String>::new(), "not in it, though it is public");
    let mut work = world.store.begin().await?;
    work.insert_members(&[Membership { floor_seq: posted[1].seq, ..membership(group, cleo.id) }]).await?;
    work.commit().await?;
    assert_eq!(world.names(group, &cleo).await?, ["3.pdf"], "above the floor");
    world.detach(&posted[2], NOW).await?;
    assert_eq!(world.names(group, &ben).await?, ["2.pdf", "1.pdf"], "a deleted message has none");
    world.leave(group, &ben).await?;
    assert_eq!(world.names(group, &ben).await?, Vec::<String>::new());
    Ok(())
}

pub(crate) async fn own_files_are_listed_by_time_and_size_with_where_they_are_used(world: World) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (group, notes) = (world.group_of(&ana, &ben).await?, world.direct(&ben, &ben).await?);
    let large = world.uploaded_with(&ana, "large", 9).await?;
    let small = world.uploaded_with(&ana, "small", 1).await?;
    let unsent = world.uploaded_with(&ana, "unsent", 1).await?;
    world.uploaded_with(&ben, "of ben", 5).await?;
    for size in [1, 2, 3] {
        assert_eq!(world.own(&ana, FileOrder::Newest, size).await?, ["unsent", "small", "large"]);
        assert_eq!(world.own(&ana, FileOrder::Largest, size).await?, ["large", "unsent", "small"]);
    }
    assert_eq!(world.store.file_usage(ana.id).await?, 11);
    for _ in 0..2 {
        world.post_files(group, &ana, "", &[large.clone(), small.clone()]).await?;
    }
    // Ben forwarded it to where she is not.
    world.post_files(notes, &ben, "", slice::from_ref(&large)).await?;
    let (seen, unseen) = world.store.file_uses(ana.id, &[large.id, small.id, unsent.id]).await?;
    let used = |file: &File| FileUse { file: file.id, conversation: group, messages: 2 };
    let mut expected = [used(&large), used(&small)];
    expected.sort_by_key(|found| found.file);
    assert_eq!((seen, unseen), (expected.to_vec(), vec![(large.id, 1)]));
    world.leave(group, &ana).await?;
    let (seen, unseen) = world.store.file_uses(ana.id, &[large.id]).await?;
    assert_eq!((seen, unseen), (Vec::new(), vec![(large.id, 3)]));
    Ok(())
}

pub(crate) async fn a_file_that_is_removed_is_hidden_at_once_and_goes_with_its_last_message(
    world: World,
) -> Outcome {
    let (ana, ben) = (world.user("ana").await?, world.user("ben").await?);
    let (group, direct) = (world.group_of(&ana, &ben).await?, world.direct(&ana, &ben).await?);
    let file = world.uploaded(&ana, "a.png", "image/png").await?;
    let other = world.uploaded(&ana, "b.pdf", "application/pdf").await?;
    let first = world.post_files(group, &ana, "both", &[file.clone(), other.clone()]).await?;
    let second = world.post_files(direct, &ana, "", slice::from_ref(&file)).await?;
    let mut work = world.store.begin().await?;
    work.order_file_removal(file.id, NOW).await?;
    work.commit().await?;
    assert_eq!(world.store.file_removals(10).await?, [file.id]);
    assert_eq!(world.store.file(file.id).await?, None);
    assert_eq!(world.own(&ana, FileOrder::Newest, 10).await?, ["b.pdf"]);
    assert_eq!(world.store.files_of(ana.id, None, 10).await?, slice::from_ref(&other));
    let mut work = world.store.begin().await?;
    assert_eq!(work.lock_files(&[file.id, other.id]).await?, slice::from_ref(&other));
    work.free_removed_file(file.id).await?;
    work.free_removed_file(other.id).await?;
    work.commit().await?;
    let mut places = vec![(group, first.seq), (direct, second.seq)];
    places.sort_unstable();
    assert_eq!(world.store.messages_with_file(file.id, 10).await?, places, "messages have it still");
    assert_eq!(world.store.messages_with_file(file.id, 1).await?, places[..1]);

    let mut work = world.store.begin().await?;
    work.detach_files(group, &[(first.seq, file.id), (first.seq + 9, file.id)], NOW).await?;
    work.detach_files(direct, &[(second.seq, file.id)], NOW).await?;
    work.commit().await?;
    let left = world.store.messages_at(group, &[first.seq]).await?;
    assert_eq!(left[0].message().map(|message| &*message.files), Some(slice::from_ref(&other)));
    let left = world.store.messages_at(direct, &[second.seq]).await?;
    assert_eq!(left[0].message().map(|message| message.files.len()), Some(0));
    let mut work = world.store.begin().await?;
    work.free_removed_file(file.id).await?;
    work.commit().await?;
    assert_eq!(world.store.file_removals(10).await?, []);
    assert_eq!(world.store.freed_objects(None, 10).await?.len(), 3, "the picture and its small versions");
    assert_eq!(world.store.file(other.id).await?, Some(other));
    Ok(())
}

pub(crate) async fn storage_is_told_in_all_and_by_user_and_group(world: World) -> Outcome {
    let (ana, ben, cleo) = (world.user("ana").await?, world.user("ben").await?, world.user("cleo").await?);
    let people = [(&ana, MemberRole::Member), (&ben, MemberRole::Member)];
    let (tea, garden) = (world.group("Tea", &people).await?, world.group("Garden", &people).await?);
    let direct = world.direct(&ana, &ben).await?;
    let large = world.uploaded_with(&ana, "large", 100).await?;
    let small = world.uploaded_with(&ben, "small", 10).await?;
    let picture = world.uploaded(&cleo, "p.png", "image/png").await?;
    // The same bytes once more.
    let again = File { blob: large.blob.clone(), ..world.file(&ben, "again", "application/pdf")? };
    let mut work = world.store.begin().await?;
    work.insert_file(&again).await?;
    work.commit().await?;
    for _ in 0..2 {
        world.post_files(tea, &ana, "", slice::from_ref(&large)).await?;
    }
    world.post_files(garden, &ben, "", &[small.clone(), again.clone()]).await?;
    world.post_files(direct, &ben, "", slice::from_ref(&again)).await?;
    assert_eq!(
        world.store.file_figures().await?,
        FileFigures {
            files: 4,
            bytes: 210 + picture.blob.bytes,
            kept_bytes: 110 + picture.blob.bytes + 9 + 99,
            unused_files: 1,
            unused_bytes: picture.blob.bytes,
        }
    );
    let one = PageSize::new(1).ok_or("no size")?;
    let (mut users, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.storage_by_user(after.as_deref(), one).await?;
        users.extend(page.items.into_iter().map(|one| (one.user, one.files, one.bytes)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(users, [(cleo.id, 1, picture.blob.bytes), (ben.id, 2, 110), (ana.id, 1, 100)]);
    let (mut groups, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.storage_by_group(after.as_deref(), one).await?;
        groups.extend(page.items.into_iter().map(|one| (one.name.to_string(), one.files, one.bytes)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(groups, [("Garden".to_owned(), 2, 110), ("Tea".to_owned(), 1, 100)]);
    Ok(())
}
