use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Authenticate, ClientFrame};

/// How deep a frame's JSON may be nested; the deepest frame there is needs three levels.
const DEPTH: usize = 16;

/// Why a frame was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadFrame {
    /// It is not a JSON object with an `id`: there is nothing to answer to.
    NotAFrame,
    /// It is, but a field is wrong.
    Field {
        /// The frame's id.
        id: u64,
        /// The field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Reads a client's frame.
pub fn parse(text: &str) -> Result<ClientFrame, BadFrame> {
    if is_too_deep(text) {
        return Err(BadFrame::NotAFrame);
    }
    let mut fields: Map<String, Value> = serde_json::from_str(text).map_err(|_| BadFrame::NotAFrame)?;
    let id = fields.get("id").and_then(Value::as_u64).ok_or(BadFrame::NotAFrame)?;
    let Some(Value::String(kind)) = fields.remove("type") else {
        return Err(bad(id, "type", "is missing"));
    };
    match kind.as_str() {
        "authenticate" => read(id, fields).and_then(either).map(ClientFrame::Authenticate),
        "hello" => read(id, fields).map(ClientFrame::Hello),
        "message.send" => read(id, fields).map(ClientFrame::MessageSend),
        "message.edit" => read(id, fields).map(ClientFrame::MessageEdit),
        "message.delete" => read(id, fields).map(ClientFrame::MessageDelete),
        "reaction.set" => read(id, fields).map(ClientFrame::ReactionSet),
        "ack" => read(id, fields).map(ClientFrame::Ack),
        "read" => read(id, fields).map(ClientFrame::Read),
        "typing" => read(id, fields).map(ClientFrame::Typing),
        "presence" => read(id, fields).map(ClientFrame::Presence),
        _ => Err(bad(id, "type", "is not a frame that this server knows")),
    }
}

fn bad(id: u64, field: &str, problem: &str) -> BadFrame {
    BadFrame::Field { id, field: field.to_owned(), problem: problem.to_owned() }
}

fn read<T: DeserializeOwned>(id: u64, fields: Map<String, Value>) -> Result<T, BadFrame> {
    serde_path_to_error::deserialize(Value::Object(fields)).map_err(|error| {
        let path = error.path().to_string();
        let problem = error.into_inner().to_string();
        // A field that is not there has no path; serde names it in its message.
        match problem.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            Some(field) => bad(id, field, "is missing"),
            None => bad(id, &path, &problem),
        }
    })
}

/// Credentials are a token, or a login with a password; never both, never half.
fn either(frame: Authenticate) -> Result<Authenticate, BadFrame> {
    match (&frame.access_token, &frame.login, &frame.password) {
        (Some(_), None, None) | (None, Some(_), Some(_)) => Ok(frame),
        (Some(_), ..) => Err(bad(frame.id, "access_token", "cannot be given together with a login")),
        (None, Some(_), None) => Err(bad(frame.id, "password", "is missing")),
        (None, None, Some(_)) => Err(bad(frame.id, "login", "is missing")),
        (None, None, None) => Err(bad(frame.id, "access_token", "is missing")),
    }
}

