//! How a stream is opened, and for whom.

use parlor_tests::{Document, Opening, PASSWORD, Server, Socket, new_id, raw};
use serde_json::{Value, json};

#[tokio::test]
async fn a_stream_opens_with_an_access_token() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let socket = ana.open_stream().await;
    let ready = socket.hello(json!({})).await;
    assert_eq!(ready["me"], ana.get("/users/me").await.expect(200));
    assert_eq!(ready["epoch"], ana.get("/sync").await.expect(200)["epoch"]);
    let listed = ana.get("/conversations").await.expect(200);
    let lobby = &ready["conversations"][0];
    assert_eq!(
        (lobby["id"].clone(), ready["conversations"].as_array().map(Vec::len)),
        (listed["items"][0]["id"].clone(), Some(1))
    );
    assert_eq!(ready["heartbeat_ms"], 25_000);
    let expected =
        json!({"message_length": 8000, "frame_bytes": 65536, "window": 256, "typing_interval_ms": 3000});
    assert_eq!(ready["limits"], expected);
    assert!(ready["session"].is_string(), "{ready}");
}

#[tokio::test]
async fn a_stream_opens_by_its_first_frame() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let socket = Socket::open(server.address(), &Opening::anonymous()).await;
    socket.done("authenticate", json!({"access_token": ana.access_token})).await;
    assert_eq!(socket.hello(json!({})).await["me"]["username"], "ana");
    let again = json!({"access_token": ana.access_token});
    socket.refused("authenticate", again, "invalid_request").await;
    socket.settle().await;
}

#[tokio::test]
async fn a_stream_opens_by_a_login_and_its_password() {
    let server = Server::start().await;
    server.person("ana").await;
    let socket = Socket::open(server.address(), &Opening::anonymous()).await;
    let wrong = json!({"login": "ana", "password": "wrong password"});
    socket.refused("authenticate", wrong, "wrong_credentials").await;
    socket.done("authenticate", json!({"login": "ANA", "password": PASSWORD})).await;
    assert_eq!(socket.hello(json!({})).await["me"]["username"], "ana");
}

#[tokio::test]
async fn until_somebody_is_known_only_authenticate_is_taken() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let lobby = ana.lobby().await;
    let socket = Socket::open(server.address(), &Opening::anonymous()).await;
    for (kind, fields) in [
        ("hello", json!({})),
        ("message.send", json!({"conversation": lobby, "client_id": new_id(), "body": "x"})),
        ("ack", json!({"cursors": []})),
        ("read", json!({"conversation": lobby, "seq": 1})),
        ("typing", json!({"conversation": lobby})),
        ("presence", json!({"state": "away"})),
    ] {
        socket.refused(kind, fields, "unauthenticated").await;
    }
    for token in ["", "x", &ana.refresh_token, &ana.access_token[1..]] {
        socket.refused("authenticate", json!({"access_token": token}), "unauthenticated").await;
    }
    socket.done("authenticate", json!({"access_token": ana.access_token})).await;
    assert_eq!(ana.log_of(lobby).await.len(), 2);
}

#[tokio::test]
async fn bad_credentials_at_the_upgrade_open_nothing() {
    let server = Server::start().await;
    for opening in [
        Opening::bearer("x"),
        Opening::bearer(""),
        Opening::anonymous().with("authorization", "Basic YW5hOmFuYQ=="),
        Opening::anonymous().with("cookie", "__Host-session=x").with("origin", &server.origin()),
    ] {
        let refusal = Socket::try_open(server.address(), &opening).await.unwrap_err();
        assert_eq!((refusal.status, &refusal.body["code"]), (401, &json!("unauthenticated")), "{opening:?}");
    }
}

#[tokio::test]
async fn a_stream_speaks_its_own_subprotocol_only() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for offered in [None, Some("parlor.v2"), Some("PARLOR.V1"), Some("graphql-ws")] {
        let mut opening = Opening::bearer(&ana.access_token);
        opening.subprotocol = offered.map(str::to_owned);
        let refusal = Socket::try_open(server.address(), &opening).await.unwrap_err();
        assert_eq!(refusal.status, 400, "{offered:?}");
    }
    let mut opening = Opening::bearer(&ana.access_token);
    opening.subprotocol = Some("parlor.v1, chat".into());
    let socket = Socket::open(server.address(), &opening).await;
    socket.hello(json!({})).await;
}

