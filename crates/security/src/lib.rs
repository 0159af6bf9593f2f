//! Password hashing, tokens and secrets.
//!
//! [`Argon2Hasher`] hashes passwords behind a bounded queue, [`Tokens`] makes and reads the secrets
//! and signed passes that prove a session, and [`SigningKey`] and [`SetupToken`] are the secrets
//! that live beside the database with mode 0600.

mod hasher;
mod secrets;
mod tokens;
mod totp;

pub use hasher::{Argon2Hasher, HashingCost, InvalidCost};
pub use secrets::{SecretError, SetupToken, SigningKey};
pub use tokens::Tokens;
pub use totp::Resealer;
