//! What can be ordered, and how it is done.

use std::time::Duration;

use clap::ValueEnum;
use parlor_domain::{
    Account, AccountFilter, AccountStanding, AdminError, Administration, Administrator, BanReason, Files,
    Invite, MessageFate, NewInvite, PageSize, RegisterError, Registration, Role, User, UserId,
};
use parlor_wire::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::files::verify;
use crate::failure::chain;
use crate::sharing::Sharing;

/// A role, as the command line has it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum RoleName {
    /// Chats.
    User,
    /// Chats and looks after the server.
    Admin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::User => Self::User,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// Something that the operator wants done. People are named by username, user ID or address.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// List accounts.
    List { search: Option<String>, role: Option<RoleName>, banned: bool },
    /// Make an account; without a password one is made.
    Create {
        username: String,
        name: Option<String>,
        email: Option<String>,
        role: RoleName,
        password: Option<String>,
    },
    /// Give somebody another role.
    Role { user: String, role: RoleName },
    /// Shut somebody out, for good when no minutes are said.
    Block { user: String, reason: String, minutes: Option<u32> },
    /// Let somebody in again.
    Unblock { user: String },
    /// Tell where somebody is signed in, or sign them out there.
    Sessions { user: String, end: bool },
    /// Delete somebody's account for good, and erase their messages when that is asked for.
    Delete { user: String, erase: bool },
    /// Make a link with which somebody gets their account back.
    ResetLink { user: String },
    /// Give somebody a temporary password; without one it is made.
    TemporaryPassword { user: String, password: Option<String> },
    /// Invite people to make an account, for ever when no days are said.
    Invite { role: RoleName, email: Option<String>, uses: Option<u32>, days: Option<u16> },
    /// Take somebody's second factor away.
    RemoveTwoFactor { user: String },
    /// Compare the bytes of files with what the database knows, and mend them when that is asked for.
    VerifyFiles { fix: bool },
}

/// The operator, who needs no account.
const BY: Administrator = Administrator::Operator;

impl Order {
    /// Whether somebody looks after the server who did not before.
    pub(super) fn makes_admin(&self) -> bool {
        matches!(self, Self::Create { role: RoleName::Admin, .. })
    }

    /// How long it may take.
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::VerifyFiles { .. } => Duration::from_hours(12),
            _ => Duration::from_mins(1),
        }
    }

    /// Does it, or says in words why not. `origin` is where browsers reach the server.
    pub async fn carry_out(
        &self,
        administration: &Administration,
        (files, sharing): (&Files, &Sharing),
        origin: &str,
    ) -> Result<Value, String> {
        match self {
            Self::VerifyFiles { fix } => verify(files, sharing, *fix).await,
            Self::List { search, role, banned } => {
                let filter = AccountFilter {
                    search: search.clone(),
                    role: role.map(Into::into),
                    standing: banned.then_some(AccountStanding::Banned),
                    ..AccountFilter::default()
                };
                list(administration, &filter).await
            }
            Self::Create { username, name, email, role, password } => {
                let registration = Registration {
                    username: username.clone(),
                    name: name.clone().unwrap_or_else(|| username.clone()),
                    password: password.clone(),
                    email: email.clone(),
                    role: Some((*role).into()),
                    invite: None,
                };
                let (user, secrets) =
                    administration.create_account(&BY, &registration).await.map_err(in_words)?;
                Ok(json!({
                    "user": described(&user),
                    "password": secrets.password.as_ref().map(|password| password.reveal().to_owned()),
                    "recovery_codes": secrets.recovery_codes.iter().map(ToString::to_string).collect::<Vec<_>>(),
                }))
            }
            Self::Role { user, role } => {
                let id = find(administration, user).await?;
                let account = administration.set_role(&BY, id, (*role).into()).await.map_err(in_words)?;
                Ok(account_of(&account))
            }
            Self::Block { user, reason, minutes } => {
                let id = find(administration, user).await?;
                let reason = BanReason::parse(reason).map_err(|invalid| field(&invalid))?;
                let until = minutes.map(|minutes| administration.in_minutes(minutes));
                let ban = administration.ban(&BY, id, reason, until).await.map_err(in_words)?;
                Ok(json!({"user": user, "until": ban.until.map(|until| Time(until).text())}))
            }
            Self::Unblock { user } => {
                let id = find(administration, user).await?;
                let account = administration.account(&BY, id).await.map_err(in_words)?;
                let ban = account.ban.ok_or_else(|| format!("{user} is not blocked"))?;
                administration.lift_ban(&BY, ban.id).await.map_err(in_words)?;
                Ok(json!({"user": user}))
            }
            Self::Sessions { user, end } => sessions(administration, user, *end).await,
            Self::TemporaryPassword { user, password } => {
                let id = find(administration, user).await?;
                let set = administration
                    .set_temporary_password(&BY, id, password.as_deref())
                    .await
                    .map_err(in_words)?;
                Ok(json!({
                    "user": user,
                    "password": set.made.as_ref().map(|password| password.reveal().to_owned()),
                    "expires_at": Time(set.expires_at).text(),
                }))
            }
            Self::Delete { user, erase } => {
                let id = find(administration, user).await?;
                let fate = if *erase { MessageFate::Erase } else { MessageFate::Keep };
                let preview = administration.preview_deletion(&BY, id).await.map_err(in_words)?;
                administration.delete_account(&BY, id, fate).await.map_err(in_words)?;
                Ok(json!({"user": user, "messages": preview.messages}))
            }
            Self::RemoveTwoFactor { user } => {
                let id = find(administration, user).await?;
                administration.remove_totp(&BY, id).await.map_err(in_words)?;
                Ok(json!({"user": user}))
            }
            Self::ResetLink { user } => {
                let id = find(administration, user).await?;
                let link = administration.reset_link(&BY, id).await.map_err(in_words)?;
                Ok(json!({
                    "user": user,
                    "url": format!("{origin}/recover#t={}", link.secret),
                    "expires_at": Time(link.expires_at).text(),
                }))
            }
            Self::Invite { role, email, uses, days } => {
                let expires_at = days.map(|days| administration.in_minutes(u32::from(days) * 24 * 60));
                let new =
                    NewInvite { role: (*role).into(), email: email.clone(), expires_at, max_uses: *uses };
                let (invite, token) = administration.invite(&BY, &new).await.map_err(in_words)?;
                Ok(invitation(&invite, &format!("{origin}/sign-up#invite={token}")))
            }
        }
    }
}

