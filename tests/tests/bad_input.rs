//! What is not as it should be is refused, whatever it is, and changes nothing.

use std::time::Duration;

use parlor_tests::{Api, Document, Field, Operation, Person, Server, good_body, good_path, raw};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

struct World {
    server: Server,
    ana: Person,
    group: Uuid,
    message: Uuid,
    operations: Vec<Operation>,
}

impl World {
    async fn start() -> Self {
        let server = Server::start().await;
        let ana = server.person("ana").await;
        // What is for admins is refused to others before its body is looked at.
        let role = format!("/admin/users/{}/role", ana.id);
        server.admin().put(&role, serde_json::json!({"role": "admin"})).await.expect(200);
        let group = ana.create_group("Tea", "private", &[]).await;
        let message = ana.say_something(group).await;
        let operations = Document::of(&server.api()).await.operations();
        let operations = operations.into_iter().filter(|operation| operation.body.is_some()).collect();
        Self { server, ana, group, message, operations }
    }

    fn path(&self, operation: &Operation) -> String {
        let id = if operation.path.contains("/messages/{id}") { self.message } else { self.group };
        good_path(operation, id, self.ana.id)
    }

    /// Everything that a request could have changed.
    async fn state(&self) -> Vec<Value> {
        let ana = &self.ana;
        vec![
            ana.get("/users/me").await.expect(200),
            json!(ana.all("/users", 100).await),
            json!(ana.all("/groups", 100).await),
            json!(ana.all("/conversations", 100).await),
            json!(ana.log_of(self.group).await),
        ]
    }

    /// Sends an operation with a field changed, and expects that it is refused as it should be.
    async fn is_refused(&self, operation: &Operation, change: &str, body: Value) -> Value {
        let answer = self.ana.call(&operation.method, &self.path(operation), Some(body)).await;
        let what = format!("{} with {change}", operation.id);
        assert!((400..500).contains(&answer.status), "{what}: {} {}", answer.status, answer.text);
        answer.problem()
    }
}

