use parlor_domain as domain;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Time;

/// What an account may do on the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Chats.
    User,
    /// Chats and runs the server.
    Admin,
}

/// Whether an account is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// The person can sign in, unless a ban is in force.
    Active,
    /// The account was deleted; what it wrote stays as "deleted user".
    Deleted,
}

/// Whether a person is at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// At least one device is connected.
    Online,
    /// Connected, not at the desk.
    Away,
    /// Connected, does not want to be disturbed.
    DoNotDisturb,
    /// Not connected, or chose to be invisible.
    Offline,
}

/// What a person is up to, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct CustomStatus {
    /// An emoji that stands for it.
    pub emoji: Option<String>,
    /// In words, up to 100 characters; empty when the emoji says it all.
    pub text: String,
    /// When it ends by itself; null when it does not. One that lies behind has ended.
    pub until: Option<Time>,
}

/// How somebody who is connected wants to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum PresenceChoice {
    /// At hand.
    Online,
    /// Not at the desk.
    Away,
    /// Not to be disturbed.
    DoNotDisturb,
    /// As if not connected.
    Invisible,
}

/// Somebody reads and does not write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Mute {
    /// Why, as an admin wrote it; it may be empty.
    pub reason: String,
    /// When it ends by itself.
    pub until: Time,
}

impl From<&domain::ServerMute> for Mute {
    fn from(mute: &domain::ServerMute) -> Self {
        Self { reason: mute.reason.to_string(), until: mute.until.into() }
    }
}

/// A person, as everybody who shares a conversation with them sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct User {
    /// The internal id, a UUID version 7.
    pub id: Uuid,
    /// The readable id, `USR000001` and up; public, never reused.
    pub user_code: String,
    /// The handle, 3 to 32 of `a-z 0-9 . _ -`.
    pub username: String,
    /// The display name, 1 to 64 characters.
    pub name: String,
    /// What the person says about themselves, up to 500 characters.
    pub about: String,
    /// Their role on the server.
    pub role: Role,
    /// Whether the account is in use.
    pub status: UserStatus,
    /// Whether it is a program, which acts with tokens.
    pub bot: bool,
    /// When the account was made.
    pub created_at: Time,
    /// What they are up to; null when they do not say.
    pub custom_status: Option<CustomStatus>,
    /// Where they keep time, by its name in the IANA database, as `Europe/Bucharest`.
    pub time_zone: Option<String>,
    /// The picture of them, as `v` of `GET /users/{id}/picture`; null when there is none.
    pub picture: Option<Uuid>,
    /// Whether the person is at hand now.
    pub presence: PresenceState,
    /// When the person was last connected; null when they never were, or when one of you keeps it private.
    pub last_seen_at: Option<Time>,
}

/// One's own account: what others see, and what only oneself may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Account {
    /// The internal id, a UUID version 7.
    pub id: Uuid,
    /// The readable id, `USR000001` and up.
    pub user_code: String,
    /// The handle.
    pub username: String,
    /// The display name.
    pub name: String,
    /// What one says about oneself.
    pub about: String,
    /// The e-mail address, if one was given.
    pub email: Option<String>,
    /// Whether one proved that this address is one's own.
    pub email_verified: bool,
    /// The role on the server.
    pub role: Role,
    /// What one says one is up to; null when one does not.
    pub custom_status: Option<CustomStatus>,
    /// Where one keeps time, by its name in the IANA database.
    pub time_zone: Option<String>,
    /// The picture of oneself, as `v` of `GET /users/{id}/picture`; null when there is none.
    pub picture: Option<Uuid>,
    /// How one wants to be seen while one is connected.
    pub presence: PresenceChoice,
    /// Whether others learn what one received and read. Who hides it learns nothing of others.
    pub shares_receipts: bool,
    /// Whether others learn when one was last seen. Who hides it learns nothing of others.
    pub shares_last_seen: bool,
    /// What keeps one from writing on the whole server; null when nothing does. One whose end lies
    /// behind is over.
    pub mute: Option<Mute>,
    /// When the account was made.
    pub created_at: Time,
}

/// A change of somebody's presence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Presence {
    /// Whose.
    pub user: Uuid,
    /// What it is now.
    pub state: PresenceState,
    /// When the person was last connected; null while they are, when they never were, or when one of
    /// you keeps it private.
    pub last_seen_at: Option<Time>,
}

impl From<domain::Role> for Role {
    fn from(role: domain::Role) -> Self {
        match role {
            domain::Role::User => Self::User,
            domain::Role::Admin => Self::Admin,
        }
    }
}

impl From<domain::UserStatus> for UserStatus {
    fn from(status: domain::UserStatus) -> Self {
        match status {
            domain::UserStatus::Active => Self::Active,
            domain::UserStatus::Deleted => Self::Deleted,
        }
    }
}

/// Who knows whether people are at hand.
pub trait PresenceSource: Send + Sync {
    /// Whether this person is at hand now.
    fn presence_of(&self, user: domain::UserId) -> PresenceState;

