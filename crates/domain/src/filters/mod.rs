//! Words and phrases that are not to be written: what the admins chose, and what waits for them.

mod holding;
mod matching;

pub use holding::{HeldMessage, HeldState, ListedHeldMessage};
pub use matching::WordFilter;
pub(crate) use matching::says_something;

use crate::{FilterPhrase, FilterRuleId, Timestamp, UserId};

/// What becomes of a message that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilterAction {
    /// It is not posted, and its author is told why.
    Refuse,
    /// It waits until an admin has decided, when it was written in a group.
    Hold,
}

impl FilterAction {
    /// The word for it, as the API and the audit log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Hold => "hold",
        }
    }
}

/// Something that is not to be written on this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterRule {
    /// The rule's id; a later one is larger.
    pub id: FilterRuleId,
    /// The word or phrase.
    pub phrase: FilterPhrase,
    /// What becomes of a message that says it.
    pub action: FilterAction,
    /// Who made the rule; `None` for whoever operates the machine.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

impl FilterRule {
    /// The most rules of a server.
    pub const MOST: usize = 1_000;
}
