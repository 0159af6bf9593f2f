//! The stream from outside: real WebSocket clients on in-memory pipes, the real use cases and the
//! real SQLite store. Every frame a client receives is held against the schema.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod catching_up;
mod client;
mod conversations;
mod ending;
mod limits;
mod maintenance;
mod opening;
mod panics;
mod people;
mod posting;
mod queues;
mod server;
mod sizes;

use client::Client;
use server::{Person, Server};
