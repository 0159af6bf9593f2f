use thiserror::Error;

use super::{Accounts, Tokens};
use crate::{Event, RefreshToken, Session, SessionEnd, SessionId, StoreError, TokenHash, UnitOfWork};

/// New tokens for an old refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The session they belong to.
    pub session: SessionId,
    /// The new pair.
    pub tokens: Tokens,
}

/// Why there are no new tokens.
#[derive(Debug, Error)]
pub enum RefreshError {
    /// The token is unknown, over, or was used by two parties; sign in again.
    #[error("the refresh token is not valid; sign in again")]
    Invalid,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Exchanges a refresh token for a new pair.
    ///
    /// The answer may get lost, so the same token may be presented again as long as its successor
    /// was not; that successor is then revoked. Any other use of an old token means that somebody
    /// else has it too, and ends the session.
    pub async fn refresh(&self, secret: &str) -> Result<Refreshed, RefreshError> {
        let now = self.clock.now();
        let hash = self.tokens.hash(secret);
        let mut work = self.store.begin().await?;
        work.lock_session_of(&hash).await?;
        let token = work.refresh_token(&hash).await?.ok_or(RefreshError::Invalid)?;
        let session = work.session(token.session).await?.ok_or(RefreshError::Invalid)?;
        let user =
            work.user(session.user).await?.filter(crate::User::is_active).ok_or(RefreshError::Invalid)?;
        if self.expired(&session) || self.active_ban_in(&*work, &session).await? {
            return Err(RefreshError::Invalid);
        }
        if !revoke_unused_successor(&mut *work, &token).await? {
            work.delete_sessions(&[session.id]).await?;
            work.emit(Event::SessionEnded {
                session: session.id,
                user: user.id,
                reason: SessionEnd::TokenReused,
            });
            work.commit().await?;
            self.forget(session.id);
            return Err(RefreshError::Invalid);
        }
        let (refresh, successor) = self.tokens.secret();
        work.insert_refresh_token(&RefreshToken {
            hash: successor,
            session: session.id,
            issued_at: now,
            successor: None,
            revoked: false,
        })
        .await?;
        work.update_refresh_token(&RefreshToken { successor: Some(successor), ..token }).await?;
        work.touch_sessions(&[(session.id, now)]).await?;
        work.commit().await?;
        let access = self.tokens.access_token(user.id, session.id, now);
        Ok(Refreshed { session: session.id, tokens: Tokens { access, refresh } })
    }

    async fn active_ban_in(&self, work: &dyn UnitOfWork, session: &Session) -> Result<bool, StoreError> {
        let now = self.clock.now();
        Ok(work.bans_of(session.user, None).await?.iter().any(|ban| ban.is_active(now)))
    }
}

/// Makes way for a new successor; false when `token` must not be used any more.
async fn revoke_unused_successor(
    work: &mut dyn UnitOfWork,
    token: &RefreshToken,
) -> Result<bool, StoreError> {
    if token.revoked {
        return Ok(false);
    }
    let Some(successor) = token.successor else { return Ok(true) };
    let Some(unused) = unused(work, &successor).await? else { return Ok(false) };
    work.update_refresh_token(&RefreshToken { revoked: true, ..unused }).await?;
    Ok(true)
}

async fn unused(work: &dyn UnitOfWork, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError> {
    Ok(work.refresh_token(hash).await?.filter(|token| token.successor.is_none() && !token.revoked))
}
