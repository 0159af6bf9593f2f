use async_trait::async_trait;

use super::Result;
use crate::{ApiToken, Page, PageSize, SessionId, UserId};

/// Tokens with which programs act for people. Each is a session, whose secret's hash is kept there,
/// and goes with it.
#[async_trait]
pub trait ApiTokenRepository: Send + Sync {
    /// The token that is this session.
    async fn api_token(&self, id: SessionId) -> Result<Option<ApiToken>>;

    /// All of somebody's, the newest first, those that have ended too.
    async fn api_tokens_of(&self, user: UserId) -> Result<Vec<ApiToken>>;

    /// Everybody's from the newest on, or those that are older than `after`.
    async fn api_tokens(&self, after: Option<SessionId>, size: PageSize) -> Result<Page<ApiToken>>;

    /// Adds a token. MUST be called once its session is there.
    async fn insert_api_token(&mut self, token: &ApiToken) -> Result<()>;
}
