use std::fmt;

use crate::{
    About, BanReason, DisplayName, Email, Emoji, PasswordHash, PictureId, Presence, StatusText, TimeZone,
    Timestamp, UserId, Username,
};

/// What an account may do on the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Chats.
    User,
    /// Chats and runs the server.
    Admin,
}

impl Role {
    /// The word for it, as the API and the audit log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

/// Whether an account is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// The person can sign in, unless a ban is in force.
    Active,
    /// The account was deleted; what it wrote stays as "deleted user".
    Deleted,
}

/// The readable id `USR000001`: counted up by the store, never reused, public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserCode(u32);

impl UserCode {
    /// The code of the n-th account, counted from 1.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// Which account it is, counted from 1.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Reads `USR000001`, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, digits) = text.split_at_checked(3)?;
        let proper = prefix.eq_ignore_ascii_case("usr")
            && digits.len() >= 6
            && digits.bytes().all(|b| b.is_ascii_digit());
        if proper { digits.parse().ok().map(Self) } else { None }
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "USR{:06}", self.0)
    }
}

/// What a person is up to, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomStatus {
    /// An emoji that stands for it.
    pub emoji: Option<Emoji>,
    /// In words; empty when the emoji says it all.
    pub text: StatusText,
    /// When it ends; `None` means when the person takes it away.
    pub until: Option<Timestamp>,
}

impl CustomStatus {
    /// Whether it still holds. It needs no job to end it.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// Somebody reads and does not write, wherever it is, until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerMute {
    /// Why, as the person is told.
    pub reason: BanReason,
    /// Who keeps them from writing; `None` for whoever operates the machine.
    pub issued_by: Option<UserId>,
    /// Since when.
    pub issued_at: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl ServerMute {
    /// Whether it still holds. It needs no job to end it.
    pub fn is_active(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own about a person")]
pub struct User {
    /// The internal id.
    pub id: UserId,
    /// The readable id.
    pub code: UserCode,
    /// The handle.
    pub username: Username,
    /// The name people see.
    pub name: DisplayName,
    /// What the person says about themselves.
    pub about: About,
    /// The e-mail address, known to the person and the admins only.
    pub email: Option<Email>,
    /// Whether they proved that this address is theirs.
    pub email_verified: bool,
    /// What the account may do.
    pub role: Role,
    /// Whether the account is in use.
    pub status: UserStatus,
    /// Whether it is a program, which acts with tokens and never signs in.
    pub bot: bool,
    /// What they are up to; it may have ended.
    pub custom_status: Option<CustomStatus>,
    /// Where they keep time.
    pub time_zone: Option<TimeZone>,
    /// The picture of them.
    pub picture: Option<PictureId>,
    /// How they want to be seen while they are connected.
    pub presence: Presence,
    /// Whether others learn what they received and read; who hides it learns nothing of others.
    pub shares_receipts: bool,
    /// Whether others learn when they were last seen; who hides it learns nothing of others.
    pub shares_last_seen: bool,
    /// What keeps them from writing on the whole server; it may have ended.
    pub mute: Option<ServerMute>,
    /// When the person was last connected.
    pub last_seen_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl User {
    /// The name of somebody whose account was deleted.
    pub const DELETED: &str = "Deleted user";

    /// Whether this person may sign in at all; a ban is looked at apart.
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }

    /// Whether this person runs the server.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin && self.is_active()
    }

    /// What stays of the account when it is deleted: nothing of the person but their id and their
    /// readable id, which is their username, too, because nobody else can ever have that one.
    pub(crate) fn shell(&self) -> Self {
        Self {
            id: self.id,
            code: self.code,
            username: Username::from_stored(self.code.to_string().to_lowercase()),
            name: DisplayName::from_stored(Self::DELETED.to_owned()),
            about: About::from_stored(String::new()),
            email: None,
            email_verified: false,
            role: Role::User,
            status: UserStatus::Deleted,
            bot: self.bot,
            custom_status: None,
            time_zone: None,
            picture: None,
            presence: Presence::Online,
            shares_receipts: true,
            shares_last_seen: true,
            mute: None,
            last_seen_at: None,
            created_at: self.created_at,
        }
    }

    /// The address, if they proved that it is theirs. Nothing but the means of proving it is sent to any
    /// other one: it may be a stranger's.
    pub fn verified_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.email_verified)
    }

