//! The SQLite store: an embedded database in one file.
//!
//! There is one connection that writes. A unit of work takes its turn on it, in the order of
//! asking, and what it commits is on the disk before `commit` answers (WAL with
//! `synchronous = FULL`). Everybody else reads through a pool of their own, which sees what is
//! committed and cannot write.

pub mod backup;
mod connections;
mod copy;
mod dialect;
mod error;
pub mod maintenance;
pub mod moving;
mod open;
mod search;
mod settings;
mod statement;
mod store;
mod writer;

pub use error::OpenError;
pub use store::{SqliteOptions, SqliteStore};

#[cfg(test)]
mod tests;
