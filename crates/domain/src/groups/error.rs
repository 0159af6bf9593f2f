use thiserror::Error;

use super::InviteLink;
use crate::{Ban, Denied, StoreError, UserId};

/// Why something could not be done with a group.
#[derive(Debug, Error)]
pub enum GroupError {
    /// Not theirs to do.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// One of the people named does not exist.
    #[error("there is no such user")]
    NoSuchUser(UserId),
    /// One of the people named does not want to be added by the actor, who is not told why.
    #[error("this person cannot be added by you")]
    NotToBeAdded(UserId),
    /// A ban keeps one of the people named out of the group.
    #[error("this person is banned from the group; lift the ban first")]
    BannedThere(UserId),
    /// A ban keeps the actor out of the group.
    #[error("you are banned from this group")]
    Banned(Box<Ban>),
    /// There is no ban to be lifted.
    #[error("this person is not banned from the group")]
    NotBannedThere,
    /// The group has as many members as it may have.
    #[error("the group is full; it may have {max} members")]
    Full {
        /// The most members.
        max: u64,
    },
    /// The last owner cannot go while others stay.
    #[error("the last owner cannot leave or step down; make somebody else an owner first")]
    LastOwner,
    /// Only an owner hands over, and to somebody else.
    #[error("only an owner can hand over the group, and to somebody else")]
    NothingToHandOver,
    /// There is nothing that keeps people from writing.
    #[error("this group is not frozen")]
    NotFrozen,
    /// A mute that has ended is none.
    #[error("must lie ahead")]
    EndsInThePast,
    /// A link that has ended leads nowhere.
    #[error("must lie ahead")]
    LinkEndsInThePast,
    /// A link is good for at least one and not for more people than there are.
    #[error("must be between 1 and {}", InviteLink::MAX_USES)]
    BadNumberOfUses,
    /// The group has as many links as it may have.
    #[error("the group has {} invite links; revoke one first", InviteLink::MAX_PER_GROUP)]
    TooManyLinks,
    /// There is no such link, or it is not good any more.
    #[error("this invitation is not, or no longer, valid; ask for a new one")]
    NoSuchLink,
    /// The lobby is for everybody.
    #[error("the lobby is always public")]
    LobbyIsPublic,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
