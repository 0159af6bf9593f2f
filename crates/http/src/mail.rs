//! What is asked for by e-mail, and the proof that an address is one's own.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;

use crate::auth::Member;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RecoveryMailRequest {
    /// A username, a user id (`USR000001`) or an e-mail address, in any case.
    login: String,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct VerificationRequest {
    /// What stands behind `#t=` in the link.
    link: String,
}

#[derive(ApiResponse)]
enum AskedResponse {
    /// It is sent if there is reason to, soon.
    #[oai(status = 202)]
    Accepted,
}

#[derive(ApiResponse)]
enum VerifiedResponse {
    /// The address is proved.
    #[oai(status = 204)]
    Done,
}

pub struct MailApi;

#[OpenApi(tag = Tag::Accounts)]
impl MailApi {
    /// Ask for a link that gives an account back
    ///
    /// It is sent by e-mail to the address that the account's owner proved, and works once, for ten
    /// minutes, at `/auth/recovery/link`. The answer is the same whether there is such an account, and
    /// such an address, or not. Where the server sends no e-mail it is 404 `mail_off`.
    #[oai(path = "/auth/recovery/mail", method = "post", operation_id = "requestRecovery")]
    async fn request_recovery(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        form: Json<RecoveryMailRequest>,
    ) -> Result<AskedResponse> {
        services.limits.recovery(&form.login, client.0)?;
        services.accounts.request_recovery(&form.login).await?;
        Ok(AskedResponse::Accepted)
    }

    /// Ask for a link to prove your e-mail address with
    ///
    /// It is sent to that address and works once, for a day. An address that is proved gives the account
    /// back: give your password first.
    #[oai(path = "/users/me/email/verification", method = "post", operation_id = "requestVerification")]
    async fn request_verification(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
    ) -> Result<AskedResponse> {
        services.limits.verification(member.actor.user)?;
        services.accounts.request_verification(&member.session).await?;
        Ok(AskedResponse::Accepted)
    }

    /// Prove that an e-mail address is yours
    ///
    /// The link that was sent there is the proof; whoever is signed in does not matter.
    #[oai(path = "/auth/verification", method = "post", operation_id = "verifyEmail")]
    async fn verify(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        form: Json<VerificationRequest>,
    ) -> Result<VerifiedResponse> {
        services.limits.registration_try(client.0)?;
        services.accounts.verify_email(&form.link).await?;
        Ok(VerifiedResponse::Done)
    }
}
