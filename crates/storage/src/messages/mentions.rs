//! Whom a message mentions, as its column has it.

use parlor_domain::{Mentions, UserId};
use uuid::Uuid;

/// What stands for everybody.
const ALL: &str = "*";

/// The column's text; nothing when nobody is mentioned.
pub(super) fn write(mentions: &Mentions) -> Option<String> {
    let all = mentions.all.then(|| ALL.to_owned());
    let users = mentions.users.iter().map(|user| user.as_uuid().simple().to_string());
    let words: Vec<_> = all.into_iter().chain(users).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The reverse.
pub(super) fn read(text: Option<&str>) -> Mentions {
    let words = || text.unwrap_or_default().split_whitespace();
    let users = words().filter_map(|word| Uuid::try_parse(word).ok()).map(UserId::from_uuid).collect();
    Mentions { all: words().any(|word| word == ALL), users }
}
