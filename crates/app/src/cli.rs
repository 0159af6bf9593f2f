//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Sources;
use crate::operating::RoleName;

/// A self-hosted chat server: one program with the API, the stream and the web page.
#[derive(Debug, Parser)]
#[command(name = "parlor", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve {
        /// Where settings come from.
        #[command(flatten)]
        settings: SettingsArgs,
        /// The address and port to listen on, such as 0.0.0.0:8080.
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
    },
    /// Write everything into one file, also while the server runs.
    #[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
    Backup {
        /// Something else than making one.
        #[command(subcommand)]
        command: Option<BackupCommand>,
        /// A file that does not exist yet, or a folder, where the backup is named after the moment.
        #[arg(value_name = "DIR|FILE", required = true)]
        target: Option<PathBuf>,
        /// Where settings come from.
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Bring the database back from a backup. The server must not run.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Keep the database that is there aside, instead of refusing.
        #[arg(long)]
        replace: bool,
        /// Where settings come from.
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Let people read, but nothing be written, also while the server runs.
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// Look after the files that people share, also while the server runs.
    #[command(subcommand)]
    Files(FilesCommand),
    /// Move everything to another database.
    #[command(subcommand)]
    Store(StoreCommand),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the description of the API for machines.
    #[command(subcommand)]
    Schema(SchemaCommand),
    /// Invite people to the server, also while it runs.
    #[command(subcommand)]
    Invite(InviteCommand),
    /// Look after people's accounts, also while the server runs.
    #[command(subcommand)]
    User(UserCommand),
    /// Make administrators on the machine itself, also while the server runs.
    #[command(subcommand)]
    Admin(AdminCommand),
}

