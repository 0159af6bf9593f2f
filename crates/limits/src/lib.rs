//! How often something may be done, by whom or from where; whoever does it too often learns how
//! long to wait.
//!
//! Everything is counted in memory, on each node by itself, and what is remembered has a bound.
//! Nothing here knows whether an account exists: a login counts as it was typed.

mod failures;
mod network;
mod rate;

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::{Duration, Instant};

use parlor_domain::{FactorError, Login, OidcError, PasswordError, SignInError, TotpError, UserId};
use thiserror::Error;

use failures::{Account, Failures, Try};
pub use network::Network;
use rate::Rate;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Within what time attempts to sign in from one network are counted.
const SIGN_INS: Duration = Duration::from_mins(3);

/// How often something may be done. The defaults are the design's values; 0 counts as 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Messages that somebody may send at once.
    pub message_burst: u32,
    /// Messages a second of one person, in the long run.
    pub messages_per_second: u32,
    /// Wrong passwords for one account within half an hour before each further try has to wait.
    pub sign_in_failures: u32,
    /// Attempts to sign in or to register from one network within three minutes.
    pub sign_ins_per_ip: u32,
    /// Attempts to recover one account, or e-mails to prove its address, that may come at once; then there
    /// is one an hour.
    pub recovery_burst: u32,
    /// Attempts to recover accounts from one network within an hour.
    pub recoveries_per_hour_per_ip: u32,
    /// Accounts made from one network within an hour.
    pub registrations_per_hour_per_ip: u32,
    /// Groups made by one person within an hour.
    pub group_creates_per_hour: u32,
    /// Links that lead into groups, made by one person within a day.
    pub invite_links_per_day: u32,
    /// Files that somebody may upload at once.
    pub upload_burst: u32,
    /// Files that one person uploads within an hour, in the long run.
    pub uploads_per_hour: u32,
}

impl Default for Figures {
    fn default() -> Self {
        Self {
            message_burst: 20,
            messages_per_second: 5,
            sign_in_failures: 5,
            sign_ins_per_ip: 10,
            recovery_burst: 3,
            recoveries_per_hour_per_ip: 3,
            registrations_per_hour_per_ip: 3,
            group_creates_per_hour: 10,
            invite_links_per_day: 20,
            upload_burst: 60,
            uploads_per_hour: 120,
        }
    }
}

/// It is too often; the same may be tried again after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too often; wait {} s", .0.as_secs() + 1)]
pub struct TooOften(pub Duration);

impl TooOften {
    /// The time to wait, in milliseconds and rounded up.
    pub fn millis(self) -> u64 {
        u64::try_from(self.0.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

/// What everybody has done lately, as far as it is limited.
pub struct Limits {
    passwords: Failures,
    sign_ins: Rate<Network>,
    recoveries: Rate<Account>,
    recoveries_from: Rate<Network>,
    verifications: Rate<UserId>,
    registrations: Rate<Network>,
    groups: Rate<UserId>,
    invite_links: Rate<UserId>,
    uploads: Rate<UserId>,
    messages: Rate<UserId>,
    /// Turns logins into numbers that mean nothing outside.
    names: RandomState,
}

/// Whether a password is right is being found out. Until that is told it counts as wrong.
#[must_use = "what came of it has to be told"]
pub struct Attempt<'a>(Try<'a>);

impl Limits {
    /// Nothing was done yet.
    pub fn new(figures: &Figures) -> Self {
        Self {
            passwords: Failures::new(figures.sign_in_failures.max(1)),
            sign_ins: Rate::new(figures.sign_ins_per_ip, SIGN_INS),
            recoveries: Rate::with_burst(figures.recovery_burst, 1, HOUR),
            recoveries_from: Rate::new(figures.recoveries_per_hour_per_ip, HOUR),
            verifications: Rate::with_burst(figures.recovery_burst, 1, HOUR),
            registrations: Rate::new(figures.registrations_per_hour_per_ip, HOUR),
            groups: Rate::new(figures.group_creates_per_hour, HOUR),
            invite_links: Rate::new(figures.invite_links_per_day, DAY),
            uploads: Rate::with_burst(figures.upload_burst, figures.uploads_per_hour, HOUR),
            messages: Rate::with_burst(
                figures.message_burst,
                figures.messages_per_second,
                Duration::from_secs(1),
            ),
            names: RandomState::new(),
        }
    }

    /// Somebody wants to sign in.
    pub fn sign_in(&self, login: &str, from: IpAddr) -> Result<Attempt<'_>, TooOften> {
        let from = Network::of(from);
        self.sign_ins.take(&from)?;
        self.passwords.begin(self.login(login), from, Instant::now()).map(Attempt)
    }

    /// Somebody who is signed in gives their password once more.
    pub fn password(&self, user: UserId, from: IpAddr) -> Result<Attempt<'_>, TooOften> {
        let account = self.names.hash_one(user);
        self.passwords.begin(account, Network::of(from), Instant::now()).map(Attempt)
    }

