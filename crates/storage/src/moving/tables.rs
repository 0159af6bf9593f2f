//! What is moved, and in which order.

use super::COPYING;

/// A table that is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns of its primary key, by which it is read in pages.
    pub key: &'static [&'static str],
}

impl Table {
    /// How many rows travel at once: enough that a sync for each costs little, and few enough to be
    /// held in memory twice, which pictures of 200 KB are not by the thousand.
    pub(super) fn page(&self) -> usize {
        if self.name == "picture" { 50 } else { 2_000 }
    }
}

/// Every table that is moved. What a table refers to comes before it; the server's own row comes
/// last, because whoever looks for a database looks for that.
pub const TABLES: &[Table] = &[
    Table { name: "picture", key: &["id"] },
    Table { name: "user", key: &["id"] },
    Table { name: "blob", key: &["id"] },
    Table { name: "file", key: &["id"] },
    Table { name: "freed_object", key: &["id"] },
    Table { name: "upload", key: &["id"] },
    Table { name: "upload_part", key: &["upload_id", "start"] },
    Table { name: "recovery_code", key: &["user_id", "hash"] },
    Table { name: "recovery_link", key: &["user_id"] },
    Table { name: "identity", key: &["issuer", "subject"] },
    Table { name: "email_verification", key: &["user_id"] },
    Table { name: "mail", key: &["id"] },
    Table { name: "totp", key: &["user_id"] },
    Table { name: "invite", key: &["id"] },
    Table { name: "invite_use", key: &["user_id"] },
    Table { name: "session", key: &["id"] },
    Table { name: "refresh_token", key: &["hash"] },
    Table { name: "push_subscription", key: &["session_id"] },
    Table { name: "conversation", key: &["id"] },
    Table { name: "retention", key: &["conversation_id"] },
    Table { name: "erasure", key: &["id"] },
    Table { name: "tally", key: &["conversation_id"] },
    Table { name: "message_day", key: &["day"] },
    Table { name: "group", key: &["id"] },
    Table { name: "api_token", key: &["session_id"] },
    Table { name: "member", key: &["conversation_id", "user_id"] },
    Table { name: "read_mark", key: &["conversation_id", "user_id", "slot"] },
    Table { name: "block", key: &["user_id", "blocked_id"] },
    Table { name: "draft", key: &["conversation_id", "user_id", "root_seq"] },
    Table { name: "scheduled_message", key: &["user_id", "id"] },
    Table { name: "mute", key: &["group_id", "user_id"] },
    Table { name: "invite_link", key: &["id"] },
    Table { name: "latest_post", key: &["group_id", "user_id"] },
    Table { name: "entry", key: &["conversation_id", "seq"] },
    Table { name: "attachment", key: &["conversation_id", "seq", "position"] },
    Table { name: "reaction", key: &["conversation_id", "seq", "emoji", "user_id"] },
    Table { name: "revision", key: &["conversation_id", "seq", "number"] },
    Table { name: "saved_message", key: &["user_id", "conversation_id", "seq"] },
    Table { name: "forward", key: &["conversation_id", "seq"] },
    Table { name: "thread_member", key: &["conversation_id", "root_seq", "user_id"] },
    Table { name: "notification", key: &["id"] },
    Table { name: "notification_settings", key: &["user_id"] },
    Table { name: "outgoing_webhook", key: &["id"] },
    Table { name: "outgoing_webhook_group", key: &["webhook_id", "group_id"] },
    Table { name: "outgoing_webhook_cursor", key: &["webhook_id", "conversation_id"] },
    Table { name: "outgoing_webhook_delivery", key: &["id"] },
    Table { name: "ban", key: &["id"] },
    Table { name: "report", key: &["id"] },
    Table { name: "filter_rule", key: &["id"] },
    Table { name: "held_message", key: &["id"] },
    Table { name: "audit", key: &["id"] },
    Table { name: "server", key: &["id"] },
];

/// Tables that stay where they are: the schema's steps are taken on both sides, which nodes run is
/// worth nothing elsewhere, who is at an identity provider at the moment begins anew, and the index for
/// searching is made anew.
const STAYING: [&str; 13] = [
    "seaql_migrations",
    "node",
    "present",
    COPYING,
    "oidc_attempt",
    "search_document",
    "search_progress",
    "search_state",
    "search_residue",
    "search_index",
    "search_index_config",
    "search_index_data",
    "search_index_idx",
];

/// The first of these tables of which nobody has said whether it is moved.
pub(super) fn forgotten(tables: &[String]) -> Option<&String> {
    tables.iter().find(|name| {
        TABLES.iter().all(|table| table.name != name.as_str()) && !STAYING.contains(&name.as_str())
    })
}
