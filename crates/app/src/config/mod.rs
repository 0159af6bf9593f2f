//! The settings: what there is, where values come from, and what they must be.
//!
//! Each setting is declared once, in its section; the file, the variables, the checks and
//! `docs/configuration.md` follow from that.

mod accounts;
mod backup;
mod check;
mod cluster;
mod docs;
mod error;
mod files;
mod limits;
mod load;
mod mail;
mod messages;
mod oidc;
mod push;
mod retention;
mod section;
mod server;
mod show;
mod webhooks;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use accounts::{Accounts, Admin, Registration, Sessions};
pub use backup::Backup;
pub use cluster::{BusKind, Cluster};
pub use docs::markdown;
pub use error::ConfigError;
pub use files::Files;
pub use limits::{Limits, Realtime};
pub use load::{Loaded, Sources, load};
pub use mail::{Mail, MailSecurity};
pub use messages::Messages;
pub use oidc::{Oidc, SignUp};
pub use push::Push;
pub use retention::Retention;
pub use server::{Database, Hidden, Log, LogFormat, Server};
pub use show::show;
pub use webhooks::Webhooks;

use section::{Section, Setting};

/// Every setting.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// See [`DATA_DIR`].
    pub data_dir: PathBuf,
    /// Where the server listens and how it is reached.
    pub server: Server,
    /// Where messages are kept.
    pub database: Database,
    /// Who gets an account.
    pub accounts: Accounts,
    /// The first administrator.
    pub admin: Admin,
    /// How long people stay signed in.
    pub sessions: Sessions,
    /// What people may do with messages that were sent.
    pub messages: Messages,
    /// Files that people share.
    pub files: Files,
    /// How long messages and files are kept.
    pub retention: Retention,
    /// Telling devices while the page is closed.
    pub push: Push,
    /// Telling other programs what happens.
    pub webhooks: Webhooks,
    /// Sending e-mail.
    pub mail: Mail,
    /// Signing in at an identity provider.
    pub oidc: Oidc,
    /// How much one may ask of the server.
    pub limits: Limits,
    /// The stream.
    pub realtime: Realtime,
    /// Several nodes.
    pub cluster: Cluster,
    /// Backups that the server makes by itself.
    pub backup: Backup,
    /// What is logged.
    pub log: Log,
}

impl Settings {
    /// The file with the key that signs access tokens.
    pub fn signing_key_file(&self) -> PathBuf {
        let named = self.sessions.signing_key_file.clone();
        named.unwrap_or_else(|| self.data_dir.join("signing.key"))
    }

    /// The folder with the files that people share.
    pub fn files_folder(&self) -> PathBuf {
        self.files.folder.clone().unwrap_or_else(|| self.data_dir.join("files"))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            server: Server::default(),
            database: Database::default(),
            accounts: Accounts::default(),
            admin: Admin::default(),
            sessions: Sessions::default(),
            messages: Messages::default(),
            files: Files::default(),
            retention: Retention::default(),
            push: Push::default(),
            webhooks: Webhooks::default(),
            mail: Mail::default(),
            oidc: Oidc::default(),
            limits: Limits::default(),
            realtime: Realtime::default(),
            cluster: Cluster::default(),
            backup: Backup::default(),
            log: Log::default(),
        }
    }
}

/// The one setting outside the sections.
const DATA_DIR: Setting = Setting {
    name: "data_dir",
    doc: &[
        " The folder for everything the server keeps: the database, keys and the settings file",
        " `parlor.toml`. It is made when it is missing, for the server's user alone.",
    ],
    range: None,
    secret: false,
};

/// A section as data; the one without a name holds what is outside the sections.
struct Described {
    name: &'static str,
    doc: &'static [&'static str],
    settings: &'static [Setting],
}

impl Described {
    const fn of<S: Section>() -> Self {
        Self { name: S::NAME, doc: S::DOC, settings: S::SETTINGS }
    }
}

const SECTIONS: [Described; 18] = [
    Described { name: "", doc: &[], settings: &[DATA_DIR] },
    Described::of::<Server>(),
    Described::of::<Database>(),
    Described::of::<Accounts>(),
    Described::of::<Admin>(),
    Described::of::<Sessions>(),
    Described::of::<Messages>(),
    Described::of::<Files>(),
    Described::of::<Retention>(),
    Described::of::<Push>(),
    Described::of::<Webhooks>(),
    Described::of::<Mail>(),
    Described::of::<Oidc>(),
    Described::of::<Limits>(),
    Described::of::<Realtime>(),
    Described::of::<Cluster>(),
    Described::of::<Backup>(),
    Described::of::<Log>(),
];

/// Every setting with its full key, such as `server.listen`.
fn all() -> impl Iterator<Item = (String, &'static Setting)> {
    SECTIONS
        .iter()
        .flat_map(|section| section.settings.iter().map(|setting| (key(section.name, setting.name), setting)))
}

fn key(section: &str, name: &str) -> String {
    if section.is_empty() { name.into() } else { format!("{section}.{name}") }
}

/// The variable of a setting: `server.listen` is `PARLOR_SERVER_LISTEN`.
fn variable(key: &str) -> String {
    format!("PARLOR_{}", key.replace('.', "_").to_uppercase())
}

/// The value of a setting, by its key; null when it is not set.
fn value<'a>(settings: &'a serde_json::Value, key: &str) -> &'a serde_json::Value {
    key.split('.').fold(settings, |table, name| &table[name])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_field_of_the_settings_is_described() {
        let defaults = serde_json::to_value(Settings::default()).unwrap();
        let mut fields = BTreeSet::new();
        for (name, value) in defaults.as_object().unwrap() {
            match value.as_object() {
                Some(section) => fields.extend(section.keys().map(|field| key(name, field))),
                None => _ = fields.insert(name.clone()),
            }
        }
        assert_eq!(fields, all().map(|(key, _)| key).collect());
    }

    #[test]
    fn no_two_settings_share_a_variable() {
        let variables: BTreeSet<String> = all().map(|(key, _)| variable(&key)).collect();
        assert_eq!(variables.len(), all().count());
    }
}
