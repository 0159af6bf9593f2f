//! The SQL that every database shares.
//!
//! [`Sql`] implements the domain's repositories once, over any connection and any [`Dialect`]:
//! over a pool it is a `Store`, over a transaction it is a `UnitOfWork`. What an adapter brings
//! along is a [`Database`] (how to begin), a [`Turn`] (how to commit) and a [`Dialect`] (where the
//! SQL differs).
//!
//! What is read or written for every message is hand-written SQL with one JSON array as its
//! parameter, so that one prepared statement serves every batch size; the rest is built by sea-orm
//! from entities. Every change of the schema is a step in [`Migrator`].

mod audit;
pub mod backup;
mod bans;
mod codes;
mod conversations;
mod dialect;
mod drafts;
mod erasures;
mod fields;
mod files;
mod filters;
mod groups;
pub mod invites;
mod mail;
pub mod maintenance;
mod messages;
mod migrations;
pub mod moving;
mod nodes;
mod notifications;
mod oidc;
mod outgoing_webhooks;
mod overview;
mod parameter;
mod patterns;
mod personal;
mod pictures;
mod privacy;
mod push;
mod reports;
mod retention;
mod scheduled;
mod search;
mod server;
mod sessions;
mod sql;
mod threads;
mod users;
mod work;

pub use dialect::{Dialect, Kind, Trouble};
pub use migrations::Migrator;
pub use search::{Bulk, Index, Lookup, Scope, Wanted};
pub use sql::{Connection, Sql};
pub use work::{Database, Turn, Writing};
