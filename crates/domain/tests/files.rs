//! Files on a real store and in a real folder: what is used stays, and what is not used goes.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use common::{Chat, post};
use parlor_domain::{
    Actor, Administrator, ClientId, ConversationId, Denied, FileError, FileId, FileName, Files, FilesPolicy,
    GroupDescription, GroupId, GroupName, Housekeeping, IdSource, MessageBody, MessageId, Post, PostError,
    PostQueue, Posted, Visibility,
};
use parlor_files::{FileTypes, Folder};
use proptest::prelude::*;
use tempfile::TempDir;

/// Posts one by one, without a queue.
struct Straight<'a>(&'a Chat);

#[async_trait::async_trait]
impl PostQueue for Straight<'_> {
    async fn post(&self, post: Post) -> Result<Posted, PostError> {
        self.0.messaging.post_all(vec![post]).await.pop().unwrap()
    }
}

struct World {
    chat: Chat,
    folder: TempDir,
    files: Arc<Files>,
    housekeeping: Housekeeping,
    people: [Actor; 2],
    group: GroupId,
    conversations: [ConversationId; 2],
}

impl World {
    async fn start() -> Self {
        let (chat, folder) = (Chat::new().await, tempfile::tempdir().unwrap());
        let people = [chat.person("ana").await, chat.person("ben").await];
        let (name, about) = (GroupName::parse("Garden").unwrap(), GroupDescription::parse("").unwrap());
        let others = [people[1].user];
        let group =
            chat.groups.create(&people[0], name, about, Visibility::Private, &others).await.unwrap().id;
        let direct = chat.conversations.open_direct(&people[0], people[1].user).await.unwrap();
        let policy = FilesPolicy { max_bytes: 1_000, quota_bytes: 1_000_000, min_free_bytes: 0 };
        let store = Arc::new(Folder::open(folder.path(), FileTypes::default()).unwrap());
        let files = Files::new(chat.store.clone(), store, chat.clock.clone(), chat.ids.clone(), policy);
        let files = Arc::new(files);
        let housekeeping = chat.housekeeping();
        let conversations = [group.into(), direct.0.conversation.id];
        Self { chat, folder, files, housekeeping, people, group, conversations }
    }

    async fn upload(&self, who: &Actor, content: &[u8]) -> Result<FileId, FileError> {
        let name = FileName::parse("words.txt").unwrap();
        let mut upload = self.files.begin(who, name, None, None).await?;
        upload.write(content).await?;
        Ok(upload.finish().await?.id)
    }

    /// All bytes of a file, as this person gets them.
    async fn read(&self, who: &Actor, id: FileId) -> Result<Vec<u8>, FileError> {
        let file = self.files.file(who, id).await?;
        let mut bytes = self.files.read(&file, 0..file.blob.bytes).await?;
        let mut all = Vec::new();
        while let Some(part) = bytes.next().await? {
            all.extend(part);
        }
        Ok(all)
    }

    async fn say(
        &self,
        who: &Actor,
        place: ConversationId,
        files: Vec<FileId>,
    ) -> Result<MessageId, PostError> {
        let client_id = ClientId::from_uuid(self.chat.ids.next_id());
        let body = MessageBody::parse_caption("").unwrap();
        let post = Post { body, files, ..post(who, place, client_id, "x") };
        Straight(&self.chat).post(post).await.map(|posted| posted.message)
    }

    /// Answers a message: that shows its files, and keeps none of them.
    async fn quote(&self, who: &Actor, place: ConversationId, message: MessageId) {
        let client_id = ClientId::from_uuid(self.chat.ids.next_id());
        let quote = Post { reply_to: Some(message), ..post(who, place, client_id, "indeed") };
        Straight(&self.chat).post(quote).await.unwrap();
    }

    async fn free(&self) {
        while self.housekeeping.erase().await.unwrap() {}
        while self.files.free().await.unwrap() {}
        loop {
            let freed = self.files.freed(None).await.unwrap();
            if freed.is_empty() {
                break;
            }
            assert!(self.files.delete_freed(&freed).await.unwrap().is_none());
        }
    }

    fn kept(&self) -> usize {
        count_below(self.folder.path())
    }
}

fn count_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_lock = |path: &Path| path.file_name().is_some_and(|name| name == "lock");
    entries.map(|path| if path.is_dir() { count_below(&path) } else { usize::from(!is_lock(&path)) }).sum()
}

fn is_gone<T>(found: &Result<T, FileError>) -> bool {
    matches!(found, Err(FileError::Denied(Denied::NotFound)))
}