async fn list(administration: &Administration, filter: &AccountFilter) -> Result<Value, String> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let size = PageSize::new(PageSize::MAX).unwrap_or_default();
        let page = administration.accounts(&BY, filter, after.as_deref(), size).await.map_err(in_words)?;
        found.extend(page.items.iter().map(account_of));
        after = page.next;
        if after.is_none() {
            return Ok(found.into());
        }
    }
}

async fn sessions(administration: &Administration, user: &str, end: bool) -> Result<Value, String> {
    let id = find(administration, user).await?;
    if end {
        let ended = administration.end_sessions(&BY, id).await.map_err(in_words)?;
        return Ok(json!({"user": user, "ended": ended}));
    }
    let sessions = administration.sessions(&BY, id).await.map_err(in_words)?;
    let items = sessions.iter().map(|session| {
        json!({
            "id": session.id.as_uuid(),
            "user_agent": session.device.user_agent,
            "address": session.device.address.map(|address| address.to_string()),
            "last_used_at": Time(session.last_used_at).text(),
        })
    });
    Ok(items.collect())
}

async fn find(administration: &Administration, login: &str) -> Result<UserId, String> {
    match administration.find(&BY, login).await {
        Err(AdminError::NoSuchUser) => Err(format!("there is no user {login}")),
        found => found.map_err(in_words),
    }
}

fn described(user: &User) -> Value {
    json!({
        "id": user.id.as_uuid(),
        "user_code": user.code.to_string(),
        "username": user.username.as_str(),
        "name": user.name.as_str(),
        "email": user.email.as_ref().map(ToString::to_string),
        "role": user.role.word(),
    })
}

fn account_of(account: &Account) -> Value {
    let mut value = described(&account.user);
    let standing = match (&account.ban, account.user.is_active()) {
        (_, false) => "deleted",
        (Some(_), true) => "blocked",
        (None, true) => "active",
    };
    value["standing"] = standing.into();
    value["sessions"] = account.sessions.into();
    value
}

fn invitation(invite: &Invite, url: &str) -> Value {
    json!({
        "id": invite.id.as_uuid(),
        "role": invite.role.word(),
        "email": invite.email.as_ref().map(ToString::to_string),
        "expires_at": invite.expires_at.map(|end| Time(end).text()),
        "max_uses": invite.max_uses,
        "url": url,
    })
}

fn in_words(error: AdminError) -> String {
    match error {
        AdminError::Register(RegisterError::Invalid(problems)) => {
            problems.iter().map(field).collect::<Vec<_>>().join("; ")
        }
        other => chain(&other),
    }
}

fn field(invalid: &parlor_domain::InvalidText) -> String {
    format!("{} {}", invalid.field, invalid.problem)
}
