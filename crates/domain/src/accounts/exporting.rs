use std::net::IpAddr;

use super::{Accounts, Authenticated};
use crate::{AuditAction, Doer, Export, ExportError, User};

impl Accounts {
    /// What there is about oneself, to be taken along. They must have given their password lately.
    pub async fn export(&self, who: &Authenticated, address: Option<IpAddr>) -> Result<Export, ExportError> {
        if !self.is_confirmed(who.session).await? {
            return Err(ExportError::Unconfirmed);
        }
        let id = who.actor.user;
        let mut work = self.store.begin().await?;
        let user = work.user(id).await?.filter(User::is_active).ok_or(ExportError::NoSuchUser)?;
        let doer = Doer { user: Some(id), address };
        self.note(&mut *work, doer, AuditAction::DataExported, id).await?;
        work.commit().await?;
        Ok(Export::new(self.store.clone(), user, None, self.clock.now()))
    }
}
