use super::{AdminError, Administration, Administrator};
use std::time::Duration;

use super::people::active_user;
use crate::accounts::end_sessions;
use crate::bans::tell_of_end;
use crate::{
    AuditAction, AuditChange, AuditTarget, Ban, BanId, BanReason, GroupId, Page, PageSize, SessionEnd,
    Timestamp, UserId,
};

/// Which bans a list is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BanFilter {
    /// Of this group; `None` means of the whole server.
    pub group: Option<GroupId>,
    /// Only of this person.
    pub user: Option<UserId>,
    /// Only those that keep somebody out now, or only those that are over.
    pub active: Option<bool>,
}

impl Administration {
    /// Bans of the server, the latest first.
    pub async fn bans(
        &self,
        by: &Administrator,
        filter: &BanFilter,
        after: Option<BanId>,
        size: PageSize,
    ) -> Result<Page<Ban>, AdminError> {
        by.authorize()?;
        let found = self.store.list_bans(filter, self.clock.now(), after, size.get() + 1).await?;
        Ok(Page::from_overfetched(found, size, |ban| ban.id.to_string()))
    }

    /// The moment so many minutes from now.
    pub fn in_minutes(&self, minutes: u32) -> Timestamp {
        self.clock.now().plus(Duration::from_mins(u64::from(minutes)))
    }

    /// Shuts somebody out of the server until a moment or, with `None`, for good, in place of any
    /// ban that they have. They are signed out everywhere, and what they were connected through is
    /// closed.
    pub async fn ban(
        &self,
        by: &Administrator,
        user: UserId,
        reason: BanReason,
        until: Option<Timestamp>,
    ) -> Result<Ban, AdminError> {
        let mut work = self.begin(by).await?;
        let now = self.clock.now();
        if until.is_some_and(|until| until <= now) {
            return Err(AdminError::EndsInThePast);
        }
        if by.is(user) {
            return Err(AdminError::Yourself);
        }
        active_user(&mut *work, user).await?;
        let mut changes = Vec::new();
        for before in work.bans_of(user, None).await?.into_iter().filter(|ban| ban.is_active(now)) {
            work.lift_ban(before.id, now).await?;
            changes.extend(AuditChange::of_text("reason", Some(before.reason.as_str()), None));
            changes.extend(AuditChange::of_moment("until", before.until, None));
        }
        changes.extend(AuditChange::of_text("reason", None, Some(reason.as_str())));
        changes.extend(AuditChange::of_moment("until", None, until));
        let ban = Ban {
            id: BanId::from_uuid(self.ids.next_id()),
            user,
            group: None,
            reason,
            issued_by: by.doer().user,
            issued_at: now,
            until,
            lifted_at: None,
        };
        work.insert_ban(&ban).await?;
        self.keep_an_admin(&*work).await?;
        let ended = end_sessions(&mut *work, user, SessionEnd::Banned, |_| false).await?;
        let target = Some(AuditTarget::User(user));
        self.scribe.note(&mut *work, by.doer(), AuditAction::UserBanned, target, changes).await?;
        work.commit().await?;
        self.accounts.forget_all(ended);
        Ok(ban)
    }

    /// Lets somebody in again before their ban ends. They have to sign in anew.
    pub async fn lift_ban(&self, by: &Administrator, id: BanId) -> Result<Ban, AdminError> {
        let mut work = self.begin(by).await?;
        let now = self.clock.now();
        let ban = work.ban(id).await?.filter(|ban| ban.group.is_none() && ban.is_active(now));
        let ban = ban.ok_or(AdminError::NoSuchBan)?;
        work.lift_ban(id, now).await?;
        let changes = [
            AuditChange::of_text("reason", Some(ban.reason.as_str()), None),
            AuditChange::of_moment("until", ban.until, None),
        ];
        let (target, changes) = (Some(AuditTarget::User(ban.user)), changes.into_iter().flatten().collect());
        self.scribe.note(&mut *work, by.doer(), AuditAction::BanLifted, target, changes).await?;
        tell_of_end(&mut *work, &ban, by.doer().user, now, self.notifications_kept).await?;
        work.commit().await?;
        Ok(Ban { lifted_at: Some(now), ..ban })
    }
}
