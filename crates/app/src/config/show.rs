//! The settings in force, for people.

use std::fmt::Write;

use serde_json::Value;

use super::{Loaded, all, value};

/// One line per setting: key, value and where it came from. Secrets are masked.
pub fn show(loaded: &Loaded) -> String {
    let values = serde_json::to_value(&loaded.settings).unwrap_or_default();
    let mut text = String::new();
    for (key, setting) in all() {
        let shown = match value(&values, &key) {
            Value::Null => "(not set)".to_owned(),
            _ if setting.secret => "(hidden)".to_owned(),
            value => value.to_string(),
        };
        let origin = loaded.origins.get(&key).map_or("default", String::as_str);
        // Writing to a string cannot fail.
        _ = writeln!(text, "{key} = {shown}  # {origin}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::{Sources, load};
    use super::*;

    #[test]
    fn values_are_shown_with_their_origin_and_secrets_are_not() {
        let variables = [
            ("PARLOR_DATABASE_URL".to_owned(), "postgres://u:canary@db/parlor".to_owned()),
            ("PARLOR_LIMITS_CONNECTIONS".to_owned(), "77".to_owned()),
        ];
        let sources = Sources { variables: variables.into(), ..Sources::default() };
        let text = show(&load(&sources).unwrap());
        assert!(text.contains("limits.connections = 77  # PARLOR_LIMITS_CONNECTIONS"), "{text}");
        assert!(text.contains("database.url = (hidden)  # PARLOR_DATABASE_URL"), "{text}");
        assert!(text.contains("admin.username = (not set)  # default"), "{text}");
        assert!(!text.contains("canary"));
        let loaded = load(&sources).unwrap();
        assert!(!format!("{loaded:?}").contains("canary"), "{loaded:?}");
    }
}