    /// Somebody wants an account back.
    pub fn recovery(&self, login: &str, from: IpAddr) -> Result<(), TooOften> {
        self.recoveries_from.take(&Network::of(from))?;
        self.recoveries.take(&self.login(login))
    }

    /// Somebody asks for an e-mail to prove their address with; as often as for an account back.
    pub fn verification(&self, user: UserId) -> Result<(), TooOften> {
        self.verifications.take(&user)
    }

    /// Somebody asks for an account; whether they get one is not known yet.
    pub fn registration_try(&self, from: IpAddr) -> Result<(), TooOften> {
        self.sign_ins.take(&Network::of(from))
    }

    /// An account is about to be made.
    pub fn registration(&self, from: IpAddr) -> Result<(), TooOften> {
        self.registrations.take(&Network::of(from))
    }

    /// Somebody makes a group.
    pub fn group(&self, user: UserId) -> Result<(), TooOften> {
        self.groups.take(&user)
    }

    /// Somebody makes a link that leads into a group.
    pub fn invite_link(&self, user: UserId) -> Result<(), TooOften> {
        self.invite_links.take(&user)
    }

    /// Somebody uploads a file.
    pub fn upload(&self, user: UserId) -> Result<(), TooOften> {
        self.uploads.take(&user)
    }

    /// Somebody sends a message.
    pub fn message(&self, user: UserId) -> Result<(), TooOften> {
        self.messages.take(&user)
    }

    /// Forgets what counts no more. To be called every few minutes.
    pub fn forget_old(&self) {
        self.passwords.forget_old(Instant::now());
        self.recoveries.forget_old();
        for rate in [&self.sign_ins, &self.recoveries_from, &self.registrations] {
            rate.forget_old();
        }
        for rate in [&self.groups, &self.invite_links, &self.uploads, &self.messages, &self.verifications] {
            rate.forget_old();
        }
    }

    /// How long to leave between two calls of [`forget_old`](Self::forget_old).
    pub const FORGET_EVERY: Duration = MINUTE;

    /// The account that a login would be of. Spelled in another case it is the same one.
    fn login(&self, text: &str) -> Account {
        self.names.hash_one(Login::parse(text).ok_or(text.trim()))
    }
}

