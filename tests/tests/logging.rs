//! What stands in the log, and what never does.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::Path;

use parlor_tests::{Opening, PASSWORD, Person, Server, Socket, new_id, raw};
use serde_json::{Value, json};

/// The text of every file below a folder.
fn everything_in(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        bytes.extend(if path.is_dir() { everything_in(&path) } else { fs::read(&path).unwrap() });
    }
    bytes
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What somebody has and does that is nobody else's business.
async fn use_everything(server: &Server) -> Vec<String> {
    let password = "canary password 91";
    let body = json!({"username": "ana", "name": "Ana", "password": password, "email": "canary@example.org"});
    let ana = Person::signed_in(&server.api(), &server.api().post("/auth/register", body).await.expect(201));
    let cookie = json!({"login": "ana", "password": password, "session": "cookie"});
    let cookie = server.api().post("/auth/login", cookie).await;
    let cookie =
        cookie.header("set-cookie").and_then(|header| header.split([';', '=']).nth(1)).unwrap().to_owned();
    let made =
        server.api().post("/auth/register", json!({"username": "bob", "name": "Bob"})).await.expect(201);
    let generated = made["generated_password"].as_str().unwrap().to_owned();
    let pair =
        server.api().post("/auth/refresh", json!({"refresh_token": ana.refresh_token})).await.expect(200);
    let secrets = vec![
        password.to_owned(),
        cookie.clone(),
        generated,
        ana.access_token.clone(),
        ana.refresh_token.clone(),
        pair["access_token"].as_str().unwrap().to_owned(),
        pair["refresh_token"].as_str().unwrap().to_owned(),
    ];

    // Every way to present them, also the wrong ones.
    for secret in &secrets {
        server
            .api()
            .get(&format!("/users/me?access_token={}", secret.replace(' ', "%20")))
            .await
            .refused(400, "invalid_request");
        server.api().get(&format!("/nothing/{}", secret.replace(' ', "%20"))).await.refused(404, "not_found");
        server.api().bearer(secret).get("/users/me").await;
        server.api().post("/auth/login", json!({"login": secret, "password": secret})).await;
        server.api().post("/auth/refresh", json!({"refresh_token": format!("{secret}x")})).await;
        let _ = Socket::try_open(server.address(), &Opening::bearer(secret)).await;
        let socket = Socket::open(server.address(), &Opening::anonymous()).await;
        socket.request("authenticate", json!({"access_token": secret})).await;
    }
    let origin = server.origin();
    let opening =
        Opening::anonymous().with("cookie", &format!("__Host-session={cookie}")).with("origin", &origin);
    Socket::open(server.address(), &opening).await.hello(json!({})).await;
    let note = ana.direct_with(&ana).await;
    ana.say(note, "canary message 17").await;
    ana.all("/users?search=canarysearch", 10).await;
    secrets
}

#[tokio::test]
async fn t09_no_secret_is_in_the_log_or_in_the_clear_on_the_disk() {
    let mut server = Server::start_with(&[("PARLOR_LOG_FILTER", "debug")]).await;
    let secrets = use_everything(&server).await;
    let log = server.log().clone();
    server.terminate();
    server.ended(std::time::Duration::from_secs(10)).await;
    let (log, disk) = (log.lines().join("\n"), everything_in(server.data()));
    for secret in secrets.iter().map(String::as_str).chain([PASSWORD]) {
        assert!(!log.contains(secret), "{secret} is in the log");
        assert!(!contains(&disk, secret), "{secret} is on the disk");
    }
    for private in ["canary message", "canary@example.org", "canarysearch"] {
        assert!(!log.contains(private), "{private} is in the log");
    }
}

#[tokio::test]
async fn t31_every_line_of_the_log_is_one_event() {
    let server = Server::start().await;
    let evil = [
        "x\u{1b}[31m",
        "x\\r\\nERROR forged",
        "x%0d%0aERROR%20forged",
        "%1b[31mred",
        "x\u{9b}31m",
        "{\"level\":\"ERROR\"}",
    ];
    let before = requests(&server);
    for text in evil {
        let path = text.replace(' ', "%20").replace(['{', '}', '"'], "%22");
        let request = format!(
            "GET /api/v1/{path} HTTP/1.1\r\nhost: {text}\r\nuser-agent: {text}\r\nreferer: {text}\r\n\
             x-forwarded-for: {text}\r\nconnection: close\r\n\r\n"
        );
        let answer = raw(server.address(), request.as_bytes()).await;
        assert!(answer.status < 500, "{text}: {}", answer.text);
    }
    let odd =
        raw(server.address(), b"F\xc3\xb6RGED / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(odd.status < 500, "{}", odd.text);
    for name in ["a\nERROR forged", "a\u{1b}[31m", "a\u{2028}b"] {
        let body = json!({"username": "ana\n", "name": name, "password": PASSWORD});
        assert!(server.api().post("/auth/register", body.clone()).await.status < 500);
        assert!(
            server.api().post("/auth/login", json!({"login": name, "password": name})).await.status < 500
        );
    }
    // The last request's line is the last one to come.
    let id = server.api().get("/server").await.header("x-request-id").unwrap().to_owned();
    server.log().event("the last request", |event| event["request_id"] == id.as_str()).await;
    for line in server.log().lines() {
        let event: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line} is no event: {error}"));
        assert!(event["level"].is_string() && event["timestamp"].is_string(), "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(event["message"].as_str().is_none_or(|text| !text.starts_with("ERROR")), "{line}");
    }
    assert!(requests(&server) > before + 6, "requests are missing in the log");
}

fn requests(server: &Server) -> usize {
    server.log().events().iter().filter(|event| event["target"] == "parlor::access").count()
}

#[tokio::test]
async fn a_request_is_logged_by_its_route_with_who_asked() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let nobody = new_id();
    let answer = ana.get(&format!("/users/{nobody}")).await;
    let id = answer.header("x-request-id").unwrap().to_owned();
    let event = server.log().event("the request", |event| event["request_id"] == id.as_str()).await;
    assert_eq!((&event["method"], &event["status"]), (&json!("GET"), &json!(404)));
    assert_eq!(event["user"], ana.id.to_string());
    let route = event["route"].as_str().unwrap();
    assert!(route.starts_with("/api/v1/users/") && !route.contains(&nobody.to_string()), "{route}");
    assert!(event["milliseconds"].is_u64(), "{event}");
    assert!(!event.to_string().contains("127.0.0.1"), "whom an address belongs to is not for the log");
}
