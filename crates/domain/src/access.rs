//! Who may do what: the one place that decides.

use std::time::Duration;

use thiserror::Error;

use crate::{Blocked, Group, MemberRole, Role, Standing, Timestamp, UserId, Visibility};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Their role on the server, as it is now.
    pub role: Role,
}

/// What somebody wants to do with a conversation or its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See that it exists: its name, description and number of members.
    Discover,
    /// Read its log, move one's cursors, say that one is typing, see its members.
    Read,
    /// Post a message.
    Post,
    /// Change one's own messages, pin any.
    Amend,
    /// Mention everybody at once.
    MentionAll,
    /// React to a message.
    React,
    /// Delete other people's messages, and see what they said before they were changed.
    Moderate,
    /// Erase all that was written until now.
    Clear,
    /// Come in by oneself.
    Join,
    /// Go out by oneself.
    Leave,
    /// Bring somebody in.
    Invite,
    /// Put out a member who has this role.
    Remove(MemberRole),
    /// Give a member who has the first role the second one.
    SetRole(MemberRole, MemberRole),
    /// Take a lower role oneself.
    StepDown,
    /// Keep a member who has this role from writing for a time, or let them write again.
    Mute(MemberRole),
    /// Change name, description, picture, visibility or who may write.
    Change,
    /// Say how long messages and files are kept.
    SetRetention,
    /// Archive the group, or bring it back.
    Archive,
    /// Delete the group with all that was written there.
    Delete,
    /// Learn why the group is frozen, which is told to those who lead it only.
    LearnWhyFrozen,
}

/// Why it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Denied {
    /// As far as this person may know there is no such thing.
    #[error("there is no such conversation")]
    NotFound,
    /// This person may know of it, but not do that.
    #[error("you may not do that here")]
    Forbidden,
    /// This person may read here, but not write before this moment.
    #[error("you may read here, but not write for the time being")]
    Muted(Timestamp),
    /// In this group members wait between two messages, and this one has to wait for so long.
    #[error("wait before you write here again")]
    SlowMode(Duration),
    /// This person blocked the other one, and has to let them be again first.
    #[error("you blocked this person; unblock them to write to them")]
    Blocked,
    /// The group is archived: nothing is changed until it is brought back.
    #[error("the group is archived")]
    Archived,
    /// An admin froze the group: nothing is written until they lift that.
    #[error("the group is frozen")]
    Frozen,
}

/// Decides whether `actor` may do `action`, from how they stand to the conversation at `now`.
///
/// Admins run the server; they do not read what they take no part in. In public groups they may do
/// what an owner may, without reading; private groups and direct conversations do not exist for
/// them unless they are members.
pub fn authorize(actor: &Actor, action: Action, standing: &Standing, now: Timestamp) -> Result<(), Denied> {
    let public = standing.group.is_some_and(|group| group.visibility == Visibility::Public);
    if standing.role.is_none() && !public {
        return Err(Denied::NotFound);
    }
    if action != Action::Discover && standing.is_banned(now) {
        return Err(Denied::Forbidden);
    }
    if !is_allowed(actor, action, standing) {
        return Err(Denied::Forbidden);
    }
    if standing.group.is_some_and(|group| group.archived) && !is_for_archives(action) {
        return Err(Denied::Archived);
    }
    if standing.group.is_some_and(|group| group.frozen) && !is_for_frozen(actor, action) {
        return Err(Denied::Frozen);
    }
    if matches!(action, Action::Post | Action::Amend | Action::React | Action::SetRetention)
        && let Some(blocked) = standing.blocked
    {
        // Who was blocked is not told.
        return Err(match blocked {
            Blocked::ByThemselves => Denied::Blocked,
            Blocked::ByOther => Denied::Forbidden,
        });
    }
    if let Some(until) = end_of_mute(action, standing).filter(|until| now < *until) {
        return Err(Denied::Muted(until));
    }
    if action == Action::Post
        && let Some((pause, posted_at)) = pace(actor, standing).zip(standing.posted_at)
        && now < posted_at.plus(pause)
    {
        return Err(Denied::SlowMode(posted_at.plus(pause).since(now)));
    }
    Ok(())
}

/// When a mute ends that keeps somebody from this; in one group it is about messages only.
fn end_of_mute(action: Action, standing: &Standing) -> Option<Timestamp> {
    match action {
        Action::Post | Action::Amend | Action::React => standing.muted_until.max(standing.server_muted_until),
        Action::Change | Action::SetRetention => standing.server_muted_until,
        _ => None,
    }
}

