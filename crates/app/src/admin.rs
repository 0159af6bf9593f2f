//! `parlor admin create`: an admin on the word of whoever operates the machine.

use std::path::Path;

use parlor_domain::Registration;

use crate::config::Settings;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::wiring::{Core, read_password};

/// Makes an admin and tells who it is, with what is told once: the password if it
/// was made here, and the recovery codes.
pub fn create(settings: &Settings, username: &str, password_file: Option<&Path>) -> Result<(), Failure> {
    let password = password_file.map(read_password).transpose()?;
    let data_dir = DataDir::open(&settings.data_dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let core = Core::open(settings, &data_dir, "").await?;
        let form = Registration {
            username: username.to_owned(),
            name: username.to_owned(),
            password,
            ..Registration::default()
        };
        let made = core.accounts.create_admin(&form).await;
        core.database.close().await?;
        let (user, secrets) = made?;
        println!("{} is an admin, with the user ID {}.", user.username, user.code);
        if let Some(password) = secrets.password {
            println!("Password: {}", password.reveal());
        }
        println!("Codes for a lost password, each of which works once:");
        secrets.recovery_codes.iter().for_each(|code| println!("  {code}"));
        Ok(())
    })
}
