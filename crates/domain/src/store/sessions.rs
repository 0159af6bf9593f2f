use async_trait::async_trait;

use super::Result;
use crate::{RefreshToken, Session, SessionId, SessionPolicy, Timestamp, TokenHash, UserId};

/// Sign-ins.
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// The session with this id.
    async fn session(&self, id: SessionId) -> Result<Option<Session>>;

    /// The session that is proven by the secret with this hash.
    async fn session_by_secret(&self, secret: &TokenHash) -> Result<Option<Session>>;

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

    /// Writes a session's secret and when it was confirmed, and takes its refresh tokens away.
    async fn renew_session(&mut self, session: &Session) -> Result<()>;

    /// Ends sessions: their refresh tokens go with them. Unknown ids do no harm.
    async fn delete_sessions(&mut self, ids: &[SessionId]) -> Result<()>;

    /// Deletes sign-ins that were over at this moment by what [`Session::is_expired`] says, at most so
    /// many, and their refresh tokens with them; how many went. Those of API tokens stay: their
    /// owners see them in their list.
    async fn delete_expired_sessions(
        &mut self,
        policy: &SessionPolicy,
        moment: Timestamp,
        most: u32,
    ) -> Result<u64>;

    /// Notes when sessions were last used. MUST NOT move any of them back.
    async fn touch_sessions(&mut self, used: &[(SessionId, Timestamp)]) -> Result<()>;

    /// Adds a refresh token.
    async fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<()>;

    /// Writes a refresh token's successor and whether it is revoked.
    async fn update_refresh_token(&mut self, token: &RefreshToken) -> Result<()>;
}
