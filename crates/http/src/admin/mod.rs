//! Looking after the server; for admins. Everything here that changes something leaves one line in
//! the audit log.

mod audit;
mod audit_file;
mod bans;
mod bots;
mod deletion;
mod invites;
mod lost_passwords;
mod nodes;
mod reports;
mod settings;
mod tokens;
mod users;

pub use settings::RegistrationPolicy;

/// The parts of the API that are for admins.
pub type AdminApis = (
    nodes::NodesApi,
    users::AccountsApi,
    deletion::DeletionApi,
    lost_passwords::LostPasswordsApi,
    reports::ReportQueueApi,
    bans::BansApi,
    bots::BotsApi,
    audit::AuditApi,
    invites::InvitesApi,
    settings::SettingsApi,
    tokens::TokensApi,
);

/// Each of them.
pub fn apis() -> AdminApis {
    (
        nodes::NodesApi,
        users::AccountsApi,
        deletion::DeletionApi,
        lost_passwords::LostPasswordsApi,
        reports::ReportQueueApi,
        bans::BansApi,
        bots::BotsApi,
        audit::AuditApi,
        invites::InvitesApi,
        settings::SettingsApi,
        tokens::TokensApi,
    )
}
