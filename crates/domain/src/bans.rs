use crate::notifications::tell;
use crate::{
    BanId, BanReason, GroupId, NewNotification, NotificationKind, StoreError, Timestamp, UnitOfWork, UserId,
};

/// A person shut out, of the server or of one group, for good or until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// The ban's id.
    pub id: BanId,
    /// Who is shut out.
    pub user: UserId,
    /// Of which group; `None` means of the whole server.
    pub group: Option<GroupId>,
    /// Why, as the banned person is told.
    pub reason: BanReason,
    /// Who shut them out; `None` for whoever operates the machine.
    pub issued_by: Option<UserId>,
    /// Since when.
    pub issued_at: Timestamp,
    /// Until when; `None` means for good.
    pub until: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub lifted_at: Option<Timestamp>,
}

impl Ban {
    /// Whether the ban is in force. A timed ban needs no job to end it: it is simply no longer
    /// active once `until` has come.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.lifted_at.is_none() && self.until.is_none_or(|until| now < until)
    }
}

/// Tells somebody that a ban does not keep them out any more, unless they do not want to hear it.
pub(crate) async fn tell_of_end(
    work: &mut dyn UnitOfWork,
    ban: &Ban,
    actor: Option<UserId>,
    at: Timestamp,
    kept: u32,
) -> Result<(), StoreError> {
    let kind = NotificationKind::BanLifted;
    if work.notification_summary(ban.user).await?.settings.off.contains(kind) {
        return Ok(());
    }
    let conversation = ban.group.map(Into::into);
    let news = NewNotification { user: ban.user, kind, conversation, seq: None, actor, at };
    tell(work, vec![news], &[], kept).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn ban(until: Option<i64>, lifted_at: Option<i64>) -> Ban {
        Ban {
            id: BanId::from_uuid(Uuid::nil()),
            user: UserId::from_uuid(Uuid::nil()),
            group: None,
            reason: BanReason::parse("spam").unwrap(),
            issued_by: None,
            issued_at: Timestamp::from_millis(0),
            until: until.map(Timestamp::from_millis),
            lifted_at: lifted_at.map(Timestamp::from_millis),
        }
    }

    #[test]
    fn a_timed_ban_ends_by_itself_at_its_moment() {
        let timed = ban(Some(1_000), None);
        assert!(timed.is_active(Timestamp::from_millis(999)));
        assert!(!timed.is_active(Timestamp::from_millis(1_000)));
    }

    #[test]
    fn a_ban_for_good_ends_only_when_it_is_lifted() {
        assert!(ban(None, None).is_active(Timestamp::from_millis(i64::MAX)));
        assert!(!ban(None, Some(5)).is_active(Timestamp::from_millis(6)));
    }
}
