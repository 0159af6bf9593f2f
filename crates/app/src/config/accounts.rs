use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::section::section;

section! {
    /// Who gets an account, and how passwords are kept.
    struct Accounts = "accounts";

    /// `open`: everybody may register. `invite`: whoever was invited. `closed`: nobody. Admins
    /// change it while the server runs; then this counts no more.
    registration: Registration = Registration::Open;

    /// The fewest characters of a password.
    password_min_length: usize [8..=128] = 10;

    /// Memory for hashing one password with Argon2id, in KiB.
    argon2_memory_kib: u32 [8_192..=1_048_576] = 19_456;

    /// Passes over that memory.
    argon2_iterations: u32 [1..=20] = 2;

    /// Lanes of one hash.
    argon2_parallelism: u32 [1..=16] = 1;
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Whoever was invited.
    Invite,
    /// Nobody.
    Closed,
}

section! {
    /// The first administrator, for installations without hands. Without these two the server
    /// prints a link at its first start, where a person makes the account.
    struct Admin = "admin";

    /// The user name of the administrator to make when there is none yet.
    username: Option<String> = None;

    /// A file with that account's password.
    password_file: Option<PathBuf> = None;
}

section! {
    /// How long people stay signed in.
    struct Sessions = "sessions";

    /// A session ends when nothing was heard of it for this long.
    idle_minutes: u64 [1..=10_080] = 30;

    /// The same for a session on a device the person asked to remember.
    remember_days: u64 [1..=365] = 30;

    /// Every session ends after this long.
    absolute_days: u64 [1..=3_650] = 90;

    /// The file with the key that signs access tokens, made when it is missing. Without one it is
    /// `signing.key` in the data folder. Nodes that share a database must have the same key.
    signing_key_file: Option<PathBuf> = None;

    /// The life of an access token, which a refresh token renews.
    access_token_seconds: u64 [60..=3_600] = 300;
}
