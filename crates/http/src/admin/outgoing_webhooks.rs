//! Outgoing webhooks: others are told of what happens where a bot is.

use std::sync::Arc;

use parlor_domain::{OutgoingWebhookId, UserId, WebhookDeliveryId};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

use super::webhook_views::{
    DeliveryView, NewOutgoingWebhook, OutgoingWebhookRequest, OutgoingWebhooks, WebhookView,
};
use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

#[derive(ApiResponse)]
enum WebhookMade {
    /// The webhook was made.
    #[oai(status = 201)]
    Created(Json<NewOutgoingWebhook>),
}

#[derive(ApiResponse)]
enum WebhookGone {
    /// The webhook is deleted.
    #[oai(status = 204)]
    Done,
}

pub struct OutgoingWebhooksApi;

#[OpenApi(prefix_path = "/admin", tag = Tag::Administration)]
impl OutgoingWebhooksApi {
    /// Make an outgoing webhook
    ///
    /// For admins. What happens in the bot's groups from now on is posted to an address, signed with
    /// the secret that is shown this once: see the guide to programs for what is sent, and how often it
    /// is tried. Give your password first.
    #[oai(path = "/bots/:bot/outgoing-webhooks", method = "post", operation_id = "makeOutgoingWebhook")]
    async fn make(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        bot: Path<Uuid>,
        form: Json<OutgoingWebhookRequest>,
    ) -> Result<WebhookMade> {
        let (bot, form) = (UserId::from_uuid(bot.0), form.0.wanted());
        let (administration, webhooks) = (&services.administration, &services.webhooks);
        let made = administration.make_outgoing_webhook(&admin.by, webhooks, bot, &form).await?;
        Ok(WebhookMade::Created(Json(NewOutgoingWebhook::render(made))))
    }

    /// All outgoing webhooks
    ///
    /// For admins: the newest first. There are at most 100.
    #[oai(path = "/outgoing-webhooks", method = "get", operation_id = "listOutgoingWebhooks")]
    async fn list(&self, services: Data<&Arc<Services>>, admin: Admin) -> Result<Json<OutgoingWebhooks>> {
        let webhooks = services.administration.outgoing_webhooks(&admin.by).await?;
        Ok(Json(OutgoingWebhooks { items: webhooks.into_iter().map(Into::into).collect() }))
    }