/// One thing that somebody does.
#[derive(Debug, Clone)]
enum Step {
    Upload { who: usize, content: u8 },
    Post { place: usize, files: Vec<usize> },
    Forward { message: usize, place: usize },
    Quote { message: usize, who: usize },
    Delete { message: usize },
    Remove { file: usize, unsent: bool },
    Clear,
    Erase { who: usize },
    Pass { hours: u64 },
    Free,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..2_usize, 0..4_u8).prop_map(|(who, content)| Step::Upload { who, content }),
        4 => (0..2_usize, prop::collection::vec(0..100_usize, 1..3))
            .prop_map(|(place, files)| Step::Post { place, files }),
        2 => (0..100_usize, 0..2_usize).prop_map(|(message, place)| Step::Forward { message, place }),
        2 => (0..100_usize, 0..2_usize).prop_map(|(message, who)| Step::Quote { message, who }),
        2 => (0..100_usize).prop_map(|message| Step::Delete { message }),
        2 => (0..100_usize, any::<bool>()).prop_map(|(file, unsent)| Step::Remove { file, unsent }),
        1 => Just(Step::Clear),
        1 => (0..2_usize).prop_map(|who| Step::Erase { who }),
        2 => (1..20_u64).prop_map(|hours| Step::Pass { hours }),
        3 => Just(Step::Free),
    ];
    prop::collection::vec(step, 1..30)
}

/// What is known of a file that somebody uploaded.
struct Known {
    owner: usize,
    content: u8,
    unused_since: Option<u64>,
}

/// What there has to be.
#[derive(Default)]
struct Model {
    hour: u64,
    files: BTreeMap<FileId, Known>,
    /// Where each message stands, whose it is, and which files it has.
    messages: BTreeMap<MessageId, (usize, usize, Vec<FileId>)>,
}

impl Model {
    fn pick<T: Copy>(all: impl ExactSizeIterator<Item = T>, number: usize) -> Option<T> {
        let count = all.len();
        all.into_iter().nth(number.checked_rem(count)?)
    }

    /// Notes since when files are not used that some messages had.
    fn release(&mut self) {
        let used: BTreeSet<FileId> = self.messages.values().flat_map(|(.., files)| files.clone()).collect();
        for (id, known) in &mut self.files {
            known.unused_since =
                if used.contains(id) { None } else { known.unused_since.or(Some(self.hour)) };
        }
    }

    fn free(&mut self) {
        let hour = self.hour;
        self.files.retain(|_, known| known.unused_since.is_none_or(|since| hour - since < 24));
    }
}

