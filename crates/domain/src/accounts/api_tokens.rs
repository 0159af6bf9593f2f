use std::net::IpAddr;

use thiserror::Error;

use super::{Accounts, Authenticated};
use crate::{
    ApiToken, AuditAction, AuditChange, AuditTarget, Device, Doer, Event, GroupId, InvalidText, Role, Scope,
    Scopes, Session, SessionEnd, SessionId, SessionKind, StoreError, Timestamp, TokenName, UnitOfWork,
    UserId,
};

/// The token that somebody wants, as they typed it.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// What they call it.
    pub name: String,
    /// What the program may do.
    pub scopes: Scopes,
    /// Where it posts, doing nothing else, when it is to be an incoming webhook.
    pub group: Option<GroupId>,
    /// When it ends; `None` when it does not end by itself.
    pub expires_at: Option<Timestamp>,
}

/// Why a token was not made or revoked.
#[derive(Debug, Error)]
pub enum ApiTokenError {
    /// The name is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidText),
    /// A token that may do nothing is none.
    #[error("a token needs at least one scope")]
    NoScopes,
    /// Only who looks after the server lets a program do it.
    #[error("only an admin's token may have the scope admin")]
    NotAnAdmin,
    /// One that has ended is none.
    #[error("must lie ahead")]
    EndsInThePast,
    /// They have as many as they may have.
    #[error("there are {} tokens; revoke one first", ApiToken::MAX)]
    TooMany,
    /// They have to give their password first, which a program cannot.
    #[error("give your password once more")]
    Unconfirmed,
    /// There is no such token.
    #[error("there is no such token")]
    NoSuchToken,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Makes a token for somebody's own program, and its secret, which nobody learns again. They must
    /// have given their password lately.
    pub async fn make_api_token(
        &self,
        who: &Authenticated,
        new: &NewApiToken,
        address: Option<IpAddr>,
    ) -> Result<(ApiToken, String), ApiTokenError> {
        if !self.is_confirmed(who.session).await? {
            return Err(ApiTokenError::Unconfirmed);
        }
        let name = TokenName::parse(&new.name)?;
        let mut work = self.store.begin().await?;
        work.lock_user(who.actor.user).await?;
        let user = work.user(who.actor.user).await?.ok_or(ApiTokenError::NoSuchToken)?;
        let doer = Doer { user: Some(user.id), address };
        let made = self.give_api_token(&mut *work, user.id, user.role, name, new, doer).await?;
        work.commit().await?;
        Ok(made)
    }

    /// Makes a token for a program that acts for `user`, whose role this is.
    pub(crate) async fn give_api_token(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
        role: Role,
        name: TokenName,
        new: &NewApiToken,
        doer: Doer,
    ) -> Result<(ApiToken, String), ApiTokenError> {
        let now = self.clock.now();
        let &NewApiToken { scopes, group, expires_at, .. } = new;
        if scopes.is_empty() && group.is_none() {
            return Err(ApiTokenError::NoScopes);
        }
        if scopes.contains(Scope::Admin) && role != Role::Admin {
            return Err(ApiTokenError::NotAnAdmin);
        }
        if expires_at.is_some_and(|end| end <= now) {
            return Err(ApiTokenError::EndsInThePast);
        }
        if work.api_tokens_of(user).await?.len() >= ApiToken::MAX {
            return Err(ApiTokenError::TooMany);
        }
        let id = SessionId::from_uuid(self.ids.next_id());
        let secret = format!("{}{}", ApiToken::PREFIX, self.tokens.secret().0);
        let token =
            ApiToken { id, user, name, scopes, group, created_at: now, last_used_at: None, expires_at };
        let session = Session {
            id,
            user,
            kind: SessionKind::Token,
            secret: Some(self.tokens.hash(&secret)),
            grant: token.grant(),
            remember: false,
            created_at: now,
            last_used_at: now,
            confirmed_at: now,
            device: Device { user_agent: String::new(), address: doer.address },
        };
        work.insert_session(&session).await?;
        work.insert_api_token(&token).await?;
        self.note_token(work, doer, AuditAction::ApiTokenMade, &token).await?;
        Ok((token, secret))
    }

    /// The tokens with which programs act for somebody, the newest first; not those that have ended.
    pub async fn api_tokens(&self, user: UserId) -> Result<Vec<ApiToken>, StoreError> {
        let now = self.clock.now();
        let mut tokens = self.store.api_tokens_of(user).await?;
        tokens.retain(|token| token.expires_at.is_none_or(|end| now < end));
        Ok(tokens)
    }

    /// Takes one of somebody's own tokens out of use; what is connected through it is closed.
    pub async fn revoke_api_token(
        &self,
        who: &Authenticated,
        id: SessionId,
        address: Option<IpAddr>,
    ) -> Result<(), ApiTokenError> {
        let mut work = self.store.begin().await?;
        let doer = Doer { user: Some(who.actor.user), address };
        let token = work.api_token(id).await?.filter(|token| token.user == who.actor.user);
        self.end_api_token(&mut *work, &token.ok_or(ApiTokenError::NoSuchToken)?, doer).await?;
        work.commit().await?;
        self.forget(id);
        Ok(())
    }

    /// The same, for any token. Whoever calls it forgets the session once it is done.
    pub(crate) async fn end_api_token(
        &self,
        work: &mut dyn UnitOfWork,
        token: &ApiToken,
        doer: Doer,
    ) -> Result<(), StoreError> {
        work.delete_sessions(&[token.id]).await?;
        let reason = SessionEnd::SignedOut;
        work.emit(Event::SessionEnded { session: token.id, user: token.user, reason });
        self.note_token(work, doer, AuditAction::ApiTokenRevoked, token).await
    }

    async fn note_token(
        &self,
        work: &mut dyn UnitOfWork,
        doer: Doer,
        action: AuditAction,
        token: &ApiToken,
    ) -> Result<(), StoreError> {
        let words: Vec<_> = token.scopes.iter().map(Scope::word).collect();
        let (name, scopes) = (Some(token.name.as_str()), words.join(" "));
        let is_made = action == AuditAction::ApiTokenMade;
        let told = |field, value| {
            let (before, after) = if is_made { (None, value) } else { (value, None) };
            AuditChange::of_text(field, before, after)
        };
        let group = token.group.map(|group| group.to_string());
        let scopes = Some(scopes.as_str()).filter(|scopes| !scopes.is_empty());
        let changes = [told("name", name), told("scopes", scopes), told("group", group.as_deref())];
        let target = Some(AuditTarget::User(token.user));
        self.scribe.note(work, doer, action, target, changes.into_iter().flatten().collect()).await
    }
}
