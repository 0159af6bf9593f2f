use serde::{Deserialize, Serialize};

use super::section::section;

section! {
    /// How long what people write and share is kept, in all conversations. Those who lead a conversation
    /// may set fewer days for it, and never more. See `docs/operations/retention.md`.
    struct Retention = "retention";

    /// After how many days it is deleted, for good; 0 is never.
    days: u64 [0..=3_650] = 0;

    /// What is deleted then. `messages_and_files`: messages, with their files. `files`: only files.
    what: RetentionScope = RetentionScope::MessagesAndFiles;
}

/// What is deleted once it is old enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionScope {
    /// Messages, with their files.
    MessagesAndFiles,
    /// Only files.
    Files,
}

impl Retention {
    /// What follows from it; nothing when everything is kept.
    pub fn setting(&self) -> Option<parlor_domain::Retention> {
        let days = parlor_domain::RetentionDays::new(self.days)?;
        let what = match self.what {
            RetentionScope::MessagesAndFiles => parlor_domain::RetentionScope::MessagesAndFiles,
            RetentionScope::Files => parlor_domain::RetentionScope::Files,
        };
        Some(parlor_domain::Retention { days, what })
    }
}
