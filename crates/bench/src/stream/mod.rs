//! The client's side of the stream, as cheap as it gets.

pub mod frame;
pub mod protocol;
mod socket;

pub use socket::Socket;
