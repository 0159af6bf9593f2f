//! The stream's description for machines.

use serde_json::{Map, Value, json};

/// The AsyncAPI document of the stream, with the JSON Schemas of its frames.
pub fn asyncapi() -> String {
    let frames = parlor_realtime::frames::schema();
    let mut schemas = Map::new();
    let mut messages = Map::new();
    for (side, name, summary) in [
        ("client", "ClientFrame", "A frame from the client, answered by one `ok`, `ready` or `error`."),
        ("server", "ServerFrame", "A frame from the server."),
    ] {
        let mut schema = frames[side].clone();
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("$schema");
            if let Some(Value::Object(definitions)) = schema.remove("$defs") {
                schemas.extend(definitions);
            }
        }
        schemas.insert(name.into(), schema);
        messages.insert(
            name.into(),
            json!({
                "name": name,
                "summary": summary,
                "contentType": "application/json",
                "payload": { "$ref": format!("#/components/schemas/{name}") },
            }),
        );
    }
    let message = |name: &str| json!([{ "$ref": format!("#/channels/stream/messages/{name}") }]);
    let document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parlor's stream",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A WebSocket with the subprotocol parlor.v1 and UTF-8 JSON text frames. \
                docs/protocol.md says how they are used.",
        },
        "channels": {
            "stream": {
                "address": "/api/v1/realtime",
                "messages": {
                    "ClientFrame": { "$ref": "#/components/messages/ClientFrame" },
                    "ServerFrame": { "$ref": "#/components/messages/ServerFrame" },
                },
            },
        },
        "operations": {
            "take": {
                "action": "receive",
                "channel": { "$ref": "#/channels/stream" },
                "summary": "What the server takes from clients.",
                "messages": message("ClientFrame"),
            },
            "tell": {
                "action": "send",
                "channel": { "$ref": "#/channels/stream" },
                "summary": "What the server tells clients.",
                "messages": message("ServerFrame"),
            },
        },
        "components": { "messages": messages, "schemas": schemas },
    });
    // Definitions move from within each schema to the document's components.
    format!("{document:#}").replace("#/$defs/", "#/components/schemas/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` within the document.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document: Value = serde_json::from_str(&asyncapi()).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 10);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }
}
