use crate::{DisplayName, GroupId, GroupName, UserId, Username};

/// How much room files take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileFigures {
    /// Files that people uploaded.
    pub files: u64,
    /// How many bytes these have, each counted for itself.
    pub bytes: u64,
    /// How many bytes are kept for them: the same ones once, and the small versions of pictures.
    pub kept_bytes: u64,
    /// Those that nothing uses and that go unless a message gets them.
    pub unused_files: u64,
    /// How many bytes these have.
    pub unused_bytes: u64,
}

/// How much somebody uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserStorage {
    /// Who.
    pub user: UserId,
    /// Their username.
    pub username: Username,
    /// Their name.
    pub name: DisplayName,
    /// How many files they uploaded.
    pub files: u64,
    /// How many bytes these have.
    pub bytes: u64,
}

/// How much the messages of a group have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupStorage {
    /// Which group.
    pub group: GroupId,
    /// Its name.
    pub name: GroupName,
    /// How many files its messages have; one that several have is counted once.
    pub files: u64,
    /// How many bytes these have.
    pub bytes: u64,
}
