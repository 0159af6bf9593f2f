//! What people upload.
//!
//! [`Folder`] keeps the bytes of files in a folder of the machine, and [`Bucket`] in one that speaks the
//! protocol of S3. What comes in goes to a temporary file first; then it is looked at, and kept under a
//! name that the server made:
//!
//! - What it is, is told by its content. Only when the ending of its name and the type that the sender
//!   says agree with that, it is what it says; otherwise it is of a type that is only saved. Which types
//!   are received at all, [`FileTypes`] says.
//! - A picture is read to pixels within limits, a few at a time, turned upright, and written anew with
//!   nothing but what it shows. Two small versions of it are made, and a placeholder.
//!
//! [`Portraits`] makes the pictures of people and groups from files that nobody has to trust.

mod bucket;
mod decoding;
mod disk;
mod folder;
mod incoming;
mod kinds;
mod pictures;
mod portraits;
mod turns;

pub use bucket::{Bucket, BucketError, BucketHold, BucketSettings};
pub use disk::{object_at, place_of};
pub use folder::Folder;
pub use kinds::FileTypes;
pub use portraits::Portraits;
