//! Frames that are wrong, too large, or too many.

use std::time::{Duration, Instant};

use parlor_tests::{Person, Server, Socket, new_id};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

async fn connected(settings: &[(&str, &str)]) -> (Server, Person, Socket) {
    let server = Server::start_with(settings).await;
    let ana = server.person("ana").await;
    let socket = ana.connect().await;
    (server, ana, socket)
}

#[tokio::test]
async fn a_frame_that_is_wrong_is_answered_with_the_field_at_fault() {
    let (_server, ana, socket) = connected(&[]).await;
    let id = new_id();
    let before = ana.get("/sync").await.expect(200);
    let cases = [
        (json!({}), "type"),
        (json!({"type": 1}), "type"),
        (json!({"type": "dance"}), "type"),
        (json!({"type": "message.shout"}), "type"),
        (json!({"type": "hello", "more": 1}), "more"),
        (json!({"type": "hello", "cursors": "x"}), "cursors"),
        (json!({"type": "hello", "window": "x"}), "window"),
        (json!({"type": "hello", "window": -1}), "window"),
        (json!({"type": "hello", "window": 65_536}), "window"),
        (json!({"type": "message.send", "client_id": id, "body": "x"}), "conversation"),
        (json!({"type": "message.send", "conversation": "x", "client_id": id, "body": "x"}), "conversation"),
        (json!({"type": "message.send", "conversation": id, "body": "x"}), "client_id"),
        (json!({"type": "message.send", "conversation": id, "client_id": 5, "body": "x"}), "client_id"),
        (json!({"type": "message.send", "conversation": id, "client_id": id}), "body"),
        (json!({"type": "message.send", "conversation": id, "client_id": id, "body": null}), "body"),
        (json!({"type": "message.send", "conversation": id, "client_id": id, "body": ["x"]}), "body"),
        (
            json!({"type": "message.send", "conversation": id, "client_id": id, "body": "x", "reply_to": 1}),
            "reply_to",
        ),
        (
            json!({"type": "message.send", "conversation": id, "client_id": id, "body": "x", "actor": id}),
            "actor",
        ),
        (json!({"type": "ack"}), "cursors"),
        (json!({"type": "ack", "cursors": {}}), "cursors"),
        (json!({"type": "ack", "cursors": [[id, 1, 2]]}), "cursors"),
        (json!({"type": "ack", "cursors": [[id, -1]]}), "cursors"),
        (json!({"type": "ack", "cursors": vec![json!([id, 1]); 501]}), "cursors"),
        (json!({"type": "read", "conversation": id}), "seq"),
        (json!({"type": "read", "conversation": id, "seq": 1.5}), "seq"),
        (json!({"type": "read", "conversation": id, "seq": 1, "user": id}), "user"),
        (json!({"type": "typing"}), "conversation"),
        (json!({"type": "presence", "state": "asleep"}), "state"),
        (json!({"type": "presence"}), "state"),
        (json!({"type": "authenticate"}), "access_token"),
    ];
    for (number, (mut frame, field)) in (1_000_u64..).zip(cases) {
        frame["id"] = json!(number);
        socket.send_text(&frame.to_string()).await;
        let answer = socket.answer(number).await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&json!("error"), &json!("invalid_request")),
            "{frame}"
        );
        let named = answer["field"].as_str().unwrap_or_else(|| panic!("{frame}: {answer} names no field"));
        assert!(named == field || named.starts_with(&format!("{field}[")), "{frame}: {named} is not {field}");
        assert!(answer["message"].is_string() && answer["retryable"] == false, "{answer}");
    }
    assert_eq!(ana.get("/sync").await.expect(200)["conversations"], before["conversations"]);
    socket.settle().await;
}

#[tokio::test]
async fn a_message_that_cannot_be_stored_is_refused_with_its_field() {
    let (_server, ana, socket) = connected(&[]).await;
    let lobby = ana.lobby().await;
    let last_seq = ana.conversation(lobby).await["last_seq"].clone();
    let too_long = "x".repeat(8_001);
    for body in ["", " ", "\u{7}", too_long.as_str()] {
        let fields = json!({"conversation": lobby, "client_id": new_id(), "body": body});
        assert_eq!(socket.refused("message.send", fields, "invalid_fields").await["field"], "body");
    }
    let fields = json!({"conversation": lobby, "client_id": new_id(), "body": "x", "reply_to": new_id()});
    assert_eq!(socket.refused("message.send", fields, "invalid_fields").await["field"], "reply_to");
    let nowhere = json!({"conversation": new_id(), "client_id": new_id(), "body": "x"});
    socket.refused("message.send", nowhere, "not_found").await;
    assert_eq!(ana.conversation(lobby).await["last_seq"], last_seq);
}

