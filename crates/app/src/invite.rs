//! `parlor invite create`: an invitation on the word of whoever operates the machine, also beside a
//! running server.

use std::time::Duration;

use parlor_domain::{
    AuditId, IdSource, Invite, InviteError, InviteId, NewInvite, Role, Timestamp, TokenHash, TokenIssuer,
};
use parlor_security::{SigningKey, Tokens};
use parlor_storage_postgres::invites as postgres;
use parlor_storage_sqlite::invites as sqlite;
use parlor_wire::Time;
use serde_json::json;

use crate::cli::{InviteArgs, InviteRole};
use crate::config::Settings;
use crate::database::Place;
use crate::failure::Failure;
use crate::system::TimeOrderedIds;

/// Makes an invitation and prints its link, which nobody learns again.
pub fn create(settings: &Settings, wanted: InviteArgs) -> Result<(), Failure> {
    let InviteArgs { role, email, uses, days, json } = wanted;
    let role = match role {
        InviteRole::User => Role::User,
        InviteRole::Admin => Role::Admin,
    };
    // The key signs nothing here: tokens are random, and known by their hash.
    let (token, hash) = Tokens::new(&SigningKey::generate(), "", Duration::ZERO).secret();
    let place = Place::of(settings)?;
    let make = |now: Timestamp| {
        let expires_at = days.map(|days| now.plus(Duration::from_hours(24 * u64::from(days))));
        let new = NewInvite { role, email: email.clone(), expires_at, max_uses: uses };
        new.invite(InviteId::from_uuid(TimeOrderedIds.next_id()), None, now)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let invite = runtime.block_on(add(&place, &hash, make))?;
    let origins = settings.server.origins(settings.server.listen);
    let origin = origins.first().map(ToString::to_string).unwrap_or_default();
    let url = format!("{origin}/sign-up#invite={token}");
    if json {
        println!("{}", described(&invite, &url));
    } else {
        println!("{url}");
        println!("It is shown this once. {}", terms(&invite));
    }
    Ok(())
}

/// Stores the invitation that `make` makes at the present moment, by the database's clock.
async fn add(
    place: &Place,
    token: &TokenHash,
    make: impl FnOnce(Timestamp) -> Result<Invite, InviteError>,
) -> Result<Invite, Failure> {
    let found = match place {
        Place::Sqlite(file) => sqlite::beside(file).await?,
        Place::Postgres(url) => postgres::beside(url.reveal()).await?,
    };
    let Some(mut store) = found else {
        return Err(Failure::Advice(
            "the database is of an earlier version: start this version's server once, which brings it up to date"
                .into(),
        ));
    };
    if let Some(message) = store.maintenance().await? {
        return Err(Failure::Advice(format!("the server is in maintenance: {message}")));
    }
    let invite = make(store.now().await?).map_err(|error| match error {
        InviteError::Store(error) => error.into(),
        other => Failure::Advice(other.to_string()),
    })?;
    store.insert_invite(&invite, token).await?;
    store.insert_audit(&invite.audit_entry(AuditId::from_uuid(TimeOrderedIds.next_id()))).await?;
    Ok(invite)
}

/// The invitation for programs.
fn described(invite: &Invite, url: &str) -> serde_json::Value {
    json!({
        "id": invite.id.to_string(),
        "role": invite.role.word(),
        "email": invite.email.as_ref().map(ToString::to_string),
        "expires_at": invite.expires_at.map(|end| Time(end).text()),
        "max_uses": invite.max_uses,
        "url": url,
    })
}

/// The invitation in words.
fn terms(invite: &Invite) -> String {
    let accounts = match (invite.max_uses, &invite.email) {
        (_, Some(email)) => format!("for the account of {email}"),
        (Some(1), None) => "for one account".to_owned(),
        (Some(most), None) => format!("for {most} accounts"),
        (None, None) => "for any number of accounts".to_owned(),
    };
    let end = invite.expires_at.map(|end| format!(", until {}", Time(end).text())).unwrap_or_default();
    format!("It is {accounts} with the role {}{end}.", invite.role.word())
}
