//! The PostgreSQL store: a database that several nodes share.
//!
//! There is a pool of connections. A unit of work is a transaction on one of them, READ COMMITTED,
//! and what it commits is on the disk before `commit` answers (`synchronous_commit = on`). Units
//! of work run beside each other: a rule that reads before it writes holds because it locks the
//! rows it depends on, or because of a unique index.
//!
//! Events leave before `commit` answers. So whatever somebody does in answer to a commit has its
//! events behind those of that commit. Two units of work that run at the same time may publish in
//! another order than they were committed in, and other nodes do not publish here at all: whoever
//! listens MUST take an entry's place in its log for what it is, and read the log where one is
//! missing.

pub mod backup;
mod bus;
mod connections;
mod dialect;
mod error;
mod lease;
pub mod maintenance;
pub mod moving;
mod open;
mod place;
mod search;
mod settings;
mod store;
mod tool;
mod trigrams;
mod turn;

pub use backup::BackupError;
pub use bus::PostgresBus;
pub use error::OpenError;
pub use store::{PostgresOptions, PostgresStore};

#[cfg(test)]
mod tests;
