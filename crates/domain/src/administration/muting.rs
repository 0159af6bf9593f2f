use std::sync::Arc;

use super::people::active_user;
use super::{AdminError, Administration, Administrator};
use crate::{
    AuditAction, AuditChange, AuditTarget, BanReason, Event, Page, PageSize, ServerMute, Timestamp, User,
    UserId,
};

impl Administration {
    /// Who may not write anywhere now, by when the account was made, the latest first.
    pub async fn muted(
        &self,
        by: &Administrator,
        after: Option<UserId>,
        size: PageSize,
    ) -> Result<Page<User>, AdminError> {
        by.authorize()?;
        let found = self.store.muted_users(self.clock.now(), after, size.get() + 1).await?;
        Ok(Page::from_overfetched(found, size, |user| user.id.to_string()))
    }

    /// Keeps somebody from writing anywhere until a moment, in place of any mute that they have; they
    /// go on reading. They see it at once, with the reason. It ends by itself.
    pub async fn mute(
        &self,
        by: &Administrator,
        id: UserId,
        reason: BanReason,
        until: Timestamp,
    ) -> Result<User, AdminError> {
        let now = self.clock.now();
        if until <= now {
            return Err(AdminError::EndsInThePast);
        }
        let mute = ServerMute { reason, issued_by: by.doer().user, issued_at: now, until };
        self.set_mute(by, id, Some(mute), AuditAction::UserMuted).await
    }

    /// Lets somebody write again before it ends by itself.
    pub async fn unmute(&self, by: &Administrator, id: UserId) -> Result<User, AdminError> {
        self.set_mute(by, id, None, AuditAction::MuteLifted).await
    }

    async fn set_mute(
        &self,
        by: &Administrator,
        id: UserId,
        mute: Option<ServerMute>,
        action: AuditAction,
    ) -> Result<User, AdminError> {
        let mut work = self.begin(by).await?;
        if by.is(id) {
            return Err(AdminError::Yourself);
        }
        let user = active_user(&mut *work, id).await?;
        let before = user.active_mute(self.clock.now()).cloned();
        if mute.is_none() && before.is_none() {
            return Err(AdminError::NoSuchMute);
        }
        let reason = |mute: &Option<ServerMute>| mute.as_ref().map(|mute| mute.reason.to_string());
        let until = |mute: &Option<ServerMute>| mute.as_ref().map(|mute| mute.until);
        let changes = [
            AuditChange::of_text("reason", reason(&before).as_deref(), reason(&mute).as_deref()),
            AuditChange::of_moment("until", until(&before), until(&mute)),
        ];
        let after = User { mute, ..user };
        work.update_user(&after).await?;
        let (target, changes) = (Some(AuditTarget::User(id)), changes.into_iter().flatten().collect());
        self.scribe.note(&mut *work, by.doer(), action, target, changes).await?;
        work.emit(Event::UserChanged(Arc::new(after.clone())));
        work.commit().await?;
        Ok(after)
    }
}