    /// Whether it is shown when this person was last seen.
    fn shows_last_seen(&self, user: &domain::User) -> bool {
        user.shares_last_seen
    }

    /// The present moment, by which what people say of themselves ends.
    fn now(&self) -> domain::Timestamp;
}

/// What one person may see of all that somebody knows.
pub struct Sight<'a> {
    /// What is known.
    pub known: &'a dyn PresenceSource,
    /// Who looks.
    pub viewer: &'a domain::Viewer,
}

impl PresenceSource for Sight<'_> {
    fn presence_of(&self, user: domain::UserId) -> PresenceState {
        if self.viewer.is_apart_from(user) { PresenceState::Offline } else { self.known.presence_of(user) }
    }

    fn shows_last_seen(&self, user: &domain::User) -> bool {
        self.viewer.knows_last_seen_of(user)
    }

    fn now(&self) -> domain::Timestamp {
        self.known.now()
    }
}

impl From<domain::Presence> for PresenceChoice {
    fn from(presence: domain::Presence) -> Self {
        match presence {
            domain::Presence::Online => Self::Online,
            domain::Presence::Away => Self::Away,
            domain::Presence::DoNotDisturb => Self::DoNotDisturb,
            domain::Presence::Invisible => Self::Invisible,
        }
    }
}

impl From<PresenceChoice> for domain::Presence {
    fn from(choice: PresenceChoice) -> Self {
        match choice {
            PresenceChoice::Online => Self::Online,
            PresenceChoice::Away => Self::Away,
            PresenceChoice::DoNotDisturb => Self::DoNotDisturb,
            PresenceChoice::Invisible => Self::Invisible,
        }
    }
}

impl From<&domain::CustomStatus> for CustomStatus {
    fn from(status: &domain::CustomStatus) -> Self {
        Self {
            emoji: status.emoji.as_ref().map(ToString::to_string),
            text: status.text.to_string(),
            until: status.until.map(Time::from),
        }
    }
}

impl User {
    /// The person as others see them; `presence` knows whether they are at hand.
    pub fn render(user: &domain::User, presence: &dyn PresenceSource) -> Self {
        Self {
            id: user.id.as_uuid(),
            user_code: user.code.to_string(),
            username: user.username.to_string(),
            name: user.name.to_string(),
            about: user.about.to_string(),
            role: user.role.into(),
            status: user.status.into(),
            bot: user.bot,
            created_at: user.created_at.into(),
            custom_status: user.active_status(presence.now()).map(Into::into),
            time_zone: user.time_zone.as_ref().map(ToString::to_string),
            picture: user.picture.map(domain::PictureId::as_uuid),
            presence: presence.presence_of(user.id),
            last_seen_at: user.last_seen_at.filter(|_| presence.shows_last_seen(user)).map(Time::from),
        }
    }
}

impl From<&domain::User> for Account {
    fn from(user: &domain::User) -> Self {
        Self {
            id: user.id.as_uuid(),
            user_code: user.code.to_string(),
            username: user.username.to_string(),
            name: user.name.to_string(),
            about: user.about.to_string(),
            email: user.email.as_ref().map(ToString::to_string),
            email_verified: user.email_verified,
            role: user.role.into(),
            custom_status: user.custom_status.as_ref().map(Into::into),
            time_zone: user.time_zone.as_ref().map(ToString::to_string),
            picture: user.picture.map(domain::PictureId::as_uuid),
            presence: user.presence.into(),
            shares_receipts: user.shares_receipts,
            shares_last_seen: user.shares_last_seen,
            mute: user.mute.as_ref().map(Into::into),
            created_at: user.created_at.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is a certain moment, and nobody is there.
    struct At(i64);

    impl PresenceSource for At {
        fn presence_of(&self, _: domain::UserId) -> PresenceState {
            PresenceState::Offline
        }

        fn now(&self) -> domain::Timestamp {
            domain::Timestamp::from_millis(self.0)
        }
    }

    #[test]
    fn a_status_that_ended_is_not_shown() {
        let user = domain::User {
            id: domain::UserId::from_uuid(Uuid::nil()),
            code: domain::UserCode::from_number(1),
            username: domain::Username::from_stored("ana".into()),
            name: domain::DisplayName::from_stored("Ana".into()),
            about: domain::About::from_stored(String::new()),
            email: None,
            email_verified: false,
            role: domain::Role::User,
            status: domain::UserStatus::Active,
            bot: false,
            custom_status: Some(domain::CustomStatus {
                emoji: None,
                text: domain::StatusText::from_stored("at lunch".into()),
                until: Some(domain::Timestamp::from_millis(1_000)),
            }),
            time_zone: None,
            picture: None,
            presence: domain::Presence::Online,
            shares_receipts: true,
            shares_last_seen: true,
            mute: None,
            last_seen_at: None,
            created_at: domain::Timestamp::from_millis(0),
        };
        let shown = |now| User::render(&user, &At(now)).custom_status.map(|status| status.text);
        assert_eq!(shown(999).as_deref(), Some("at lunch"));
        assert_eq!(shown(1_000), None);
    }
}