impl Attempt<'_> {
    /// What came of a sign-in. One that was refused for another reason had the right password.
    pub fn signed_in<T>(self, outcome: &Result<T, SignInError>) {
        match outcome {
            Ok(_)
            | Err(
                SignInError::Banned(_)
                | SignInError::WrongRole
                | SignInError::NewPasswordRequired
                | SignInError::PasswordOver
                | SignInError::Invalid(_),
            ) => self.0.succeeded(),
            Err(SignInError::WrongCredentials | SignInError::Totp(FactorError::Wrong)) => {}
            // A right password alone forgives no wrong codes, or one would have as many as one likes.
            Err(
                SignInError::TotpRequired
                | SignInError::Totp(FactorError::Unusable | FactorError::Store(_))
                | SignInError::Hash(_)
                | SignInError::Store(_),
            ) => self.0.undecided(),
        }
    }

    /// What came of a code for two-factor sign-in, given by one who is signed in. A right one forgives
    /// no wrong passwords.
    pub fn proved<T>(self, outcome: &Result<T, TotpError>) {
        if !matches!(outcome, Err(TotpError::WrongCode | TotpError::Factor(FactorError::Wrong))) {
            self.0.undecided();
        }
    }

    /// What came of a second factor after the identity provider.
    pub fn came_by_oidc<T>(self, outcome: &Result<T, OidcError>) {
        match outcome {
            Ok(_) => self.0.succeeded(),
            Err(OidcError::SecondFactor(SignInError::Totp(FactorError::Wrong))) => {}
            Err(_) => self.0.undecided(),
        }
    }

    /// What came of giving a password once more.
    pub fn confirmed<T>(self, outcome: &Result<T, PasswordError>) {
        match outcome {
            Ok(_) => self.0.succeeded(),
            Err(PasswordError::Wrong) => {}
            Err(
                PasswordError::Invalid(_)
                | PasswordError::Unconfirmed
                | PasswordError::SignedOut
                | PasswordError::Hash(_)
                | PasswordError::Store(_),
            ) => self.0.undecided(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(9, 9, 9, 9));

    #[test]
    fn t05_a_login_in_another_case_is_the_same_account() {
        let limits = Limits::new(&Figures { sign_in_failures: 2, ..Figures::default() });
        for login in ["ana", " ANA "] {
            assert!(limits.sign_in(login, HERE).is_ok());
        }
        assert!(limits.sign_in("Ana", HERE).is_err());
        assert!(limits.sign_in("ben", HERE).is_ok());
    }

    #[test]
    fn t05_ten_sign_ins_of_one_network_are_taken_whoever_they_are_for() {
        let limits = Limits::new(&Figures::default());
        for number in 0..10 {
            assert!(limits.sign_in(&format!("somebody{number}"), HERE).is_ok());
        }
        let TooOften(wait) = limits.sign_in("one more", HERE).err().unwrap();
        assert!(wait <= Duration::from_secs(18), "{wait:?}");
        assert!(limits.registration_try(HERE).is_err());
    }

    #[test]
    fn t05_a_right_password_without_the_code_forgives_no_wrong_codes() {
        let limits = Limits::new(&Figures { sign_in_failures: 2, ..Figures::default() });
        let attempt = |outcome: SignInError| {
            limits.sign_in("ana", HERE).map(|attempt| attempt.signed_in(&Err::<(), _>(outcome))).is_ok()
        };
        for _ in 0..2 {
            assert!(attempt(SignInError::TotpRequired));
            assert!(attempt(SignInError::Totp(FactorError::Wrong)));
        }
        assert!(!attempt(SignInError::TotpRequired));
    }

    #[test]
    fn t05_codes_of_one_who_is_signed_in_are_limited_like_passwords() {
        let limits = Limits::new(&Figures { sign_in_failures: 2, ..Figures::default() });
        let user = UserId::from_uuid(uuid::Uuid::nil());
        for outcome in [Ok(()), Err(TotpError::WrongCode), Ok(()), Err(FactorError::Wrong.into())] {
            limits.password(user, HERE).ok().unwrap().proved(&outcome);
        }
        assert!(limits.password(user, HERE).is_err());
    }

    #[test]
    fn t03_an_account_is_recovered_three_times_and_then_once_an_hour() {
        let limits = Limits::new(&Figures { recoveries_per_hour_per_ip: 100, ..Figures::default() });
        for _ in 0..3 {
            limits.recovery("ana", HERE).unwrap();
        }
        let TooOften(wait) = limits.recovery("ana", HERE).unwrap_err();
        assert!(wait > Duration::from_mins(59) && wait <= HOUR, "{wait:?}");
        limits.recovery("ben", HERE).unwrap();
    }
}
