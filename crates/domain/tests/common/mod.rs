//! A chat in memory, with a clock that stands still until it is moved.

#![allow(dead_code, clippy::allow_attributes, reason = "each test file uses its part of the fixture")]

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{
    Accounts, AccountsPolicy, Actor, Administration, ChangePolicy, ClientId, Clock, ConversationId,
    Conversations, CursorMove, CursorQueue, Entry, Event, EventPublisher, Groups, GroupsPolicy, Housekeeping,
    IdSource, MessageBody, Messaging, Notifications, PageSize, PasswordHasher, Post, PostError, Posted,
    Receipts, Registration, RegistrationPolicy, SessionKind, SessionPolicy, Span, Store, Timestamp, UserId,
};
use parlor_security::{Argon2Hasher, HashingCost, SigningKey, Tokens};
use parlor_storage_sqlite::SqliteStore;
use uuid::Uuid;

/// A clock that is moved by hand.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Ids in order, so that a failure is the same every time.
#[derive(Default)]
pub struct Counting(AtomicU64);

impl IdSource for Counting {
    fn next_id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::SeqCst)) + 1)
    }
}

/// Keeps what was published.
#[derive(Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl EventPublisher for Recorder {
    fn publish(&self, events: Vec<Event>) {
        self.0.lock().unwrap().extend(events);
    }
}

impl Recorder {
    /// What was published since the last call.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// The entries among it.
    pub fn take_entries(&self) -> Vec<Arc<Entry>> {
        let entries = self.take().into_iter().filter_map(|event| match event {
            Event::EntryAppended(entry) => Some(entry),
            _ => None,
        });
        entries.collect()
    }
}

/// Writes each move when it is settled.
pub struct Straight {
    receipts: Arc<Receipts>,
    waiting: Mutex<Vec<CursorMove>>,
}

#[async_trait]
impl CursorQueue for Straight {
    fn push(&self, step: CursorMove) {
        self.waiting.lock().unwrap().push(step);
    }

    async fn settle(&self, _: UserId) {
        let moves = std::mem::take(&mut *self.waiting.lock().unwrap());
        if !moves.is_empty() {
            self.receipts.move_all(&moves).await.unwrap();
        }
    }
}

/// A chat in memory.
pub struct Chat {
    pub store: Arc<dyn Store>,
    pub clock: Arc<TestClock>,
    pub ids: Arc<Counting>,
    pub published: Arc<Recorder>,
    pub accounts: Arc<Accounts>,
    pub administration: Administration,
    pub conversations: Conversations,
    pub groups: Groups,
    pub messaging: Messaging,
    pub notifications: Notifications,
    pub receipts: Arc<Receipts>,
    pub cursors: Arc<Straight>,
}

/// How long sessions live in these tests.
pub const SESSIONS: SessionPolicy = SessionPolicy {
    idle: Duration::from_mins(30),
    remember: Duration::from_hours(30 * 24),
    absolute: Duration::from_hours(90 * 24),
};

pub const POLICY: AccountsPolicy = AccountsPolicy {
    server_name: String::new(),
    registration: RegistrationPolicy::Open,
    password_min_characters: 10,
    sessions: SESSIONS,
    sends_mail: false,
};

/// Members that a group of these tests may have.
pub const MAX_MEMBERS: u64 = 4;

/// Notifications that are kept of each person in these tests.
pub const NOTIFICATIONS_KEPT: u32 = 5;

pub fn cheap_hasher() -> Arc<dyn PasswordHasher> {
    Arc::new(Argon2Hasher::new(HashingCost { memory_kib: 64, iterations: 1, parallelism: 1 }).unwrap())
}

impl Chat {
    pub async fn new() -> Self {
        Self::with(POLICY, cheap_hasher()).await
    }

    pub async fn with(policy: AccountsPolicy, hasher: Arc<dyn PasswordHasher>) -> Self {
        let published = Arc::new(Recorder::default());
        let store = SqliteStore::in_memory(published.clone()).await.unwrap().shared();
        let clock = Arc::new(TestClock(AtomicI64::new(1_800_000_000_000)));
        let ids = Arc::new(Counting::default());
        let tokens = Arc::new(Tokens::new(&SigningKey::generate(), "test", Duration::from_mins(5)));
        let receipts = Arc::new(Receipts::new(store.clone(), clock.clone()));
        let cursors = Arc::new(Straight { receipts: receipts.clone(), waiting: Mutex::default() });
        let accounts = Accounts::new(store.clone(), hasher, tokens, clock.clone(), ids.clone(), policy);
        let accounts = Arc::new(accounts);
        Self {
            administration: Administration::new(
                store.clone(),
                clock.clone(),
                ids.clone(),
                accounts.clone(),
                NOTIFICATIONS_KEPT,
            ),
            accounts,
            conversations: Conversations::new(store.clone(), clock.clone(), ids.clone(), cursors.clone()),
            groups: Groups::new(
                store.clone(),
                clock.clone(),
                ids.clone(),
                GroupsPolicy { max_members: MAX_MEMBERS, notifications_kept: NOTIFICATIONS_KEPT },
            ),
            messaging: Messaging::new(
                store.clone(),
                clock.clone(),
                ids.clone(),
                ChangePolicy { notifications_kept: NOTIFICATIONS_KEPT, ..ChangePolicy::default() },
            ),
            notifications: Notifications::new(store.clone(), clock.clone(), cursors.clone()),
            receipts,
            cursors,
            store,
            clock,
            ids,
            published,
        }
    }

    pub fn housekeeping(&self) -> Housekeeping {
        Housekeeping::new(self.store.clone(), self.clock.clone(), NOTIFICATIONS_KEPT, SESSIONS)
    }

    /// Somebody new.
    pub async fn person(&self, username: &str) -> Actor {
        let user = self.accounts.register(&form(username), &SessionKind::Token.into()).await.unwrap().user;
        Actor { user: user.id, role: user.role }
    }

    /// Posts under a fresh client id.
    pub async fn post(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        body: &str,
    ) -> Result<Posted, PostError> {
        let client_id = ClientId::from_uuid(self.ids.next_id());
        self.messaging.post_all(vec![post(actor, conversation, client_id, body)]).await.pop().unwrap()
    }

    /// The whole log, as this person sees it.
    pub async fn log(&self, actor: &Actor, conversation: ConversationId) -> Vec<Arc<Entry>> {
        self.messaging
            .read(actor, conversation, Span::After(0), PageSize::new(100).unwrap())
            .await
            .unwrap()
            .entries
    }
}

pub fn form(username: &str) -> Registration {
    Registration {
        username: username.into(),
        name: username.into(),
        password: Some(password(username)),
        ..Registration::default()
    }
}

pub fn password(username: &str) -> String {
    format!("the password of {username}")
}

pub fn post(actor: &Actor, conversation: ConversationId, client_id: ClientId, body: &str) -> Post {
    Post {
        actor: *actor,
        conversation,
        client_id,
        body: MessageBody::parse(body).unwrap(),
        files: Vec::new(),
        reply_to: None,
        thread: None,
        forward: None,
    }
}
