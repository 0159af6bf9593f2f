//! What the page's service worker gets to read.

use parlor_domain::{ConversationId, DisplayName, Emoji, GroupName, Push};
use parlor_wire::{MemberRole, NotificationKind};
use serde::Serialize;
use uuid::Uuid;

#[derive(Serialize)]
struct Payload<'a> {
    conversation: Option<Uuid>,
    seq: Option<u64>,
    thread: Option<u64>,
    at: i64,
    words: Option<Words<'a>>,
}

#[derive(Serialize)]
struct Words<'a> {
    kind: Option<NotificationKind>,
    actor: Option<&'a str>,
    group: Option<&'a str>,
    role: Option<MemberRole>,
    reactions: Vec<&'a str>,
    text: Option<&'a str>,
}

/// A push as JSON.
pub(crate) fn text(push: &Push) -> String {
    let words = push.words.as_ref().map(|words| Words {
        kind: words.kind.map(Into::into),
        actor: words.actor.as_ref().map(DisplayName::as_str),
        group: words.group.as_ref().map(GroupName::as_str),
        role: words.role.map(Into::into),
        reactions: words.reactions.iter().map(Emoji::as_str).collect(),
        text: words.text.as_deref(),
    });
    let payload = Payload {
        conversation: push.conversation.map(ConversationId::as_uuid),
        seq: push.seq,
        thread: push.thread,
        at: push.at.as_millis(),
        words,
    };
    serde_json::to_string(&payload).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use parlor_domain::{PushWords, Timestamp};

    use super::*;

    #[test]
    fn what_is_hidden_is_not_in_it() {
        let words = PushWords {
            kind: None,
            actor: DisplayName::parse("Ana").ok(),
            group: None,
            role: None,
            reactions: Vec::new(),
            text: Some("soup".into()),
        };
        let push = Push {
            conversation: Some(ConversationId::from_uuid(Uuid::nil())),
            seq: Some(3),
            thread: None,
            urgent: true,
            words: Some(words),
            at: Timestamp::from_millis(7),
        };
        let shown = text(&push);
        assert!(shown.contains(r#""actor":"Ana""#) && shown.contains(r#""text":"soup""#), "{shown}");
        let hidden = text(&Push { words: None, ..push });
        let expected = r#"{"conversation":"00000000-0000-0000-0000-000000000000","seq":3,"thread":null,"at":7,"words":null}"#;
        assert_eq!(hidden, expected);
    }
}
