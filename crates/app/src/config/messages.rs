use super::section::section;

section! {
    /// What people may do with messages that were sent.
    struct Messages = "messages";

    /// How long an author may change a message; 0 is for ever.
    edit_within_minutes: u64 [0..=525_600] = 0;

    /// Keep the earlier texts of a changed message, for its author and for those who moderate.
    /// Deleting the message deletes them, too.
    keep_revisions: bool = true;
}