/// Values of every other type than the field's.
fn wrong_values(field: &Field) -> Vec<Value> {
    let all = [json!(true), json!(1.5), json!("no such word"), json!([{}]), json!({"a": 1}), json!(-1)];
    let is_right = |value: &Value| match field.kind.as_str() {
        "string" => value.is_string() && !field.constrained,
        "boolean" => value.is_boolean(),
        _ => false,
    };
    let mut wrong: Vec<Value> = all.into_iter().filter(|value| !is_right(value)).collect();
    wrong.extend(field.required.then_some(Value::Null));
    wrong
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

#[tokio::test]
async fn t02_every_field_of_every_body_takes_nothing_of_another_type() {
    let world = World::start().await;
    for operation in &world.operations {
        let good = good_body(operation, &world.server, &world.ana).await.unwrap();
        let before = world.state().await;
        for field in operation.body.iter().flatten() {
            for value in wrong_values(field) {
                let change = format!("{} = {value}", field.name);
                let problem = world.is_refused(operation, &change, with(&good, &field.name, value)).await;
                assert_eq!(problem["status"], 400, "{} with {change}: {problem}", operation.id);
            }
        }
        assert_eq!(world.state().await, before, "{} changed something", operation.id);
    }
}

#[tokio::test]
async fn t02_every_field_that_is_needed_is_asked_for() {
    let world = World::start().await;
    for operation in &world.operations {
        let good = good_body(operation, &world.server, &world.ana).await.unwrap();
        let before = world.state().await;
        for field in operation.body.iter().flatten().filter(|field| field.required) {
            let mut body = good.clone();
            body.as_object_mut().unwrap().remove(&field.name);
            let problem = world.is_refused(operation, &format!("no {}", field.name), body).await;
            let text = problem.to_string();
            assert!(text.contains(&field.name), "{} does not name {}: {text}", operation.id, field.name);
        }
        assert_eq!(world.state().await, before, "{} changed something", operation.id);
    }
}

#[tokio::test]
async fn t02_no_body_takes_a_field_that_it_does_not_know() {
    let world = World::start().await;
    for operation in &world.operations {
        let good = good_body(operation, &world.server, &world.ana).await.unwrap();
        let before = world.state().await;
        for extra in
            ["colour", "is_admin", "user_id", "status", "created_at", "actor", "__proto__", "Name", ""]
        {
            let problem = world.is_refused(operation, extra, with(&good, extra, json!("x"))).await;
            assert_eq!(
                (&problem["status"], &problem["code"]),
                (&json!(400), &json!("invalid_request")),
                "{extra}"
            );
        }
        assert_eq!(world.state().await, before, "{} changed something", operation.id);
    }
}

#[tokio::test]
async fn t16_no_field_takes_a_megabyte() {
    let world = World::start().await;
    let megabyte = "x".repeat(1 << 20);
    let mut refused = 0;
    for operation in &world.operations {
        let good = good_body(operation, &world.server, &world.ana).await.unwrap();
        let before = world.state().await;
        for field in operation.body.iter().flatten() {
            let value = if field.kind == "array" { json!([megabyte]) } else { json!(megabyte) };
            let body = Some(with(&good, &field.name, value));
            // Who still writes when the server has answered may find the connection closed.
            let api = Api::at(world.server.address()).bearer(&world.ana.access_token);
            if let Ok(answer) = api.try_call(&operation.method, &world.path(operation), body).await {
                answer.refused(413, "too_large");
                refused += 1;
            }
            // Below the limit of the body it is the field's own limit that counts.
            if field.kind == "string" {
                let long = json!("x".repeat(60_000));
                world
                    .is_refused(operation, &format!("a long {}", field.name), with(&good, &field.name, long))
                    .await;
            }
        }
        assert_eq!(world.state().await, before, "{} changed something", operation.id);
    }
    assert!(refused >= 20, "only {refused} fields were refused with an answer");
}

#[tokio::test]
async fn t30_control_characters_are_refused_or_taken_out() {
    let world = World::start().await;
    let evil = "a\u{0}b\u{1b}[31mc\u{202e}d\u{7f}e";
    for operation in &world.operations {
        let good = good_body(operation, &world.server, &world.ana).await.unwrap();
        let texts =
            operation.body.iter().flatten().filter(|field| field.kind == "string" && !field.constrained);
        for field in texts {
            let body = with(&good, &field.name, json!(evil));
            let answer = world.ana.call(&operation.method, &world.path(operation), Some(body)).await;
            assert!(answer.status < 500, "{} {}: {}", operation.id, field.name, answer.text);
        }
    }
    let stored = json!(world.state().await).to_string();
    for forbidden in ["\\u0000", "\\u001b", "\u{202e}", "\u{7f}"] {
        assert!(!stored.contains(forbidden), "{forbidden:?} was stored: {stored}");
    }
}

#[tokio::test]
async fn what_is_no_json_object_is_no_body() {
    let world = World::start().await;
    let before = world.state().await;
    for operation in &world.operations {
        let path = world.path(operation);
        for (kind, body, statuses) in [
            ("application/json", "", [400, 400]),
            ("application/json", "{", [400, 400]),
            ("application/json", "[]", [400, 400]),
            ("application/json", "null", [400, 400]),
            ("application/json", "\"x\"", [400, 400]),
            ("application/json", "{}{}", [400, 400]),
            ("application/json", "{\"a\":1,}", [400, 400]),
            ("application/json", "\u{feff}{}", [400, 400]),
            ("text/plain", "{}", [415, 400]),
            ("application/xml", "<a/>", [415, 400]),
            ("application/x-www-form-urlencoded", "name=x", [415, 400]),
        ] {
            let request = format!(
                "{} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {kind}\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                operation.method,
                world.ana.access_token,
                body.len()
            );
            let answer = raw(world.server.address(), request.as_bytes()).await;
            let is_problem = answer.text.to_lowercase().contains("content-type: application/problem+json");
            assert!(
                statuses.contains(&answer.status) && is_problem,
                "{} {kind} {body}: {}",
                operation.id,
                answer.text
            );
        }
    }
    assert_eq!(world.state().await, before);
}

#[tokio::test]
async fn t16_json_is_sixteen_levels_deep_at_most() {
    let world = World::start().await;
    for operation in &world.operations {
        for depth in [17, 1_000, 30_000] {
            let mut body = format!("{{\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
            body.truncate(60_000);
            let request = format!(
                "{} {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                operation.method,
                world.path(operation),
                world.ana.access_token,
                body.len()
            );
            let answer = raw(world.server.address(), request.as_bytes()).await;
            assert!(
                answer.status == 400 && answer.text.contains("16"),
                "{} {depth}: {}",
                operation.id,
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn numbers_that_do_not_fit_are_refused() {
    let world = World::start().await;
    let path = format!("/api/v1/conversations/{}/read", world.group);
    for number in [
        "-1",
        "1.5",
        "1e400",
        "18446744073709551616",
        "99999999999999999999999999",
        "1e3",
        "0x1",
        "NaN",
        "\"1\"",
    ] {
        let body = format!("{{\"seq\":{number}}}");
        let request = format!(
            "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            world.ana.access_token,
            body.len()
        );
        let answer = raw(world.server.address(), request.as_bytes()).await;
        assert_eq!(answer.status, 400, "{number}: {}", answer.text);
    }
}

#[tokio::test]
async fn f03_two_hundred_megabytes_in_pieces_are_refused_early_and_take_no_memory() {
    let world = World::start().await;
    let before = world.server.resident_kib();
    let mut stream = TcpStream::connect(world.server.address()).await.unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let answer = tokio::spawn(async move {
        let mut answer = vec![0; 4_096];
        let length = reading.read(&mut answer).await.unwrap_or(0);
        String::from_utf8_lossy(&answer[..length]).into_owned()
    });
    let piece = format!("10000\r\n{}\r\n", "x".repeat(65_536));
    let mut written = 0_u64;
    while written < 200 << 20 && writing.write_all(piece.as_bytes()).await.is_ok() {
        written += 65_536;
        if answer.is_finished() {
            break;
        }
    }
    let answer = tokio::time::timeout(Duration::from_secs(10), answer).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "after {written} bytes: {answer}");
    let grown = world.server.resident_kib().saturating_sub(before);
    assert!(grown < 5 * 1_024, "the server took {grown} KiB more");
    assert!(written < 20 << 20, "{written} bytes were read before it answered");
}

#[tokio::test]
async fn f03_a_declared_length_is_believed_before_anything_is_read() {
    let world = World::start().await;
    for length in ["65537", "209715200", "18446744073709551615"] {
        let request = format!(
            "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        let answer = raw(world.server.address(), request.as_bytes()).await;
        assert!(matches!(answer.status, 413 | 431 | 400), "{length}: {}", answer.text);
    }
}

#[tokio::test]
async fn requests_that_are_no_http_do_no_harm() {
    // Half a request is waited for only so long.
    let server = Server::start_with(&[("PARLOR_SERVER_HEADER_TIMEOUT_SECONDS", "1")]).await;
    for request in [
        &b"\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nx: \x00\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\nconnection: close\r\n\r\nabcde",
        b"GET /api/v1/\xff\xfe HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    ] {
        let answer = raw(server.address(), request).await;
        assert!(answer.status < 500, "{}: {}", String::from_utf8_lossy(request), answer.text);
    }
    server.admin().get("/users/me").await.expect(200);
}
