//! The way of e-mails to a mail server, by SMTP.
//!
//! It connects to the one server that the settings name, and to no other.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use parlor_domain::{Mail, MailFailure, MailSender};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::time::timeout;

/// How long one answer of the mail server may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long handing one over may take.
const ALTOGETHER: Duration = Duration::from_secs(30);

/// How the connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// It turns into TLS before anything is told.
    StartTls,
    /// It is TLS.
    Tls,
}

/// A mail server.
#[derive(Clone)]
pub struct SmtpServer {
    /// Its name or address, which its certificate has to be for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// The certificate, in PEM, of an authority that is trusted besides the known ones.
    pub authority: Option<Vec<u8>>,
    /// The name and the password to sign in with.
    pub credentials: Option<(String, String)>,
    /// What this machine calls itself there.
    pub hello: String,
}

/// Why no e-mail can be sent like that.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There is no such sender.
    #[error("mail.from must be an address, such as chat@example.org or Chat <chat@example.org>")]
    From,
    /// The authority's certificate cannot be read, or the host is no name for a certificate.
    #[error("mail.host or mail.certificate_file cannot be used for TLS: {0}")]
    Tls(String),
}

/// Sends through one mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// Sends through `server`, as `from`. Nothing is connected yet.
    pub fn new(server: SmtpServer, from: &str) -> Result<Self, SetupError> {
        let from = from.parse().map_err(|_| SetupError::From)?;
        let tls = match server.security {
            Security::None => Tls::None,
            Security::StartTls => Tls::Required(parameters(&server)?),
            Security::Tls => Tls::Wrapper(parameters(&server)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(server.hello));
        if let Some((name, password)) = server.credentials {
            builder = builder.credentials(Credentials::new(name, password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    fn compose(&self, mail: &Mail) -> Result<Message, MailFailure> {
        let refused = |error: &dyn Error| MailFailure::Refused(error.to_string());
        let to = mail.to.as_str().parse().map_err(|error| refused(&error))?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.as_str())
            .header(ContentType::TEXT_PLAIN)
            .header(AutoSubmitted)
            .body(mail.text.clone())
            .map_err(|error| refused(&error))
    }
}

#[async_trait]
impl MailSender for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailFailure> {
        let message = self.compose(mail)?;
        match timeout(ALTOGETHER, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() && !is_about_us(&error) => {
                Err(MailFailure::Refused(error.to_string()))
            }
            Ok(Err(error)) => Err(MailFailure::Later(error.to_string())),
            Err(_) => Err(MailFailure::Later("it took too long".to_owned())),
        }
    }
}

/// Whether a refusal is of the name and password, which somebody can set right, and not of the e-mail.
fn is_about_us(error: &lettre::transport::smtp::Error) -> bool {
    let code = error.status().map(|code| code.to_string());
    code.is_some_and(|code| ["530", "534", "535", "538"].contains(&code.as_str()))
}

fn parameters(server: &SmtpServer) -> Result<TlsParameters, SetupError> {
    let wrong = |error: lettre::transport::smtp::Error| SetupError::Tls(error.to_string());
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(pem) = &server.authority {
        let unreadable = || SetupError::Tls("the file has no certificate in PEM".to_owned());
        let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let found = found.ok().filter(|found| !found.is_empty()).ok_or_else(unreadable)?;
        for authority in found {
            let authority = Certificate::from_der(authority.to_vec()).map_err(wrong)?;
            builder = builder.add_root_certificate(authority);
        }
    }
    builder.build_rustls().map_err(wrong)
}

/// Says that no person wrote this, so that no absence is answered to it.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlor_domain::Email;

    fn server() -> SmtpServer {
        SmtpServer {
            host: "localhost".into(),
            port: 1,
            security: Security::StartTls,
            authority: None,
            credentials: None,
            hello: "chat.example.org".into(),
        }
    }

    #[test]
    fn what_cannot_be_sent_with_is_refused_at_once() {
        assert!(matches!(Smtp::new(server(), "nobody"), Err(SetupError::From)));
        let torn = SmtpServer { authority: Some(b"no certificate".to_vec()), ..server() };
        assert!(matches!(Smtp::new(torn, "chat@example.org"), Err(SetupError::Tls(_))));
    }

    #[test]
    fn a_message_is_plain_text_and_says_that_no_person_wrote_it() {
        let smtp = Smtp::new(server(), "Chat <chat@example.org>").unwrap();
        let to = Email::parse("ana@example.org").unwrap();
        let mail =
            Mail { to, subject: "Gr\u{fc}\u{df}e\r\nBcc: all@example.org".into(), text: "Hello".into() };
        let formatted = String::from_utf8(smtp.compose(&mail).unwrap().formatted()).unwrap();
        assert!(formatted.contains("Auto-Submitted: auto-generated\r\n"), "{formatted}");
        assert!(formatted.contains("Content-Type: text/plain; charset=utf-8\r\n"), "{formatted}");
        assert!(!formatted.contains("\r\nBcc:"), "{formatted}");
    }
}
