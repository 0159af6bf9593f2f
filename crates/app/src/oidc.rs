//! The identity provider, as the settings name it.

use std::fs;
use std::sync::Arc;

use parlor_domain::{Accounts, OidcPolicy, OidcSignUp};
use parlor_http::OIDC_RETURN_PATH;
use parlor_oidc::{AdminRule, Provider, Registered};

use crate::config::{Hidden, Settings, SignUp};
use crate::failure::Failure;
use crate::setup::read_password;

/// Lets people sign in at the provider that the settings name, when they name one, and come back to the
/// page at this origin. A command that runs without a server has no page, and signs nobody in.
pub fn with_provider(accounts: Accounts, settings: &Settings, origin: &str) -> Result<Accounts, Failure> {
    let oidc = &settings.oidc;
    let (Some(issuer), Some(client_id), Some(name)) = (&oidc.issuer, &oidc.client_id, oidc.shown_name())
    else {
        return Ok(accounts);
    };
    if origin.is_empty() {
        return Ok(accounts);
    }
    let client_secret = match (&oidc.client_secret, &oidc.client_secret_file) {
        (Some(secret), _) => Some(Hidden::reveal(secret).to_owned()),
        (None, Some(file)) => Some(read_password(file)?),
        (None, None) => None,
    };
    let authority = match &oidc.certificate_file {
        None => None,
        Some(file) => Some(fs::read(file).map_err(|error| {
            Failure::Advice(format!("cannot read oidc.certificate_file {}: {error}", file.display()))
        })?),
    };
    let rule = oidc.admin_claim.clone().zip(oidc.admin_value.clone());
    let provider = Provider::new(Registered {
        issuer: issuer.clone(),
        client_id: client_id.clone(),
        client_secret,
        redirect_uri: format!("{origin}{OIDC_RETURN_PATH}"),
        scopes: oidc.scopes.clone(),
        admin: rule.map(|(claim, value)| AdminRule { claim, value }),
        authority,
    });
    let provider = Arc::new(provider.map_err(|error| Failure::Advice(error.to_string()))?);
    let policy = OidcPolicy {
        name,
        issuer: issuer.clone(),
        sign_up: match oidc.sign_up {
            SignUp::Policy => OidcSignUp::Policy,
            SignUp::Always => OidcSignUp::Always,
            SignUp::Never => OidcSignUp::Never,
        },
        email_domains: oidc.email_domains.clone(),
    };
    tokio::spawn(tell(provider.clone(), issuer.clone()));
    Ok(accounts.with_oidc(provider, policy))
}

/// Tells whoever starts the server whether the provider answers. The start does not wait for that, and
/// does not fail: passwords work without it, and it is asked again when somebody wants to sign in.
async fn tell(provider: Arc<Provider>, issuer: String) {
    match provider.check().await {
        Ok(()) => tracing::info!(issuer, "the identity provider answers"),
        Err(error) => {
            tracing::warn!(issuer, %error, "nobody can sign in at the identity provider at present");
        }
    }
}
