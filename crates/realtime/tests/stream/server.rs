use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{
    Accounts, AccountsPolicy, Actor, Authenticated, ChangePolicy, Clock, ConversationId, Conversations,
    Credentials, Event, EventPublisher, Grant, Group, GroupDescription, GroupName, Groups, GroupsPolicy,
    HashError, IdSource, Messaging, Notifications, Password, PasswordHash, PasswordHasher, PostQueue,
    Receipts, Registration, RegistrationPolicy, SessionId, SessionKind, SessionPolicy, SignIn, Store,
    Timestamp, Tokens as TokenPair, User, Verdict, Visibility,
};
use parlor_domain::{ClientId, MessageBody, Node, NodeId, Post, Posted};
use parlor_limits::{Figures, Limits};
use parlor_realtime::{Cursors, Inlet, Opening, Posts, Realtime, Services, Settings};
use parlor_security::{SigningKey, Tokens};
use parlor_storage_sqlite::SqliteStore;
use tokio::time::Instant;
use uuid::Uuid;

use crate::Client;

pub const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub const PASSWORD: &str = "correct horse battery";

struct TestClock(Instant);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000).plus(self.0.elapsed())
    }
}

/// Ids that follow each other, until they are made to panic.
#[derive(Default)]
struct Ids {
    next: AtomicU64,
    mined: AtomicBool,
}

impl IdSource for Ids {
    fn next_id(&self) -> Uuid {
        assert!(!self.mined.load(Ordering::Relaxed), "the ids were made to panic");
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(number))
    }
}

/// Hashing is not what these tests are about.
struct PlainHasher;

#[async_trait]
impl PasswordHasher for PlainHasher {
    async fn hash(&self, _: &Password) -> Result<PasswordHash, HashError> {
        Ok(PasswordHash::from_phc("$plain".into()))
    }

    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<Verdict, HashError> {
        let right = hash.is_some() && Password::presented(PASSWORD).is_ok_and(|known| known == *password);
        Ok(if right { Verdict::Match } else { Verdict::Mismatch })
    }
}

/// A publisher that can be made deaf: then the stream hears nothing of what is committed.
struct Bus {
    inlet: Arc<Inlet>,
    deaf: AtomicBool,
}

impl EventPublisher for Bus {
    fn publish(&self, events: Vec<Event>) {
        if !self.deaf.load(Ordering::Relaxed) {
            self.inlet.publish(events);
        }
    }
}

/// A server without HTTP.
pub struct Server {
    pub realtime: Arc<Realtime>,
    pub accounts: Arc<Accounts>,
    pub groups: Groups,
    pub conversations: Arc<Conversations>,
    pub store: Arc<dyn Store>,
    pub posts: Arc<Posts>,
    pub cursors: Arc<Cursors>,
    bus: Arc<Bus>,
    ids: Arc<Ids>,
    lobby: ConversationId,
}

/// Somebody with an account, signed in once.
#[derive(Clone)]
pub struct Person {
    pub user: User,
    pub session: SessionId,
    pub access_token: String,
}

impl Person {
    pub fn actor(&self) -> Actor {
        Actor { user: self.user.id, role: self.user.role }
    }

    pub fn authenticated(&self) -> Authenticated {
        Authenticated { actor: self.actor(), session: self.session, grant: Grant::Everything }
    }

    pub fn id(&self) -> String {
        self.user.id.to_string()
    }
}

