use super::{AdminError, Administration, Administrator};
use crate::{FileFigures, GroupStorage, Page, PageSize, UserStorage};

impl Administration {
    /// How much room files take.
    pub async fn storage(&self, by: &Administrator) -> Result<FileFigures, AdminError> {
        by.authorize()?;
        Ok(self.store.file_figures().await?)
    }

    /// Who uploaded how much, those with the most bytes first.
    pub async fn storage_by_user(
        &self,
        by: &Administrator,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<UserStorage>, AdminError> {
        by.authorize()?;
        Ok(self.store.storage_by_user(after, size).await?)
    }

    /// How much the messages of each group have, those with the most bytes first.
    pub async fn storage_by_group(
        &self,
        by: &Administrator,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<GroupStorage>, AdminError> {
        by.authorize()?;
        Ok(self.store.storage_by_group(after, size).await?)
    }
}
