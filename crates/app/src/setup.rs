//! How a new server gets its first admin.

use std::path::Path;
use std::sync::Arc;

use parlor_domain::Registration;
use parlor_http::{SetupGate, layers};
use parlor_security::SetupToken;

use crate::config::Settings;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::wiring::Core;

/// Makes the first admin from the settings, or else waits for one with a one-time link.
pub async fn set_up(
    settings: &Settings,
    data_dir: &DataDir,
    core: &Core,
    public_origin: &layers::Origin,
) -> Result<SetupGate, Failure> {
    if !core.accounts.needs_setup().await? {
        return Ok(SetupGate::done());
    }
    if let Some(username) = &settings.admin.username {
        let password = match &settings.admin.password_file {
            Some(path) => read_password(path)?,
            None => {
                return Err(Failure::Advice(
                    "set admin.password_file to a file with the password of admin.username".into(),
                ));
            }
        };
        let form = Registration {
            username: username.clone(),
            name: username.clone(),
            password: Some(password),
            ..Registration::default()
        };
        let (user, _) = core.accounts.create_first_admin(&form).await?;
        tracing::info!(username = %user.username, user_code = %user.code, "the first admin was made from the settings");
        return Ok(SetupGate::done());
    }
    let token = Arc::new(SetupToken::load_or_create(&data_dir.path().join("setup-token"))?);
    // The token is in the fragment: browsers send that to nobody.
    tracing::warn!(
        "no admin yet: open {}/setup#token={} to make one",
        public_origin.as_str(),
        token.reveal()
    );
    let used = token.clone();
    Ok(SetupGate::waiting(
        move |presented| token.matches(presented),
        move || {
            if let Err(error) = used.discard() {
                tracing::warn!(%error, "the used setup token could not be deleted");
            }
        },
    ))
}

/// The password in a file, without the line break at its end.
pub fn read_password(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::Advice(format!("cannot read the password file {}: {error}", path.display()))
    })?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::Advice(format!("the password file {} is empty", path.display())));
    }
    Ok(password.to_owned())
}
