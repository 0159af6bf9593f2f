//! Accounts of programs.

use std::sync::Arc;

use parlor_domain::{GroupId, UserId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::users::ManagedAccount;
use crate::api_tokens::{NewToken, TokenMadeResponse, TokenRequest};
use crate::auth::Admin;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct BotRequest {
    /// The handle, 3 to 32 of `a-z 0-9 . _ -`.
    username: String,
    /// The display name, 1 to 64 characters.
    name: String,
}

#[derive(ApiResponse)]
enum BotResponse {
    /// The bot was made.
    #[oai(status = 201)]
    Created(Json<ManagedAccount>),
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct WebhookRequest {
    /// What it is for, 1 to 64 characters.
    name: String,
    /// The group it posts to; the bot has to be in it.
    group: Uuid,
}

/// An incoming webhook that was just made.
#[derive(Debug, Serialize, Object)]
struct NewWebhook {
    /// Its id among the tokens, by which it is revoked.
    id: Uuid,
    /// Where to send messages. It is shown this once and kept by nobody here.
    url: String,
}

#[derive(ApiResponse)]
enum WebhookResponse {
    /// The webhook was made.
    #[oai(status = 201)]
    Created(Json<NewWebhook>),
}

/// A group that a bot is in.
#[derive(Debug, Serialize, Object)]
struct BotGroup {
    /// The id.
    id: Uuid,
    /// The name.
    name: String,
}

/// The groups that a bot is in.
#[derive(Debug, Serialize, Object)]
struct BotGroups {
    /// The groups, by name.
    items: Vec<BotGroup>,
}

pub struct BotsApi;

#[OpenApi(prefix_path = "/admin/bots", tag = Tag::Administration)]
impl BotsApi {
    /// Make a bot
    ///
    /// For admins. It is a user as others are, marked as a program: people bring it into groups and
    /// write to it. Nobody signs in as it; it acts with tokens. `GET /admin/users?bot=true` lists all.
    #[oai(path = "/", method = "post", operation_id = "createBot")]
    async fn create(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        form: Json<BotRequest>,
    ) -> Result<BotResponse> {
        let Json(BotRequest { username, name }) = form;
        let user = services.administration.create_bot(&admin.by, &username, &name).await?;
        Ok(BotResponse::Created(Json(ManagedAccount::of_new(user))))
    }

    /// Make a token for a bot
    ///
    /// For admins. Give your password first. People make their own tokens.
    #[oai(path = "/:bot/tokens", method = "post", operation_id = "makeBotToken")]
    async fn make_token(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        bot: Path<Uuid>,
        form: Json<TokenRequest>,
    ) -> Result<TokenMadeResponse> {
        let (bot, wanted) = (UserId::from_uuid(bot.0), form.0.wanted());
        let made = services.administration.make_bot_token(&admin.by, bot, &wanted).await?;
        Ok(TokenMadeResponse::Created(Json(NewToken::render(made))))
    }

    /// The groups that a bot is in
    ///
    /// For admins: where its webhooks may post. People bring bots into groups as they do others.
    #[oai(path = "/:bot/groups", method = "get", operation_id = "listBotGroups")]
    async fn groups(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        bot: Path<Uuid>,
    ) -> Result<Json<BotGroups>> {
        let groups = services.administration.bot_groups(&admin.by, UserId::from_uuid(bot.0)).await?;
        let items =
            groups.into_iter().map(|group| BotGroup { id: group.id.as_uuid(), name: group.name.to_string() });
        Ok(Json(BotGroups { items: items.collect() }))
    }

    /// Make an incoming webhook
    ///
    /// For admins. Whoever knows its address posts to the group as the bot, and can do nothing else:
    /// see the guide to webhooks for what to send. Give your password first.
    #[oai(path = "/:bot/webhooks", method = "post", operation_id = "makeWebhook")]
    async fn make_webhook(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        bot: Path<Uuid>,
        form: Json<WebhookRequest>,
    ) -> Result<WebhookResponse> {
        let (bot, group) = (UserId::from_uuid(bot.0), GroupId::from_uuid(form.group));
        let made = services.administration.make_webhook(&admin.by, bot, &form.name, group).await?;
        let url = format!("{}/api/v1/hooks/{}", services.server.public_origin.as_str(), made.1);
        Ok(WebhookResponse::Created(Json(NewWebhook { id: made.0.id.as_uuid(), url })))
    }
}
