//! One connection: a pure state machine, its mailbox, and the thin loop around its socket.
//!
//! The hub leaves what a connection is to hear of in its [`Mailbox`]; the loop hands mail, frames
//! and the results of jobs to the [`Machine`], and does what the machine says.

mod bucket;
mod changing;
mod commands;
mod config;
mod events;
mod jobs;
mod machine;
mod mailbox;
mod opening;
mod pulse;
mod refusals;
mod socket;
mod streaming;
mod tracks;
mod window;

pub(crate) use config::websocket_config;
pub(crate) use events::{Batch, Control, Ephemeral, Line};
pub(crate) use jobs::Desk;
pub(crate) use machine::Common;
pub(crate) use mailbox::Mailbox;
pub(crate) use socket::Connection;

#[cfg(test)]
mod machine_tests;
