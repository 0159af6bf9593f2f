//! The first start: how a server gets its first admin.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use parlor_tests::{Answer, PASSWORD, Person, Server, setup_body};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn t01_of_fifty_who_set_up_at_once_one_becomes_the_admin() {
    let server = Server::fresh().await;
    let token = server.setup_token();
    let tries = (0..50).map(|number| {
        let (api, mut body) = (server.api(), setup_body(&token));
        body["username"] = json!(format!("root{number}"));
        tokio::spawn(async move { api.post("/setup", body).await })
    });
    let mut answers = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        answers.push(one.await.unwrap());
    }
    let (made, refused): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1, "one admin is made");
    for answer in refused {
        // Somebody may have found the passwords' queue full, which is an answer, too.
        match answer.status {
            503 => _ = answer.refused(503, "busy"),
            _ => _ = answer.refused(409, "already_set_up"),
        }
    }
    let admin = Person::signed_in(&server.api(), &made[0].body);
    let people = admin.all("/users", 100).await;
    assert_eq!(people.len(), 1, "{people:?}");
    assert_eq!((&people[0]["user_code"], &people[0]["role"]), (&json!("USR000001"), &json!("admin")));
}

#[tokio::test]
async fn t01_a_fresh_server_has_no_account_that_can_be_guessed() {
    let mut server = Server::fresh().await;
    server.set_up().await;
    let people = server.admin().all("/users", 100).await;
    assert_eq!(people.len(), 1, "there is somebody whom nobody made: {people:?}");
    for (login, password) in
        [("admin", "admin123"), ("admin", "admin"), ("root", "root"), ("root", "admin123")]
    {
        let answer = server.api().post("/auth/login", json!({"login": login, "password": password})).await;
        answer.refused(401, "wrong_credentials");
    }
}

#[tokio::test]
async fn t01_nobody_sets_up_without_the_token() {
    let server = Server::fresh().await;
    let token = server.setup_token();
    assert!(token.len() >= 26, "160 bits do not fit in {token}");
    let almost = format!("{}0", &token[..token.len() - 1]);
    for wrong in ["", " ", "setup", &token[1..], &almost, &format!("{token}{token}")] {
        if wrong != token {
            server.api().post("/setup", setup_body(wrong)).await.refused(403, "wrong_setup_token");
        }
    }
    assert_eq!(server.api().get("/server").await.expect(200)["setup_required"], true);
}

#[tokio::test]
async fn t01_the_token_is_for_its_owner_alone_and_gone_afterwards() {
    let mut server = Server::fresh().await;
    let path = server.data().join("setup-token");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let token = server.setup_token();
    server.set_up().await;
    assert!(!path.exists(), "the token is still there");
    server.api().post("/setup", setup_body(&token)).await.refused(409, "already_set_up");
    server.kill();
    server.restart().await;
    assert!(!path.exists(), "there is a new token for a server that has an admin");
    server.api().post("/setup", setup_body(&token)).await.refused(409, "already_set_up");
}

#[tokio::test]
async fn the_server_prints_the_setup_link_once() {
    let server = Server::fresh().await;
    let token = server.setup_token();
    let link = format!("{}/setup#token={token}", server.origin());
    server.log().event("the setup link", |event| event.to_string().contains(&link)).await;
    let lines = server.log().lines().into_iter().filter(|line| line.contains(&token));
    assert_eq!(lines.count(), 1, "the link stands in the log once");
}

#[tokio::test]
async fn until_it_is_set_up_the_api_answers_that_it_waits() {
    let server = Server::fresh().await;
    let info = server.api().get("/server").await.expect(200);
    assert_eq!(info["setup_required"], true, "{info}");
    let body = json!({"username": "ana", "name": "Ana", "password": PASSWORD});
    server.api().post("/auth/register", body).await.refused(503, "setup_required");
    server
        .api()
        .post("/auth/login", json!({"login": "a", "password": "b"}))
        .await
        .refused(503, "setup_required");
    for path in ["/users", "/users/me", "/sync", "/conversations", "/groups", "/realtime"] {
        server.api().get(path).await.refused(503, "setup_required");
    }
    assert_eq!(server.api().call("GET", "/healthz", None).await.status, 200);
    assert_eq!(server.api().call("GET", "/", None).await.status, 200, "the page shows how to set up");
}