#[tokio::test]
async fn a_plain_request_is_told_to_upgrade() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    ana.get("/realtime").await.refused(426, "upgrade_required");
    let old = format!(
        "GET /api/v1/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\
         sec-websocket-version: 8\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nauthorization: Bearer {}\r\n\r\n",
        ana.access_token
    );
    assert_eq!(raw(server.address(), old.as_bytes()).await.status, 426);
}

#[tokio::test]
async fn t09_a_token_in_the_address_is_refused() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for name in ["token", "access_token", "api-key", "api_key", "Access-Token", "jwt", "session", "password"]
    {
        let path = format!("/api/v1/users/me?{name}={}", ana.access_token);
        server.api().call("GET", &path, None).await.refused(400, "invalid_request");
        let stream = format!(
            "GET /api/v1/realtime?{name}={} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: parlor.v1\r\nconnection: close\r\n\r\n",
            ana.access_token
        );
        assert_eq!(raw(server.address(), stream.as_bytes()).await.status, 400, "{name}");
    }
    let parameters =
        Document::of(&server.api()).await.operations().into_iter().flat_map(|operation| operation.query);
    for name in parameters {
        assert!(!name.contains("token") && !name.contains("key"), "{name} asks for a secret in the address");
    }
}

#[tokio::test]
async fn who_does_not_say_who_they_are_is_shown_out() {
    let server = Server::start_with(&[("PARLOR_REALTIME_AUTHENTICATE_SECONDS", "1")]).await;
    let ana = server.person("ana").await;
    let known = ana.connect().await;
    let silent = Socket::open(server.address(), &Opening::anonymous()).await;
    let wrong = Socket::open(server.address(), &Opening::anonymous()).await;
    wrong.refused("authenticate", json!({"access_token": "x"}), "unauthenticated").await;
    for socket in [&silent, &wrong] {
        let code = socket.closed().await;
        assert!((4400..4600).contains(&code), "closed with {code}");
    }
    known.settle().await;
}

#[tokio::test]
async fn t17_a_person_has_only_so_many_streams() {
    let server = Server::start_with(&[("PARLOR_LIMITS_SOCKETS_PER_USER", "3")]).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let mut sockets = Vec::new();
    for _ in 0..3 {
        sockets.push(ana.connect().await);
    }
    let fourth = Socket::try_open(server.address(), &Opening::bearer(&ana.access_token)).await;
    match fourth {
        Ok(socket) => assert_eq!(socket.closed().await, 4429),
        Err(refusal) => assert_eq!(refusal.status, 429, "{refusal:?}"),
    }
    for socket in &sockets {
        socket.settle().await;
    }
    bob.connect().await.settle().await;
    // A place that gets free can be taken.
    drop(sockets.pop());
    parlor_tests::eventually("there is room again", async || {
        let socket = Socket::try_open(server.address(), &Opening::bearer(&ana.access_token)).await.ok()?;
        let id = socket.send("hello", json!({})).await;
        let mut socket = socket;
        socket.next().await.filter(|frame| frame["re"] == id)
    })
    .await;
}

#[tokio::test]
async fn t17_one_address_has_only_so_many_streams_of_strangers() {
    let server = Server::start_with(&[("PARLOR_LIMITS_UNAUTHENTICATED_SOCKETS_PER_IP", "3")]).await;
    let ana = server.person("ana").await;
    let mut strangers = Vec::new();
    for _ in 0..3 {
        strangers.push(Socket::open(server.address(), &Opening::anonymous()).await);
    }
    match Socket::try_open(server.address(), &Opening::anonymous()).await {
        Ok(socket) => assert_eq!(socket.closed().await, 4429),
        Err(refusal) => assert_eq!(refusal.status, 429, "{refusal:?}"),
    }
    ana.connect().await.settle().await;
    strangers[0].done("authenticate", json!({"access_token": ana.access_token})).await;
    let another = Socket::open(server.address(), &Opening::anonymous()).await;
    another.done("authenticate", json!({"access_token": ana.access_token})).await;
}

#[tokio::test]
async fn hello_is_for_the_beginning_and_within_bounds() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let socket = ana.open_stream().await;
    let many: Vec<Value> = (0..501).map(|_| json!([new_id(), 1])).collect();
    for (fields, field) in [
        (json!({"window": 0}), "window"),
        (json!({"window": 257}), "window"),
        (json!({"cursors": many}), "cursors"),
        (json!({"epoch": "x"}), "epoch"),
    ] {
        let answer = socket.refused("hello", fields, "invalid_request").await;
        assert_eq!(answer["field"], field, "{answer}");
    }
    let ready = socket.hello(json!({"window": 1, "cursors": many[..500]})).await;
    assert_eq!(ready["limits"]["window"], 1);
}
