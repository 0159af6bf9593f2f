use parlor_domain as domain;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is deleted once it is old enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum RetentionScope {
    /// Files only; what was written stays.
    Files,
    /// Messages, with their files.
    MessagesAndFiles,
}

/// What is deleted, and after how many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Retention {
    /// After how many days, 1 to 3,650.
    pub days: u32,
    /// What is deleted then.
    pub what: RetentionScope,
}

/// How long messages and files of a conversation are kept. Of its own setting and the server's the
/// shorter one counts, for messages and for files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct AppliedRetention {
    /// After how many days messages are deleted; absent when they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub messages_days: Option<u32>,
    /// After how many days files are deleted; absent when they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub files_days: Option<u32>,
    /// What was set for this conversation; absent when only the server's setting counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub own: Option<Retention>,
}

impl AppliedRetention {
    /// What there is to say of it; nothing when everything is kept.
    pub(crate) fn render(applied: domain::AppliedRetention) -> Option<Self> {
        applied.files.is_some().then(|| applied.into())
    }
}

impl From<domain::AppliedRetention> for AppliedRetention {
    fn from(applied: domain::AppliedRetention) -> Self {
        let days = |days: domain::RetentionDays| u32::from(days.get());
        Self {
            messages_days: applied.messages.map(days),
            files_days: applied.files.map(days),
            own: applied.own.map(Into::into),
        }
    }
}

impl From<domain::Retention> for Retention {
    fn from(retention: domain::Retention) -> Self {
        Self { days: retention.days.get().into(), what: retention.what.into() }
    }
}

impl From<domain::RetentionScope> for RetentionScope {
    fn from(scope: domain::RetentionScope) -> Self {
        match scope {
            domain::RetentionScope::Files => Self::Files,
            domain::RetentionScope::MessagesAndFiles => Self::MessagesAndFiles,
        }
    }
}

impl From<RetentionScope> for domain::RetentionScope {
    fn from(scope: RetentionScope) -> Self {
        match scope {
            RetentionScope::Files => Self::Files,
            RetentionScope::MessagesAndFiles => Self::MessagesAndFiles,
        }
    }
}