/// Whether brackets outside of strings nest deeper than [`DEPTH`]. Looked at before anything is
/// parsed, so that no parser recurses as deep as a client wants.
fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use parlor_wire::PresenceChoice;

    use crate::frames::{Hello, Position, SetPresence, schema};

    const ID: &str = "01936c3e-7a00-7000-8000-000000000001";

    fn problem_with(text: &str) -> String {
        match parse(text) {
            Err(BadFrame::Field { field, .. }) => field,
            other => panic!("{text} gave {other:?}"),
        }
    }

    #[test]
    fn a_hello_is_read() {
        let text = format!(r#"{{"id": 1, "type": "hello", "cursors": [["{ID}", 41]], "window": 256}}"#);
        let cursors = vec![Position(ID.parse().unwrap(), 41)];
        assert_eq!(
            parse(&text),
            Ok(ClientFrame::Hello(Hello { id: 1, epoch: None, cursors, window: Some(256) }))
        );
    }

    #[test]
    fn a_choice_of_presence_is_read() {
        let frame = SetPresence { id: 7, state: PresenceChoice::DoNotDisturb };
        let text = r#"{"type":"presence","id":7,"state":"do_not_disturb"}"#;
        assert_eq!(parse(text), Ok(ClientFrame::Presence(frame)));
    }

    #[test]
    fn an_error_names_the_field() {
        assert_eq!(problem_with(r#"{"id":1}"#), "type");
        assert_eq!(problem_with(r#"{"id":1,"type":"dance"}"#), "type");
        assert_eq!(problem_with(r#"{"id":1,"type":"typing"}"#), "conversation");
        assert_eq!(problem_with(r#"{"id":1,"type":"typing","conversation":"x"}"#), "conversation");
        assert_eq!(problem_with(r#"{"id":1,"type":"presence","state":"asleep"}"#), "state");
        assert_eq!(problem_with(r#"{"id":1,"type":"hello","cursors":[["x",1]]}"#), "cursors[0][0]");
        assert_eq!(problem_with(r#"{"id":1,"type":"hello","window":-1}"#), "window");
        assert_eq!(problem_with(r#"{"id":1,"type":"authenticate"}"#), "access_token");
        assert_eq!(problem_with(r#"{"id":1,"type":"authenticate","login":"ana"}"#), "password");
    }

    #[test]
    fn fields_nobody_knows_are_refused() {
        let text = format!(r#"{{"id":1,"type":"read","conversation":"{ID}","seq":1,"user":"{ID}"}}"#);
        assert_eq!(problem_with(&text), "user");
    }

    #[test]
    fn what_has_no_id_cannot_be_answered() {
        for text in
            ["", "[]", "null", "{", r#"{"type":"hello"}"#, r#"{"id":-1,"type":"hello"}"#, r#"{"id":"1"}"#]
        {
            assert_eq!(parse(text), Err(BadFrame::NotAFrame), "{text}");
        }
    }

    #[test]
    fn t16_json_is_not_nested_deeper_than_sixteen_levels() {
        let nested =
            |depth: usize| format!(r#"{{"id":1,"type":"x","y":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert!(matches!(parse(&nested(15)), Err(BadFrame::Field { .. })));
        assert_eq!(parse(&nested(16)), Err(BadFrame::NotAFrame));
        assert_eq!(parse(&nested(30_000)), Err(BadFrame::NotAFrame));
        assert!(!is_too_deep(&format!(r#""{}\"{}""#, "[".repeat(20), "[".repeat(20))));
    }

    #[test]
    fn the_schema_and_the_reader_agree() {
        let validator = jsonschema::validator_for(&schema()["client"]).unwrap();
        let good = [
            format!(r#"{{"id":1,"type":"hello","cursors":[["{ID}",41]],"window":256}}"#),
            format!(
                r#"{{"id":1,"type":"message.send","conversation":"{ID}","client_id":"{ID}","body":"Hi"}}"#
            ),
            r#"{"id":1,"type":"ack","cursors":[]}"#.to_owned(),
            r#"{"id":1,"type":"authenticate","access_token":"t"}"#.to_owned(),
        ];
        for text in &good {
            assert!(parse(text).is_ok(), "{text}");
            assert!(validator.is_valid(&serde_json::from_str(text).unwrap()), "{text}");
        }
        for text in [r#"{"id":1,"type":"ack"}"#, r#"{"id":1,"type":"hello","more":1}"#, r#"{"type":"hello"}"#]
        {
            assert!(parse(text).is_err(), "{text}");
            assert!(!validator.is_valid(&serde_json::from_str(text).unwrap()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_arrives_is_read_or_refused(text in r#"[{}\[\]":,a-z0-9\\]{0,60}"#) {
            let _ = parse(&text);
        }

        #[test]
        fn whatever_values_fields_have_they_are_read_or_refused(
            kind in "authenticate|hello|message.send|message.edit|message.delete|reaction.set|ack|read|typing|presence",
            field in "conversation|cursors|seq|body|window|state|login",
            value in r#"null|-1|1e99|"x"|\[\[1\]\]|\{\}"#,
        ) {
            let _ = parse(&format!(r#"{{"id":1,"type":"{kind}","{field}":{value}}}"#));
        }
    }
}
