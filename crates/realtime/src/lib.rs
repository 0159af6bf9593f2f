//! The stream: who is connected hears what is committed, in order, without a gap.
//!
//! ```text
//! store ── events ──▶ Inlet ──▶ fan-out ──▶ hub ──▶ mailboxes ──▶ connections ──▶ sockets
//!                                                                     │
//!                            log, snapshot, views ◀───── jobs ────────┤
//!                                           posts, cursors ◀──────────┘
//! ```
//!
//! - **`frames`** is what travels: JSON text frames, those of the client checked field by field,
//!   those of the server with a schema ([`frames::schema`]).
//! - **`hub`** knows who is connected and who is in which conversation. The fan-out encodes an
//!   entry once and leaves the shared bytes in the mailbox of each member online.
//! - **`connection`** is one client: a pure state machine that decides, and a thin loop around the
//!   socket that does. Entries that come next and for which there is room are sent as they are;
//!   whatever else happens, a connection that is behind reads the log from its own cursor. A lost,
//!   repeated or reordered announcement does no harm, therefore.
//! - **`presence`** knows who is at hand.
//! - **`nodes`** rings on the other servers that share the database, and looks at what they ring for.
//! - **`queues`** collect posts and cursor moves and write them in batches.
//!
//! Every queue is bounded, and what happens when it is full is written beside it.
//!
//! The store needs a publisher when it is opened and the stream needs the store, so the inlet is
//! made first:
//!
//! ```text
//! let inlet = Inlet::new(&settings);
//! let store = open_store(inlet.clone());
//! let cursors = Cursors::start(receipts, &settings);
//! let posts = Posts::start(messaging, limits, &settings);
//! let realtime = Realtime::start(inlet, services, settings).await?;
//! ```

mod connection;
pub mod frames;
mod hub;
mod metrics;
mod nodes;
mod presence;
mod queues;
mod realtime;
mod services;
mod settings;
mod timings;

pub use hub::Inlet;
pub use metrics::{Counter, Metrics};
pub use queues::{Cursors, Posts};
pub use realtime::{Opening, Realtime};
pub use services::Services;
pub use settings::Settings;
pub use timings::{Timing, Timings};
