//! What any store must do, as tests that each adapter runs.
//!
//! An adapter says how to make a fresh store and gets a test for each sentence. Its crate needs `tokio`
//! for the tests' runtime.
//!
//! ```text
//! async fn fresh(publisher: Arc<dyn EventPublisher>) -> Result<Fresh, Box<dyn Error + Send + Sync>> { … }
//!
//! parlor_storage_contract::contract_tests!(fresh);
//! ```

#[macro_use]
mod contract;

mod accounts;
mod api_tokens;
mod audit;
mod bans;
mod changes;
mod conversations;
mod cursors;
mod drafts;
mod erasures;
mod file_lists;
mod file_races;
mod files;
mod files_of_messages;
mod filters;
mod groups;
mod invites;
mod log;
mod mail;
mod managed_groups;
mod messages;
mod mutes;
mod names;
mod nodes;
mod notifications;
mod oidc;
mod outgoing_webhooks;
mod overview;
mod personal;
mod pictures;
mod posters;
mod privacy;
mod push;
mod races;
mod reports;
mod retention;
mod scheduled;
mod search;
mod search_queries;
mod server;
mod sessions;
mod side_by_side;
mod threads;
mod totp;
mod uploads;
mod user_lists;
mod users;
mod views;
mod work;
mod world;

pub use names::tests;
pub use world::{Fresh, Outcome, World};
