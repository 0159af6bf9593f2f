//! What the provider says of itself, and its keys.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use openidconnect::core::{CoreClientAuthMethod, CoreProviderMetadata};
use openidconnect::{AuthType, DiscoveryError, IssuerUrl, SignatureVerificationError};
use parlor_domain::OidcFailure;

use crate::claims::{self, IdToken};
use crate::fetch::{Fetch, FetchError};

/// How long it counts.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// What is known of the provider.
pub(crate) struct Known {
    pub(crate) document: CoreProviderMetadata,
    fetched: Instant,
}

impl Known {
    /// How this server says there who it is: in a header, as every provider takes it, unless this one
    /// says that it does not.
    pub(crate) fn auth_type(&self) -> AuthType {
        let methods = self.document.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|methods| methods.contains(&method));
        if !takes(CoreClientAuthMethod::ClientSecretBasic) && takes(CoreClientAuthMethod::ClientSecretPost) {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        }
    }
}

/// Fetches it when it is needed, and keeps it.
pub(crate) struct Metadata {
    issuer: IssuerUrl,
    known: Mutex<Option<Arc<Known>>>,
    /// One fetches at a time; the others wait for what that brings.
    turn: tokio::sync::Mutex<()>,
}

impl Metadata {
    pub(crate) fn of(issuer: IssuerUrl) -> Self {
        Self { issuer, known: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }

    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// What is known, fetched when nothing is.
    pub(crate) async fn known(&self, fetch: &Fetch) -> Result<Arc<Known>, OidcFailure> {
        self.fetched_since(|fetched| fetched.elapsed() < KEPT_FOR, fetch).await
    }

    /// What is known since just now, if this token is signed with a key that was not known.
    pub(crate) async fn renewed_for(
        &self,
        token: &IdToken,
        known: &Known,
        fetch: &Fetch,
    ) -> Result<Option<Arc<Known>>, OidcFailure> {
        let verifier = claims::verifier_of_keys(&known.document);
        match token.signing_key(&verifier) {
            // Only the provider itself makes this happen: the token came from it.
            Err(SignatureVerificationError::NoMatchingKey) => {
                self.fetched_since(|fetched| fetched > known.fetched, fetch).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// What was fetched at a good moment, or is now.
    async fn fetched_since(
        &self,
        is_good: impl Fn(Instant) -> bool + Send + Sync,
        fetch: &Fetch,
    ) -> Result<Arc<Known>, OidcFailure> {
        if let Some(known) = self.kept().filter(|known| is_good(known.fetched)) {
            return Ok(known);
        }
        let _turn = self.turn.lock().await;
        if let Some(known) = self.kept().filter(|known| is_good(known.fetched)) {
            return Ok(known);
        }
        let document = CoreProviderMetadata::discover_async(self.issuer.clone(), fetch).await;
        let document = document.map_err(|error| OidcFailure::Unavailable(reason(&error)))?;
        let known = Arc::new(Known { document, fetched: Instant::now() });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    fn kept(&self) -> Option<Arc<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why discovering failed, in one line, without what the provider answered.
fn reason(error: &DiscoveryError<FetchError>) -> String {
    match error {
        DiscoveryError::Response(status, _, why) => format!("{why} ({status})"),
        other => match other.source() {
            Some(cause) => format!("{other}: {cause}"),
            None => other.to_string(),
        },
    }
}
