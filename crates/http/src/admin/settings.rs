//! What admins set while the server runs.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::auth::Admin;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

/// Who may make an account.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RegistrationPolicy {
    /// Everybody who reaches the server.
    Open,
    /// Whoever was invited.
    Invite,
    /// Nobody by themselves, invited or not; admins make accounts.
    Closed,
}

impl From<parlor_domain::RegistrationPolicy> for RegistrationPolicy {
    fn from(policy: parlor_domain::RegistrationPolicy) -> Self {
        match policy {
            parlor_domain::RegistrationPolicy::Open => Self::Open,
            parlor_domain::RegistrationPolicy::Invite => Self::Invite,
            parlor_domain::RegistrationPolicy::Closed => Self::Closed,
        }
    }
}

impl From<RegistrationPolicy> for parlor_domain::RegistrationPolicy {
    fn from(policy: RegistrationPolicy) -> Self {
        match policy {
            RegistrationPolicy::Open => Self::Open,
            RegistrationPolicy::Invite => Self::Invite,
            RegistrationPolicy::Closed => Self::Closed,
        }
    }
}

/// What admins set while the server runs.
#[derive(Debug, Serialize, Object)]
struct ServerSettings {
    /// Who may make an account.
    registration: RegistrationPolicy,
    /// Whether an admin without two-factor sign-in is one.
    admins_need_two_factor: bool,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct SettingsRequest {
    /// Who may make an account from now on.
    registration: Option<RegistrationPolicy>,
    /// Whether an admin without two-factor sign-in is one; whoever turns it on has it.
    admins_need_two_factor: Option<bool>,
}

pub struct SettingsApi;

#[OpenApi(prefix_path = "/admin", tag = Tag::Administration)]
impl SettingsApi {
    /// What admins set while the server runs
    ///
    /// For admins.
    #[oai(path = "/settings", method = "get", operation_id = "getSettings")]
    async fn get(&self, services: Data<&Arc<Services>>, _admin: Admin) -> Result<Json<ServerSettings>> {
        settings(&services).await
    }

    /// Change what admins set while the server runs
    ///
    /// For admins. What is missing stays as it is. It counts on every node at once.
    #[oai(path = "/settings", method = "patch", operation_id = "changeSettings")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        form: Json<SettingsRequest>,
    ) -> Result<Json<ServerSettings>> {
        if let Some(policy) = form.registration {
            services.administration.set_registration(&admin.by, policy.into()).await?;
        }
        if let Some(needed) = form.admins_need_two_factor {
            services.administration.set_admins_need_totp(&admin.by, needed).await?;
        }
        settings(&services).await
    }
}

async fn settings(services: &Services) -> Result<Json<ServerSettings>> {
    Ok(Json(ServerSettings {
        registration: services.accounts.registration().await?.into(),
        admins_need_two_factor: services.store.admins_need_totp().await?,
    }))
}
