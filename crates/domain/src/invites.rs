//! Invitations to the server.

use std::time::Duration;

use thiserror::Error;

use crate::{AuditChange, Email, InvalidText, InviteId, Role, StoreError, Timestamp, UserId, Username};

/// An invitation to the server: whoever presents its token may make an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The id.
    pub id: InviteId,
    /// What the new account may do on the server.
    pub role: Role,
    /// The address that the new account must have; `None` for any or none.
    pub email: Option<Email>,
    /// Who made it; `None` when it was made on the machine itself.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` when it does not end by itself.
    pub expires_at: Option<Timestamp>,
    /// How many accounts may be made with it; `None` for any number.
    pub max_uses: Option<u32>,
    /// How many were.
    pub uses: u32,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

impl Invite {
    /// The most uses that may be set.
    pub const MAX_USES: u32 = 10_000;

    /// How long an invitation of an admin is good at most.
    pub const ADMIN_LIFE: Duration = Duration::from_hours(7 * 24);

    /// The most people of one invitation that a list tells.
    pub const USES_TOLD: u32 = 20;

    /// Whether an account may be made with it at `now`.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none()
            && self.expires_at.is_none_or(|end| now < end)
            && self.max_uses.is_none_or(|most| self.uses < most)
    }

    /// What it is, for the audit log.
    pub(crate) fn described(&self) -> Vec<AuditChange> {
        let uses = self.max_uses.map(|most| most.to_string());
        let fields = [
            AuditChange::of_text("invite", None, Some(&self.id.to_string())),
            AuditChange::of_text("role", None, Some(self.role.word())),
            AuditChange::of_text("email", None, self.email.as_ref().map(Email::as_str)),
            AuditChange::of_text("max_uses", None, uses.as_deref()),
            AuditChange::of_moment("expires_at", None, self.expires_at),
        ];
        fields.into_iter().flatten().collect()
    }
}

/// Somebody made an account with an invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteUse {
    /// The invitation.
    pub invite: InviteId,
    /// Who.
    pub user: UserId,
    /// Their handle.
    pub username: Username,
    /// When.
    pub used_at: Timestamp,
}

/// What somebody wants an invitation to be, as they typed it.
#[derive(Debug, Clone)]
pub struct NewInvite {
    /// What the new account may do on the server.
    pub role: Role,
    /// The address that the new account must have; blank for any or none.
    pub email: Option<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// How many accounts may be made with it.
    pub max_uses: Option<u32>,
}

/// Why an invitation was not made, found or taken back.
#[derive(Debug, Error)]
pub enum InviteError {
    /// The address is none.
    #[error(transparent)]
    Invalid(#[from] InvalidText),
    /// It would end before it begins.
    #[error("an invitation ends in the future")]
    EndsInThePast,
    /// An admin's would be good for too long.
    #[error("an invitation of an admin is good for seven days at most")]
    AdminTooLong,
    /// An admin's, or one for an address, would be for several.
    #[error("an invitation of an admin, or for an address, is for one account")]
    SeveralUses,
    /// The number of uses is out of range.
    #[error("the number of uses must be from 1 to {}", Invite::MAX_USES)]
    BadNumberOfUses,
    /// There is none, or it cannot be used any more.
    #[error("there is no such invitation, or it is used up, over or taken back")]
    NoSuchInvite,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NewInvite {
    /// The invitation that this asks for, if there may be one like it. One for an admin or for an
    /// address is for one account, and an admin's ends after seven days unless it ends sooner.
    pub fn invite(
        &self,
        id: InviteId,
        created_by: Option<UserId>,
        now: Timestamp,
    ) -> Result<Invite, InviteError> {
        let email = self.email.as_deref().filter(|text| !text.trim().is_empty());
        let email = email.map(Email::parse).transpose()?;
        if self.expires_at.is_some_and(|end| end <= now) {
            return Err(InviteError::EndsInThePast);
        }
        if self.max_uses.is_some_and(|most| !(1..=Invite::MAX_USES).contains(&most)) {
            return Err(InviteError::BadNumberOfUses);
        }
        let is_personal = self.role == Role::Admin || email.is_some();
        if is_personal && self.max_uses.is_some_and(|most| most > 1) {
            return Err(InviteError::SeveralUses);
        }
        let max_uses = if is_personal { Some(1) } else { self.max_uses };
        let latest = now.plus(Invite::ADMIN_LIFE);
        let expires_at = match (self.role, self.expires_at) {
            (Role::Admin, Some(end)) if end > latest => return Err(InviteError::AdminTooLong),
            (Role::Admin, None) => Some(latest),
            (_, end) => end,
        };
        let role = self.role;
        Ok(Invite {
            id,
            role,
            email,
            created_by,
            created_at: now,
            expires_at,
            max_uses,
            uses: 0,
            revoked_at: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn new(role: Role) -> NewInvite {
        NewInvite { role, email: None, expires_at: None, max_uses: None }
    }

    fn made(new: &NewInvite) -> Result<Invite, InviteError> {
        new.invite(InviteId::from_uuid(Uuid::nil()), None, NOW)
    }

    #[test]
    fn an_admins_invitation_is_for_one_and_for_seven_days() {
        let invite = made(&new(Role::Admin)).unwrap();
        assert_eq!(invite.max_uses, Some(1));
        assert_eq!(invite.expires_at, Some(NOW.plus(Invite::ADMIN_LIFE)));
        let long = NewInvite {
            expires_at: Some(NOW.plus(Invite::ADMIN_LIFE + Duration::from_millis(1))),
            ..new(Role::Admin)
        };
        assert!(matches!(made(&long), Err(InviteError::AdminTooLong)));
        let several = NewInvite { max_uses: Some(2), ..new(Role::Admin) };
        assert!(matches!(made(&several), Err(InviteError::SeveralUses)));
    }

    #[test]
    fn an_invitation_for_an_address_is_for_one() {
        let bound = NewInvite { email: Some(" Ana@Example.org ".into()), ..new(Role::User) };
        let invite = made(&bound).unwrap();
        assert_eq!((invite.max_uses, invite.expires_at), (Some(1), None));
        assert!(matches!(
            made(&NewInvite { email: Some("ana".into()), ..new(Role::User) }),
            Err(InviteError::Invalid(_))
        ));
        assert_eq!(made(&new(Role::User)).unwrap().max_uses, None);
    }

    #[test]
    fn it_ends_by_time_by_use_and_by_being_taken_back() {
        let invite =
            Invite { expires_at: Some(NOW.plus(Duration::from_mins(1))), ..made(&new(Role::User)).unwrap() };
        assert!(invite.is_good(NOW));
        assert!(!invite.is_good(NOW.plus(Duration::from_mins(1))));
        assert!(!Invite { max_uses: Some(3), uses: 3, ..invite.clone() }.is_good(NOW));
        assert!(!Invite { revoked_at: Some(NOW), ..invite }.is_good(NOW));
        for most in [0, Invite::MAX_USES + 1] {
            let new = NewInvite { max_uses: Some(most), ..new(Role::User) };
            assert!(matches!(made(&new), Err(InviteError::BadNumberOfUses)));
        }
        let past = NewInvite { expires_at: Some(NOW), ..new(Role::User) };
        assert!(matches!(made(&past), Err(InviteError::EndsInThePast)));
    }
}
