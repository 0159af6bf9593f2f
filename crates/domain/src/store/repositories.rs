use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

#[cfg(doc)]
use crate::UniqueKey;

use crate::{
    Ban, ClientId, Conversation, ConversationId, ConversationView, CursorMove, DirectKey, Emoji, Entry,
    Forward, Group, GroupFilter, GroupId, GroupListing, InviteLink, InviteLinkId, KnownNode, LogPage, Login,
    Member, MemberRole, Membership, Message, MessageId, MovedCursor, NewConversation, NewGroup, NewUser,
    Node, NodeId, Page, PageSize, PasswordHash, Presence, PresentUser, RefreshToken, Revision, Session,
    SessionId, Span, Standing, StoreError, Timestamp, TokenHash, User, UserFilter, UserId,
};

type Result<T> = std::result::Result<T, StoreError>;

/// Accounts.
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// The user with this id, deleted ones too.
    async fn user(&self, id: UserId) -> Result<Option<User>>;

    /// The active user whom this login names, with the password's hash.
    async fn user_by_login(&self, login: &Login) -> Result<Option<(User, PasswordHash)>>;

    /// Those of these users that exist, deleted ones too, in no particular order.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>>;

    /// Active users by username, from behind the username `after`.
    /// `search` MUST match parts of username, name and code in any case, `%` and `_` literally.
    async fn list_users(
        &self,
        filter: &UserFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<User>>;

    /// How many active admins there are.
    async fn count_admins(&self) -> Result<u64>;

    /// Has a user to itself: from now until the commit nobody else changes them. What is read of
    /// them afterwards stays so.
    async fn lock_user(&mut self, id: UserId) -> Result<()>;

    /// Makes the account with the next number. MUST answer [`StoreError::Conflict`] with
    /// [`UniqueKey::Username`] or [`UniqueKey::Email`] when one of them is taken, and MUST NOT use
    /// up a number then.
    async fn insert_user(&mut self, user: &NewUser) -> Result<User>;

    /// Writes everything but the id, code, username, password and when they were last seen. MUST answer [`StoreError::Conflict`] with
    /// [`UniqueKey::Email`] when the address is taken.
    async fn update_user(&mut self, user: &User) -> Result<()>;

    /// Replaces the password's hash.
    async fn set_password(&mut self, user: UserId, hash: &PasswordHash) -> Result<()>;

    /// Notes when these people were last connected. MUST NOT move any of them back.
    async fn set_last_seen(&mut self, seen: &[(UserId, Timestamp)]) -> Result<()>;
}

/// Sign-ins.
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// The session with this id.
    async fn session(&self, id: SessionId) -> Result<Option<Session>>;

    /// The session that this cookie's hash belongs to.
    async fn session_by_cookie(&self, cookie: &TokenHash) -> Result<Option<Session>>;

    /// All sessions of a user, newest first.
    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>>;

    /// The refresh token with this hash, used up and revoked ones too.
    async fn refresh_token(&self, hash: &TokenHash) -> Result<Option<RefreshToken>>;

    /// Has the session of this refresh token to itself: from now until the commit nobody else
    /// renews or ends it. What is read of it and its tokens afterwards stays so.
    async fn lock_session_of(&mut self, token: &TokenHash) -> Result<()>;

    /// Those of these sessions that do not exist any more, in no particular order.
    async fn ended_sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionId>>;

    /// Begins a session.
    async fn insert_session(&mut self, session: &Session) -> Result<()>;

    /// Ends sessions: their refresh tokens go with them. Unknown ids do no harm.
    async fn delete_sessions(&mut self, ids: &[SessionId]) -> Result<()>;

    /// Notes when sessions were last used. MUST NOT move any of them back.
    async fn touch_sessions(&mut self, used: &[(SessionId, Timestamp)]) -> Result<()>;

    /// Adds a refresh token.
    async fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<()>;

    /// Writes a refresh token's successor and whether it is revoked.
    async fn update_refresh_token(&mut self, token: &RefreshToken) -> Result<()>;
}