#[tokio::test]
async fn the_first_admin_is_the_first_user_and_in_the_lobby() {
    let server = Server::start().await;
    let admin = server.admin();
    let me = admin.get("/users/me").await.expect(200);
    assert_eq!(
        (&me["user_code"], &me["role"], &me["username"]),
        (&json!("USR000001"), &json!("admin"), &json!("root"))
    );
    let conversations = admin.all("/conversations", 100).await;
    assert_eq!(conversations.len(), 1, "{conversations:?}");
    assert_eq!(conversations[0]["group"]["lobby"], true);
    let log = admin.log_of(admin.lobby().await).await;
    assert!(
        log.iter().any(|entry| entry["kind"] == "join" && entry["subject"] == admin.id.to_string()),
        "{log:?}"
    );
}

#[tokio::test]
async fn a_setup_with_bad_fields_names_them_and_can_be_tried_again() {
    let mut server = Server::fresh().await;
    let body = json!({"token": server.setup_token(), "username": "!", "name": "", "password": "short"});
    let problem = server.api().post("/setup", body).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["name", "password", "username"]);
    server.set_up().await;
}

#[tokio::test]
async fn the_server_says_what_anybody_may_know() {
    let server = Server::start().await;
    let info = server.api().get("/server").await.expect(200);
    let expected = json!({
        "setup_required": false, "registration": "open", "password_min_length": 10,
        "message_max_length": 8000, "insecure": false, "sends_mail": false,
        "oidc": null, "retention": null,
        "files": {"max_bytes": 50 << 20, "quota_bytes": 1 << 30, "per_message": 10, "types": ["avi", "avif", "csv", "doc", "docx", "flac", "gif", "jpeg", "jpg", "m4a", "md", "mov", "mp3", "mp4", "odt", "ogg", "pdf", "png", "ppt", "pptx", "txt", "wav", "webm", "webp", "xls", "xlsx", "zip"]},
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&info[key], value, "{key}");
    }
    assert!(info["name"].is_string() && info["version"].is_string(), "{info}");
    assert_eq!(info.as_object().map(serde_json::Map::len), Some(11), "{info}");
}

#[tokio::test]
async fn a_closed_server_makes_no_accounts() {
    let server = Server::start_with(&[("PARLOR_ACCOUNTS_REGISTRATION", "closed")]).await;
    assert_eq!(server.api().get("/server").await.expect(200)["registration"], "closed");
    let body = json!({"username": "ana", "name": "Ana", "password": PASSWORD});
    server.api().post("/auth/register", body).await.refused(403, "registration_closed");
    assert_eq!(server.admin().all("/users", 100).await.len(), 1);
}

#[tokio::test]
async fn an_admin_can_be_named_in_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let file = file.to_str().unwrap();
    let settings = [("PARLOR_ADMIN_USERNAME", "chief"), ("PARLOR_ADMIN_PASSWORD_FILE", file)];
    let mut server = Server::fresh_with(&settings).await;
    assert_eq!(server.api().get("/server").await.expect(200)["setup_required"], false);
    assert!(!server.data().join("setup-token").exists(), "a token that nobody needs");
    let answer = server.api().post("/auth/login", json!({"login": "chief", "password": PASSWORD})).await;
    let signed_in: Value = answer.expect(200);
    assert_eq!(
        (&signed_in["user"]["role"], &signed_in["user"]["user_code"]),
        (&json!("admin"), &json!("USR000001"))
    );
    server.kill();
    server.restart().await;
    let chief = Person::signed_in(&server.api(), &signed_in);
    assert_eq!(chief.all("/users", 100).await.len(), 1, "a second start makes no second admin");
}
