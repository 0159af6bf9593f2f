//! What was done: the audit log.

use std::sync::Arc;

use parlor_domain::{
    AuditAction, AuditEntry, AuditFilter, AuditId, AuditTarget, AuditValue, GroupId, UserId,
};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use super::audit_file::{AuditFile, Format, write};
use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, Serialize, Enum)]
        #[oai(rename = "AuditAction", rename_all = "snake_case")]
        #[serde(rename_all = "snake_case")]
        pub(super) enum Action {
            $($(#[$doc])* $name),+
        }

        impl From<AuditAction> for Action {
            fn from(action: AuditAction) -> Self {
                match action {
                    $(AuditAction::$name => Self::$name),+
                }
            }
        }

        impl From<Action> for AuditAction {
            fn from(action: Action) -> Self {
                match action {
                    $(Action::$name => Self::$name),+
                }
            }
        }
    };
}

actions! {
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed in at the identity provider.
    SignedInByProvider,
    /// Somebody gave a wrong password.
    SignInFailed,
    /// Somebody changed their own password.
    PasswordChanged,
    /// Somebody got their account back with a recovery code.
    PasswordRecovered,
    /// Somebody got new recovery codes.
    RecoveryCodesRenewed,
    /// Somebody linked their account with who they are at the identity provider.
    IdentityLinked,
    /// Somebody took such a link away.
    IdentityUnlinked,
    /// An account was made.
    UserCreated,
    /// An admin changed somebody's name, text or address.
    UserChanged,
    /// Somebody got another role on the server.
    RoleChanged,
    /// Somebody was shut out of the server.
    UserBanned,
    /// A ban was taken back.
    BanLifted,
    /// An admin signed somebody out everywhere.
    SessionsEnded,
    /// A group was deleted.
    GroupDeleted,
    /// The audit log was taken out as a file.
    AuditExported,
    /// Somebody was invited to the server.
    InviteCreated,
    /// An invitation was taken back.
    InviteRevoked,
    /// Something was set that counts for the whole server.
    SettingsChanged,
    /// An admin made a link with which somebody gets their account back.
    ResetLinkMade,
    /// An admin gave somebody a temporary password.
    TemporaryPasswordSet,
    /// An account was deleted.
    UserDeleted,
    /// All messages of somebody were erased.
    MessagesErased,
    /// What was written in a group was erased.
    HistoryCleared,
    /// It was set how long messages and files of a group are kept.
    RetentionSet,
    /// It was decided about a message that somebody reported.
    ReportHandled,
    /// An admin changed a group, or handed it over.
    GroupChanged,
    /// An admin took somebody out of a group.
    MemberRemoved,
    /// An admin signed somebody out on one device.
    SessionEnded,
    /// A token was made with which a program acts for somebody.
    ApiTokenMade,
    /// Such a token was taken out of use.
    ApiTokenRevoked,
    /// A webhook was made that tells others what happens where a bot is.
    OutgoingWebhookMade,
    /// Such a webhook was changed, paused, or let go on.
    OutgoingWebhookChanged,
    /// Such a webhook was deleted.
    OutgoingWebhookDeleted,
    /// Such a webhook got another secret.
    WebhookSecretReplaced,
    /// Such a webhook sent something because an admin wanted it to.
    WebhookSentByHand,
    /// Somebody signs in with a second factor from now on.
    TotpEnabled,
    /// Somebody took their second factor away.
    TotpDisabled,
    /// An admin took somebody's second factor away.
    TotpRemoved,
    /// What there is about somebody was taken along.
    DataExported,
    /// Somebody was shut out of a group.
    BannedFromGroup,
    /// A ban from a group was taken back.
    GroupBanLifted,
    /// Somebody was kept from writing on the whole server.
    UserMuted,
    /// Somebody who was muted may write again.
    MuteLifted,
    /// Nobody may write in a group for a while.
    GroupFrozen,
    /// People may write in a group again that was frozen.
    GroupUnfrozen,
    /// A rule of the word filter was made, changed or taken away.
    WordFilterChanged,
    /// It was decided about a message that the word filter held back.
    HeldMessageHandled,
}

/// What something was done to.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename = "AuditTargetKind", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(super) enum TargetKind {
    /// A person.
    User,
    /// A group.
    Group,
}

/// To whom or what it was done.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "AuditTarget")]
pub(super) struct Target {
    /// A person, or a group.
    pub(super) kind: TargetKind,
    /// The id.
    pub(super) id: Uuid,
}

impl From<AuditTarget> for Target {
    fn from(target: AuditTarget) -> Self {
        match target {
            AuditTarget::User(user) => Self { kind: TargetKind::User, id: user.as_uuid() },
            AuditTarget::Group(group) => Self { kind: TargetKind::Group, id: group.as_uuid() },
        }
    }
}