/// Conversations, their members and the members' cursors.
#[async_trait]
pub trait ConversationRepository: Send + Sync {
    /// The conversation with this id.
    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>>;

    /// The direct conversation between these people.
    async fn direct_conversation(&self, key: DirectKey) -> Result<Option<Conversation>>;

    /// How this person stands to this conversation; `None` when there is no such conversation.
    async fn standing(&self, conversation: ConversationId, user: UserId) -> Result<Option<Standing>>;

    /// How these people stand to these conversations, in one query, in no particular order.
    /// Pairs with a conversation that does not exist are left out.
    async fn standings(&self, pairs: &[(ConversationId, UserId)]) -> Result<Vec<Standing>>;

    /// One of the user's conversations as they see it; `None` when they are not a member.
    async fn conversation_view(
        &self,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<Option<ConversationView>>;

    /// All conversations of a user, the most recently active first.
    async fn all_conversation_views(&self, user: UserId) -> Result<Vec<ConversationView>>;

    /// One page of them. `after` is opaque, made by the store for [`Page::next`].
    async fn conversation_views(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ConversationView>>;

    /// The newest place of each of these logs, in no particular order.
    async fn heads(&self, conversations: &[ConversationId]) -> Result<Vec<(ConversationId, u64)>>;

    /// Who joined which conversation at this moment or later, at most `limit`, the latest first.
    async fn joined_since(&self, at: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>>;

    /// Has these logs, their members and their groups to itself: from now until the commit nobody
    /// else who asks for the same gets them. What is read of them afterwards stays so, which a
    /// decision depends on that is made before something is written. Unknown ids do no harm.
    async fn lock_conversations(&mut self, ids: &[ConversationId]) -> Result<()>;

    /// Erases a conversation with its log, its group and its members. An unknown one does no harm.
    async fn erase_conversation(&mut self, id: ConversationId) -> Result<()>;

    /// Makes a conversation with an empty log. MUST answer [`StoreError::Conflict`] with
    /// [`UniqueKey::DirectKey`] when these people have one.
    async fn insert_conversation(&mut self, conversation: &NewConversation) -> Result<()>;

    /// Adds members. One who is in already stays as they are.
    async fn insert_members(&mut self, members: &[Membership]) -> Result<()>;

    /// Removes a member; whether there was one.
    async fn delete_member(&mut self, conversation: ConversationId, user: UserId) -> Result<bool>;

    /// Moves cursors forward, in one statement: each side to the farther of both, never beyond the
    /// end of the log, delivered never behind read. Answers those that moved; moves of people who
    /// are not members are left out.
    async fn move_cursors(&mut self, moves: &[CursorMove]) -> Result<Vec<MovedCursor>>;

    /// Takes that many next places in each of these logs, in one statement, and notes the moment
    /// as their latest activity. Answers each log's new last place; from then until the commit
    /// nobody else can take places in them. Conversations MUST be distinct.
    async fn take_seqs(
        &mut self,
        counts: &[(ConversationId, u32)],
        now: Timestamp,
    ) -> Result<Vec<(ConversationId, u64)>>;
}

/// The logs' entries.
#[async_trait]
pub trait MessageRepository: Send + Sync {
    /// Part of a log as `reader` may see it, oldest first, at most `limit` entries; `None` when
    /// there is no such conversation. MUST read standing and entries in one statement, and MUST
    /// give no entries to one who is not a member.
    async fn log(
        &self,
        conversation: ConversationId,
        reader: UserId,
        span: Span,
        limit: u32,
    ) -> Result<Option<LogPage>>;

    /// Entries of a log above `after`, oldest first, at most `limit`: for the server itself, which
    /// hands them out to those who may see them.
    async fn entries(&self, conversation: ConversationId, after: u64, limit: u32) -> Result<Vec<Entry>>;

    /// The entries of messages that were posted under these authors' client ids.
    async fn posted(&self, ids: &[(UserId, ClientId)]) -> Result<Vec<Entry>>;

    /// Where these messages stand: conversation and place. Unknown ones are left out.
    async fn places(&self, ids: &[MessageId]) -> Result<Vec<(MessageId, ConversationId, u64)>>;

    /// The entry of this message.
    async fn message(&self, id: MessageId) -> Result<Option<Entry>>;

    /// The pinned messages of a conversation above this place, the latest pinned first. `after` is
    /// opaque, made by the store.
    async fn pinned(
        &self,
        conversation: ConversationId,
        above: u64,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Entry>>;

    /// The texts that the message at this place had before, the oldest first.
    async fn revisions(&self, conversation: ConversationId, seq: u64) -> Result<Vec<Revision>>;

    /// Writes the text of the message at this place and what was done with it, but not its reactions.
    async fn update_message(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        message: &Message,
    ) -> Result<()>;

    /// Notes that somebody reacted to the message at this place. Once more does no harm.
    async fn insert_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
        at: Timestamp,
    ) -> Result<()>;

    /// Takes a reaction back, if there is one.
    async fn delete_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
    ) -> Result<()>;

    /// Takes all reactions to the message at this place away.
    async fn delete_reactions(&mut self, conversation: ConversationId, seq: u64) -> Result<()>;

    /// Keeps a text that the message at this place had.
    async fn insert_revision(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        revision: &Revision,
    ) -> Result<()>;

    /// Lets go of the texts that the message at this place had.
    async fn delete_revisions(&mut self, conversation: ConversationId, seq: u64) -> Result<()>;

    /// Erases the oldest entries of a log, at most so many and never the newest, with all that hangs
    /// on them; how many.
    async fn erase_entries(&mut self, conversation: ConversationId, limit: u32) -> Result<u64>;

    /// Notes whose words the messages at these places are.
    async fn note_forwards(&mut self, forwards: &[(ConversationId, u64, Forward)]) -> Result<()>;

    /// Adds entries in one statement, at places from [`ConversationRepository::take_seqs`].
    /// MUST answer [`StoreError::Conflict`] with [`UniqueKey::ClientId`] when an author's client
    /// id was used before.
    async fn append(&mut self, entries: &[Entry]) -> Result<()>;
}

/// Groups.
#[async_trait]
pub trait GroupRepository: Send + Sync {
    /// The group with this id.
    async fn group(&self, id: GroupId) -> Result<Option<Group>>;

    /// The lobby; `None` before it was made.
    async fn lobby(&self) -> Result<Option<Group>>;

    /// Public groups by name, as `viewer` sees them: those in use, or the archived ones. `after` is opaque, made by the store.
    /// `search` MUST match parts of name and description in any case, `%` and `_` literally.
    async fn list_groups(
        &self,
        viewer: UserId,
        filter: &GroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<GroupListing>>;

    /// One member; `None` when this person is not in the group.
    async fn member(&self, group: GroupId, user: UserId) -> Result<Option<Member>>;

    /// Members by username, from behind the username `after`.
    async fn list_members(&self, group: GroupId, after: Option<&str>, size: PageSize)
    -> Result<Page<Member>>;

    /// How many members have this role.
    async fn count_members(&self, group: GroupId, role: MemberRole) -> Result<u64>;

    /// Notes that these people posted in these groups, which are in slow mode, in one statement. It
    /// MUST stay when they leave and come back.
    async fn note_posts(&mut self, posts: &[(ConversationId, UserId)], at: Timestamp) -> Result<()>;

    /// Makes a group for a conversation that was made in the same unit of work. It has no members.
    async fn insert_group(&mut self, group: &NewGroup) -> Result<()>;

    /// Gives a member another role.
    async fn set_role(&mut self, group: GroupId, user: UserId, role: MemberRole) -> Result<()>;

    /// Notes until when this person may not write, or with `None` that they may. It MUST stay when
    /// they leave and come back.
    async fn set_mute(&mut self, group: GroupId, user: UserId, until: Option<Timestamp>) -> Result<()>;

    /// Writes name, description, visibility, whether it is read-only, slow mode and when it was archived.
    async fn update_group(&mut self, group: &Group) -> Result<()>;

    /// Takes everybody and every link out of a group, makes it private and notes when it was deleted, so that nobody
    /// finds it any more. What was written there stays until it is erased.
    async fn delete_group(&mut self, group: GroupId, at: Timestamp) -> Result<()>;

    /// The links to a group, those that ended too, the newest first.
    async fn invite_links(&self, group: GroupId) -> Result<Vec<InviteLink>>;

    /// The link with this secret.
    async fn invite_link(&self, secret: &TokenHash) -> Result<Option<InviteLink>>;

    /// Adds a link.
    async fn insert_invite_link(&mut self, link: &InviteLink) -> Result<()>;

    /// Counts that somebody came in through a link.
    async fn count_use(&mut self, link: InviteLinkId) -> Result<()>;

    /// Takes a link away. An unknown one does no harm.
    async fn delete_invite_link(&mut self, link: InviteLinkId) -> Result<()>;

    /// Groups that were deleted and that are still there, with when, the first deleted first.
    async fn deleted_groups(&self, limit: u32) -> Result<Vec<(GroupId, Timestamp)>>;
}

/// Bans.
#[async_trait]
pub trait BanRepository: Send + Sync {
    /// The bans of this person that were not lifted, of the server (`None`) or of a group; those
    /// that ended by themselves are among them.
    async fn bans_of(&self, user: UserId, group: Option<GroupId>) -> Result<Vec<Ban>>;

    /// Adds a ban.
    async fn insert_ban(&mut self, ban: &Ban) -> Result<()>;

    /// Notes when a ban was lifted.
    async fn lift_ban(&mut self, id: crate::BanId, at: Timestamp) -> Result<()>;
}

/// What the server remembers about itself.
#[async_trait]
pub trait ServerRepository: Send + Sync {
    /// The database's own id, made with it and changed when it is restored from a backup: clients
    /// whose cursors come from another epoch start anew.
    async fn epoch(&self) -> Result<Uuid>;

    /// What people get to read while the server is in maintenance; `None` when it is not.
    async fn maintenance(&self) -> Result<Option<String>>;

    /// The fingerprint of the key that the nodes agreed on; `None` before they did.
    async fn agreed_signing_key(&self) -> Result<Option<Vec<u8>>>;

    /// What time it is by the database's clock, which is the same for all nodes.
    async fn now(&self) -> Result<Timestamp>;

    /// Whether the store answers at all.
    async fn ping(&self) -> Result<()>;

    /// The fingerprint of the key that every node signs with: the one that was stored first, which
    /// is `own` when there was none.
    async fn signing_key(&mut self, own: &[u8; 32]) -> Result<Vec<u8>>;
}

/// The server processes that share the database. Moments are told by the database's clock, which is
/// the same for all of them.
#[async_trait]
pub trait NodeRepository: Send + Sync {
    /// All nodes that are known, by name.
    async fn nodes(&self) -> Result<Vec<KnownNode>>;

    /// Who is connected to the nodes that were heard of within the lease, but this one.
    async fn present_elsewhere(&self, own: NodeId) -> Result<Vec<PresentUser>>;

    /// Notes what a node says of itself, and that it was heard of now.
    async fn hear_of_node(&mut self, node: &Node) -> Result<()>;

    /// Lets go of a node and of who was connected to it.
    async fn forget_node(&mut self, id: NodeId) -> Result<()>;

    /// Lets go of the nodes that were not heard of for so long.
    async fn forget_silent_nodes(&mut self, silent_for: Duration) -> Result<()>;

    /// Notes who is connected to a node that is known, and with `None` who no longer is.
    async fn set_present(&mut self, node: NodeId, changes: &[(UserId, Option<Presence>)]) -> Result<()>;
}
