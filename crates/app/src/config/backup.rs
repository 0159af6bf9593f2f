use std::path::PathBuf;

use super::section::section;

section! {
    /// Backups that the server makes by itself while it runs. See `docs/operations/backup.md`.
    struct Backup = "backup";

    /// The folder for them, best on another disk. Without one the server makes none. Of several
    /// nodes one is enough.
    folder: Option<PathBuf> = None;

    /// How long after one the next one is made.
    every_hours: u64 [1..=8_760] = 24;

    /// How many are kept in the folder. When there are more, the oldest go; other files stay.
    keep: usize [1..=10_000] = 14;
}
