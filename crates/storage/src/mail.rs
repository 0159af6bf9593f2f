//! E-mails that wait, and addresses that are being proved.

use async_trait::async_trait;
use parlor_domain::{
    Email, Errand, Login, MailId, MailRepository, Timestamp, TokenHash, UserId, WaitingMail,
};
use sea_orm::DbErr;

use crate::codes::mail;
use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

const COLUMNS: &str = "id, kind, user_id, recipient, created_at, due_at, tries";

#[async_trait]
impl<C: Connection, D: Dialect> MailRepository for Sql<C, D> {
    async fn is_mail_due(&self, now: Timestamp) -> Result<bool> {
        let sql = "SELECT 1 FROM mail WHERE due_at <= $1 LIMIT 1".to_owned();
        Ok(self.first(sql, vec![now.as_millis().into()], |_| Ok(())).await?.is_some())
    }

    async fn count_mails(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM mail".to_owned();
        Ok(self.first(sql, Vec::new(), |row| Fields::of(row).count()).await?.unwrap_or(0))
    }

    async fn insert_mail(&mut self, waiting: &WaitingMail) -> Result<()> {
        let (kind, user, recipient) = match &waiting.errand {
            Errand::RecoveryLink(login) => (mail::RECOVERY_LINK, None, login.to_string()),
            Errand::Verification(user, to) => (mail::VERIFICATION, Some(user), to.to_string()),
            Errand::PasswordChanged(user, to) => (mail::PASSWORD_CHANGED, Some(user), to.to_string()),
            Errand::PasswordRecovered(user, to) => (mail::PASSWORD_RECOVERED, Some(user), to.to_string()),
            Errand::TotpEnabled(user, to) => (mail::TOTP_ENABLED, Some(user), to.to_string()),
            Errand::TotpDisabled(user, to) => (mail::TOTP_DISABLED, Some(user), to.to_string()),
        };
        let sql = format!("INSERT INTO mail ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        let values = vec![
            waiting.id.as_uuid().into(),
            kind.into(),
            user.map(|user| user.as_uuid()).into(),
            recipient.into(),
            waiting.created_at.as_millis().into(),
            waiting.due_at.as_millis().into(),
            fields::column(u64::from(waiting.tries)).into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    async fn take_due_mails(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<WaitingMail>> {
        // The outer condition is looked at again where another one took the same row meanwhile.
        let sql = format!(
            "UPDATE mail SET due_at = $2, tries = tries + 1 WHERE due_at <= $1 AND id IN (
                SELECT id FROM mail WHERE due_at <= $1 ORDER BY due_at, id LIMIT $3
            ) RETURNING {COLUMNS}"
        );
        let values = vec![now.as_millis().into(), until.as_millis().into(), i64::from(limit).into()];
        self.all(sql, values, |row| read(&mut Fields::of(row))).await
    }

    async fn postpone_mail(&mut self, id: MailId, due_at: Timestamp) -> Result<()> {
        let sql = "UPDATE mail SET due_at = $2 WHERE id = $1".to_owned();
        self.run(sql, vec![id.as_uuid().into(), due_at.as_millis().into()]).await.map(drop)
    }

    async fn delete_mail(&mut self, id: MailId) -> Result<()> {
        self.run("DELETE FROM mail WHERE id = $1".to_owned(), vec![id.as_uuid().into()]).await.map(drop)
    }

    async fn verification(&self, link: &TokenHash, now: Timestamp) -> Result<Option<(UserId, Email)>> {
        let sql = "SELECT user_id, email FROM email_verification WHERE hash = $1 AND until > $2".to_owned();
        let values = vec![link.as_bytes().to_vec().into(), now.as_millis().into()];
        self.first(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(UserId::from_uuid)?, Email::from_stored(fields.get()?)))
        })
        .await
    }

    async fn replace_verification(
        &mut self,
        user: UserId,
        address: &Email,
        link: &TokenHash,
        until: Timestamp,
    ) -> Result<()> {
        let sql = "INSERT INTO email_verification (user_id, email, hash, until) VALUES ($1, $2, $3, $4)
            ON CONFLICT (user_id) DO UPDATE
            SET email = excluded.email, hash = excluded.hash, until = excluded.until";
        let values = vec![
            user.as_uuid().into(),
            address.as_str().into(),
            link.as_bytes().to_vec().into(),
            until.as_millis().into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn use_verification(&mut self, user: UserId, link: &TokenHash) -> Result<bool> {
        let sql = "DELETE FROM email_verification WHERE user_id = $1 AND hash = $2".to_owned();
        Ok(self.run(sql, vec![user.as_uuid().into(), link.as_bytes().to_vec().into()]).await? > 0)
    }
}

fn read(fields: &mut Fields<'_>) -> fields::Result<WaitingMail> {
    let id = fields.id(MailId::from_uuid)?;
    let kind: i16 = fields.get()?;
    let user = fields.optional_id(UserId::from_uuid)?;
    let recipient: String = fields.get()?;
    let errand = match (kind, user) {
        (mail::RECOVERY_LINK, None) => Login::parse(&recipient).map(Errand::RecoveryLink),
        (mail::VERIFICATION, Some(user)) => Some(Errand::Verification(user, Email::from_stored(recipient))),
        (mail::PASSWORD_CHANGED, Some(user)) => {
            Some(Errand::PasswordChanged(user, Email::from_stored(recipient)))
        }
        (mail::PASSWORD_RECOVERED, Some(user)) => {
            Some(Errand::PasswordRecovered(user, Email::from_stored(recipient)))
        }
        (mail::TOTP_ENABLED, Some(user)) => Some(Errand::TotpEnabled(user, Email::from_stored(recipient))),
        (mail::TOTP_DISABLED, Some(user)) => Some(Errand::TotpDisabled(user, Email::from_stored(recipient))),
        _ => None,
    };
    Ok(WaitingMail {
        id,
        errand: errand.ok_or_else(|| DbErr::Type(format!("an e-mail of the kind {kind} to nobody")))?,
        created_at: fields.moment()?,
        due_at: fields.moment()?,
        tries: u32::try_from(fields.count()?).unwrap_or(u32::MAX),
    })
}
