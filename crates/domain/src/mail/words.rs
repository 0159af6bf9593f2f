use super::Mail;
use crate::{Email, User};

/// What every e-mail tells of this server.
pub(super) struct Letterhead<'a> {
    /// What people call it.
    pub(super) server: &'a str,
    /// Where browsers reach it.
    pub(super) origin: &'a str,
}

impl Letterhead<'_> {
    pub(super) fn recovery(&self, to: Email, user: &User, secret: &str) -> Mail {
        let words = format!(
            "somebody asked for a new password for your account @{username}. If that was you, open this \
             link within ten minutes and choose one:\n\n{origin}/recover#t={secret}\n\n\
             It works once. If it was not you, do nothing: your password stays as it is.",
            username = user.username,
            origin = self.origin,
        );
        self.mail(to, user, "Choose a new password", &words)
    }

    pub(super) fn verification(&self, to: Email, user: &User, secret: &str) -> Mail {
        let words = format!(
            "this address was given for the account @{username}. If it is yours, open this link within \
             a day to confirm it:\n\n{origin}/verify#t={secret}\n\n\
             If you do not know the account, do nothing.",
            username = user.username,
            origin = self.origin,
        );
        self.mail(to, user, "Confirm your e-mail address", &words)
    }

    pub(super) fn password_changed(&self, to: Email, user: &User) -> Mail {
        let words = format!(
            "the password of your account @{} was changed. {}",
            user.username,
            self.if_it_was_not_you()
        );
        self.mail(to, user, "Your password was changed", &words)
    }

    pub(super) fn password_recovered(&self, to: Email, user: &User) -> Mail {
        let words = format!(
            "somebody chose a new password for your account @{}, with a recovery code or a link. You were \
             signed out everywhere. {}",
            user.username,
            self.if_it_was_not_you()
        );
        self.mail(to, user, "Your account was recovered", &words)
    }

    pub(super) fn totp_enabled(&self, to: Email, user: &User) -> Mail {
        let words = format!(
            "two-factor sign-in is on for your account @{}: besides the password it takes a code of the app \
             that was set up. {}",
            user.username,
            self.if_it_was_not_you()
        );
        self.mail(to, user, "Two-factor sign-in is on", &words)
    }

    pub(super) fn totp_disabled(&self, to: Email, user: &User) -> Mail {
        let words = format!(
            "two-factor sign-in is off for your account @{}: the password alone is enough. {}",
            user.username,
            self.if_it_was_not_you()
        );
        self.mail(to, user, "Two-factor sign-in is off", &words)
    }

    fn if_it_was_not_you(&self) -> String {
        format!(
            "If that was you, there is nothing to do. If not, choose another password at {}/recover and tell \
             an admin.",
            self.origin
        )
    }

    fn mail(&self, to: Email, user: &User, subject: &str, words: &str) -> Mail {
        let (server, origin) = (self.server, self.origin);
        Mail {
            to,
            subject: format!("{server}: {subject}"),
            text: format!("Hello {},\n\n{words}\n\n{server}\n{origin}\n", user.name),
        }
    }
}
