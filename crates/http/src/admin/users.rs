//! People's accounts, as admins see and change them.

use std::sync::Arc;

use parlor_domain::{
    Account, AccountFilter, AccountOrder, AccountStanding, MessageFate, ProfileChange, Registration, User,
    UserId,
};
use parlor_wire::{PresenceSource, PresenceState, Role, Time};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::bans::BanView;
use super::mutes::MuteView;
use crate::accounts::domain_role;
use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

/// Whether somebody can use their account.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename = "AccountStanding", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// They can.
    Active,
    /// A ban keeps them out.
    Banned,
    /// It was deleted.
    Deleted,
}

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, Default, Enum)]
#[oai(rename = "AccountOrder", rename_all = "snake_case")]
enum Order {
    /// The handle.
    #[default]
    Username,
    /// When the account was made.
    Created,
    /// When the person was last connected.
    LastSeen,
}

/// An account as admins see it.
#[derive(Debug, Serialize, Object)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the answer")]
pub(super) struct ManagedAccount {
    /// The internal id, a UUID version 7.
    id: Uuid,
    /// The readable id, `USR000001` and up.
    user_code: String,
    /// The handle.
    username: String,
    /// The display name.
    name: String,
    /// What the person says about themselves.
    about: String,
    /// The e-mail address.
    email: Option<String>,
    /// Whether they proved that this address is theirs.
    email_verified: bool,
    /// Their role on the server.
    role: Role,
    /// Whether it is a program, which acts with tokens.
    bot: bool,
    /// Whether they can use the account.
    standing: Standing,
    /// When the account was made.
    created_at: Time,
    /// When the person was last connected; null when they never were.
    last_seen_at: Option<Time>,
    /// In how many places they are signed in.
    sessions: u64,
    /// Whether they sign in with a second factor.
    two_factor: bool,
    /// The ban that keeps them out; null when none does.
    ban: Option<BanView>,
    /// What keeps them from writing on the whole server; null when nothing does. One whose end lies
    /// behind is over.
    mute: Option<MuteView>,
    /// Whether messages of theirs are still being erased.
    erasing: bool,
    /// Whether others see them connected now, here or on another node.
    online: bool,
}

impl ManagedAccount {
    /// An account that was just made, so that nobody uses it yet.
    pub(super) fn of_new(user: User) -> Self {
        Self::of(&Account { user, sessions: 0, totp: false, ban: None, erasing: false }, false)
    }

    pub(super) fn render(account: &Account, presence: &dyn PresenceSource) -> Self {
        Self::of(account, presence.presence_of(account.user.id) != PresenceState::Offline)
    }

