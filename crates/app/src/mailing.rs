//! Sends the e-mails that wait, for as long as the server runs.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Delivered, Mails, StoreError, WaitingMail};
use parlor_mail::{Security, Smtp, SmtpServer};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::{Hidden, MailSecurity, Settings};
use crate::failure::Failure;
use crate::setup::read_password;

/// How often one looks whether something is due.
const EVERY: Duration = Duration::from_secs(1);

/// The way to the mail server, when the settings name one. `hello` is what this machine calls itself there.
pub fn sender(settings: &Settings, hello: &str) -> Result<Option<Smtp>, Failure> {
    let mail = &settings.mail;
    let (Some((host, port)), Some(from)) = (mail.server(), &mail.from) else { return Ok(None) };
    let password = match (&mail.password, &mail.password_file) {
        (Some(password), _) => Some(Hidden::reveal(password).to_owned()),
        (None, Some(file)) => Some(read_password(file)?),
        (None, None) => None,
    };
    let authority = match &mail.certificate_file {
        None => None,
        Some(file) => Some(fs::read(file).map_err(|error| {
            Failure::Advice(format!("cannot read mail.certificate_file {}: {error}", file.display()))
        })?),
    };
    let server = SmtpServer {
        host: host.to_owned(),
        port,
        security: match mail.security {
            MailSecurity::None => Security::None,
            MailSecurity::Starttls => Security::StartTls,
            MailSecurity::Tls => Security::Tls,
        },
        authority,
        credentials: mail.username.clone().zip(password),
        hello: hello.to_owned(),
    };
    let smtp = Smtp::new(server, from).map_err(|error| Failure::Advice(error.to_string()))?;
    Ok(Some(smtp))
}

/// Sends what is due. What is being sent when the server ends is sent again by the next one that runs.
pub async fn send_mail(mails: Arc<Mails>) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match mails.take_due().await {
            Ok(taken) => send(&mails, taken).await,
            Err(StoreError::ReadOnly(_)) => {}
            Err(error) => tracing::warn!(%error, "waiting e-mails could not be looked up; trying again"),
        }
    }
}

async fn send(mails: &Arc<Mails>, taken: Vec<WaitingMail>) {
    let mut sending = JoinSet::new();
    for mail in taken {
        let mails = Arc::clone(mails);
        sending.spawn(async move {
            match mails.deliver(&mail).await {
                Ok(Delivered::Sent) => tracing::info!(mail = %mail.id, "an e-mail was sent"),
                Ok(Delivered::NotNeeded) => tracing::debug!(mail = %mail.id, "an e-mail was not needed"),
                Ok(Delivered::Postponed(why)) => {
                    tracing::warn!(mail = %mail.id, why, "an e-mail could not be sent; trying again");
                }
                Ok(Delivered::GivenUp(why)) => tracing::warn!(mail = %mail.id, why, "an e-mail was given up"),
                Err(error) => tracing::warn!(mail = %mail.id, %error, "an e-mail is sent again later"),
            }
        });
    }
    while sending.join_next().await.is_some() {}
}
