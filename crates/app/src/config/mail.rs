use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Hidden;
use super::section::section;

section! {
    /// Sending e-mail: links for lost passwords, the proof of addresses, and word of changed passwords.
    /// Nothing is sent until there is a `host`. See `docs/operations/mail.md`.
    struct Mail = "mail";

    /// The mail server (SMTP) that takes what this server sends, such as `smtp.example.org`.
    host: Option<String> = None;

    /// Its port; when nothing is said, 587 for `starttls`, 465 for `tls` and 25 for `none`.
    port: Option<u16> = None;

    /// How the connection is secured: `starttls`, `tls` from its beginning, or `none`, which is for a
    /// mail server on this machine.
    security: MailSecurity = MailSecurity::Starttls;

    /// A file with the certificate, in PEM, of an authority that is trusted besides the known ones, for
    /// mail servers with a certificate of their own making.
    certificate_file: Option<PathBuf> = None;

    /// The name to sign in with there, when it asks for one.
    username: Option<String> = None;

    /// The password to that name.
    @secret password: Option<Hidden> = None;

    /// A file with the password instead.
    password_file: Option<PathBuf> = None;

    /// Whom e-mails are from, such as `chat@example.org` or `Chat <chat@example.org>`.
    from: Option<String> = None;
}

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// Not at all.
    None,
    /// It turns into TLS, or nothing is sent.
    Starttls,
    /// It is TLS.
    Tls,
}

impl Mail {
    /// Where the mail server listens, when there is one.
    pub fn server(&self) -> Option<(&str, u16)> {
        let port = match self.security {
            MailSecurity::None => 25,
            MailSecurity::Starttls => 587,
            MailSecurity::Tls => 465,
        };
        self.host.as_deref().map(|host| (host, self.port.unwrap_or(port)))
    }

    /// What contradicts itself, if anything does.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let password = self.password.is_some() || self.password_file.is_some();
        let is_here = self.host.as_deref().is_some_and(|host| {
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        });
        if self.host.is_some() != self.from.is_some() {
            return Some("mail.host and mail.from belong together: set both or neither");
        }
        if self.password.is_some() && self.password_file.is_some() {
            return Some("mail.password and mail.password_file are two passwords: set one of them");
        }
        if self.username.is_some() != password {
            return Some(
                "mail.username and mail.password (or mail.password_file) belong together: set both or neither",
            );
        }
        if self.security == MailSecurity::None && password && !is_here {
            return Some(
                "without TLS the password to the mail server can be read on the way: \
                 use mail.security = \"starttls\" or \"tls\"",
            );
        }
        None
    }
}
