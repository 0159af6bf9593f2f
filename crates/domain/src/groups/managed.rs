use super::{Group, Visibility};
use crate::{Timestamp, UserId};

/// A group as admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedGroup {
    /// The group.
    pub group: Group,
    /// Who has been in it longest of those who own it; `None` when nobody does.
    pub owner: Option<UserId>,
    /// How many own it.
    pub owners: u64,
    /// How many messages were ever posted there, deleted ones too, as far as they are counted.
    pub messages: u64,
    /// When something happened there last.
    pub active_at: Timestamp,
}

/// What a list of groups is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ManagedGroupOrder {
    /// The name, in any case.
    #[default]
    Name,
    /// When it was made.
    Created,
    /// When something happened there last.
    Active,
    /// How many people are in it.
    Members,
    /// How many messages were posted there.
    Messages,
}

/// Which groups a list is about, and how it is sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManagedGroupFilter {
    /// Part of the name or the description, in any case.
    pub search: Option<String>,
    /// Only those that may be found and joined by these.
    pub visibility: Option<Visibility>,
    /// Only archived ones, or only those in use.
    pub archived: Option<bool>,
    /// Only frozen ones, or only those in which people may write.
    pub frozen: Option<bool>,
    /// Only those that nobody owns, but for the lobby, or only those that somebody does.
    pub ownerless: Option<bool>,
    /// What it is sorted by.
    pub order: ManagedGroupOrder,
    /// The largest first.
    pub descending: bool,
}
