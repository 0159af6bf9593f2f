use std::any::Any;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use parlor_domain::{
    Changes, ClientId, ConversationId, Cursor, CursorMove, DirectKey, DisplayName, Email, Entry, EntryKind,
    Event, EventPublisher, GroupDescription, GroupName, LogPage, MemberRole, Membership, Mentions, Message,
    MessageBody, MessageId, NewConversation, NewGroup, NewUser, PasswordHash, Role, Store, StoreError,
    Timestamp, UniqueKey, UnitOfWork, User, UserId, Username, Visibility,
};
use uuid::Uuid;

/// What a test answers.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A store that was just made.
pub struct Fresh {
    /// The store, as it is after it was opened for the first time.
    pub store: Arc<dyn Store>,
    /// Whether the store can be read beside an open unit of work.
    pub reads_beside_work: bool,
    /// Whether there is one writer, so that events leave in the order of the commits.
    pub one_writer: bool,
    /// What has to live as long as the store, such as a temporary folder.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// A store, and what a test needs to fill it.
pub struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reads_beside_work: bool,
    pub(crate) one_writer: bool,
    pub(crate) heard: Arc<Heard>,
    ids: AtomicU64,
    _keep: Box<dyn Any + Send + Sync>,
}

/// When everything happens, unless a test says otherwise.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// What was published.
#[derive(Default)]
pub(crate) struct Heard(Mutex<Vec<Event>>);

impl EventPublisher for Heard {
    fn publish(&self, events: Vec<Event>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(events);
    }
}

