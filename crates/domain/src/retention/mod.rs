//! How long messages and files are kept: as is set for the whole server, and for a conversation.

mod keeping;
mod setting;

pub use keeping::RetentionKeeper;
pub use setting::Retentions;

use std::time::Duration;

use crate::{ConversationId, Timestamp};

/// For how many days something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RetentionDays(u16);

impl RetentionDays {
    /// The most days: ten years.
    pub const MAX: u16 = 3_650;

    /// So many days; `None` when there are none or too many.
    pub fn new(days: u64) -> Option<Self> {
        u16::try_from(days).ok().filter(|days| (1..=Self::MAX).contains(days)).map(Self)
    }

    /// How many.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The moment that lies so many days before another one.
    pub fn before(self, now: Timestamp) -> Timestamp {
        now.minus(Duration::from_hours(24) * u32::from(self.0))
    }
}

/// What goes once it is old enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetentionScope {
    /// Files only; what was written stays.
    Files,
    /// Messages, with their files.
    MessagesAndFiles,
}

impl RetentionScope {
    /// The word for it, as the API, the settings and the log have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::MessagesAndFiles => "messages_and_files",
        }
    }

    /// What this word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Files, Self::MessagesAndFiles].into_iter().find(|scope| scope.word() == word)
    }
}

/// What is deleted, and after how many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Retention {
    /// After how many.
    pub days: RetentionDays,
    /// What.
    pub what: RetentionScope,
}

/// How long messages and files of one conversation are kept: of its own setting and the server's the
/// shorter one counts, for either, so that nobody gets around what the server's says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AppliedRetention {
    /// The conversation's own setting.
    pub own: Option<Retention>,
    /// For how many days messages are kept; `None` for ever.
    pub messages: Option<RetentionDays>,
    /// For how many days files are kept; `None` for ever.
    pub files: Option<RetentionDays>,
}

impl AppliedRetention {
    /// What follows from both settings.
    pub fn of(server: Option<Retention>, own: Option<Retention>) -> Self {
        let both = [server, own];
        let of_messages = both.iter().flatten().filter(|one| one.what == RetentionScope::MessagesAndFiles);
        Self {
            own,
            messages: of_messages.map(|one| one.days).min(),
            files: both.iter().flatten().map(|one| one.days).min(),
        }
    }

    /// The same where the server's setting counts, too.
    #[must_use]
    pub fn limited_by(self, server: Option<Retention>) -> Self {
        Self::of(server, self.own)
    }
}

/// How far a log was gone through for what is too old.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Everything up to this place was.
    pub seq: u64,
    /// Nothing behind it was written before this moment.
    pub since: Timestamp,
}

/// A conversation's own setting, and how far that and the server's were kept to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionProgress {
    /// The conversation.
    pub conversation: ConversationId,
    /// What was set for it.
    pub own: Option<Retention>,
    /// How far messages were gone through.
    pub messages: Kept,
    /// How far files were gone through.
    pub files: Kept,
}

/// What there is at one place of a log, as far as its age matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedPlace {
    /// The place.
    pub seq: u64,
    /// When it was written.
    pub created_at: Timestamp,
    /// Whether it is a message that was not deleted.
    pub is_message: bool,
    /// Whether it has files.
    pub has_files: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use RetentionScope::{Files, MessagesAndFiles};

    fn retention(days: u64, what: RetentionScope) -> Option<Retention> {
        RetentionDays::new(days).map(|days| Retention { days, what })
    }

    fn applied(server: Option<Retention>, own: Option<Retention>) -> (Option<u16>, Option<u16>) {
        let AppliedRetention { messages, files, .. } = AppliedRetention::of(server, own);
        (messages.map(RetentionDays::get), files.map(RetentionDays::get))
    }

    #[test]
    fn without_a_setting_everything_is_kept() {
        assert_eq!(applied(None, None), (None, None));
    }

    #[test]
    fn files_go_with_their_messages_or_alone() {
        assert_eq!(applied(None, retention(7, MessagesAndFiles)), (Some(7), Some(7)));
        assert_eq!(applied(None, retention(7, Files)), (None, Some(7)));
        assert_eq!(applied(retention(7, Files), None), (None, Some(7)));
    }

    #[test]
    fn of_two_settings_the_shorter_one_counts_for_either() {
        let both = [retention(30, MessagesAndFiles), retention(7, Files)];
        for (server, own) in [(both[0], both[1]), (both[1], both[0])] {
            assert_eq!(applied(server, own), (Some(30), Some(7)));
        }
        assert_eq!(applied(retention(7, MessagesAndFiles), retention(30, Files)), (Some(7), Some(7)));
        assert_eq!(applied(retention(30, Files), retention(365, MessagesAndFiles)), (Some(365), Some(30)));
    }

    #[test]
    fn a_longer_setting_of_a_conversation_does_not_get_around_the_servers() {
        let server = retention(30, MessagesAndFiles);
        for own in [retention(31, MessagesAndFiles), retention(3_650, Files), None] {
            assert_eq!(applied(server, own), (Some(30), Some(30)));
        }
        let alone = AppliedRetention::of(None, retention(31, MessagesAndFiles));
        assert_eq!(alone.limited_by(server), AppliedRetention::of(server, alone.own));
    }

    #[test]
    fn days_go_from_one_to_ten_years() {
        let days = |days| RetentionDays::new(days).map(RetentionDays::get);
        assert_eq!([0, 1, 3_650, 3_651, u64::MAX].map(days), [None, Some(1), Some(3_650), None, None]);
        let now = Timestamp::from_millis(200_000_000);
        assert_eq!(RetentionDays::new(2).unwrap().before(now), Timestamp::from_millis(27_200_000));
    }

    #[test]
    fn every_scope_is_found_by_its_word() {
        for scope in [Files, MessagesAndFiles] {
            assert_eq!(RetentionScope::from_word(scope.word()), Some(scope));
        }
        assert_eq!(RetentionScope::from_word("everything"), None);
    }
}
