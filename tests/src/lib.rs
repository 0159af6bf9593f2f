//! The program from outside.
//!
//! [`Server`] runs the real program on a folder of its own; a [`Person`] uses its HTTP API, a
//! [`Socket`] its stream, and a [`Proxy`] stands between them and makes trouble. [`Sender`] and
//! [`Listener`] do what the protocol asks of clients, and [`Checker`] compares what they were told
//! with what is stored. Every wait has a bound, and nothing waits for time to pass.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test stops where it fails")]

mod administration;
mod api;
mod breaking;
mod bucket;
mod checker;
mod clients;
mod cluster;
mod database;
mod document;
mod examples;
mod faketime;
mod files;
mod log;
mod mail;
mod nats;
mod nginx;
mod oidc;
mod person;
mod program;
mod proxy;
mod push;
mod raw;
mod receiver;
mod server;
mod socket;
mod totp;
mod two_nodes;
mod uploads;
mod wait;

pub use administration::admin_request;
pub use api::{Answer, Api};
pub use breaking::Breaking;
pub use bucket::{BUCKET_KEY, BucketMood, BucketServer};
pub use checker::Checker;
pub use clients::{Heard, Link, Listener, Sender, Sent};
pub use cluster::Cluster;
pub use document::{Document, Field, Operation};
pub use examples::{PICTURE, good_body, good_path, in_a_while};
pub use faketime::WrongClock;
pub use files::{FILM, files_below, files_of, hash, upload_path, words};
pub use log::Log;
pub use mail::{MailServer, Mailbox};
pub use nats::Nats;
pub use nginx::CachingNginx;
pub use oidc::{IdentityProvider, Twist};
pub use person::{PASSWORD, Person};
pub use program::{Finished, program, run};
pub use proxy::Proxy;
pub use push::{PushBrowser, PushService, Pushed};
pub use raw::{RawAnswer, raw};
pub use receiver::{Received, Receiver};
pub use server::{Server, Vacant, setup_body};
pub use socket::{Opening, Refusal, Socket};
pub use totp::Authenticator;
pub use two_nodes::TwoNodes;
pub use uploads::{metadata, with_bytes, with_headers};
pub use wait::{BOUND, eventually, eventually_within};

use uuid::Uuid;

/// A new id, as a client makes them.
#[expect(clippy::disallowed_methods, reason = "nothing has to foresee a client's ids")]
pub fn new_id() -> Uuid {
    Uuid::new_v4()
}

/// How far apart two moments in fields of answers or of the log are, in seconds; at most half a day.
pub fn apart(one: &serde_json::Value, other: &serde_json::Value) -> i64 {
    let second_of_the_day = |value: &serde_json::Value| {
        let text = value.as_str().unwrap_or_else(|| panic!("{value} is no moment"));
        let number = |place: std::ops::Range<usize>| text[place].parse::<i64>().unwrap();
        number(11..13) * 3_600 + number(14..16) * 60 + number(17..19)
    };
    let between = (second_of_the_day(one) - second_of_the_day(other)).rem_euclid(86_400);
    between.min(86_400 - between)
}

/// The id in a field of an answer.
pub fn id_of(value: &serde_json::Value) -> Uuid {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no id"));
    text.parse().unwrap_or_else(|error| panic!("{text} is no id: {error}"))
}
