//! Messages and files that are older than they are to be kept.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Chat, post};
use parlor_domain::{
    Actor, AdminError, Administrator, AppliedRetention, AuditAction, AuditFilter, AuditTarget, BanReason,
    ClientId, ConversationError, ConversationId, Denied, Entry, EntryKind, FileId, FileName, Files,
    FilesPolicy, GroupDescription, GroupName, IdSource, MessageBody, PageSize, Post, Retention,
    RetentionDays, RetentionKeeper, RetentionScope, Retentions, ThreadAnswer, Visibility,
};
use parlor_files::{FileTypes, Folder};

const DAY: Duration = Duration::from_hours(24);

/// Two people in a group that one of them owns.
struct World {
    chat: Chat,
    ana: Actor,
    ben: Actor,
    group: ConversationId,
}

fn setting(days: u64, what: RetentionScope) -> Retention {
    Retention { days: RetentionDays::new(days).unwrap(), what }
}

fn messages(days: u64) -> Retention {
    setting(days, RetentionScope::MessagesAndFiles)
}

impl World {
    async fn start() -> Self {
        let chat = Chat::new().await;
        let (ana, ben) = (chat.person("ana").await, chat.person("ben").await);
        let (name, about) = (GroupName::parse("Garden").unwrap(), GroupDescription::parse("").unwrap());
        let group = chat.groups.create(&ana, name, about, Visibility::Private, &[ben.user]).await.unwrap();
        Self { chat, ana, ben, group: group.id.into() }
    }

    fn retentions(&self) -> Retentions {
        let Chat { store, clock, ids, .. } = &self.chat;
        Retentions::new(store.clone(), clock.clone(), ids.clone(), None)
    }

    fn keeper(&self, server: Option<Retention>) -> RetentionKeeper {
        RetentionKeeper::new(self.chat.store.clone(), self.chat.clock.clone(), server)
    }

    async fn set(&self, own: Option<Retention>) {
        self.retentions().set(&self.ana, None, self.group, own).await.unwrap();
    }

    async fn say(&self, text: &str) -> Arc<Entry> {
        self.chat.post(&self.ben, self.group, text).await.unwrap().entry
    }

    /// Lets everything go that is too old; how many units of work that took.
    async fn keep(&self, server: Option<Retention>) -> usize {
        let (keeper, mut units) = (self.keeper(server), 0);
        loop {
            let due = keeper.due().await.unwrap();
            if due.is_empty() {
                return units;
            }
            for progress in due {
                keeper.keep(&progress).await.unwrap();
                units += 1;
                assert!(units < 1_000, "it never ends");
            }
        }
    }

    async fn whole_log(&self) -> Vec<Entry> {
        self.chat.store.entries(self.group, 0, 10_000).await.unwrap()
    }

    /// What can still be read in the group.
    async fn readable(&self) -> Vec<String> {
        let log = self.whole_log().await;
        let texts = log.iter().filter_map(Entry::message).map(|message| message.body.to_string());
        texts.filter(|text| !text.is_empty()).collect()
    }
}

#[tokio::test]
async fn messages_go_when_their_days_are_over_and_not_before() {
    let world = World::start().await;
    world.say("old").await;
    world.chat.clock.pass(DAY);
    world.say("young").await;
    world.set(Some(messages(30))).await;
    world.chat.clock.pass((29 * DAY).saturating_sub(Duration::from_millis(1)));
    world.keep(None).await;
    assert_eq!(world.readable().await, ["old", "young"]);
    world.chat.clock.pass(Duration::from_millis(1));
    world.chat.published.take();
    world.keep(None).await;
    assert_eq!(world.readable().await, ["young"]);
    let told = world.chat.published.take_entries();
    assert!(
        matches!(told.as_slice(), [one] if one.actor.is_none() && matches!(one.kind, EntryKind::Deletion(_)))
    );
    world.chat.clock.pass(DAY);
    world.keep(None).await;
    assert_eq!(world.readable().await, Vec::<String>::new());
    assert_eq!(world.keep(None).await, 0, "there is nothing to look at again");
    // Who came in, and what was set, is still there.
    let log = world.whole_log().await;
    assert!(log.iter().map(|entry| entry.seq).eq(1..=log.len() as u64), "the log has gaps");
    assert_eq!(log.iter().filter(|entry| matches!(entry.kind, EntryKind::Join(_))).count(), 2);
    assert!(log.iter().any(|entry| entry.kind == EntryKind::Retention(Some(messages(30)))));
}

