use std::path::PathBuf;

use parlor_http::layers::Origin;
use serde::{Deserialize, Serialize};

use super::Hidden;
use super::section::section;

section! {
    /// Signing in at an identity provider that speaks OpenID Connect, beside passwords. There is none
    /// until it has an `issuer`. See `docs/operations/oidc.md`.
    struct Oidc = "oidc";

    /// The provider's address, letter by letter as it calls itself: what stands before
    /// `/.well-known/openid-configuration`. It needs https, unless it is on this machine.
    issuer: Option<String> = None;

    /// What this server is called at the provider.
    client_id: Option<String> = None;

    /// What proves to the provider that it is this server; left out for a public client.
    @secret client_secret: Option<Hidden> = None;

    /// A file with the secret instead.
    client_secret_file: Option<PathBuf> = None;

    /// What people call the provider, as the button on the sign-in page has it; when nothing is said,
    /// the name of its machine.
    name: Option<String> = None;

    /// What the provider is asked to tell, besides who somebody is.
    scopes: Vec<String> = vec!["profile".into(), "email".into()];

    /// Which people without an account get one when they come from the provider. `policy`: those who may
    /// register. `always`: all. `never`: none, so that only accounts that their owners linked sign in.
    sign_up: SignUp = SignUp::Policy;

    /// Only people whose address the provider vouches for, and that ends in one of these, such as
    /// `example.org`, may come. Everybody may when there is none.
    email_domains: Vec<String> = Vec::new();

    /// The claim that tells who looks after this server; dots lead into objects, as in
    /// `realm_access.roles`. With it, everybody becomes an admin or a user at each sign-in at the
    /// provider, as it says; the last admin stays one.
    admin_claim: Option<String> = None;

    /// What that claim is, or has among its values, for an admin.
    admin_value: Option<String> = None;

    /// A file with the certificate, in PEM, of an authority that is trusted besides the known ones, for
    /// providers with a certificate of their own making.
    certificate_file: Option<PathBuf> = None;
}

/// Which people without an account get one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUp {
    /// Those who may register.
    Policy,
    /// All.
    Always,
    /// None.
    Never,
}

impl Oidc {
    /// What people call the provider.
    pub fn shown_name(&self) -> Option<String> {
        let issuer = self.issuer.as_deref()?;
        Some(
            self.name
                .clone()
                .unwrap_or_else(|| origin(issuer).map_or_else(String::new, |own| own.host().into())),
        )
    }

    /// What contradicts itself, if anything does.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        if self.issuer.is_some() != self.client_id.is_some() {
            return Some("oidc.issuer and oidc.client_id belong together: set both or neither");
        }
        let is_safe = |issuer: &String| {
            origin(issuer).is_some_and(|origin| origin.is_https() || origin.is_loopback())
                && !issuer.contains(['?', '#'])
        };
        if !self.issuer.as_ref().is_none_or(is_safe) {
            return Some(
                "oidc.issuer must be an address like https://id.example.org, with https unless it is on this machine",
            );
        }
        if self.client_secret.is_some() && self.client_secret_file.is_some() {
            return Some("oidc.client_secret and oidc.client_secret_file are two secrets: set one of them");
        }
        if self.admin_claim.is_some() != self.admin_value.is_some() {
            return Some("oidc.admin_claim and oidc.admin_value belong together: set both or neither");
        }
        None
    }
}

/// Scheme, machine and port of an address.
fn origin(address: &str) -> Option<Origin> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}").parse().ok()
}
