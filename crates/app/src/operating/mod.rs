//! What the machine's operator does without an account: `parlor user …`, `parlor admin …`,
//! `parlor invite …`, `parlor files …`.
//!
//! An order is carried out by the server when one runs on this data folder, which is asked through
//! a socket that belongs to its user alone, and here otherwise; the answer is the same.

mod control;
mod files;
mod orders;
mod telling;

pub use control::Control;
pub use orders::{Order, RoleName};

use std::sync::Arc;

use serde_json::Value;

use crate::config::Settings;
use crate::data_dir::DataDir;
use crate::database::Place;
use crate::failure::Failure;
use crate::sharing::Sharing;
use crate::system::TimeOrderedIds;
use crate::wiring::Core;

/// Carries an order out and tells what came of it, as JSON when that is asked for.
pub fn run(settings: &Settings, order: &Order, json: bool) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(carry_out(settings, order))?;
    if json {
        println!("{done:#}");
    } else {
        print!("{}", telling::in_words(order, &done));
    }
    match order {
        Order::VerifyFiles { fix } => files::judge(&done, *fix),
        _ => Ok(()),
    }
}

async fn carry_out(settings: &Settings, order: &Order) -> Result<Value, Failure> {
    if let Some(answer) = control::ask(&settings.data_dir, order).await? {
        return answer;
    }
    let never_started = matches!(Place::of(settings)?, Place::Sqlite(file) if !file.exists());
    if never_started && !order.makes_admin() {
        return Err(Failure::Advice(format!(
            "there is no server in {}; say where it is with --data-dir, or start it once with `parlor serve`",
            settings.data_dir.display()
        )));
    }
    let data_dir = DataDir::open(&settings.data_dir)?;
    let core = Core::open(settings, &data_dir, "").await?;
    let origins = settings.server.origins(settings.server.listen);
    let origin = origins.first().map(|origin| origin.as_str().to_owned()).unwrap_or_default();
    let sharing = Sharing::of(settings)?;
    let files = sharing.files(settings, core.database.shared(), core.clock.clone(), Arc::new(TimeOrderedIds));
    let done = order.carry_out(&core.administration(settings), (&files, &sharing), &origin).await;
    core.database.close().await?;
    done.map_err(Failure::Advice)
}
