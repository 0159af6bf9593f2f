//! What programs act for somebody with.

use crate::{GroupId, SessionId, Timestamp, TokenName, UserId};

/// A kind of thing that a program may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Look at what the person sees, and listen.
    Read,
    /// Change what the person may change: write messages, join groups, react.
    Write,
    /// Look after the server. Without it an admin's token is like anybody's.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The word for it, as the API and the audit log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Write => 2,
            Self::Admin => 4,
        }
    }
}

/// Everything that a program may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// These.
    pub fn of(scopes: &[Scope]) -> Self {
        Self(scopes.iter().fold(0, |bits, scope| bits | scope.bit()))
    }

    /// As they were stored; bits that mean nothing here are left out.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & Self::of(&Scope::ALL).0)
    }

    /// How they are stored: a bit for each.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one is among them.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

/// What a session may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// Whatever the person may do: they signed in themselves.
    Everything,
    /// What its owner lets a program do, until it ends.
    Token {
        /// What that is.
        scopes: Scopes,
        /// When it ends; `None` when it does not end by itself.
        expires_at: Option<Timestamp>,
    },
    /// Posting to this group, without looking at anything: an incoming webhook.
    Webhook {
        /// The group.
        group: GroupId,
    },
}

impl Grant {
    /// Whether this kind of thing may be done.
    pub fn allows(&self, scope: Scope) -> bool {
        match self {
            Self::Everything => true,
            Self::Token { scopes, .. } => scopes.contains(scope),
            Self::Webhook { .. } => false,
        }
    }

    /// Whether it is a program's.
    pub fn is_token(&self) -> bool {
        *self != Self::Everything
    }
}

/// A token with which a program acts for somebody, without its secret. It is a session of its own,
/// so that it ends like one: with a ban, with a recovered account, or by being revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The session that it is.
    pub id: SessionId,
    /// For whom the program acts.
    pub user: UserId,
    /// What its owner calls it.
    pub name: TokenName,
    /// What the program may do; nothing when it is a webhook.
    pub scopes: Scopes,
    /// Where it posts when it is an incoming webhook, which does nothing else.
    pub group: Option<GroupId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute; `None` when it never was.
    pub last_used_at: Option<Timestamp>,
    /// When it ends; `None` when it does not end by itself.
    pub expires_at: Option<Timestamp>,
}

impl ApiToken {
    /// What a session may be used for that is this token.
    pub fn grant(&self) -> Grant {
        match self.group {
            Some(group) => Grant::Webhook { group },
            None => Grant::Token { scopes: self.scopes, expires_at: self.expires_at },
        }
    }

    /// What each token begins with, so that people and scanners know it when they see one.
    pub const PREFIX: &'static str = "parlor_";

    /// The most tokens that one person has.
    pub const MAX: usize = 50;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_do_what_it_was_made_for_and_a_person_everything() {
        let scopes = Scopes::of(&[Scope::Read, Scope::Admin, Scope::Read]);
        let grant = Grant::Token { scopes, expires_at: None };
        let allowed = Scope::ALL.map(|scope| (grant.allows(scope), Grant::Everything.allows(scope)));
        assert_eq!(allowed, [(true, true), (false, true), (true, true)]);
        assert_eq!(Scopes::from_bits(scopes.bits() | 128), scopes);
        assert_eq!(scopes.iter().map(Scope::word).collect::<Vec<_>>(), ["read", "admin"]);
    }
}