/// What can be done with files.
#[derive(Debug, Subcommand)]
pub enum FilesCommand {
    /// Look for bytes that are missing or that nobody knows. The exit status is 1 when some are left.
    Verify {
        /// Delete what nobody knows, make small pictures anew, and give up what is missing, so that it
        /// comes back when somebody uploads it once more.
        #[arg(long)]
        fix: bool,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
}

/// What can be done with accounts. People are named by username, user ID or e-mail address.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List accounts.
    List {
        /// Part of the username, the name, the user ID or the e-mail address.
        #[arg(long)]
        search: Option<String>,
        /// Only people with this role.
        #[arg(long)]
        role: Option<RoleName>,
        /// Only people who are blocked.
        #[arg(long)]
        blocked: bool,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Make an account for somebody.
    Create {
        /// The new account's username.
        username: String,
        /// The name that people see [default: the username].
        #[arg(long)]
        name: Option<String>,
        /// The e-mail address.
        #[arg(long)]
        email: Option<String>,
        /// The role on the server.
        #[arg(long, default_value = "user")]
        role: RoleName,
        /// A file with the password; without one a password is made and printed.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Give somebody another role on the server.
    Role {
        /// Whom.
        user: String,
        /// The role they have from now on.
        role: RoleName,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Shut somebody out of the server; they are signed out everywhere.
    Block {
        /// Whom.
        user: String,
        /// Why; they read it when they try to sign in.
        #[arg(long, default_value = "")]
        reason: String,
        /// For how many minutes; for good when nothing is said.
        #[arg(long)]
        minutes: Option<u32>,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Let somebody in again.
    Unblock {
        /// Whom.
        user: String,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Delete somebody's account for good; nothing brings it back.
    Delete {
        /// Whose.
        user: String,
        /// Their messages stay, as those of a deleted user.
        #[arg(long, required_unless_present = "erase", conflicts_with = "erase")]
        keep_messages: bool,
        /// Their messages are erased.
        #[arg(long)]
        erase: bool,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Make a link with which somebody gets their account back; it works once, for a day.
    ResetLink {
        /// Whom to hand it to.
        user: String,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Give somebody a password with which they choose another; it is good for a day.
    TemporaryPassword {
        /// Whom; they are signed out everywhere.
        user: String,
        /// A file with the password; without one a password is made and printed.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Take the second factor away from somebody who lost it; they sign in with their password alone.
    RemoveTwoFactor {
        /// Whom.
        user: String,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
    /// Tell where somebody is signed in.
    Sessions {
        /// Who.
        user: String,
        /// Sign them out everywhere instead.
        #[arg(long)]
        end: bool,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
}

/// Where settings come from, and how the answer looks.
#[derive(Debug, Args)]
pub struct Asked {
    /// Print the answer as JSON.
    #[arg(long)]
    pub json: bool,
    /// Where settings come from.
    #[command(flatten)]
    pub settings: SettingsArgs,
}

/// What can be done with settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting in force and where its value came from; secrets are masked.
    Show(SettingsArgs),
    /// Print the documentation of all settings as Markdown.
    Docs,
}

/// What can be done with backups besides making them.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Check every byte of a backup and tell what is in it.
    Verify {
        /// The backup.
        file: PathBuf,
    },
}

/// How maintenance begins and ends.
#[derive(Debug, Subcommand)]
pub enum MaintenanceCommand {
    /// Nothing is written from now on.
    On {
        /// Where settings come from.
        #[command(flatten)]
        settings: SettingsArgs,
        /// What people get to read.
        #[arg(long, value_name = "TEXT")]
        message: Option<String>,
    },
    /// Everything is as usual again.
    Off(SettingsArgs),
}

/// What can be done with databases.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Copy everything into an empty database, or go on with it, and compare both.
    Copy {
        /// The database to copy, in maintenance: `sqlite:PATH` or `postgres://user@host/database`.
        #[arg(long, value_name = "DATABASE")]
        from: String,
        /// The new database, likewise. A password may be in the variable PGPASSWORD.
        #[arg(long, value_name = "DATABASE")]
        to: String,
        /// The settings file of the new server, when it keeps files elsewhere: they are copied there, too.
        #[arg(long, value_name = "FILE")]
        files_to: Option<PathBuf>,
        /// Where the settings come from that say where the files are now.
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

/// What is described.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// The HTTP API, as OpenAPI.
    Openapi,
    /// The stream, as AsyncAPI.
    Asyncapi,
}

/// What can be done with administrators.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make an account that administers the server.
    Create {
        /// Where settings come from.
        #[command(flatten)]
        settings: SettingsArgs,
        /// The new account's user name.
        #[arg(long)]
        username: String,
        /// A file with its password; without one a password is made and printed.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Print the answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What can be done with invitations.
#[derive(Debug, Subcommand)]
pub enum InviteCommand {
    /// Make an invitation and print its link, once.
    Create {
        /// What the new account may do on the server.
        #[arg(long, default_value = "user")]
        role: RoleName,
        /// The address that the new account must have.
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
        /// How many accounts may be made with it [default: any number, one for admins].
        #[arg(long, value_name = "NUMBER")]
        uses: Option<u32>,
        /// After how many days it ends [default: never, seven for admins].
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
        days: Option<u16>,
        /// Where settings come from, and how the answer looks.
        #[command(flatten)]
        asked: Asked,
    },
}

/// Where settings come from.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// The settings file [default: parlor.toml in the data folder, if there is one].
    #[arg(long, env = "PARLOR_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder for everything the server keeps [default: data].
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<String>,
}

impl SettingsArgs {
    /// The sources of the settings, with the environment and further flags.
    pub fn sources(self, flags: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Sources {
        let given = [("data_dir", self.data_dir)].into_iter().chain(flags);
        Sources {
            file: self.config,
            // A value that is not Unicode is none of the server's settings.
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            flags: given.filter_map(|(key, value)| Some((key, value?))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_become_settings() {
        let cli = Cli::parse_from(["parlor", "serve", "--data-dir", "/d", "--listen", "127.0.0.1:1"]);
        let Command::Serve { settings, listen } = cli.command else { panic!("serve was asked for") };
        let flags = settings.sources([("server.listen", listen)]).flags;
        assert_eq!(flags, [("data_dir", "/d".to_owned()), ("server.listen", "127.0.0.1:1".to_owned())]);
    }
}
