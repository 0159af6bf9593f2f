//! `parlor admin create`: an admin on the word of whoever operates the machine.

use std::path::Path;

use parlor_domain::Registration;

use crate::config::Settings;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::wiring::{Core, read_password};

/// Makes an admin and tells who it is, with the password if it was made here.
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
        let (user, generated) = made?;
        println!("{} is an admin, with the user ID {}.", user.username, user.code);
        if let Some(password) = generated {
            println!("Password: {}", password.reveal());
        }
        Ok(())
    })
}
