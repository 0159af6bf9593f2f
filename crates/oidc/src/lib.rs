//! OpenID Connect: the way to an identity provider, and the check of what it says.
//!
//! The server goes to one provider, which the operator named, and to where that one's own description
//! leads. The description and the keys are kept for a while and fetched anew when a token is signed with
//! a key that is not known. What a token says counts only when its signature, issuer, audience, nonce and
//! time are right; the signature is always the provider's own, never one made with the shared secret.

mod claims;
mod fetch;
mod metadata;

use std::time::Duration;

use async_trait::async_trait;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
    StandardTokenResponse,
};
use parlor_domain::{OidcFailure, OidcHandshake, OidcProfile, OidcProvider, Timestamp};
use thiserror::Error;
use tokio::time::timeout;

pub use fetch::InvalidAuthority;

use claims::{Claims, OtherClaims};
use fetch::{Fetch, FetchError};
use metadata::{Known, Metadata};

/// How long it may take to find out who somebody is: the description, the keys, the token and what the
/// token does not say.
const WITHIN: Duration = Duration::from_secs(25);

/// What a token's answer holds here.
type TokenAnswer = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// This server, as the provider knows it.
type Client = openidconnect::Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// How this server is registered at the provider.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The provider's address, letter by letter as it calls itself.
    pub issuer: String,
    /// What this server is called there.
    pub client_id: String,
    /// What proves that it is this server; none for a public client.
    pub client_secret: Option<String>,
    /// Where browsers come back to.
    pub redirect_uri: String,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Which claim, having which value, makes an admin.
    pub admin: Option<AdminRule>,
    /// The certificate of an authority that is trusted besides the known ones, in PEM.
    pub authority: Option<Vec<u8>>,
}

/// Which claim, having which value, makes an admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminRule {
    /// The claim; dots lead into objects, as in `realm_access.roles`.
    pub claim: String,
    /// The value: what the claim is, or one of a list's.
    pub value: String,
}

/// The registration cannot be used. Each message is one line that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidRegistration {
    /// An address is none.
    #[error("{0} is no address: write it like https://id.example.org")]
    Address(String),
    /// The authority's certificate is none.
    #[error("the certificate of the identity provider's authority cannot be used: {0}")]
    Authority(#[from] InvalidAuthority),
}

/// A provider that speaks OpenID Connect.
pub struct Provider {
    client_id: ClientId,
    client_secret: Option<ClientSecret>,
    redirect_uri: RedirectUrl,
    scopes: Vec<Scope>,
    admin: Option<AdminRule>,
    fetch: Fetch,
    metadata: Metadata,
}

impl Provider {
    /// The provider at which this server is registered. Nothing is asked of it yet.
    pub fn new(registered: Registered) -> Result<Self, InvalidRegistration> {
        let Registered { issuer, client_id, client_secret, redirect_uri, scopes, admin, authority } =
            registered;
        let address = |text: &str| InvalidRegistration::Address(text.to_owned());
        let issuer_url = IssuerUrl::new(issuer.clone()).map_err(|_| address(&issuer))?;
        Ok(Self {
            client_id: ClientId::new(client_id),
            client_secret: client_secret.map(ClientSecret::new),
            redirect_uri: RedirectUrl::new(redirect_uri.clone()).map_err(|_| address(&redirect_uri))?,
            scopes: scopes.into_iter().filter(|scope| scope != "openid").map(Scope::new).collect(),
            admin,
            fetch: Fetch::new(authority.as_deref(), issuer_url.url().scheme() == "http")?,
            metadata: Metadata::of(issuer_url),
        })
    }

    /// Finds out whether the provider answers as it should, so that whoever starts the server learns it.
    pub async fn check(&self) -> Result<(), OidcFailure> {
        self.metadata.known(&self.fetch).await.map(drop)
    }

    fn client(&self, known: &Known) -> Client {
        let client = Client::from_provider_metadata(
            known.document.clone(),
            self.client_id.clone(),
            self.client_secret.clone(),
        );
        client.set_auth_type(known.auth_type()).set_redirect_uri(self.redirect_uri.clone())
    }

    async fn exchange(
        &self,
        client: &Client,
        code: &str,
        handshake: &OidcHandshake,
    ) -> Result<TokenAnswer, OidcFailure> {
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OidcFailure::Unavailable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(handshake.verifier.clone()));
        request.request_async(&self.fetch).await.map_err(|error| match error {
            RequestTokenError::ServerResponse(refusal) => OidcFailure::Refused(refusal.to_string()),
            RequestTokenError::Request(error) => unavailable(&error),
            // What came may hold a token, and is not told.
            RequestTokenError::Parse(error, _) => {
                OidcFailure::Unavailable(format!("its token answer: {error}"))
            }
            RequestTokenError::Other(text) => OidcFailure::Unavailable(text),
        })
    }
}

#[async_trait]
impl OidcProvider for Provider {
    async fn authorize_url(&self, handshake: &OidcHandshake, fresh: bool) -> Result<String, OidcFailure> {
        let known = self.metadata.known(&self.fetch).await?;
        let client = self.client(&known);
        let verifier = PkceCodeVerifier::new(handshake.verifier.clone());
        let (state, nonce) = (handshake.state.clone(), handshake.nonce.clone());
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if fresh {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let url = request.url().0;
        if !self.fetch.takes(url.scheme()) {
            return Err(OidcFailure::Unavailable(format!("its page at {}: is not gone to", url.scheme())));
        }
        Ok(url.to_string())
    }

    async fn redeem(
        &self,
        code: &str,
        handshake: &OidcHandshake,
        now: Timestamp,
    ) -> Result<OidcProfile, OidcFailure> {
        let told = timeout(WITHIN, self.ask(code, handshake, now)).await;
        told.map_err(|_| OidcFailure::Unavailable(format!("it took longer than {} s", WITHIN.as_secs())))?
    }
}

impl Provider {
    async fn ask(
        &self,
        code: &str,
        handshake: &OidcHandshake,
        now: Timestamp,
    ) -> Result<OidcProfile, OidcFailure> {
        let known = self.metadata.known(&self.fetch).await?;
        let client = self.client(&known);
        let answer = self.exchange(&client, code, handshake).await?;
        let token = answer.extra_fields().id_token();
        let token = token.ok_or_else(|| OidcFailure::Refused("it sent no ID token".into()))?;
        // A key that is not known yet may be a new one.
        let client = match self.metadata.renewed_for(token, &known, &self.fetch).await? {
            Some(renewed) => self.client(&renewed),
            None => client,
        };
        let claims = claims::verified(&client, token, answer.access_token(), handshake, now)?;
        let mut claims = Claims::of_token(&claims, self.metadata.issuer());
        if claims.lack_something(self.admin.as_ref())
            && let Ok(request) = client.user_info(answer.access_token().clone(), Some(claims.subject()))
        {
            let told: Result<claims::UserInfo, _> = request.request_async(&self.fetch).await;
            match told {
                Ok(told) => claims.add(&told),
                Err(error) => {
                    tracing::warn!(%error, "the identity provider's userinfo endpoint is of no help");
                }
            }
        }
        Ok(claims.profile(self.admin.as_ref()))
    }
}

fn unavailable(error: &FetchError) -> OidcFailure {
    OidcFailure::Unavailable(error.to_string())
}