    fn of(Account { user, sessions, totp, ban, erasing }: &Account, online: bool) -> Self {
        let standing = match (user.is_active(), ban) {
            (false, _) => Standing::Deleted,
            (true, Some(_)) => Standing::Banned,
            (true, None) => Standing::Active,
        };
        Self {
            id: user.id.as_uuid(),
            user_code: user.code.to_string(),
            username: user.username.to_string(),
            name: user.name.to_string(),
            about: user.about.to_string(),
            email: user.email.as_ref().map(ToString::to_string),
            email_verified: user.email_verified,
            role: user.role.into(),
            bot: user.bot,
            standing,
            created_at: user.created_at.into(),
            last_seen_at: user.last_seen_at.map(Into::into),
            sessions: *sessions,
            two_factor: *totp,
            ban: ban.as_ref().map(BanView::render),
            mute: user.mute.as_ref().map(|mute| MuteView::render(user.id, mute)),
            erasing: *erasing,
            online,
        }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct NewAccountRequest {
    /// The handle, 3 to 32 of `a-z 0-9 . _ -`.
    username: String,
    /// The display name, 1 to 64 characters.
    name: String,
    /// The password; when it is missing or blank the server makes one and tells it once.
    password: Option<String>,
    /// The e-mail address, at most 254 characters.
    email: Option<String>,
    /// Their role on the server; `user` when nothing is said. For `admin` give your password first.
    role: Option<Role>,
}

/// An account that was made for somebody.
#[derive(Debug, Serialize, Object)]
struct MadeAccount {
    /// The account.
    account: ManagedAccount,
    /// The password that the server made because none was chosen; it is not told again.
    generated_password: Option<String>,
    /// The codes that give the account back when the password is lost; they are not told again.
    recovery_codes: Vec<String>,
}

#[derive(ApiResponse)]
enum MadeResponse {
    /// The account was made.
    #[oai(status = 201)]
    Created(Json<MadeAccount>),
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ChangeAccountRequest {
    /// A new display name, 1 to 64 characters.
    name: Option<String>,
    /// A new text about them, up to 500 characters.
    about: Option<String>,
    /// A new e-mail address; blank takes it away.
    email: Option<String>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct AccountRoleRequest {
    /// The role that they have from now on.
    role: Role,
}

/// What becomes of the messages.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename = "MessageFate", rename_all = "snake_case")]
enum Fate {
    /// They stay, as those of a deleted user.
    Keep,
    /// Of each only that there was one stays.
    Erase,
}

#[derive(ApiResponse)]
enum AccountDeletedResponse {
    /// The account is closed. What is still to be erased is erased bit by bit.
    #[oai(status = 204)]
    Done,
}

pub struct AccountsApi;

#[OpenApi(prefix_path = "/admin/users", tag = Tag::Administration)]
impl AccountsApi {
    /// Accounts, deleted ones too
    #[oai(path = "/", method = "get", operation_id = "listAccounts")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// Part of the username, the name, the user id or the e-mail address, in any case.
        search: Query<Option<String>>,
        /// Only people with this role.
        role: Query<Option<Role>>,
        /// Only bots, or only people.
        bot: Query<Option<bool>>,
        /// Only accounts of which this is true.
        standing: Query<Option<Standing>>,
        /// Only those whom others see connected now, or only those whom they do not.
        online: Query<Option<bool>>,
        /// What it is sorted by; `username` when nothing is said.
        order: Query<Option<Order>>,
        /// Whether the last comes first.
        descending: Query<Option<bool>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<ManagedAccount>>> {
        let filter = AccountFilter {
            search: search.0,
            role: role.0.map(domain_role),
            bot: bot.0,
            standing: standing.0.map(|standing| match standing {
                Standing::Active => AccountStanding::Active,
                Standing::Banned => AccountStanding::Banned,
                Standing::Deleted => AccountStanding::Deleted,
            }),
            among: online.0.map(|online| (services.realtime.people_visible(), online)),
            order: match order.0.unwrap_or_default() {
                Order::Username => AccountOrder::Username,
                Order::Created => AccountOrder::Created,
                Order::LastSeen => AccountOrder::LastSeen,
            },
            descending: descending.0.unwrap_or(false),
        };
        let size = page_size(limit.0)?;
        let page = services.administration.accounts(&admin.by, &filter, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |account| ManagedAccount::render(account, &*services.presence))))
    }

    /// Make an account for somebody
    ///
    /// Its password is a temporary one: it is good for a day, and the person chooses another at their
    /// first sign-in.
    #[oai(path = "/", method = "post", operation_id = "createAccount")]
    async fn create(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        form: Json<NewAccountRequest>,
    ) -> Result<MadeResponse> {
        let Json(NewAccountRequest { username, name, password, email, role }) = form;
        let registration =
            Registration { username, name, password, email, role: role.map(domain_role), invite: None };
        let (user, secrets) = services.administration.create_account(&admin.by, &registration).await?;
        Ok(MadeResponse::Created(Json(MadeAccount {
            account: ManagedAccount::of_new(user),
            generated_password: secrets.password.as_ref().map(|password| password.reveal().to_owned()),
            recovery_codes: secrets.recovery_codes.iter().map(ToString::to_string).collect(),
        })))
    }

    /// One account
    #[oai(path = "/:user", method = "get", operation_id = "getAccount")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<Json<ManagedAccount>> {
        let account = services.administration.account(&admin.by, UserId::from_uuid(user.0)).await?;
        Ok(Json(ManagedAccount::render(&account, &*services.presence)))
    }

    /// Change what others see of somebody, or their address
    ///
    /// What is missing stays as it is.
    #[oai(path = "/:user", method = "patch", operation_id = "changeAccount")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
        form: Json<ChangeAccountRequest>,
    ) -> Result<Json<ManagedAccount>> {
        let Json(ChangeAccountRequest { name, about, email }) = form;
        let (id, change) =
            (UserId::from_uuid(user.0), ProfileChange { name, about, email, ..ProfileChange::default() });
        let account = services.administration.change_account(&admin.by, id, &change).await?;
        Ok(Json(ManagedAccount::render(&account, &*services.presence)))
    }

    /// Delete an account for good
    ///
    /// Nothing brings it back. The person is signed out everywhere and in no conversation any more,
    /// and their username and address are free; what stays is a shell named “Deleted user” that
    /// their id leads to. Their messages stay, or are erased bit by bit; until that is done, the
    /// account says `erasing`. Give your password first. The last admin stays, and nobody deletes
    /// themselves here.
    #[oai(path = "/:user", method = "delete", operation_id = "deleteAccount")]
    async fn delete(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
        /// What becomes of the messages.
        messages: Query<Fate>,
    ) -> Result<AccountDeletedResponse> {
        let fate = match messages.0 {
            Fate::Keep => MessageFate::Keep,
            Fate::Erase => MessageFate::Erase,
        };
        services.administration.delete_account(&admin.by, UserId::from_uuid(user.0), fate).await?;
        Ok(AccountDeletedResponse::Done)
    }

    /// Give somebody another role on the server
    ///
    /// It counts at once. Give your password first. The last admin stays one.
    #[oai(path = "/:user/role", method = "put", operation_id = "setAccountRole")]
    async fn set_role(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
        form: Json<AccountRoleRequest>,
    ) -> Result<Json<ManagedAccount>> {
        let id = UserId::from_uuid(user.0);
        let account = services.administration.set_role(&admin.by, id, domain_role(form.role)).await?;
        Ok(Json(ManagedAccount::render(&account, &*services.presence)))
    }
}