#[tokio::test]
async fn what_was_changed_pinned_or_answered_goes_by_when_it_was_posted() {
    let world = World::start().await;
    let posted = world.chat.post(&world.ben, world.group, "first").await.unwrap();
    let client_id = ClientId::from_uuid(world.chat.ids.next_id());
    let thread = Some(ThreadAnswer { root: posted.message, broadcast: false });
    let answer = Post { thread, ..post(&world.ana, world.group, client_id, "answer") };
    world.chat.messaging.post_all(vec![answer]).await.pop().unwrap().unwrap();
    world.set(Some(messages(7))).await;
    world.chat.clock.pass(6 * DAY);
    let body = MessageBody::parse("second").unwrap();
    world.chat.messaging.edit(&world.ben, posted.message, body).await.unwrap();
    world.chat.messaging.pin(&world.ana, posted.message, true).await.unwrap();
    world.chat.clock.pass(DAY);
    world.keep(None).await;
    assert_eq!(world.readable().await, Vec::<String>::new());
    let (page, messaging) = (PageSize::default(), &world.chat.messaging);
    assert_eq!(messaging.pinned(&world.ana, world.group, None, page).await.unwrap().items, []);
}

#[tokio::test]
async fn a_long_history_goes_in_small_units_of_work_that_go_on_after_a_restart() {
    let world = World::start().await;
    for number in 0..120 {
        world.say(&format!("flower {number}")).await;
    }
    world.chat.clock.pass(2 * DAY);
    world.say("young").await;
    world.set(Some(messages(1))).await;
    world.chat.published.take();
    let (mut due, mut gone) = (world.keeper(None).due().await.unwrap(), 0);
    while let [progress] = due.as_slice() {
        // Each time another run of the server.
        world.keeper(None).keep(progress).await.unwrap();
        let told = world.chat.published.take_entries().len();
        assert!(told <= 25, "{told} at once");
        gone += told;
        assert_eq!(world.readable().await.len(), 121 - gone);
        // One that comes too late does nothing.
        world.keeper(None).keep(progress).await.unwrap();
        assert_eq!(world.chat.published.take_entries().len(), 0);
        due = world.keeper(None).due().await.unwrap();
    }
    assert_eq!((gone, world.readable().await), (120, vec!["young".to_owned()]));
}

#[tokio::test]
async fn fewer_days_count_from_now_on_and_more_days_keep_what_is_left() {
    let world = World::start().await;
    for day in 0..4 {
        world.say(&format!("day {day}")).await;
        world.chat.clock.pass(DAY);
    }
    world.set(Some(messages(4))).await;
    world.keep(None).await;
    assert_eq!(world.readable().await, ["day 1", "day 2", "day 3"]);
    world.set(Some(messages(2))).await;
    world.keep(None).await;
    assert_eq!(world.readable().await, ["day 3"]);
    world.set(Some(messages(365))).await;
    world.chat.clock.pass(300 * DAY);
    world.keep(None).await;
    assert_eq!(world.readable().await, ["day 3"]);
    world.set(None).await;
    world.chat.clock.pass(300 * DAY);
    assert_eq!((world.keep(None).await, world.readable().await), (0, vec!["day 3".to_owned()]));
}

