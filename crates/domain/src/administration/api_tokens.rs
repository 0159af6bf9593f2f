use super::{AdminError, Administration, Administrator};
use crate::{ApiToken, ApiTokenError, Page, PageSize, SessionId};

impl Administration {
    /// Everybody's API tokens, the newest first, those that have ended too.
    pub async fn api_tokens(
        &self,
        by: &Administrator,
        after: Option<SessionId>,
        size: PageSize,
    ) -> Result<Page<ApiToken>, AdminError> {
        by.authorize()?;
        Ok(self.store.api_tokens(after, size).await?)
    }

    /// Takes somebody's API token out of use; what is connected through it is closed.
    pub async fn revoke_api_token(&self, by: &Administrator, id: SessionId) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        let token = work.api_token(id).await?.ok_or(ApiTokenError::NoSuchToken)?;
        self.accounts.end_api_token(&mut *work, &token, by.doer()).await?;
        work.commit().await?;
        self.accounts.forget(id);
        Ok(())
    }
}
