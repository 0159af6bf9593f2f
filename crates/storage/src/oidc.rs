//! Who people are at identity providers, and browsers that are on their way there.

use async_trait::async_trait;
use parlor_domain::{
    Identity, LinkedIdentity, OidcAttempt, OidcPurpose, OidcRepository, SessionId, Timestamp, TokenHash,
    UserId,
};
use sea_orm::DbErr;

use crate::codes::oidc;
use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> OidcRepository for Sql<C, D> {
    async fn identity_owner(&self, identity: &Identity) -> Result<Option<UserId>> {
        let sql = "SELECT user_id FROM identity WHERE issuer = $1 AND subject = $2".to_owned();
        let values = vec![identity.issuer.as_str().into(), identity.subject.as_str().into()];
        self.first(sql, values, |row| Fields::of(row).id(UserId::from_uuid)).await
    }

    async fn identity_of(&self, user: UserId, issuer: &str) -> Result<Option<LinkedIdentity>> {
        let sql = "SELECT issuer, subject, label, linked_at FROM identity WHERE user_id = $1 AND issuer = $2";
        let values = vec![user.as_uuid().into(), issuer.into()];
        self.first(sql.to_owned(), values, |row| {
            let mut fields = Fields::of(row);
            let identity = Identity { issuer: fields.get()?, subject: fields.get()? };
            Ok(LinkedIdentity { identity, user, label: fields.get()?, linked_at: fields.moment()? })
        })
        .await
    }

    async fn insert_identity(&mut self, linked: &LinkedIdentity) -> Result<()> {
        let sql = "INSERT INTO identity (issuer, subject, user_id, label, linked_at)
            VALUES ($1, $2, $3, $4, $5)";
        let values = vec![
            linked.identity.issuer.as_str().into(),
            linked.identity.subject.as_str().into(),
            linked.user.as_uuid().into(),
            linked.label.as_str().into(),
            linked.linked_at.as_millis().into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn delete_identity(&mut self, user: UserId, issuer: &str) -> Result<bool> {
        let sql = "DELETE FROM identity WHERE user_id = $1 AND issuer = $2".to_owned();
        Ok(self.run(sql, vec![user.as_uuid().into(), issuer.into()]).await? > 0)
    }

    async fn insert_oidc_attempt(&mut self, attempt: &OidcAttempt, now: Timestamp) -> Result<()> {
        let over = "DELETE FROM oidc_attempt WHERE until <= $1".to_owned();
        self.run(over, vec![now.as_millis().into()]).await?;
        let (purpose, user, session) = match attempt.purpose {
            OidcPurpose::SignIn => (oidc::SIGN_IN, None, None),
            OidcPurpose::Link(user, session) => (oidc::LINK, Some(user), Some(session)),
            OidcPurpose::Confirm(user, session) => (oidc::CONFIRM, Some(user), Some(session)),
            OidcPurpose::SecondFactor(user) => (oidc::SECOND_FACTOR, Some(user), None),
        };
        let sql = "INSERT INTO oidc_attempt (hash, purpose, user_id, session_id, until)
            VALUES ($1, $2, $3, $4, $5)";
        let values = vec![
            attempt.browser.as_bytes().to_vec().into(),
            purpose.into(),
            user.map(UserId::as_uuid).into(),
            session.map(SessionId::as_uuid).into(),
            attempt.until.as_millis().into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn take_oidc_attempt(
        &mut self,
        browser: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<OidcAttempt>> {
        let sql = "DELETE FROM oidc_attempt WHERE hash = $1 AND until > $2
            RETURNING purpose, user_id, session_id, until";
        let values = vec![browser.as_bytes().to_vec().into(), now.as_millis().into()];
        self.first(sql.to_owned(), values, |row| {
            let mut fields = Fields::of(row);
            let purpose = purpose(&mut fields)?;
            Ok(OidcAttempt { browser: *browser, purpose, until: fields.moment()? })
        })
        .await
    }
}

fn purpose(fields: &mut Fields<'_>) -> fields::Result<OidcPurpose> {
    let purpose: i16 = fields.get()?;
    let user = fields.optional_id(UserId::from_uuid)?;
    let session = fields.optional_id(SessionId::from_uuid)?;
    match (purpose, user, session) {
        (oidc::SIGN_IN, None, None) => Ok(OidcPurpose::SignIn),
        (oidc::LINK, Some(user), Some(session)) => Ok(OidcPurpose::Link(user, session)),
        (oidc::CONFIRM, Some(user), Some(session)) => Ok(OidcPurpose::Confirm(user, session)),
        (oidc::SECOND_FACTOR, Some(user), None) => Ok(OidcPurpose::SecondFactor(user)),
        _ => Err(DbErr::Type(format!("{purpose} is nothing that a browser goes to a provider for"))),
    }
}