impl Server {
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let inlet = Inlet::new(&settings);
        let bus = Arc::new(Bus { inlet: Arc::clone(&inlet), deaf: AtomicBool::new(false) });
        let store = SqliteStore::in_memory(Arc::clone(&bus) as _).await.unwrap().shared();
        let clock: Arc<dyn Clock> = Arc::new(TestClock(Instant::now()));
        let ids = Arc::new(Ids::default());
        let receipts = Arc::new(Receipts::new(Arc::clone(&store), Arc::clone(&clock)));
        let cursors = Cursors::start(receipts, &settings);
        let messaging = Arc::new(Messaging::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            ids.clone(),
            ChangePolicy::default(),
        ));
        // Out of the way of tests that are about something else.
        let figures = Figures { message_burst: 10_000, messages_per_second: 10_000, ..Figures::default() };
        let limits = Arc::new(Limits::new(&figures));
        let posts = Posts::start(Arc::clone(&messaging), Arc::clone(&limits), &settings);
        let conversations = Arc::new(Conversations::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            ids.clone(),
            Arc::clone(&cursors) as _,
        ));
        let day = Duration::from_hours(24);
        let policy = AccountsPolicy {
            server_name: String::new(),
            registration: RegistrationPolicy::Open,
            password_min_characters: 10,
            sessions: SessionPolicy { idle: day, remember: day, absolute: day },
            sends_mail: false,
        };
        let tokens =
            Arc::new(Tokens::new(&SigningKey::generate(), "http://localhost", Duration::from_mins(5)));
        let accounts = Arc::new(Accounts::new(
            Arc::clone(&store),
            Arc::new(PlainHasher),
            tokens,
            Arc::clone(&clock),
            ids.clone(),
            policy,
        ));
        let notifications =
            Arc::new(Notifications::new(Arc::clone(&store), Arc::clone(&clock), cursors.clone()));
        let groups = Groups::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            ids.clone(),
            GroupsPolicy { max_members: 100, notifications_kept: 300 },
        );
        let services = Services {
            accounts: Arc::clone(&accounts),
            limits,
            conversations: Arc::clone(&conversations),
            notifications,
            messaging,
            store: Arc::clone(&store),
            posts: Arc::clone(&posts),
            cursors: Arc::clone(&cursors),
            clock,
            node: Node {
                id: NodeId::from_uuid(ids.next_id()),
                name: "test".into(),
                version: "0".into(),
                address: "127.0.0.1:0".into(),
                connections: 0,
                hears: true,
            },
            bus: None,
        };
        let realtime = Realtime::start(inlet, services, settings).await.unwrap();
        let lobby = store.lobby().await.unwrap().unwrap().id.into();
        Self { realtime, accounts, groups, conversations, store, posts, cursors, bus, ids, lobby }
    }

    pub fn lobby(&self) -> ConversationId {
        self.lobby
    }

    /// From now on nothing, or again everything, that is committed is announced.
    pub fn deafen(&self, deaf: bool) {
        self.bus.deaf.store(deaf, Ordering::Relaxed);
    }

    /// From now on whoever needs an id panics, as the writer does for each message.
    pub fn panic_at_ids(&self) {
        self.ids.mined.store(true, Ordering::Relaxed);
    }

    /// Events that did not come from the store.
    pub fn publish(&self, events: Vec<Event>) {
        self.bus.inlet.publish(events);
    }

    pub async fn person(&self, username: &str) -> Person {
        let registration = Registration {
            username: username.into(),
            name: username.into(),
            password: Some(PASSWORD.into()),
            ..Registration::default()
        };
        let signed_in = self.accounts.register(&registration, &SessionKind::Token.into()).await.unwrap();
        person(signed_in.user, signed_in.session, signed_in.credentials)
    }

    /// The same person on one more device.
    pub async fn another_device(&self, of: &Person) -> Person {
        let attempt = SignIn {
            login: of.user.username.to_string(),
            password: PASSWORD.into(),
            new_password: None,
            totp: None,
            role: None,
            session: SessionKind::Token.into(),
        };
        let signed_in = self.accounts.sign_in(&attempt).await.unwrap();
        person(signed_in.user, signed_in.session, signed_in.credentials)
    }

    pub async fn group(&self, owner: &Person, name: &str, members: &[&Person]) -> Group {
        let people: Vec<_> = members.iter().map(|person| person.user.id).collect();
        let name = GroupName::parse(name).unwrap();
        let description = GroupDescription::parse("").unwrap();
        self.groups.create(&owner.actor(), name, description, Visibility::Private, &people).await.unwrap()
    }

    /// Posts as over HTTP.
    pub async fn post(&self, author: &Person, conversation: ConversationId, body: &str) -> Posted {
        self.posts.post(self.draft(author, conversation, body)).await.unwrap()
    }

    /// A message that is not posted yet.
    pub fn draft(&self, author: &Person, conversation: ConversationId, body: &str) -> Post {
        Post {
            actor: author.actor(),
            conversation,
            client_id: ClientId::from_uuid(self.ids.next_id()),
            body: MessageBody::parse(body).unwrap(),
            files: Vec::new(),
            reply_to: None,
            thread: None,
            forward: None,
        }
    }

    /// A socket whose upgrade carried no credentials.
    pub async fn dial(&self) -> Client {
        self.dial_as(None, 256 * 1024).await
    }

    pub async fn dial_as(&self, authenticated: Option<Authenticated>, pipe: usize) -> Client {
        let (near, far) = tokio::io::duplex(pipe);
        let opening = Opening { authenticated, client_ip: HOME };
        let realtime = Arc::clone(&self.realtime);
        self.realtime.spawn(async move { realtime.serve(far, opening).await });
        Client::new(near).await
    }

    /// A client that has said hello and has seen that nothing is to be caught up with.
    pub async fn connect(&self, person: &Person) -> Client {
        self.resume(person, &[]).await
    }

    /// A client that resumes from these places.
    pub async fn resume(&self, person: &Person, cursors: &[(ConversationId, u64)]) -> Client {
        let mut client = self.dial_as(Some(person.authenticated()), 256 * 1024).await;
        client.hello(cursors).await;
        client
    }
}

fn person(user: User, session: SessionId, credentials: Credentials) -> Person {
    let Credentials::Tokens(TokenPair { access, .. }) = credentials else { panic!("not a token session") };
    Person { user, session, access_token: access.token }
}