#[tokio::test]
async fn the_servers_setting_counts_everywhere_and_nobody_gets_around_it() {
    let world = World::start().await;
    let notes = world.chat.conversations.open_direct(&world.ana, world.ana.user).await.unwrap().0;
    let notes = notes.conversation.id;
    world.chat.post(&world.ana, notes, "note").await.unwrap();
    world.say("said").await;
    world.set(Some(messages(365))).await;
    world.keep(Some(messages(30))).await;
    world.chat.clock.pass(30 * DAY);
    world.keep(Some(messages(30))).await;
    assert_eq!(world.readable().await, Vec::<String>::new());
    let log = world.chat.store.entries(notes, 0, 10).await.unwrap();
    assert_eq!(log[0].message().unwrap().body.as_str(), "");
    // Nothing but a short look is left, wherever nothing happens.
    assert_eq!(world.keep(Some(messages(30))).await, 0);

    // A message of today is looked at in due time.
    world.say("later").await;
    assert_eq!(world.keep(Some(messages(30))).await, 0);
    assert_eq!(world.readable().await, ["later"]);
    // On a server that keeps for a shorter time since it was started again, it goes sooner.
    world.chat.clock.pass(7 * DAY);
    world.keep(Some(messages(7))).await;
    assert_eq!(world.readable().await, Vec::<String>::new());
}

