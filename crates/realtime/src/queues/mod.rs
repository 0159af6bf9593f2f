//! What is collected before it is written: posts and cursors.

mod cursors;
mod posts;

pub use cursors::Cursors;
pub use posts::Posts;
