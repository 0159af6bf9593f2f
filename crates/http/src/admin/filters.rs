//! What is not to be written on this server.

use std::sync::Arc;

use parlor_domain::{FilterAction, FilterPhrase, FilterRule, FilterRuleId, UserId};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::paging::Listing;
use crate::services::Services;
use crate::{Result, Tag};

/// What becomes of a message that says it.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, Enum)]
#[oai(rename = "FilterAction", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum RuleAction {
    /// It is not posted, and its author is told why.
    Refuse,
    /// In a group it waits until an admin has decided; in a direct conversation it is posted, because
    /// admins do not read there.
    Hold,
}

impl From<FilterAction> for RuleAction {
    fn from(action: FilterAction) -> Self {
        match action {
            FilterAction::Refuse => Self::Refuse,
            FilterAction::Hold => Self::Hold,
        }
    }
}

impl From<RuleAction> for FilterAction {
    fn from(action: RuleAction) -> Self {
        match action {
            RuleAction::Refuse => Self::Refuse,
            RuleAction::Hold => Self::Hold,
        }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct FilterRuleRequest {
    /// The word or phrase, 1 to 100 characters. Case and accents make no difference, and only whole
    /// words are found.
    phrase: String,
    /// What becomes of a message that says it.
    action: RuleAction,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct FilterRuleChangeRequest {
    /// What becomes of a message that says it from now on.
    action: RuleAction,
}

/// A rule of the word filter.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "FilterRule")]
struct RuleView {
    /// The id.
    id: Uuid,
    /// The word or phrase.
    phrase: String,
    /// What becomes of a message that says it.
    action: RuleAction,
    /// Who made it; null for whoever operates the machine.
    created_by: Option<Uuid>,
    /// When.
    created_at: Time,
}

impl RuleView {
    fn render(rule: &FilterRule) -> Self {
        Self {
            id: rule.id.as_uuid(),
            phrase: rule.phrase.to_string(),
            action: rule.action.into(),
            created_by: rule.created_by.map(UserId::as_uuid),
            created_at: rule.created_at.into(),
        }
    }
}

#[derive(ApiResponse)]
enum RuleMadeResponse {
    /// It counts for every message that is sent from now on.
    #[oai(status = 201)]
    Created(Json<RuleView>),
}

#[derive(ApiResponse)]
enum RuleRemovedResponse {
    /// It counts no more. What it held back goes on waiting.
    #[oai(status = 204)]
    Done,
}

pub struct FiltersApi;

#[OpenApi(prefix_path = "/admin/filters", tag = Tag::Administration)]
impl FiltersApi {
    /// The rules of the word filter, the first one first
    #[oai(path = "/", method = "get", operation_id = "listFilterRules")]
    async fn list(&self, services: Data<&Arc<Services>>, admin: Admin) -> Result<Json<Listing<RuleView>>> {
        let rules = services.administration.filter_rules(&admin.by).await?;
        Ok(Json(Listing { items: rules.iter().map(RuleView::render).collect(), next: None }))
    }

    /// Add a word or phrase that is not to be written
    ///
    /// It counts for messages, edits, forwarded and scheduled messages, webhooks and bots: at once on
    /// this node, within seconds on others. There may be 1,000 rules.
    #[oai(path = "/", method = "post", operation_id = "addFilterRule")]
    async fn add(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        form: Json<FilterRuleRequest>,
    ) -> Result<RuleMadeResponse> {
        let phrase = FilterPhrase::parse(&form.phrase)?;
        let rule = services.administration.add_filter_rule(&admin.by, phrase, form.action.into()).await?;
        services.messaging.load_filter().await?;
        Ok(RuleMadeResponse::Created(Json(RuleView::render(&rule))))
    }

    /// Change what becomes of a message that breaks a rule
    #[oai(path = "/:filter", method = "patch", operation_id = "changeFilterRule")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        filter: Path<Uuid>,
        form: Json<FilterRuleChangeRequest>,
    ) -> Result<Json<RuleView>> {
        let id = FilterRuleId::from_uuid(filter.0);
        let rule = services.administration.change_filter_rule(&admin.by, id, form.action.into()).await?;
        services.messaging.load_filter().await?;
        Ok(Json(RuleView::render(&rule)))
    }

    /// Take a rule away
    #[oai(path = "/:filter", method = "delete", operation_id = "removeFilterRule")]
    async fn remove(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        filter: Path<Uuid>,
    ) -> Result<RuleRemovedResponse> {
        let id = FilterRuleId::from_uuid(filter.0);
        services.administration.remove_filter_rule(&admin.by, id).await?;
        services.messaging.load_filter().await?;
        Ok(RuleRemovedResponse::Done)
    }
}
