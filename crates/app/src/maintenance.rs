//! `parlor maintenance on|off`: also beside a running server, which notices at once.

use parlor_storage_postgres::maintenance as postgres;
use parlor_storage_sqlite::maintenance as sqlite;

use crate::config::Settings;
use crate::database::Place;
use crate::failure::Failure;

/// The most characters of what people get to read.
const MAX_CHARACTERS: usize = 500;

/// What people get to read when nobody says anything else.
const MESSAGE: &str = "Nothing can be changed for a while.";

/// Begins maintenance with a message of one's own or a usual one.
pub fn begin(settings: &Settings, message: Option<String>) -> Result<(), Failure> {
    let message = message.unwrap_or_else(|| MESSAGE.into());
    let message = message.trim();
    if message.is_empty() || message.chars().count() > MAX_CHARACTERS || message.contains('\0') {
        return Err(Failure::Advice(format!("the message must have 1 to {MAX_CHARACTERS} characters")));
    }
    set(settings, Some(message))?;
    println!("Nothing is written from now on. People get to read: {message}");
    Ok(())
}

/// Ends maintenance.
pub fn end(settings: &Settings) -> Result<(), Failure> {
    set(settings, None)?;
    println!("The server is as usual.");
    Ok(())
}

fn set(settings: &Settings, message: Option<&str>) -> Result<(), Failure> {
    let place = Place::of(settings)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let known = runtime.block_on(async {
        match &place {
            Place::Sqlite(file) => sqlite::set(file, message).await.map_err(Failure::from),
            Place::Postgres(url) => postgres::set(url.reveal(), message).await.map_err(Failure::from),
        }
    })?;
    if known {
        return Ok(());
    }
    Err(Failure::Advice(
        "the database is of an earlier version: start this version's server once, which brings it up to date"
            .into(),
    ))
}
