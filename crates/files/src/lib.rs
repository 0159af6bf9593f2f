//! What people upload.
//!
//! [`Portraits`] makes the pictures of people and groups from files that nobody has to trust.

mod portraits;

pub use portraits::Portraits;
