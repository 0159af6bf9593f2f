//! Looking after the server; for admins. Everything here that changes something leaves one line in
//! the audit log.

mod audit;
mod audit_file;
mod bans;
mod bots;
mod deletion;
mod filters;
mod freezes;
mod groups;
mod held;
mod invites;
mod lost_passwords;
mod mutes;
mod nodes;
mod outgoing_webhooks;
mod overview;
mod reports;
mod sessions;
mod settings;
mod storage;
mod tokens;
mod users;
mod webhook_views;

pub use bans::BanState;
pub use settings::RegistrationPolicy;

/// The parts of the API that are for admins.
pub type AdminApis = (
    (overview::OverviewApi, nodes::NodesApi, storage::StorageApi),
    (users::AccountsApi, sessions::AccountSessionsApi, deletion::DeletionApi),
    groups::ManagedGroupsApi,
    lost_passwords::LostPasswordsApi,
    reports::ReportQueueApi,
    bans::BansApi,
    (mutes::MutesApi, freezes::FreezesApi, filters::FiltersApi, held::HeldMessagesApi),
    bots::BotsApi,
    outgoing_webhooks::OutgoingWebhooksApi,
    audit::AuditApi,
    invites::InvitesApi,
    settings::SettingsApi,
    tokens::TokensApi,
);

/// Each of them.
pub fn apis() -> AdminApis {
    (
        (overview::OverviewApi, nodes::NodesApi, storage::StorageApi),
        (users::AccountsApi, sessions::AccountSessionsApi, deletion::DeletionApi),
        groups::ManagedGroupsApi,
        lost_passwords::LostPasswordsApi,
        reports::ReportQueueApi,
        bans::BansApi,
        (mutes::MutesApi, freezes::FreezesApi, filters::FiltersApi, held::HeldMessagesApi),
        bots::BotsApi,
        outgoing_webhooks::OutgoingWebhooksApi,
        audit::AuditApi,
        invites::InvitesApi,
        settings::SettingsApi,
        tokens::TokensApi,
    )
}
