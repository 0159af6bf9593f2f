use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::{Accounts, Tokens, acting_role};
use crate::{
    Actor, ApiToken, Event, Grant, GroupId, Role, Scope, Session, SessionEnd, SessionId, StoreError,
    Timestamp, TokenHash, User, UserId,
};

/// How long a session that was looked up is believed. Another node's change takes effect after
/// this at the latest; a change on this node at once.
const BELIEVED: Duration = Duration::from_secs(4);

/// How often the use of a session is noted in the store.
const NOTED: Duration = Duration::from_mins(1);

/// What proves a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// The secret that a browser's cookie holds.
    Cookie(String),
    /// An API client's tokens.
    Tokens(Tokens),
}

/// Somebody proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// Who asks, for [`authorize`](crate::authorize).
    pub actor: Actor,
    /// Through which session.
    pub session: SessionId,
    /// What that may be used for.
    pub grant: Grant,
}

/// Sessions looked up lately, so that a request costs no query.
#[derive(Default)]
pub(super) struct SessionCache {
    sessions: HashMap<SessionId, CachedSession>,
    secrets: HashMap<TokenHash, SessionId>,
}

/// What the cache says of a session.
enum Recalled {
    Good(Authenticated),
    Expired,
    /// It must be looked up.
    Unknown,
}

/// A session that was looked up lately.
struct CachedSession {
    actor: Actor,
    session: Session,
    looked_up_at: Timestamp,
    /// The latest use that the store knows of.
    noted_at: Timestamp,
}

impl Accounts {
    /// Who presents this access or API token; `None` when it is not, or no longer, good.
    pub async fn by_access_token(&self, token: &str) -> Result<Option<Authenticated>, StoreError> {
        if token.starts_with(ApiToken::PREFIX) {
            return Ok(self.by_secret(token).await?.filter(|who| who.grant.is_token()));
        }
        match self.tokens.read_access_token(token, self.clock.now()) {
            Some(session) => self.by_session(session).await,
            None => Ok(None),
        }
    }

    /// Who presents this cookie; `None` when it is not, or no longer, good.
    pub async fn by_cookie(&self, secret: &str) -> Result<Option<Authenticated>, StoreError> {
        Ok(self.by_secret(secret).await?.filter(|who| !who.grant.is_token()))
    }

    /// Who posts through the incoming webhook with this secret, and to which group; `None` when it is
    /// not, or no longer, good.
    pub async fn by_webhook(&self, secret: &str) -> Result<Option<(Actor, GroupId)>, StoreError> {
        Ok(self.by_secret(secret).await?.and_then(|who| match who.grant {
            Grant::Webhook { group } => Some((who.actor, group)),
            Grant::Everything | Grant::Token { .. } => None,
        }))
    }

    async fn by_secret(&self, secret: &str) -> Result<Option<Authenticated>, StoreError> {
        let hash = self.tokens.hash(secret);
        let known = self.cache().secrets.get(&hash).copied();
        let id = match known {
            Some(id) => Some(id),
            None => self.store.session_by_secret(&hash).await?.map(|session| session.id),
        };
        match id {
            Some(id) => self.by_session(id).await,
            None => Ok(None),
        }
    }

    /// Whom this session belongs to, if it is still good; using it keeps it alive.
    pub async fn by_session(&self, id: SessionId) -> Result<Option<Authenticated>, StoreError> {
        match self.recall(id) {
            Recalled::Good(known) => return Ok(Some(known)),
            Recalled::Expired => return Ok(None),
            Recalled::Unknown => {}
        }
        let Some(session) = self.store.session(id).await? else { return Ok(None) };
        let Some(user) = self.store.user(session.user).await?.filter(User::is_active) else {
            return Ok(None);
        };
        if self.active_ban(user.id).await?.is_some() {
            return Ok(None);
        }
        // An admin's program that was not made to look after the server does not.
        let may = session.grant.allows(Scope::Admin);
        let role = if may { acting_role(&*self.store, &user).await? } else { Role::User };
        let actor = Actor { user: user.id, role };
        let now = self.clock.now();
        let noted_at = session.last_used_at;
        self.cache().remember(CachedSession { actor, session, looked_up_at: now, noted_at });
        match self.recall(id) {
            Recalled::Good(known) => Ok(Some(known)),
            Recalled::Expired | Recalled::Unknown => Ok(None),
        }
    }

