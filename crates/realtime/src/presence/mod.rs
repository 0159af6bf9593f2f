//! Who is at hand.
//!
//! A person is online while at least one device is connected, and for a short grace after, so that
//! a reconnect is no news. Nothing of it is stored but when people were last seen.

mod announcing;
mod elsewhere;
mod people;

pub(crate) use announcing::{announce, store_seen};
pub(crate) use people::{People, Stay};
