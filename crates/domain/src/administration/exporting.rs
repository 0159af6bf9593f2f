use super::people::active_user;
use super::{AdminError, Administration, Administrator};
use crate::{AuditAction, AuditTarget, Denied, Export, UserId};

impl Administration {
    /// What there is about somebody, as far as this admin may see it, to be handed to them.
    pub async fn export_account(&self, by: &Administrator, id: UserId) -> Result<Export, AdminError> {
        self.confirmed(by).await?;
        // The operator has the database, and no eyes of their own in it.
        let Administrator::Person(who, _) = by else { return Err(Denied::Forbidden.into()) };
        let mut work = self.begin(by).await?;
        let user = active_user(&mut *work, id).await?;
        let target = Some(AuditTarget::User(id));
        self.scribe.note(&mut *work, by.doer(), AuditAction::DataExported, target, Vec::new()).await?;
        work.commit().await?;
        Ok(Export::new(self.store.clone(), user, Some(who.actor), self.clock.now()))
    }
}