impl Heard {
    pub(crate) fn all(&self) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl World {
    /// A world on a store that `fresh` makes.
    pub async fn new<F: Future<Output = Outcome<Fresh>>>(
        fresh: impl Fn(Arc<dyn EventPublisher>) -> F,
    ) -> Outcome<Self> {
        let heard = Arc::new(Heard::default());
        let Fresh { store, reads_beside_work, one_writer, keep } = fresh(Arc::clone(&heard) as _).await?;
        Ok(Self { store, reads_beside_work, one_writer, heard, ids: AtomicU64::new(1), _keep: keep })
    }

    /// An id that was not used before, greater than all that were.
    pub(crate) fn id(&self) -> Uuid {
        Uuid::from_u128(
            0x0190_0000_0000_7000_8000_0000_0000_0000 + u128::from(self.ids.fetch_add(1, Ordering::Relaxed)),
        )
    }

    pub(crate) fn new_user(&self, username: &str) -> Outcome<NewUser> {
        Ok(NewUser {
            id: UserId::from_uuid(self.id()),
            username: Username::parse(username)?,
            name: DisplayName::parse(username)?,
            email: None,
            email_verified: false,
            role: Role::User,
            bot: false,
            password: PasswordHash::from_phc(format!("$hash$of${username}")).into(),
            created_at: NOW,
        })
    }

    pub(crate) async fn insert(&self, user: &NewUser) -> Result<User, StoreError> {
        let mut work = self.store.begin().await?;
        let user = work.insert_user(user).await?;
        work.commit().await?;
        Ok(user)
    }

    pub(crate) async fn user(&self, username: &str) -> Outcome<User> {
        Ok(self.insert(&self.new_user(username)?).await?)
    }

    pub(crate) async fn user_with_email(&self, username: &str, email: &str) -> Outcome<User> {
        let user = NewUser { email: Some(Email::parse(email)?), ..self.new_user(username)? };
        Ok(self.insert(&user).await?)
    }

    pub(crate) fn new_group(&self, name: &str, visibility: Visibility) -> Outcome<NewGroup> {
        Ok(NewGroup {
            id: self.id_of_group(),
            name: GroupName::parse(name)?,
            description: GroupDescription::parse(&format!("About {name}"))?,
            visibility,
            lobby: false,
            created_by: None,
            created_at: NOW,
        })
    }

    fn id_of_group(&self) -> parlor_domain::GroupId {
        parlor_domain::GroupId::from_uuid(self.id())
    }

    /// A public group with these members.
    pub(crate) async fn group(&self, name: &str, members: &[(&User, MemberRole)]) -> Outcome<ConversationId> {
        self.make_group(&self.new_group(name, Visibility::Public)?, members).await
    }

    pub(crate) async fn make_group(
        &self,
        group: &NewGroup,
        members: &[(&User, MemberRole)],
    ) -> Outcome<ConversationId> {
        let id = ConversationId::from(group.id);
        let members: Vec<_> = members
            .iter()
            .map(|(user, role)| Membership { role: *role, ..membership(id, user.id) })
            .collect();
        let mut work = self.store.begin().await?;
        work.insert_conversation(&NewConversation { id, direct: None, created_at: group.created_at }).await?;
        work.insert_group(group).await?;
        work.insert_members(&members).await?;
        work.commit().await?;
        Ok(id)
    }

    /// A public group of two plain members.
    pub(crate) async fn group_of(&self, one: &User, other: &User) -> Outcome<ConversationId> {
        self.group("Talk", &[(one, MemberRole::Member), (other, MemberRole::Member)]).await
    }

    pub(crate) async fn direct(&self, one: &User, other: &User) -> Outcome<ConversationId> {
        let id = ConversationId::from_uuid(self.id());
        let key = DirectKey::of(one.id, other.id);
        let members: Vec<_> = key.members().into_iter().map(|user| membership(id, user)).collect();
        let mut work = self.store.begin().await?;
        work.insert_conversation(&NewConversation { id, direct: Some(key), created_at: NOW }).await?;
        work.insert_members(&members).await?;
        work.commit().await?;
        Ok(id)
    }

    /// A message that was not posted yet.
    pub(crate) fn message(&self, text: &str) -> Outcome<Message> {
        Ok(Message {
            id: MessageId::from_uuid(self.id()),
            client_id: ClientId::from_uuid(self.id()),
            body: MessageBody::parse(text)?,
            files: Vec::new(),
            reply_to: None,
            forwarded: None,
            thread: None,
            replies: None,
            mentions: Mentions::default(),
            changes: Changes::default(),
        })
    }

    pub(crate) async fn post(
        &self,
        conversation: ConversationId,
        author: &User,
        text: &str,
    ) -> Outcome<Entry> {
        self.write(conversation, Some(author.id), EntryKind::Message(self.message(text)?)).await
    }

    /// Posts messages `1`, `2`, … up to a number.
    pub(crate) async fn post_many(
        &self,
        conversation: ConversationId,
        author: &User,
        number: u32,
    ) -> Outcome {
        let mut work = self.store.begin().await?;
        for text in 1..=number {
            let kind = EntryKind::Message(self.message(&text.to_string())?);
            append_next(&mut *work, conversation, Some(author.id), kind, NOW).await?;
        }
        Ok(work.commit().await?)
    }

    /// Adds one entry to a log.
    pub(crate) async fn write(
        &self,
        conversation: ConversationId,
        actor: Option<UserId>,
        kind: EntryKind,
    ) -> Outcome<Entry> {
        self.write_at(NOW, conversation, actor, kind).await
    }

    pub(crate) async fn write_at(
        &self,
        now: Timestamp,
        conversation: ConversationId,
        actor: Option<UserId>,
        kind: EntryKind,
    ) -> Outcome<Entry> {
        let mut work = self.store.begin().await?;
        let entry = append_next(&mut *work, conversation, actor, kind, now).await?;
        work.commit().await?;
        Ok(entry)
    }

    pub(crate) async fn leave(&self, conversation: ConversationId, user: &User) -> Outcome<bool> {
        let mut work = self.store.begin().await?;
        let left = work.delete_member(conversation, user.id).await?;
        work.commit().await?;
        Ok(left)
    }

    pub(crate) async fn read_up_to(&self, conversation: ConversationId, user: &User, seq: u64) -> Outcome {
        let mut work = self.store.begin().await?;
        work.move_cursors(&[CursorMove {
            conversation,
            user: user.id,
            cursor: Cursor { delivered_seq: seq, read_seq: seq },
        }])
        .await?;
        Ok(work.commit().await?)
    }
}

/// Takes the next place in a log and writes an entry there.
pub(crate) async fn append_next(
    work: &mut (dyn UnitOfWork + '_),
    conversation: ConversationId,
    actor: Option<UserId>,
    kind: EntryKind,
    now: Timestamp,
) -> Outcome<Entry> {
    let places = work.take_seqs(&[(conversation, 1)], now).await?;
    let &[(_, seq)] = places.as_slice() else { return Err("one log answers with one place".into()) };
    let entry = Entry { conversation, seq, actor, created_at: now, kind };
    work.append(std::slice::from_ref(&entry)).await?;
    Ok(entry)
}

/// The place of a plain member who may read everything.
pub(crate) fn membership(conversation: ConversationId, user: UserId) -> Membership {
    Membership {
        conversation,
        user,
        role: MemberRole::Member,
        floor_seq: 0,
        cursor: Cursor::default(),
        joined_at: NOW,
    }
}

/// What was taken already, when that is why something was refused.
pub(crate) fn conflict<T>(result: &Result<T, StoreError>) -> Option<UniqueKey> {
    match result {
        Err(StoreError::Conflict(key)) => Some(*key),
        _ => None,
    }
}

/// The places of a page's entries.
pub(crate) fn places(page: &LogPage) -> Vec<u64> {
    page.entries.iter().map(|entry| entry.seq).collect()
}

/// The moment that many milliseconds after [`NOW`].
pub(crate) fn later(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}