async fn run(steps: Vec<Step>) {
    let (world, mut model) = (World::start().await, Model::default());
    let mut all: BTreeMap<FileId, usize> = BTreeMap::new();
    for step in steps {
        match step {
            Step::Upload { who, content } => {
                let id = world.upload(&world.people[who], &[b'a' + content; 50]).await.unwrap();
                all.insert(id, who);
                model.files.insert(id, Known { owner: who, content, unused_since: Some(model.hour) });
            }
            Step::Post { place, files } => {
                let Some(first) = Model::pick(model.files.keys(), files[0]).copied() else { continue };
                let owner = model.files[&first].owner;
                let own = || model.files.iter().filter(|(_, known)| known.owner == owner).map(|(id, _)| *id);
                let own: Vec<FileId> = own().collect();
                let files: BTreeSet<_> = files.iter().filter_map(|at| Model::pick(own.iter(), *at)).collect();
                let files: Vec<FileId> = files.into_iter().copied().collect();
                let who = &world.people[owner];
                let id = world.say(who, world.conversations[place], files.clone()).await.unwrap();
                model.messages.insert(id, (place, owner, files));
                model.release();
            }
            Step::Forward { message, place } => {
                let Some((id, (_, _, files))) = Model::pick(model.messages.iter(), message) else { continue };
                let (id, files) = (*id, files.clone());
                let client_id = ClientId::from_uuid(world.chat.ids.next_id());
                let (posts, to) = (Straight(&world.chat), world.conversations[place]);
                let posted =
                    world.chat.messaging.forward(&world.people[1], id, to, client_id, &posts).await.unwrap();
                model.messages.insert(posted.message, (place, 1, files));
            }
            Step::Quote { message, who } => {
                let Some((id, (place, ..))) = Model::pick(model.messages.iter(), message) else { continue };
                world.quote(&world.people[who], world.conversations[*place], *id).await;
            }
            Step::Delete { message } => {
                let Some((id, (_, author, _))) = Model::pick(model.messages.iter(), message) else {
                    continue;
                };
                let (id, author) = (*id, *author);
                world.chat.messaging.delete(&world.people[author], id).await.unwrap();
                model.messages.remove(&id);
                model.release();
            }
            Step::Remove { file, unsent } => {
                let Some((id, owner)) =
                    Model::pick(model.files.iter(), file).map(|(id, one)| (*id, one.owner))
                else {
                    continue;
                };
                assert!(is_gone(&world.files.remove(&world.people[1 - owner], id, false).await));
                let is_used = model.messages.values().any(|(.., files)| files.contains(&id));
                if unsent && is_used {
                    let kept = world.files.remove(&world.people[owner], id, true).await;
                    assert!(matches!(kept, Err(FileError::Sent)));
                    continue;
                }
                world.files.remove(&world.people[owner], id, unsent).await.unwrap();
                model.files.remove(&id);
                // None of these messages has a text, so that those without a file are deleted.
                model.messages.values_mut().for_each(|(.., files)| files.retain(|one| *one != id));
                model.messages.retain(|_, (.., files)| !files.is_empty());
            }
            Step::Clear => {
                world.chat.groups.clear(&world.people[0], None, world.group).await.unwrap();
                while world.housekeeping.erase().await.unwrap() {}
                model.messages.retain(|_, (place, ..)| *place != 0);
                model.release();
            }
            Step::Erase { who } => {
                let user = world.people[who].user;
                world.chat.administration.erase_messages(&Administrator::Operator, user).await.unwrap();
                while world.housekeeping.erase().await.unwrap() {}
                model.messages.retain(|_, (_, author, _)| *author != who);
                model.release();
            }
            Step::Pass { hours } => {
                world.chat.clock.pass(Duration::from_hours(hours));
                model.hour += hours;
            }
            Step::Free => {
                world.free().await;
                model.free();
            }
        }
        for (id, known) in &model.files {
            let bytes = world.read(&world.people[known.owner], *id).await.unwrap();
            assert_eq!(bytes, [b'a' + known.content; 50]);
        }
    }
    world.free().await;
    model.free();
    for (id, owner) in all {
        let found = world.read(&world.people[owner], id).await;
        assert_eq!(found.is_ok(), model.files.contains_key(&id), "{found:?}");
        assert!(found.is_ok() || is_gone(&found));
    }
    let contents: BTreeSet<u8> = model.files.values().map(|known| known.content).collect();
    assert_eq!(world.kept(), contents.len(), "the same bytes are kept once, and none that nobody has");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn t29_what_is_used_can_be_read_and_what_is_not_used_goes_after_a_day(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}

#[tokio::test]
async fn a_file_of_another_person_is_not_found() {
    let world = World::start().await;
    let [ana, ben] = &world.people;
    let id = world.upload(ana, b"words").await.unwrap();
    assert!(is_gone(&world.read(ben, id).await));
    assert!(matches!(world.say(ben, world.conversations[0], vec![id]).await, Err(PostError::NoSuchFile)));
    world.say(ana, world.conversations[0], vec![id]).await.unwrap();
    assert_eq!(world.read(ben, id).await.unwrap(), b"words");
    let eve = world.chat.person("eve").await;
    assert!(is_gone(&world.read(&eve, id).await));
}

#[tokio::test]
async fn what_is_dropped_on_its_way_in_leaves_nothing() {
    let world = World::start().await;
    let name = FileName::parse("words.txt").unwrap();
    let mut upload = world.files.begin(&world.people[0], name.clone(), None, Some(10)).await.unwrap();
    upload.write(b"word").await.unwrap();
    assert!(matches!(upload.finish().await, Err(FileError::Incomplete)));
    let mut upload = world.files.begin(&world.people[0], name, None, None).await.unwrap();
    upload.write(b"word").await.unwrap();
    assert!(matches!(upload.write(&[b'x'; 1_000]).await, Err(FileError::TooLarge(1_000))));
    drop(upload);
    assert_eq!((world.kept(), world.chat.store.file_usage(world.people[0].user).await.unwrap()), (0, 0));
}

#[tokio::test]
async fn a_message_that_was_refused_keeps_no_file() {
    let world = World::start().await;
    let id = world.upload(&world.people[0], b"words").await.unwrap();
    let gone = FileId::from_uuid(world.chat.ids.next_id());
    assert!(world.say(&world.people[0], world.conversations[0], vec![id, gone]).await.is_err());
    world.chat.clock.pass(Duration::from_hours(25));
    world.free().await;
    assert!(is_gone(&world.read(&world.people[0], id).await));
    assert_eq!(world.kept(), 0);
}
