//! The program `parlor`.

// The layers of the server are one type in the other, and the compiler counts how deep.
#![recursion_limit = "256"]

mod backup;
mod cli;
mod clock;
mod cluster;
mod config;
mod data_dir;
mod database;
mod failure;
mod filtering;
mod housekeeping;
mod indexing;
mod limits;
mod listener;
mod log;
mod machine;
mod mailing;
mod maintenance;
mod moving;
mod oidc;
mod operating;
mod outgoing_webhooks;
mod pushing;
mod retention;
mod scheduled;
mod serve;
mod setup;
mod sharing;
mod system;
mod wiring;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use cli::{
    AdminCommand, Asked, BackupCommand, Cli, Command, ConfigCommand, FilesCommand, InviteCommand,
    MaintenanceCommand, SchemaCommand, StoreCommand, UserCommand,
};
use failure::Failure;
use operating::{Order, RoleName};
use setup::read_password;

/// Requests are answered by several threads that allocate and free a lot; the system's allocator
/// makes them wait for each other.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve { settings, listen } => {
            let loaded = config::load(&settings.sources([("server.listen", listen)]))?;
            serve::run(&loaded.settings)
        }
        Command::Config(ConfigCommand::Show(settings)) => {
            print!("{}", config::show(&config::load(&settings.sources([]))?));
            Ok(())
        }
        Command::Config(ConfigCommand::Docs) => {
            print!("{}", config::markdown());
            Ok(())
        }
        Command::Schema(schema) => {
            println!(
                "{}",
                match schema {
                    SchemaCommand::Openapi => parlor_http::openapi(),
                    SchemaCommand::Asyncapi => parlor_http::asyncapi(),
                }
            );
            Ok(())
        }
        Command::Backup { command: Some(BackupCommand::Verify { file }), .. } => backup::verify(&file),
        Command::Backup { command: None, target, settings } => {
            let loaded = config::load(&settings.sources([]))?;
            let target = target.unwrap_or_else(|| ".".into());
            backup::create(&loaded.settings, &target)
        }
        Command::Restore { settings, file, replace } => {
            let loaded = config::load(&settings.sources([]))?;
            backup::restore(&loaded.settings, &file, replace)
        }
        Command::Maintenance(MaintenanceCommand::On { settings, message }) => {
            maintenance::begin(&config::load(&settings.sources([]))?.settings, message)
        }
        Command::Maintenance(MaintenanceCommand::Off(settings)) => {
            maintenance::end(&config::load(&settings.sources([]))?.settings)
        }
        Command::Invite(InviteCommand::Create { role, email, uses, days, asked }) => {
            order_from(asked, &Order::Invite { role, email, uses, days })
        }
        Command::Files(FilesCommand::Verify { fix, asked }) => order_from(asked, &Order::VerifyFiles { fix }),
        Command::Store(StoreCommand::Copy { from, to, files_to, settings }) => {
            let files = match files_to {
                Some(new) => {
                    Some(moving::Files::between(&config::load(&settings.sources([]))?.settings, &new)?)
                }
                None => None,
            };
            moving::copy(&from, &to, files.as_ref())
        }
        Command::User(command) => user(command),
        Command::Admin(AdminCommand::Create { settings, username, password_file, json }) => {
            let password = password_file.as_deref().map(read_password).transpose()?;
            let order = Order::Create { username, name: None, email: None, role: RoleName::Admin, password };
            order_from(Asked { json, settings }, &order)
        }
    }
}

fn user(command: UserCommand) -> Result<(), Failure> {
    let (asked, order) = match command {
        UserCommand::List { search, role, blocked, asked } => {
            (asked, Order::List { search, role, banned: blocked })
        }
        UserCommand::Create { username, name, email, role, password_file, asked } => {
            let password = password_file.as_deref().map(read_password).transpose()?;
            (asked, Order::Create { username, name, email, role, password })
        }
        UserCommand::Role { user, role, asked } => (asked, Order::Role { user, role }),
        UserCommand::Block { user, reason, minutes, asked } => {
            (asked, Order::Block { user, reason, minutes })
        }
        UserCommand::Unblock { user, asked } => (asked, Order::Unblock { user }),
        UserCommand::Delete { user, erase, asked, .. } => (asked, Order::Delete { user, erase }),
        UserCommand::ResetLink { user, asked } => (asked, Order::ResetLink { user }),
        UserCommand::TemporaryPassword { user, password_file, asked } => {
            let password = password_file.as_deref().map(read_password).transpose()?;
            (asked, Order::TemporaryPassword { user, password })
        }
        UserCommand::RemoveTwoFactor { user, asked } => (asked, Order::RemoveTwoFactor { user }),
        UserCommand::Sessions { user, end, asked } => (asked, Order::Sessions { user, end }),
    };
    order_from(asked, &order)
}

fn order_from(Asked { json, settings }: Asked, order: &Order) -> Result<(), Failure> {
    operating::run(&config::load(&settings.sources([]))?.settings, order, json)
}