    /// Takes another address, or none, which has to be proved anew.
    pub(crate) fn set_email(&mut self, email: Option<Email>) {
        if self.email != email {
            self.email = email;
            self.email_verified = false;
        }
    }

    /// What they are up to at this moment.
    pub fn active_status(&self, now: Timestamp) -> Option<&CustomStatus> {
        self.custom_status.as_ref().filter(|status| status.is_active(now))
    }

    /// What keeps them from writing on the whole server at this moment.
    pub fn active_mute(&self, now: Timestamp) -> Option<&ServerMute> {
        self.mute.as_ref().filter(|mute| mute.is_active(now))
    }
}

/// A password as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassword {
    /// Its hash.
    pub hash: PasswordHash,
    /// Until when one that somebody else chose gets its owner in, who then has to choose another;
    /// `None` for one that is the owner's own.
    pub temporary_until: Option<Timestamp>,
}

impl StoredPassword {
    /// Whether its owner chose it, and signs in with it.
    pub fn is_own(&self) -> bool {
        self.temporary_until.is_none() && !self.hash.is_none()
    }
}

impl From<PasswordHash> for StoredPassword {
    /// The owner's own.
    fn from(hash: PasswordHash) -> Self {
        Self { hash, temporary_until: None }
    }
}

/// An account to be made. The store allocates its [`UserCode`].
#[derive(Debug, Clone)]
pub struct NewUser {
    /// The internal id.
    pub id: UserId,
    /// The handle.
    pub username: Username,
    /// The name people see.
    pub name: DisplayName,
    /// The e-mail address, if one was given.
    pub email: Option<Email>,
    /// Whether it is known that the address is theirs.
    pub email_verified: bool,
    /// What the account may do.
    pub role: Role,
    /// Whether it is a program.
    pub bot: bool,
    /// The password.
    pub password: StoredPassword,
    /// When the account is made.
    pub created_at: Timestamp,
}

/// What a person types to say who they are: a username, a user id or an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Login {
    /// `USR000001`.
    Code(UserCode),
    /// An address.
    Email(Email),
    /// A handle.
    Username(Username),
}

/// As one types it.
impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => code.fmt(f),
            Self::Email(email) => email.fmt(f),
            Self::Username(username) => username.fmt(f),
        }
    }
}

impl Login {
    /// Reads what was typed, in any case; `None` when no account can have such a login.
    ///
    /// A text of the form of a user id is taken for one, so nobody can take `usr000001` as a
    /// username and sign in as somebody else (registration refuses such usernames).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(code) = UserCode::parse(text) {
            return Some(Self::Code(code));
        }
        if text.contains('@') {
            return Email::parse(text).ok().map(Self::Email);
        }
        Username::parse(text).ok().map(Self::Username)
    }
}

/// Which people a list is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Part of the username, the name or the user id, in any case.
    pub search: Option<String>,
    /// Only people with this role.
    pub role: Option<Role>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_code_is_written_with_six_digits_at_least() {
        assert_eq!(UserCode::from_number(1).to_string(), "USR000001");
        assert_eq!(UserCode::from_number(1_234_567).to_string(), "USR1234567");
        assert_eq!(UserCode::parse("usr000042"), Some(UserCode::from_number(42)));
        for wrong in ["", "usr", "usr42", "abc000042", "usr00004x", "uśr000042"] {
            assert_eq!(UserCode::parse(wrong), None, "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_status_ends_by_itself_at_its_moment() {
        let status = |until: Option<i64>| CustomStatus {
            emoji: None,
            text: StatusText::parse("at lunch").unwrap(),
            until: until.map(Timestamp::from_millis),
        };
        assert!(status(Some(1_000)).is_active(Timestamp::from_millis(999)));
        assert!(!status(Some(1_000)).is_active(Timestamp::from_millis(1_000)));
        assert!(status(None).is_active(Timestamp::from_millis(i64::MAX)));
    }

    #[test]
    fn a_login_is_a_code_an_address_or_a_username() {
        assert_eq!(Login::parse(" USR000007 "), Some(Login::Code(UserCode::from_number(7))));
        assert_eq!(Login::parse("Ana@Example.org"), Email::parse("ana@example.org").ok().map(Login::Email));
        assert_eq!(Login::parse("Ana"), Username::parse("ana").ok().map(Login::Username));
        assert_eq!(Login::parse("no such person"), None);
    }
}
