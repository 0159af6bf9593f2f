//! Tokens with which programs act for you.

use std::sync::Arc;

use parlor_domain::{ApiToken, NewApiToken, Scopes, SessionId, Timestamp};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::services::Services;
use crate::{Result, Tag};

/// A kind of thing that a program may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Look at what the person sees, and listen to the stream.
    Read,
    /// Change what the person may change: write messages, join groups, react.
    Write,
    /// Look after the server: what is under `/admin`, reading with `read` and changing with `write`.
    Admin,
}

impl From<Scope> for parlor_domain::Scope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Read => Self::Read,
            Scope::Write => Self::Write,
            Scope::Admin => Self::Admin,
        }
    }
}

impl From<parlor_domain::Scope> for Scope {
    fn from(scope: parlor_domain::Scope) -> Self {
        match scope {
            parlor_domain::Scope::Read => Self::Read,
            parlor_domain::Scope::Write => Self::Write,
            parlor_domain::Scope::Admin => Self::Admin,
        }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(rename = "ApiTokenRequest", deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What you call it, 1 to 64 characters.
    name: String,
    /// What the program may do, one at least.
    scopes: Vec<Scope>,
    /// When it ends, in RFC 3339; without, it does not end by itself.
    expires_at: Option<Time>,
}

impl TokenRequest {
    /// What is asked for, for the use cases.
    pub fn wanted(self) -> NewApiToken {
        let scopes: Vec<_> = self.scopes.into_iter().map(Into::into).collect();
        NewApiToken {
            name: self.name,
            scopes: Scopes::of(&scopes),
            group: None,
            expires_at: self.expires_at.map(|end| end.0),
        }
    }
}

/// A token with which a program acts for somebody.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "ApiToken")]
pub struct TokenView {
    /// The id.
    id: Uuid,
    /// For whom the program acts.
    user: Uuid,
    /// What its owner calls it.
    name: String,
    /// What the program may do.
    scopes: Vec<Scope>,
    /// The group that an incoming webhook posts to, which may do nothing else; null for others.
    group: Option<Uuid>,
    /// When it was made.
    created_at: Time,
    /// When it was last used, to the minute; null when it never was.
    last_used_at: Option<Time>,
    /// When it ends; null when it does not end by itself.
    expires_at: Option<Time>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id.as_uuid(),
            user: token.user.as_uuid(),
            name: token.name.to_string(),
            scopes: token.scopes.iter().map(Into::into).collect(),
            group: token.group.map(parlor_domain::GroupId::as_uuid),
            created_at: token.created_at.into(),
            last_used_at: token.last_used_at.map(Timestamp::into),
            expires_at: token.expires_at.map(Timestamp::into),
        }
    }
}

/// Your tokens.
#[derive(Debug, Serialize, Object)]
struct ApiTokens {
    /// The tokens, the newest first.
    items: Vec<TokenView>,
}

/// A token that was just made.
#[derive(Debug, Serialize, Object)]
pub struct NewToken {
    /// The token, as it is listed.
    #[oai(flatten)]
    #[serde(flatten)]
    made: TokenView,
    /// What the program presents, as `Authorization: Bearer …`. It is shown this once and kept by
    /// nobody here.
    token: String,
}

impl NewToken {
    /// A token and its secret.
    pub fn render((made, token): (ApiToken, String)) -> Self {
        Self { made: made.into(), token }
    }
}

#[derive(ApiResponse)]
pub enum TokenMadeResponse {
    /// The token was made.
    #[oai(status = 201)]
    Created(Json<NewToken>),
}

#[derive(ApiResponse)]
pub enum TokenRevokedResponse {
    /// It proves nothing any more, and what was connected through it is closed.
    #[oai(status = 204)]
    Done,
}

pub struct ApiTokensApi;

#[OpenApi(prefix_path = "/users/me/tokens", tag = Tag::Accounts)]
impl ApiTokensApi {
    /// Make a token for a program
    ///
    /// With it a program acts for you, as far as its scopes go, until it is revoked, ends, or you
    /// get a new password. Give your password first (`/users/me/confirmation`).
    #[oai(path = "/", method = "post", operation_id = "makeToken")]
    async fn make(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        form: Json<TokenRequest>,
    ) -> Result<TokenMadeResponse> {
        let wanted = form.0.wanted();
        let made = services.accounts.make_api_token(&member.session, &wanted, Some(client.0)).await?;
        Ok(TokenMadeResponse::Created(Json(NewToken::render(made))))
    }

    /// Your tokens for programs
    ///
    /// All that are good, the newest first; 50 at most.
    #[oai(path = "/", method = "get", operation_id = "listTokens")]
    async fn list(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<ApiTokens>> {
        let tokens = services.accounts.api_tokens(member.actor.user).await?;
        Ok(Json(ApiTokens { items: tokens.into_iter().map(Into::into).collect() }))
    }

    /// Revoke one of your tokens
    #[oai(path = "/:token", method = "delete", operation_id = "revokeToken")]
    async fn revoke(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        token: Path<Uuid>,
    ) -> Result<TokenRevokedResponse> {
        let id = SessionId::from_uuid(token.0);
        services.accounts.revoke_api_token(&member.session, id, Some(client.0)).await?;
        Ok(TokenRevokedResponse::Done)
    }
}