/// A field that is different since.
#[derive(Debug, Serialize, Object)]
pub(super) struct FieldChange {
    /// The field's name.
    pub(super) field: String,
    /// What it was; null when it was not there. Moments are in RFC 3339.
    pub(super) before: Option<String>,
    /// What it is; null when it is there no more.
    pub(super) after: Option<String>,
}

/// Something that was done.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "AuditEntry")]
pub(super) struct AuditView {
    /// The id; a later one is larger.
    pub(super) id: Uuid,
    /// When.
    pub(super) at: Time,
    /// Who did it; null for whoever operates the machine, and for one who is not known.
    pub(super) by: Option<Uuid>,
    /// Where they did it from.
    pub(super) address: Option<String>,
    /// What was done.
    pub(super) action: Action,
    /// To whom or what.
    pub(super) target: Option<Target>,
    /// What is different since.
    pub(super) changes: Vec<FieldChange>,
}

impl AuditView {
    pub(super) fn render(entry: &AuditEntry) -> Self {
        let shown = |value: &AuditValue| match value {
            AuditValue::Text(text) => text.clone(),
            AuditValue::Moment(at) => Time(*at).text(),
        };
        let changes = entry.changes.iter().map(|change| FieldChange {
            field: change.field.clone(),
            before: change.before.as_ref().map(shown),
            after: change.after.as_ref().map(shown),
        });
        Self {
            id: entry.id.as_uuid(),
            at: entry.at.into(),
            by: entry.doer.user.map(UserId::as_uuid),
            address: entry.doer.address.map(|address| address.to_string()),
            action: entry.action.into(),
            target: entry.target.map(Into::into),
            changes: changes.collect(),
        }
    }
}

/// The filter of a request.
#[derive(Default)]
struct Asked {
    by: Option<Uuid>,
    user: Option<Uuid>,
    group: Option<Uuid>,
    action: Option<Action>,
    from: Option<Time>,
    until: Option<Time>,
}

impl Asked {
    fn filter(self) -> Result<AuditFilter> {
        let target = match (self.user, self.group) {
            (Some(_), Some(_)) => {
                let problem = Problem::invalid_fields(Vec::new());
                return Err(problem.with_field("group", "invalid", "Ask for a user or for a group."));
            }
            (user, group) => {
                let user = user.map(|id| AuditTarget::User(UserId::from_uuid(id)));
                user.or(group.map(|id| AuditTarget::Group(GroupId::from_uuid(id))))
            }
        };
        Ok(AuditFilter {
            by: self.by.map(UserId::from_uuid),
            target,
            action: self.action.map(Into::into),
            from: self.from.map(|at| at.0),
            until: self.until.map(|at| at.0),
        })
    }
}

pub struct AuditApi;

#[OpenApi(prefix_path = "/admin/audit", tag = Tag::Administration)]
impl AuditApi {
    /// What was done, the latest first
    ///
    /// Sign-ins and failed ones, changes of accounts, roles, bans and everything else that an admin
    /// does. Nothing of it can be changed or taken away.
    #[oai(path = "/", method = "get", operation_id = "listAudit")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// Done by this person.
        by: Query<Option<Uuid>>,
        /// Done to this person.
        user: Query<Option<Uuid>>,
        /// Done to this group.
        group: Query<Option<Uuid>>,
        /// Of this kind.
        action: Query<Option<Action>>,
        /// At this moment or later, in RFC 3339.
        from: Query<Option<Time>>,
        /// Before this moment, in RFC 3339.
        until: Query<Option<Time>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
    ) -> Result<Json<Listing<AuditView>>> {
        let asked =
            Asked { by: by.0, user: user.0, group: group.0, action: action.0, from: from.0, until: until.0 };
        let (filter, after, size) = (asked.filter()?, after.0.map(AuditId::from_uuid), page_size(limit.0)?);
        let page = services.administration.audit(&admin.by, &filter, after, size).await?;
        Ok(Json(Listing::render(page, AuditView::render)))
    }

    /// The audit log as a file
    ///
    /// All that the filter leaves, the latest first. That it was taken out is written down, too.
    #[oai(path = "/export", method = "get", operation_id = "exportAudit")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn export(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// `csv` for spreadsheets, `json` for programs.
        format: Query<Format>,
        /// Done by this person.
        by: Query<Option<Uuid>>,
        /// Done to this person.
        user: Query<Option<Uuid>>,
        /// Done to this group.
        group: Query<Option<Uuid>>,
        /// Of this kind.
        action: Query<Option<Action>>,
        /// At this moment or later, in RFC 3339.
        from: Query<Option<Time>>,
        /// Before this moment, in RFC 3339.
        until: Query<Option<Time>>,
    ) -> Result<AuditFile> {
        let asked =
            Asked { by: by.0, user: user.0, group: group.0, action: action.0, from: from.0, until: until.0 };
        let filter = asked.filter()?;
        services.administration.export_audit(&admin.by).await?;
        Ok(write(Arc::clone(&services), admin.by, filter, format.0))
    }
}
