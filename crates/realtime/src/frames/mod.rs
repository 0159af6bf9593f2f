//! What travels over the socket: UTF-8 JSON text, one object a frame, told apart by `type`.

mod client;
mod codes;
mod parse;
mod server;

pub use client::{
    Ack, Authenticate, ClientFrame, Hello, MessageDelete, MessageEdit, MessageSend, Position, ReactionSet,
    Read, SetPresence, Typing,
};
pub use codes::CloseReason;
pub use parse::{BadFrame, parse};
pub use server::{
    Added, Blocks, Bye, Changed, CursorMoved, Limits, Me, NotificationTold, NotificationsChanged,
    PreferencesChanged, Presences, Ready, Refused, Removed, Reset,
};
pub use server::{
    Done, Maintenance, Personal, PersonalChanged, Posted, ServerFrame, Typed, UserChanged, encode,
};

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// The JSON Schema of every frame: `client` for those a client sends, `server` for those it gets.
///
/// The protocol's documentation and the page's types are made from it, and tests hold every frame
/// that is sent against it.
pub fn schema() -> Value {
    json!({
        "client": SchemaSettings::default().into_generator().into_root_schema_for::<ClientFrame>(),
        // As they are written: a value that is not there is null, not missing.
        "server": SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<ServerFrame>(),
    })
}
