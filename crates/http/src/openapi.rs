//! The API's description for machines.

use serde_json::Value;

/// The OpenAPI document of the API.
pub fn openapi() -> String {
    let spec = crate::api().spec();
    // The document is made by code; one that is no JSON would be seen by every test.
    let Ok(mut document) = serde_json::from_str::<Value>(&spec) else { return spec };
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        for (name, schema) in schemas {
            let omitted =
                OMITTED.iter().find(|(shape, _)| shape == name).map_or(&[] as &[&str], |(_, fields)| fields);
            allow_null(schema, |field| name.ends_with("Request") || omitted.contains(&field));
        }
    }
    format!("{document:#}")
}

/// What answers leave out when it is not there; everything else they write as null.
const OMITTED: [(&str, &[&str]); 9] = [
    (
        "Entry",
        &[
            "message",
            "subject",
            "name",
            "description",
            "visibility",
            "picture",
            "role",
            "until",
            "retention",
            "target",
            "emoji",
        ],
    ),
    ("Conversation", &["retention"]),
    ("AppliedRetention", &["messages_days", "files_days", "own"]),
    ("Message", &["files", "forwarded", "thread", "replies", "mentions", "changes"]),
    ("Target", &["body", "files", "thread", "mentions"]),
    ("File", &["width", "height", "duration_ms", "waveform", "placeholder"]),
    ("Problem", &["errors", "retry_after_ms", "ban", "max_bytes", "left_bytes"]),
    (
        "SignedInBody",
        &["access_token", "refresh_token", "expires_in", "generated_password", "recovery_codes"],
    ),
    ("RenewedSession", &["access_token", "refresh_token", "expires_in"]),
];

/// Says of each optional field that it may be null, and, unless it `may_miss`, that it is always
/// written.
fn allow_null(schema: &mut Value, may_miss: impl Fn(&str) -> bool) {
    let mut required = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    for (name, property) in properties {
        if !required.iter().any(|field| field == name)
            && let Some(property) = property.as_object_mut()
        {
            property.insert("nullable".into(), true.into());
            if !may_miss(name) {
                required.push(name.clone().into());
            }
        }
    }
    schema["required"] = required.into();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answers_optional_value_is_always_there_and_may_be_null() {
        let document: Value = serde_json::from_str(&openapi()).unwrap();
        let account = &document["components"]["schemas"]["Account"];
        assert_eq!(account["properties"]["email"]["nullable"], true);
        assert_eq!(account["properties"]["name"].get("nullable"), None);
        assert!(account["required"].as_array().unwrap().contains(&"email".into()));
        let entry = &document["components"]["schemas"]["Entry"];
        let required = entry["required"].as_array().unwrap();
        assert!(required.contains(&"actor".into()) && !required.contains(&"message".into()));
    }
}
