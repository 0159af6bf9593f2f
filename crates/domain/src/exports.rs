//! What there is about one person, to be taken along.

use std::sync::Arc;

use thiserror::Error;

use crate::{
    Action, Actor, ApiToken, Block, ConversationId, ConversationView, Draft, Entry, File, Notification,
    NotificationSettings, PageSize, PictureSize, SavedMessage, ScheduledMessage, Session, Store, StoreError,
    Timestamp, User, authorize,
};

/// How many messages are read at a time.
const SLICE: u32 = 200;

/// How many places of a log are looked at for them in one query, so that none of them takes long.
const LOOKED_AT: u64 = 5_000;

/// All pages of a list that has a bound.
macro_rules! pages {
    ($after:ident => $page:expr) => {{
        let (mut all, mut $after) = (Vec::new(), None::<String>);
        loop {
            let page = $page.await?;
            all.extend(page.items);
            $after = page.next;
            if $after.is_none() {
                break all;
            }
        }
    }};
}

/// Why nothing was taken along.
#[derive(Debug, Error)]
pub enum ExportError {
    /// They have to give their password first.
    #[error("give your password once more")]
    Unconfirmed,
    /// The account is gone.
    #[error("there is no such user")]
    NoSuchUser,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What there is about one person, read piece by piece, so that it never has to be in memory whole.
///
/// Whoever takes it along for somebody else gets what they may see of that person in any other way, and
/// nothing besides: an admin reads no direct messages and no private groups that they are not in.
pub struct Export {
    store: Arc<dyn Store>,
    user: User,
    /// The admin who takes it along; nobody when it is the person.
    admin: Option<Actor>,
    at: Timestamp,
}

/// Where the messages go on: below a place of a log, and then in the next log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportPlace {
    conversation: ConversationId,
    below: u64,
}

impl ExportPlace {
    /// Before the first one.
    pub fn start() -> Self {
        Self { conversation: ConversationId::from_uuid(uuid::Uuid::nil()), below: 0 }
    }
}

impl Export {
    pub(crate) fn new(store: Arc<dyn Store>, user: User, admin: Option<Actor>, at: Timestamp) -> Self {
        Self { store, user, admin, at }
    }

    /// Whose it is.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// When it was asked for. What was written later is not in it.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Whether the person takes it along themselves.
    pub fn is_own(&self) -> bool {
        self.admin.is_none()
    }

    /// The picture of them, as WebP.
    pub async fn picture(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.user.picture {
            Some(id) => self.store.picture(id, PictureSize::Large).await,
            None => Ok(None),
        }
    }

    /// The conversations that they are in.
    pub async fn conversations(&self) -> Result<Vec<ConversationView>, StoreError> {
        let mut known = Vec::new();
        for view in self.store.all_conversation_views(self.user.id).await? {
            if self.may(Action::Discover, view.conversation.id).await? {
                known.push(view);
            }
        }
        Ok(known)
    }

    /// Where they are signed in, the one used last first.
    pub async fn sessions(&self) -> Result<Vec<Session>, StoreError> {
        let mut found = self.store.sessions_of(self.user.id).await?;
        found.retain(|session| !session.grant.is_token());
        found.sort_by_key(|session| std::cmp::Reverse(session.last_used_at));
        Ok(found)
    }

    /// The tokens with which programs act for them.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        self.store.api_tokens_of(self.user.id).await
    }

    /// What they want to be told.
    pub async fn settings(&self) -> Result<NotificationSettings, StoreError> {
        Ok(self.store.notification_summary(self.user.id).await?.settings)
    }

    /// What they were told of, the latest first.
    pub async fn notifications(&self) -> Result<Vec<Notification>, StoreError> {
        let id = self.user.id;
        let found = pages!(after => self.store.notifications(id, after.as_deref(), PageSize::default()));
        let mut known = Vec::new();
        for one in found {
            let may = match one.conversation {
                Some(conversation) => self.may(Action::Read, conversation).await?,
                None => true,
            };
            known.extend(may.then_some(one));
        }
        Ok(known)
    }

    /// Whom they blocked; this and what follows is nobody else's business.
    pub async fn blocks(&self) -> Result<Vec<Block>, StoreError> {
        if self.is_own() { self.store.blocks_of(self.user.id).await } else { Ok(Vec::new()) }
    }

    /// What they wrote and did not send.
    pub async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        if !self.is_own() {
            return Ok(Vec::new());
        }
        let id = self.user.id;
        Ok(pages!(after => self.store.drafts(id, None, after.as_deref(), PageSize::default())))
    }

    /// What is posted later.
    pub async fn scheduled(&self) -> Result<Vec<ScheduledMessage>, StoreError> {
        if self.is_own() { self.store.scheduled_messages(self.user.id).await } else { Ok(Vec::new()) }
    }

    /// The messages that they keep.
    pub async fn saved(&self) -> Result<Vec<SavedMessage>, StoreError> {
        if !self.is_own() {
            return Ok(Vec::new());
        }
        let id = self.user.id;
        Ok(pages!(after => self.store.saved_messages(id, after.as_deref(), PageSize::default())))
    }

    /// The next files that they uploaded, those after this one; none when there are no more. This is
    /// nobody else's business, besides those that belong to messages.
    pub async fn uploads(&self, after: Option<&File>) -> Result<Vec<File>, StoreError> {
        if !self.is_own() {
            return Ok(Vec::new());
        }
        self.store.files_of(self.user.id, after.map(|file| file.id), SLICE).await
    }

    /// The next messages that they wrote, wherever they are or were in, the latest of each log first;
    /// `None` when there are no more.
    pub async fn messages(&self, place: &mut ExportPlace) -> Result<Option<Vec<Entry>>, StoreError> {
        let author = self.user.id;
        loop {
            while place.below > 1 {
                let above = place.below.saturating_sub(LOOKED_AT + 1);
                let between = (above, place.below);
                let found =
                    self.store.messages_between(place.conversation, between, Some(author), self.at, SLICE);
                let seqs = found.await?;
                let Some(lowest) = seqs.last().copied() else {
                    place.below = above + 1;
                    continue;
                };
                place.below = lowest;
                let mut entries = self.store.messages_at(place.conversation, &seqs).await?;
                entries.reverse();
                return Ok(Some(entries));
            }
            let Some((next, last)) = self.store.next_log(place.conversation, author).await? else {
                return Ok(None);
            };
            let below = if self.may(Action::Read, next).await? { last + 1 } else { 0 };
            *place = ExportPlace { conversation: next, below };
        }
    }

    /// Whether whoever takes it along may do this there, by themselves.
    async fn may(&self, action: Action, conversation: ConversationId) -> Result<bool, StoreError> {
        let Some(admin) = self.admin else { return Ok(true) };
        let standing = self.store.standing(conversation, admin.user).await?;
        Ok(standing.is_some_and(|standing| authorize(&admin, action, &standing, self.at).is_ok()))
    }
}