/// What may be done in an archived group: read it, put things in order, and go.
fn is_for_archives(action: Action) -> bool {
    use Action::{Archive, Clear, Delete, Discover, LearnWhyFrozen, Leave, Moderate, Read, Remove, StepDown};
    matches!(
        action,
        Discover | Read | Leave | Moderate | Clear | Remove(_) | StepDown | Archive | Delete | LearnWhyFrozen
    )
}

/// What may be done in a frozen group: nothing is written there, and what was written stays for
/// those who froze it to look at.
fn is_for_frozen(actor: &Actor, action: Action) -> bool {
    match action {
        Action::Post | Action::Amend | Action::React => false,
        Action::Change | Action::SetRetention | Action::Clear | Action::Archive | Action::Delete => {
            actor.role == Role::Admin
        }
        _ => true,
    }
}

/// How long `actor` has to wait here between two messages; `None` where they need not.
pub(crate) fn pace(actor: &Actor, standing: &Standing) -> Option<Duration> {
    let pause = standing.group?.slow_mode.pause()?;
    (rank(actor, standing) < Some(MemberRole::Moderator)).then_some(pause)
}

/// What this person counts as where the group is managed.
fn rank(actor: &Actor, standing: &Standing) -> Option<MemberRole> {
    if actor.role == Role::Admin { Some(MemberRole::Owner) } else { standing.role }
}

/// Decides whether `actor` may look after the server itself: its nodes, people and settings.
pub fn administrate(actor: &Actor) -> Result<(), Denied> {
    if actor.role == Role::Admin { Ok(()) } else { Err(Denied::Forbidden) }
}

/// Decides whether somebody who looks after the server may do `action` with a group, whatever they
/// are to it.
///
/// They know of every group, private ones too, who is in it and who owns it, and put it in order.
/// They read nothing there, say nothing, and do not come in by it.
pub fn oversee(action: Action, group: &Group) -> Result<(), Denied> {
    let is_allowed = match action {
        Action::Discover | Action::Change | Action::Clear => true,
        Action::Archive | Action::Delete | Action::Remove(_) | Action::SetRole(..) => !group.lobby,
        _ => false,
    };
    if !is_allowed {
        return Err(Denied::Forbidden);
    }
    // An archived group, too, needs somebody who can bring it back.
    let is_for_archives = is_for_archives(action) || matches!(action, Action::SetRole(..));
    if group.archived_at.is_some() && !is_for_archives { Err(Denied::Archived) } else { Ok(()) }
}

fn is_allowed(actor: &Actor, action: Action, standing: &Standing) -> bool {
    let is_member = standing.role.is_some();
    let is_lobby = standing.group.is_some_and(|group| group.lobby);
    let Some(group) = standing.group else {
        return matches!(
            action,
            Action::Discover
                | Action::Read
                | Action::Post
                | Action::Amend
                | Action::React
                | Action::SetRetention
        );
    };
    let rank = rank(actor, standing);
    match action {
        Action::Discover => true,
        Action::Read | Action::React | Action::StepDown => is_member,
        Action::Moderate | Action::MentionAll => is_member && rank >= Some(MemberRole::Moderator),
        Action::Post | Action::Amend => {
            is_member && (!group.read_only || rank >= Some(MemberRole::Moderator))
        }
        Action::Join => !is_member,
        Action::Leave => is_member && !is_lobby,
        Action::Invite => {
            !is_lobby
                && (is_member && group.visibility == Visibility::Public
                    || rank >= Some(MemberRole::Moderator))
        }
        Action::Remove(role) => {
            !is_lobby
                && rank >= Some(MemberRole::Moderator)
                && (rank > Some(role) || rank == Some(MemberRole::Owner))
        }
        Action::SetRole(from, to) => {
            rank == Some(MemberRole::Owner)
                || rank == Some(MemberRole::Moderator) && from == MemberRole::Member && rank >= Some(to)
        }
        Action::Mute(role) => {
            rank >= Some(MemberRole::Moderator) && (rank > Some(role) || rank == Some(MemberRole::Owner))
        }
        Action::SetRetention if is_lobby => actor.role == Role::Admin,
        Action::SetRetention => rank == Some(MemberRole::Owner),
        Action::Archive | Action::Delete => !is_lobby && rank == Some(MemberRole::Owner),
        Action::Change | Action::Clear | Action::LearnWhyFrozen => rank >= Some(MemberRole::Moderator),
    }
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
