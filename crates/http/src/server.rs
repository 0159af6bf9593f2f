//! The server itself, and its first start.

use std::sync::Arc;

use parlor_domain::{File, Files, FilesPolicy, MessageBody, Registration, SetupError};
use parlor_wire::Retention;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::accounts::{SessionForm, SignedInResponse, cookie_of, signed_in};
use crate::admin::RegistrationPolicy;
use crate::device::FromDevice;
use crate::json::Json;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// What anybody may know of the server.
#[derive(Debug, Serialize, Object)]
struct ServerInfo {
    /// Its name.
    name: String,
    /// The program's version.
    version: String,
    /// True until the first admin is made; nothing else works until then.
    setup_required: bool,
    /// Who may make an account.
    registration: RegistrationPolicy,
    /// The fewest characters of a password.
    password_min_length: usize,
    /// Whether it sends e-mail, so that one may ask for a link by it.
    sends_mail: bool,
    /// What the identity provider is called at which one may sign in, too; null when there is none.
    oidc: Option<String>,
    /// The most characters of a message.
    message_max_length: usize,
    /// How much may be uploaded.
    files: FileLimits,
    /// What is deleted after some days, in all conversations; null when nothing is.
    retention: Option<Retention>,
    /// What to tell people while the server is in maintenance: they can read, and nothing is
    /// written. Missing otherwise.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    maintenance: Option<String>,
    /// True when people reach the server over plain HTTP from other machines: what they write can
    /// be read on the way.
    insecure: bool,
}

/// How much may be uploaded.
#[derive(Debug, Serialize, Object)]
struct FileLimits {
    /// The most bytes of one file.
    max_bytes: u64,
    /// The most bytes of all files of one person.
    quota_bytes: u64,
    /// The most files of one message.
    per_message: usize,
    /// Which files may be uploaded: those whose names end in one of these, such as `png`.
    types: Vec<String>,
}

impl From<&Files> for FileLimits {
    fn from(files: &Files) -> Self {
        let FilesPolicy { max_bytes, quota_bytes, .. } = *files.policy();
        Self { max_bytes, quota_bytes, per_message: File::MOST, types: files.endings() }
    }
}

/// What makes the first admin.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct SetupRequest {
    /// The one-time token that the server printed at its first start.
    token: String,
    /// The handle, 3 to 32 of `a-z 0-9 . _ -`.
    username: String,
    /// The display name, 1 to 64 characters.
    name: String,
    /// The password; when it is missing or blank the server makes one and tells it once.
    password: Option<String>,
    /// The e-mail address, at most 254 characters.
    email: Option<String>,
    /// Who else may make an account; what the settings say when nothing is said here.
    registration: Option<RegistrationPolicy>,
    /// How the new session is to prove itself; `token` when nothing is said.
    session: Option<SessionForm>,
}

pub struct ServerApi;

#[OpenApi(tag = Tag::Server)]
impl ServerApi {
    /// What anybody may know of the server
    #[oai(path = "/server", method = "get", operation_id = "getServer")]
    async fn get(&self, services: Data<&Arc<Services>>) -> Json<ServerInfo> {
        let policy = services.accounts.policy();
        Json(ServerInfo {
            name: services.server.name.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            setup_required: services.setup.is_waiting(),
            registration: services.accounts.registration().await.unwrap_or(policy.registration).into(),
            password_min_length: policy.password_min_characters,
            sends_mail: policy.sends_mail,
            oidc: services.accounts.oidc_name().map(str::to_owned),
            message_max_length: MessageBody::MAX_CHARACTERS,
            files: (&*services.files).into(),
            retention: services.retentions.server().map(Into::into),
            // Who is asked before the database answers tells what it knows.
            maintenance: services.store.maintenance().await.unwrap_or_default(),
            insecure: services.server.insecure,
        })
    }

    /// Make the first admin
    ///
    /// Takes the one-time token that the server printed at its first start. Of many who try at
    /// once one succeeds; the token is worthless afterwards.
    #[oai(path = "/setup", method = "post", operation_id = "setUp")]
    async fn set_up(
        &self,
        services: Data<&Arc<Services>>,
        device: FromDevice,
        form: Json<SetupRequest>,
    ) -> Result<SignedInResponse> {
        if !services.setup.is_waiting() {
            return Err(SetupError::AlreadySetUp.into());
        }
        if !services.setup.admits(&form.token) {
            let detail = "This is not the setup token; copy it from the server's log.";
            return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_setup_token", detail));
        }
        let Json(form) = form;
        let registration = Registration {
            username: form.username,
            name: form.name,
            password: form.password,
            email: form.email,
            role: None,
            invite: None,
        };
        let session = form.session.unwrap_or_default().at(device.0, false);
        let done =
            services.accounts.set_up(&registration, &session, form.registration.map(Into::into)).await?;
        services.setup.finish();
        let cookie = cookie_of(&services, &done.credentials, false);
        Ok(SignedInResponse::Created(signed_in(&done), cookie))
    }
}
