//! Looking after the server; for admins. Everything here that changes something leaves one line in
//! the audit log.

mod audit;
mod audit_file;
mod bans;
mod nodes;
mod users;

/// The parts of the API that are for admins.
pub type AdminApis = (nodes::NodesApi, users::AccountsApi, bans::BansApi, audit::AuditApi);

/// Each of them.
pub fn apis() -> AdminApis {
    (nodes::NodesApi, users::AccountsApi, bans::BansApi, audit::AuditApi)
}