    fn recall(&self, id: SessionId) -> Recalled {
        let now = self.clock.now();
        let mut cache = self.cache();
        let Some(cached) = cache.sessions.get_mut(&id) else { return Recalled::Unknown };
        if now.since(cached.looked_up_at) >= BELIEVED {
            return Recalled::Unknown;
        }
        if cached.session.is_expired(&self.policy.sessions, now) {
            return Recalled::Expired;
        }
        cached.session.last_used_at = cached.session.last_used_at.max(now);
        Recalled::Good(Authenticated { actor: cached.actor, session: id, grant: cached.session.grant })
    }

    /// Signs out: the session and whatever is connected through it end at once.
    pub async fn sign_out(&self, who: &Authenticated) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        work.delete_sessions(&[who.session]).await?;
        work.emit(Event::SessionEnded {
            session: who.session,
            user: who.actor.user,
            reason: SessionEnd::SignedOut,
        });
        work.commit().await?;
        self.forget(who.session);
        Ok(())
    }

    /// Notes in the store when sessions were last used, and forgets those not used lately. To be
    /// called every few seconds, and at shutdown.
    pub async fn note_sessions(&self, all: bool) -> Result<(), StoreError> {
        let now = self.clock.now();
        let due = self.cache().take_due(now, all);
        if due.is_empty() {
            return Ok(());
        }
        let mut work = self.store.begin().await?;
        work.touch_sessions(&due).await?;
        work.commit().await
    }

    /// Drops what is known of a session, so that its next use looks it up.
    pub fn forget(&self, id: SessionId) {
        self.cache().forget(id);
    }

    /// Drops what is known of these sessions.
    pub(crate) fn forget_all(&self, ids: impl IntoIterator<Item = SessionId>) {
        let mut cache = self.cache();
        for id in ids {
            cache.forget(id);
        }
    }

    /// Drops what is known of a person's sessions, so that what they may do is looked up.
    pub(crate) fn forget_user(&self, user: UserId) {
        let mut cache = self.cache();
        let theirs = cache.sessions.values().filter(|cached| cached.actor.user == user);
        let ids: Vec<_> = theirs.map(|cached| cached.session.id).collect();
        for id in ids {
            cache.forget(id);
        }
    }

    /// Looks every session up again at its next use.
    pub(crate) fn doubt_all(&self) {
        for cached in self.cache().sessions.values_mut() {
            cached.looked_up_at = Timestamp::from_millis(0);
        }
    }

    /// When a session was used last, as far as the store or this node knows.
    pub(super) fn last_use_of(&self, session: &Session) -> Timestamp {
        let known = self.cache().sessions.get(&session.id).map(|cached| cached.session.last_used_at);
        known.map_or(session.last_used_at, |known| known.max(session.last_used_at))
    }

    pub(super) fn expired(&self, session: &Session) -> bool {
        Session { last_used_at: self.last_use_of(session), ..session.clone() }
            .is_expired(&self.policy.sessions, self.clock.now())
    }

    fn cache(&self) -> MutexGuard<'_, SessionCache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionCache {
    fn remember(&mut self, mut found: CachedSession) {
        let id = found.session.id;
        if let Some(known) = self.sessions.get(&id) {
            // What was used since it was last noted is not forgotten.
            found.session.last_used_at = found.session.last_used_at.max(known.session.last_used_at);
        }
        if let Some(secret) = found.session.secret {
            self.secrets.insert(secret, id);
        }
        self.sessions.insert(id, found);
    }

    fn forget(&mut self, id: SessionId) {
        if let Some(secret) = self.sessions.remove(&id).and_then(|cached| cached.session.secret) {
            self.secrets.remove(&secret);
        }
    }

    /// The uses that are to be noted, `all` of them or those that are due, marked as noted. What
    /// has not been looked up for long is dropped.
    fn take_due(&mut self, now: Timestamp, all: bool) -> Vec<(SessionId, Timestamp)> {
        let mut due = Vec::new();
        for (id, cached) in &mut self.sessions {
            let unnoted = cached.session.last_used_at.since(cached.noted_at);
            let idle = now.since(cached.looked_up_at) >= NOTED;
            if unnoted >= NOTED || (unnoted > Duration::ZERO && (all || idle)) {
                cached.noted_at = cached.session.last_used_at;
                due.push((*id, cached.noted_at));
            }
        }
        self.sessions.retain(|_, cached| now.since(cached.looked_up_at) < 2 * NOTED);
        let sessions = &self.sessions;
        self.secrets.retain(|_, id| sessions.contains_key(id));
        due
    }
}