#[tokio::test]
async fn what_is_no_frame_ends_the_connection_and_nothing_else() {
    let (server, ana, witness) = connected(&[]).await;
    let deep = format!(r#"{{"id":1,"type":"hello","x":{}{}}}"#, "[".repeat(17), "]".repeat(17));
    let very_deep = "[".repeat(60_000);
    for text in [
        "",
        "hello",
        "[]",
        "null",
        "{",
        r#"{"type":"hello"}"#,
        r#"{"id":-1,"type":"hello"}"#,
        &deep,
        &very_deep,
    ] {
        let socket = ana.connect().await;
        socket.send_text(text).await;
        assert_eq!(socket.closed().await, 4504, "{text:.40}");
    }
    let socket = ana.connect().await;
    socket.send_message(Message::binary(vec![1, 2, 3])).await;
    assert_eq!(socket.closed().await, 4504, "a binary frame");
    witness.settle().await;
    drop(server);
}

#[tokio::test]
async fn t16_an_oversized_frame_ends_the_connection_and_takes_no_memory() {
    let (server, ana, witness) = connected(&[]).await;
    let lobby = ana.lobby().await;
    // As large as a frame may be, with the longest message in it.
    let mut fields = json!({"conversation": lobby, "client_id": new_id(), "body": "x".repeat(8_000), "id": 77, "type": "message.send"});
    let padding = " ".repeat(65_536 - fields.to_string().len());
    witness.send_text(&format!("{padding}{fields}")).await;
    assert_eq!(witness.answer(77).await["type"], "ok");

    let before = server.resident_kib();
    fields["client_id"] = json!(new_id());
    for length in [65_537, 1 << 20, 32 << 20] {
        let socket = ana.connect().await;
        let padding = " ".repeat(length - fields.to_string().len());
        socket.send_text(&format!("{padding}{fields}")).await;
        let code = socket.closed().await;
        // A client that is still writing may find the connection gone instead of a code.
        assert!(matches!(code, 1006 | 1009 | 4504), "{length} bytes: {code}");
    }
    let grown = server.resident_kib().saturating_sub(before);
    assert!(grown < 8 * 1_024, "the server took {grown} KiB more");
    witness.settle().await;
    assert_eq!(ana.log_of(lobby).await.iter().filter(|entry| entry["kind"] == "message").count(), 1);
}

#[tokio::test]
async fn t32_too_many_commands_are_refused_and_later_taken() {
    let settings = [("PARLOR_LIMITS_COMMANDS_PER_SECOND", "10"), ("PARLOR_LIMITS_COMMAND_BURST", "20")];
    let (_server, _ana, socket) = connected(&settings).await;
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(socket.send("presence", json!({"state": "online"})).await);
    }
    let mut refused = Vec::new();
    for id in ids {
        let answer = socket.answer(id).await;
        if answer["type"] == "error" {
            assert_eq!((&answer["code"], &answer["retryable"]), (&json!("rate_limited"), &json!(true)));
            refused.push(answer["retry_after_ms"].as_u64().unwrap());
        }
    }
    assert!(refused.len() >= 30, "only {} of 60 were refused", refused.len());
    assert!(refused.iter().all(|wait| (1..=10_000).contains(wait)), "{refused:?}");
    parlor_tests::eventually("a command is taken again", async || {
        let answer = socket.request("presence", json!({"state": "online"})).await;
        (answer["type"] == "ok").then_some(())
    })
    .await;
}

#[tokio::test]
async fn who_does_not_stop_is_shown_out() {
    let settings = [("PARLOR_LIMITS_COMMANDS_PER_SECOND", "1"), ("PARLOR_LIMITS_COMMAND_BURST", "1")];
    let (_server, ana, socket) = connected(&settings).await;
    for _ in 0..1_000 {
        socket.send("presence", json!({"state": "online"})).await;
    }
    assert_eq!(socket.closed().await, 4413);
    let bye = socket.frames_of("bye");
    assert_eq!(bye.len(), 1, "{bye:?}");
    assert_eq!(bye[0]["code"], 4413);
    ana.open_stream().await;
}

#[tokio::test]
async fn t17_half_a_request_does_not_hold_a_connection_for_ever() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let server = Server::start_with(&[("PARLOR_SERVER_HEADER_TIMEOUT_SECONDS", "1")]).await;
    let start = Instant::now();
    let mut slow = Vec::new();
    for _ in 0..100 {
        let mut stream = tokio::net::TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(b"GET /api/v1/server HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
        slow.push(stream);
    }
    server.api().get("/server").await.expect(200);
    for mut stream in slow {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(8), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "a connection with half a request is still open");
    }
    assert!(start.elapsed() < Duration::from_secs(8), "it took {:?}", start.elapsed());
}