    /// An outgoing webhook
    ///
    /// For admins.
    #[oai(path = "/outgoing-webhooks/:webhook", method = "get", operation_id = "getOutgoingWebhook")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
    ) -> Result<Json<WebhookView>> {
        let id = OutgoingWebhookId::from_uuid(webhook.0);
        Ok(Json(services.administration.outgoing_webhook(&admin.by, id).await?.into()))
    }

    /// Change an outgoing webhook
    ///
    /// For admins: all of it but the bot and the secret. Of groups that are new to it, what happens from
    /// now on is told. Give your password first.
    #[oai(path = "/outgoing-webhooks/:webhook", method = "put", operation_id = "changeOutgoingWebhook")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
        form: Json<OutgoingWebhookRequest>,
    ) -> Result<Json<WebhookView>> {
        let (id, form) = (OutgoingWebhookId::from_uuid(webhook.0), form.0.wanted());
        let (administration, webhooks) = (&services.administration, &services.webhooks);
        Ok(Json(administration.change_outgoing_webhook(&admin.by, webhooks, id, &form).await?.into()))
    }

    /// Delete an outgoing webhook
    ///
    /// For admins. What waits for it is not told.
    #[oai(path = "/outgoing-webhooks/:webhook", method = "delete", operation_id = "deleteOutgoingWebhook")]
    async fn delete(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
    ) -> Result<WebhookGone> {
        let id = OutgoingWebhookId::from_uuid(webhook.0);
        services.administration.delete_outgoing_webhook(&admin.by, id).await?;
        Ok(WebhookGone::Done)
    }

    /// Pause an outgoing webhook
    ///
    /// For admins. What happens meanwhile waits.
    #[oai(path = "/outgoing-webhooks/:webhook/pause", method = "put", operation_id = "pauseOutgoingWebhook")]
    async fn pause(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
    ) -> Result<Json<WebhookView>> {
        let id = OutgoingWebhookId::from_uuid(webhook.0);
        Ok(Json(services.administration.pause_outgoing_webhook(&admin.by, id).await?.into()))
    }

    /// Let an outgoing webhook go on
    ///
    /// For admins: one that was paused, or that nobody tries any more. What waits is tried at once.
    #[oai(
        path = "/outgoing-webhooks/:webhook/pause",
        method = "delete",
        operation_id = "resumeOutgoingWebhook"
    )]
    async fn resume(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
        /// Whether what waits is left out, so that it goes on with what happens from now on.
        skip: Query<Option<bool>>,
    ) -> Result<Json<WebhookView>> {
        let (id, skips) = (OutgoingWebhookId::from_uuid(webhook.0), skip.0.unwrap_or(false));
        Ok(Json(services.administration.resume_outgoing_webhook(&admin.by, id, skips).await?.into()))
    }

    /// Give an outgoing webhook another secret
    ///
    /// For admins. It is shown this once. For a day it is signed with the one before as well, so that
    /// the receiver can be changed meanwhile. Give your password first.
    #[oai(
        path = "/outgoing-webhooks/:webhook/secret",
        method = "post",
        operation_id = "replaceWebhookSecret"
    )]
    async fn replace_secret(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
    ) -> Result<Json<NewOutgoingWebhook>> {
        let id = OutgoingWebhookId::from_uuid(webhook.0);
        let (administration, webhooks) = (&services.administration, &services.webhooks);
        let made = administration.replace_webhook_secret(&admin.by, webhooks, id).await?;
        Ok(Json(NewOutgoingWebhook::render(made)))
    }

    /// Test an outgoing webhook
    ///
    /// For admins: sends something of the type `test`, and answers what came of it. That may take ten
    /// seconds.
    #[oai(path = "/outgoing-webhooks/:webhook/test", method = "post", operation_id = "testOutgoingWebhook")]
    async fn test(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
    ) -> Result<Json<DeliveryView>> {
        let id = OutgoingWebhookId::from_uuid(webhook.0);
        let (administration, webhooks) = (&services.administration, &services.webhooks);
        let delivery = administration.test_outgoing_webhook(&admin.by, webhooks, id).await?;
        Ok(Json((&delivery).into()))
    }

    /// What an outgoing webhook sent
    ///
    /// For admins: the latest first. The last 500 are kept for seven days, without what they said.
    #[oai(
        path = "/outgoing-webhooks/:webhook/deliveries",
        method = "get",
        operation_id = "listWebhookDeliveries"
    )]
    async fn deliveries(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
    ) -> Result<Json<Listing<DeliveryView>>> {
        let (size, id) = (page_size(limit.0)?, OutgoingWebhookId::from_uuid(webhook.0));
        let after = after.0.map(WebhookDeliveryId::from_uuid);
        let page = services.administration.webhook_deliveries(&admin.by, id, after, size).await?;
        Ok(Json(Listing::render(page, |delivery| delivery.into())))
    }

    /// Send something once more
    ///
    /// For admins: what was told then, as it is now, and with the same `webhook-id`. Answers what came
    /// of it; that may take ten seconds.
    #[oai(
        path = "/outgoing-webhooks/:webhook/deliveries/:delivery",
        method = "post",
        operation_id = "sendWebhookDeliveryAgain"
    )]
    async fn send_again(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        webhook: Path<Uuid>,
        delivery: Path<Uuid>,
    ) -> Result<Json<DeliveryView>> {
        let (id, delivery) =
            (OutgoingWebhookId::from_uuid(webhook.0), WebhookDeliveryId::from_uuid(delivery.0));
        let (administration, webhooks) = (&services.administration, &services.webhooks);
        let delivery = administration.send_again(&admin.by, webhooks, id, delivery).await?;
        Ok(Json((&delivery).into()))
    }
}
