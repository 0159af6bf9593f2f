//! A chat without a server: two people talk through the domain crate on an SQLite file.
//!
//! Run it with `cargo run -p parlor-domain --example embed`.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parlor_domain::{
    Accounts, AccountsPolicy, Actor, ChangePolicy, ClientId, Clock, Conversations, CursorMove, CursorQueue,
    Event, EventPublisher, IdSource, MessageBody, Messaging, PageSize, Post, Registration,
    RegistrationPolicy, SessionKind, SessionPolicy, Span, Timestamp, UserId,
};
use parlor_security::{Argon2Hasher, HashingCost, SigningKey, Tokens};
use parlor_storage_sqlite::{SqliteOptions, SqliteStore};
use uuid::Uuid;

/// What a program around the domain brings along.
struct Around;

impl Clock for Around {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl IdSource for Around {
    #[expect(clippy::disallowed_methods, reason = "this is the source of ids that everything else asks")]
    fn next_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

impl EventPublisher for Around {
    fn publish(&self, events: Vec<Event>) {
        println!("committed: {} event(s)", events.len());
    }
}

/// Nobody reads receipts here, so cursors are not kept.
#[async_trait::async_trait]
impl CursorQueue for Around {
    fn push(&self, _: CursorMove) {}
    async fn settle(&self, _: UserId) {}
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store =
        SqliteStore::open(&folder.path().join("chat.db"), &SqliteOptions::default(), Arc::new(Around))
            .await?;
    let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));
    let policy = AccountsPolicy {
        server_name: "Example".into(),
        registration: RegistrationPolicy::Open,
        password_min_characters: 10,
        sessions: SessionPolicy { idle: hour, remember: 30 * day, absolute: 90 * day },
        sends_mail: false,
    };
    let hasher = Arc::new(Argon2Hasher::new(HashingCost::default())?);
    let tokens = Arc::new(Tokens::new(&SigningKey::generate(), "embedded", Duration::from_mins(5)));
    let accounts = Accounts::new(store.shared(), hasher, tokens, Arc::new(Around), Arc::new(Around), policy);
    let conversations =
        Conversations::new(store.shared(), Arc::new(Around), Arc::new(Around), Arc::new(Around));
    let messaging =
        Messaging::new(store.shared(), Arc::new(Around), Arc::new(Around), ChangePolicy::default());

    let mut people = Vec::new();
    for name in ["ana", "ben"] {
        let form = Registration { username: name.into(), name: name.into(), ..Registration::default() };
        let user = accounts.register(&form, &SessionKind::Token.into()).await?.user;
        people.push(Actor { user: user.id, role: user.role });
    }
    let (ana, ben) = (people[0], people[1]);

    let (direct, _) = conversations.open_direct(&ana, ben.user).await?;
    let conversation = direct.conversation.id;
    let body = MessageBody::parse("Hello from a program of my own!")?;
    let client_id = ClientId::from_uuid(Around.next_id());
    let post = Post {
        actor: ana,
        conversation,
        client_id,
        body,
        files: Vec::new(),
        reply_to: None,
        thread: None,
        forward: None,
    };
    for answer in messaging.post_all(vec![post]).await {
        println!("stored as entry {}", answer?.entry.seq);
    }

    let page = messaging.read(&ben, conversation, Span::Newest, PageSize::default()).await?;
    for message in page.entries.iter().filter_map(|entry| entry.message()) {
        println!("ben reads: {}", message.body);
    }
    Ok(store.close().await?)
}