#[tokio::test]
async fn files_go_alone_and_what_was_said_with_them_stays() {
    let world = World::start().await;
    let folder = tempfile::tempdir().unwrap();
    let files = Arc::new(Files::new(
        world.chat.store.clone(),
        Arc::new(Folder::open(folder.path(), FileTypes::default()).unwrap()),
        world.chat.clock.clone(),
        world.chat.ids.clone(),
        FilesPolicy { max_bytes: 1_000, quota_bytes: 1_000_000, min_free_bytes: 0 },
    ));
    let upload = async || {
        let name = FileName::parse("words.txt").unwrap();
        let mut upload = files.begin(&world.ben, name, None, None).await.unwrap();
        upload.write(b"words").await.unwrap();
        upload.finish().await.unwrap().id
    };
    let send = async |text: &str, files: Vec<FileId>| {
        let client_id = ClientId::from_uuid(world.chat.ids.next_id());
        let body = MessageBody::parse_caption(text).unwrap();
        let post = Post { body, files, ..post(&world.ben, world.group, client_id, "x") };
        world.chat.messaging.post_all(vec![post]).await.pop().unwrap().unwrap();
    };
    for text in ["look", ""] {
        send(text, vec![upload().await]).await;
    }
    world.chat.clock.pass(7 * DAY);
    let young = upload().await;
    send("young", vec![young]).await;
    world.set(Some(setting(7, RetentionScope::Files))).await;
    world.chat.published.take();
    world.keep(None).await;
    let log = world.whole_log().await;
    let left = log.iter().filter_map(Entry::message);
    let left = left.map(|message| {
        let is_there = message.changes.deleted_at.is_none();
        (message.body.as_str(), message.files.len(), is_there)
    });
    assert_eq!(left.collect::<Vec<_>>(), [("look", 0, true), ("", 0, false), ("young", 1, true)]);
    let told = world.chat.published.take_entries();
    let kinds = told.iter().map(|entry| match entry.kind {
        EntryKind::FileRemoval(_) => "without its file",
        EntryKind::Deletion(_) => "gone",
        _ => "something else",
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["gone", "without its file"]);

    // Their bytes are let go of like those of any file that nothing uses.
    world.chat.clock.pass(2 * DAY);
    while files.free().await.unwrap() {}
    let kept = world.chat.store.files_of(world.ben.user, None, 10).await.unwrap();
    assert_eq!(kept.iter().map(|file| file.id).collect::<Vec<_>>(), [young]);
}

#[tokio::test]
async fn setting_it_is_told_in_the_log_and_written_down_of_groups_and_the_same_again_is_nothing() {
    let world = World::start().await;
    let (root, retentions) = (Administrator::Operator, world.retentions());
    world.set(Some(messages(30))).await;
    world.set(Some(messages(30))).await;
    world.set(Some(setting(30, RetentionScope::Files))).await;
    world.set(None).await;
    let log = world.whole_log().await;
    let told: Vec<_> = log
        .iter()
        .filter_map(|entry| match entry.kind {
            EntryKind::Retention(own) => Some((entry.actor, own)),
            _ => None,
        })
        .collect();
    let settings = [Some(messages(30)), Some(setting(30, RetentionScope::Files)), None];
    assert_eq!(told, settings.map(|own| (Some(world.ana.user), own)));

    let noted = async || -> Result<_, AdminError> {
        let filter = AuditFilter { action: Some(AuditAction::RetentionSet), ..AuditFilter::default() };
        Ok(world.chat.administration.audit(&root, &filter, None, PageSize::default()).await?.items)
    };
    let audit = noted().await.unwrap();
    assert_eq!(audit.len(), 3);
    assert_eq!(audit[0].target, Some(AuditTarget::Group(world.group.into())));
    let changed: Vec<Vec<&str>> = audit
        .iter()
        .map(|entry| entry.changes.iter().map(|change| change.field.as_str()).collect())
        .collect();
    assert_eq!(changed, [vec!["days", "what"], vec!["what"], vec!["days", "what"]]);

    // Who talks with whom is not the admins' business.
    let direct = world.chat.conversations.open_direct(&world.ana, world.ben.user).await.unwrap().0;
    let applied = retentions.set(&world.ben, None, direct.conversation.id, Some(messages(5))).await.unwrap();
    assert_eq!(applied, AppliedRetention::of(None, Some(messages(5))));
    assert_eq!(noted().await.unwrap().len(), 3);
    let refused = retentions.set(&world.ben, None, world.group, Some(messages(5))).await;
    assert!(matches!(refused, Err(ConversationError::Denied(Denied::Forbidden))), "{refused:?}");
}

#[tokio::test]
async fn a_conversation_is_shown_with_what_follows_from_both_settings() {
    let world = World::start().await;
    world.set(Some(setting(60, RetentionScope::Files))).await;
    let Chat { store, clock, ids, cursors, .. } = &world.chat;
    let conversations =
        parlor_domain::Conversations::new(store.clone(), clock.clone(), ids.clone(), cursors.clone())
            .with_retention(Some(messages(90)));
    let expected = AppliedRetention::of(Some(messages(90)), Some(setting(60, RetentionScope::Files)));
    assert_eq!(conversations.one(&world.ben, world.group).await.unwrap().retention, expected);
    let all = conversations.all(&world.ben).await.unwrap();
    let page = conversations.list(&world.ben, None, PageSize::default()).await.unwrap().items;
    for views in [all, page] {
        let found = views.iter().find(|view| view.conversation.id == world.group).unwrap();
        assert_eq!(found.retention, expected);
    }
}

#[tokio::test]
async fn nothing_goes_in_a_group_that_was_frozen_since_it_was_looked_up() {
    let world = World::start().await;
    world.say("old").await;
    world.set(Some(messages(1))).await;
    world.chat.clock.pass(2 * DAY);
    let keeper = world.keeper(None);
    let due = keeper.due().await.unwrap();
    let (root, reason) = (Administrator::Operator, BanReason::parse("spam").unwrap());
    world.chat.administration.freeze(&root, world.group.into(), reason).await.unwrap();
    assert_eq!(due.len(), 1);
    keeper.keep(&due[0]).await.unwrap();
    assert_eq!(world.readable().await, ["old"]);
    world.chat.administration.unfreeze(&root, world.group.into()).await.unwrap();
    keeper.keep(&due[0]).await.unwrap();
    assert_eq!(world.readable().await, Vec::<String>::new());
}
