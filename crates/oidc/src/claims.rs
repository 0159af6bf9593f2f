//! What a token says, and whether it counts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreGenderClaim, CoreIdTokenVerifier, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, ClientId, EndUserName, IdTokenClaims, LocalizedClaim,
    Nonce, SubjectIdentifier, UserInfoClaims,
};
use parlor_domain::{Email, Identity, OidcFailure, OidcHandshake, OidcProfile, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AdminRule, Client};

/// How far the provider's clock may be from this one.
const LEEWAY: Duration = Duration::from_mins(1);

/// The most bytes of a subject; the standard allows 255.
const SUBJECT: usize = 255;

/// Signatures that only the provider can make. One made with the secret that both know is not among
/// them, and none at all neither.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Claims that are not the standard's.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub(crate) struct OtherClaims {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

pub(crate) type IdToken = openidconnect::IdToken<
    OtherClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

pub(crate) type UserInfo = UserInfoClaims<OtherClaims, CoreGenderClaim>;

type TokenClaims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

/// Looks tokens' keys up among those that the provider has published.
pub(crate) fn verifier_of_keys(document: &CoreProviderMetadata) -> CoreIdTokenVerifier<'static> {
    let keys = document.jwks().clone();
    CoreIdTokenVerifier::new_public_client(ClientId::new(String::new()), document.issuer().clone(), keys)
        .set_allowed_algs(ALGORITHMS)
}

/// What the token says, if it is the provider's, for this server, for this handshake, and not over.
pub(crate) fn verified(
    client: &Client,
    token: &IdToken,
    access_token: &AccessToken,
    handshake: &OidcHandshake,
    now: Timestamp,
) -> Result<TokenClaims, OidcFailure> {
    let refused = |error: &dyn ToString| OidcFailure::Refused(error.to_string());
    let moment = DateTime::from_timestamp_millis(now.minus(LEEWAY).as_millis()).unwrap_or_default();
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || moment);
    let nonce = Nonce::new(handshake.nonce.clone());
    let claims = token.claims(&verifier, &nonce).map_err(|error| refused(&error))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| refused(&error))?;
        let key = token.signing_key(&verifier).map_err(|error| refused(&error))?;
        let found =
            AccessTokenHash::from_token(access_token, algorithm, key).map_err(|error| refused(&error))?;
        if found != *expected {
            return Err(refused(&"the ID token is for another access token"));
        }
    }
    if claims.subject().is_empty() || claims.subject().len() > SUBJECT {
        return Err(refused(&"the subject is none"));
    }
    Ok(claims.clone())
}

/// What is taken of it.
pub(crate) struct Claims {
    issuer: String,
    subject: SubjectIdentifier,
    username: Option<String>,
    name: Option<String>,
    email: Option<String>,
    email_verified: bool,
    authenticated_at: Option<Timestamp>,
    others: Map<String, Value>,
}

impl Claims {
    pub(crate) fn of_token(claims: &TokenClaims, issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            subject: claims.subject().clone(),
            username: claims.preferred_username().map(|name| name.to_string()),
            name: plain(claims.name()),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or(false),
            authenticated_at: claims.auth_time().map(moment),
            others: claims.additional_claims().all.clone(),
        }
    }

    pub(crate) fn subject(&self) -> SubjectIdentifier {
        self.subject.clone()
    }

    /// Whether it is worth to ask for more.
    pub(crate) fn lack_something(&self, rule: Option<&AdminRule>) -> bool {
        self.email.is_none()
            || self.username.is_none()
            || rule.is_some_and(|rule| find(&self.others, &rule.claim).is_none())
    }

    /// Adds what the provider tells of the same person elsewhere.
    pub(crate) fn add(&mut self, told: &UserInfo) {
        if self.username.is_none() {
            self.username = told.preferred_username().map(|name| name.to_string());
        }
        if self.name.is_none() {
            self.name = plain(told.name());
        }
        if self.email.is_none() {
            self.email = told.email().map(|email| email.to_string());
            // Whether it is proved belongs to the address.
            self.email_verified = told.email_verified().unwrap_or(false);
        }
        for (claim, value) in &told.additional_claims().all {
            self.others.entry(claim.clone()).or_insert_with(|| value.clone());
        }
    }

    pub(crate) fn profile(self, rule: Option<&AdminRule>) -> OidcProfile {
        let admin =
            rule.map(|rule| find(&self.others, &rule.claim).is_some_and(|found| has(found, &rule.value)));
        OidcProfile {
            identity: Identity { issuer: self.issuer, subject: self.subject.to_string() },
            username: self.username,
            name: self.name,
            email: self.email.and_then(|email| Email::parse(&email).ok()),
            email_verified: self.email_verified,
            authenticated_at: self.authenticated_at,
            admin,
        }
    }
}

fn plain(name: Option<&LocalizedClaim<EndUserName>>) -> Option<String> {
    name.and_then(|name| name.get(None)).map(|name| name.to_string())
}

fn moment(moment: DateTime<Utc>) -> Timestamp {
    Timestamp::from_millis(moment.timestamp_millis())
}

/// A claim by its name, or by a path into objects.
fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    claims.get(path).or_else(|| {
        let (first, rest) = path.split_once('.')?;
        find(claims.get(first)?.as_object()?, rest)
    })
}

/// Whether a claim is this, or has it.
fn has(claim: &Value, value: &str) -> bool {
    match claim {
        Value::Array(all) => all.iter().any(|one| has(one, value)),
        Value::String(text) => text == value,
        Value::Bool(truth) => truth.to_string() == value,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_admin_is_known_by_a_claim_wherever_it_is() {
        let claims = json!({
            "groups": ["chat", "chat-admins"],
            "realm_access": {"roles": ["admin"]},
            "https://example.org/role": "boss",
            "is_admin": true,
        });
        let claims = claims.as_object().unwrap();
        let is = |claim: &str, value: &str| find(claims, claim).is_some_and(|found| has(found, value));
        assert!(is("groups", "chat-admins") && is("realm_access.roles", "admin"));
        assert!(is("https://example.org/role", "boss") && is("is_admin", "true"));
        for (claim, value) in [
            ("groups", "admins"),
            ("groups", "chat-"),
            ("realm_access", "admin"),
            ("nothing", "x"),
            ("groups.0", "chat"),
        ] {
            assert!(!is(claim, value), "{claim} {value}");
        }
    }
}
