//! Tokens with which programs act for people, and bots.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Api, Opening, Person, Server, Socket, id_of, new_id};
use serde_json::{Value, json};

async fn make(person: &Person, name: &str, scopes: &[&str]) -> Value {
    let body = json!({"name": name, "scopes": scopes});
    person.post("/users/me/tokens", body).await.expect(201)
}

fn with(server: &Server, token: &Value) -> Api {
    server.api().bearer(token["token"].as_str().unwrap())
}

async fn stream(api: &Api, token: &Value) -> Socket {
    let socket = Socket::open(api.address(), &Opening::bearer(token["token"].as_str().unwrap())).await;
    socket.hello(json!({})).await;
    socket
}

#[tokio::test]
async fn a_program_does_what_its_token_was_made_for_and_no_more() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let lobby = ana.lobby().await;
    let read = make(&ana, "reads", &["read"]).await;
    assert!(read["token"].as_str().unwrap().starts_with("parlor_"), "{read}");
    let reader = with(&server, &read);
    let writer = with(&server, &make(&ana, "writes", &["write"]).await);
    let path = |id| format!("/conversations/{lobby}/messages/{id}");
    let message = json!({"body": "from a script"});
    assert_eq!(reader.get("/users/me").await.expect(200)["username"], "ana");
    reader.put(&path(new_id()), message.clone()).await.refused(403, "scope_required");
    writer.put(&path(new_id()), message).await.expect(201);
    writer.get("/users/me").await.refused(403, "scope_required");
    let listed = ana.get("/users/me/tokens").await.expect(200)["items"].clone();
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|token| &token["name"]).collect();
    assert_eq!(names, [&json!("writes"), &json!("reads")]);
    assert!(listed.to_string().find("parlor_").is_none(), "{listed}");
}

#[tokio::test]
async fn a_program_listens_with_its_token_and_writes_when_it_may() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let lobby = ana.lobby().await;
    let reads = make(&ana, "reads", &["read"]).await;
    let listener = stream(&server.api(), &reads).await;
    ben.say(lobby, "is anybody there?").await;
    listener.entry(lobby, ana.log_of(lobby).await.last().unwrap()["seq"].as_u64().unwrap()).await;
    let post = json!({"conversation": lobby, "client_id": new_id(), "body": "no"});
    listener.refused("message.send", post, "scope_required").await;
    let both = make(&ana, "both", &["read", "write"]).await;
    stream(&server.api(), &both).await.say(lobby, "yes").await;
    let writes = make(&ana, "writes", &["write"]).await;
    let opening = Opening::bearer(writes["token"].as_str().unwrap());
    let refused = Socket::try_open(server.api().address(), &opening).await.err();
    assert_eq!(refused.map(|refusal| refusal.status), Some(403));
    let anonymous = Socket::open(server.api().address(), &Opening::anonymous()).await;
    anonymous.refused("authenticate", json!({"access_token": writes["token"]}), "scope_required").await;
    anonymous.done("authenticate", json!({"access_token": reads["token"]})).await;
}

#[tokio::test]
async fn who_somebody_is_stays_theirs() {
    let server = Server::start().await;
    let admin = server.admin();
    let api = with(&server, &make(admin, "all", &["read", "write", "admin"]).await);
    for path in ["/users/me/sessions", "/users/me/tokens", "/users/me/recovery-codes"] {
        api.get(path).await.refused(403, "token_not_allowed");
    }
    let token = json!({"name": "child", "scopes": ["read"]});
    api.post("/users/me/tokens", token).await.refused(403, "token_not_allowed");
    let password = json!({"password": parlor_tests::PASSWORD});
    api.put("/users/me/confirmation", password).await.refused(403, "token_not_allowed");
    api.patch("/users/me", json!({"email": "x@example.org"})).await.refused(403, "token_not_allowed");
    api.post("/auth/logout", json!({})).await.refused(403, "token_not_allowed");
    assert_eq!(admin.get("/users/me").await.status, 200);
}

#[tokio::test]
async fn an_admins_program_looks_after_the_server_only_when_it_was_made_for_that() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    let plain = with(&server, &make(admin, "plain", &["read", "write"]).await);
    plain.get("/admin/users").await.refused(403, "scope_required");
    let api = with(&server, &make(admin, "keeper", &["read", "write", "admin"]).await);
    api.put(&format!("/admin/users/{}/role", ben.id), json!({"role": "admin"})).await.expect(200);
    let audit = api.get("/admin/audit?action=role_changed").await.expect(200)["items"][0].clone();
    assert_eq!(audit["by"], json!(admin.id));
    let refused = json!({"name": "no", "scopes": ["admin"]});
    let cleo = server.person("cleo").await;
    cleo.post("/users/me/tokens", refused).await.refused(422, "invalid_fields");
    // With the role, what it may do goes at once.
    let bens = make(&ben, "bens", &["read", "admin"]).await;
    with(&server, &bens).get("/admin/users").await.expect(200);
    admin.put(&format!("/admin/users/{}/role", ben.id), json!({"role": "user"})).await.expect(200);
    with(&server, &bens).get("/admin/users").await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_token_ends_at_its_moment_when_it_is_revoked_and_with_its_owners_ban() {
    let server = Server::start().await;
    let (admin, ana) = (server.admin(), server.person("ana").await);
    let past = json!({"name": "late", "scopes": ["read"], "expires_at": "2001-01-01T00:00:00Z"});
    ana.post("/users/me/tokens", past).await.refused(422, "invalid_fields");
    for (name, scopes) in [("", json!(["read"])), ("x", json!([])), ("x", json!(["root"]))] {
        let answer = ana.post("/users/me/tokens", json!({"name": name, "scopes": scopes})).await;
        assert!(matches!(answer.status, 400 | 422), "{name:?} {scopes}: {}", answer.text);
    }
    let mut made = Vec::new();
    for name in ["own", "by an admin", "with the ban"] {
        let token = make(&ana, name, &["read"]).await;
        made.push((stream(&server.api(), &token).await, with(&server, &token), token["id"].clone()));
    }
    let own = format!("/users/me/tokens/{}", made[0].2.as_str().unwrap());
    server.person("ben").await.delete(&own).await.refused(404, "not_found");
    ana.delete(&own).await.expect(204);
    let listed = admin.get("/admin/tokens").await.expect(200)["items"].clone();
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert_eq!((&listed[0]["name"], &listed[0]["user"]), (&json!("with the ban"), &json!(ana.id)));
    admin.delete(&format!("/admin/tokens/{}", made[1].2.as_str().unwrap())).await.expect(204);
    admin.post(&format!("/admin/users/{}/bans", ana.id), json!({"reason": "spam"})).await.expect(201);
    for (socket, api, _) in &made {
        assert!(matches!(socket.closed().await, 4501 | 4503), "closed with another code");
        api.get("/users/me").await.refused(401, "unauthenticated");
    }
    let rows = admin.get(&format!("/admin/audit?user={}", ana.id)).await.expect(200)["items"].clone();
    let count = |action| rows.as_array().unwrap().iter().filter(|row| row["action"] == action).count();
    assert_eq!((count("api_token_made"), count("api_token_revoked")), (3, 2));
}

#[tokio::test]
async fn signing_out_everywhere_else_leaves_programs_and_a_new_password_does_not() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let api = with(&server, &make(&ana, "script", &["read"]).await);
    ana.delete("/users/me/sessions").await.expect(204);
    api.get("/users/me").await.expect(200);
    let sessions = ana.get("/users/me/sessions").await.expect(200)["items"].clone();
    assert_eq!(sessions.as_array().map(Vec::len), Some(1), "a program is no device: {sessions}");
    let body = json!({"password": parlor_tests::PASSWORD, "new_password": "eight green lanterns"});
    ana.put("/users/me/password", body).await.expect(200);
    api.get("/users/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_token_is_no_cookie_and_a_cookie_no_token() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let token = make(&ana, "script", &["read"]).await["token"].as_str().unwrap().to_owned();
    let body = json!({"login": "ana", "password": parlor_tests::PASSWORD, "session": "cookie"});
    let answer = server.api().post("/auth/login", body).await;
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let (name, secret) = cookie.split_once('=').unwrap();
    let by_cookie = |value: &str| server.api().with("cookie", &format!("{name}={value}"));
    by_cookie(secret).get("/users/me").await.expect(200);
    by_cookie(&token).get("/users/me").await.refused(401, "unauthenticated");
    server.api().bearer(secret).get("/users/me").await.refused(401, "unauthenticated");
    server.api().bearer(&format!("parlor_{secret}")).get("/users/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_bot_is_a_user_that_acts_with_tokens_and_never_signs_in() {
    let server = Server::start().await;
    let (admin, ana) = (server.admin(), server.person("ana").await);
    let bot = admin.post("/admin/bots", json!({"username": "deploy", "name": "Deploy"})).await.expect(201);
    let id = id_of(&bot["id"]);
    assert_eq!(bot["bot"], true);
    assert_eq!(ana.get(&format!("/users/{id}")).await.expect(200)["bot"], true);
    let bots = admin.get("/admin/users?bot=true").await.expect(200)["items"].clone();
    assert_eq!(bots.as_array().map(Vec::len), Some(1));
    let wanted = json!({"name": "ci", "scopes": ["read", "write"]});
    let token = admin.post(&format!("/admin/bots/{id}/tokens"), wanted.clone()).await.expect(201);
    let api = with(&server, &token);
    let group = ana.create_group("Releases", "private", &[]).await;
    let message = format!("/conversations/{group}/messages/{}", new_id());
    api.put(&message, json!({"body": "deployed"})).await.refused(404, "not_found");
    ana.put(&format!("/groups/{group}/members/{id}"), json!({})).await;
    let receipt = api.put(&message, json!({"body": "deployed"})).await.expect(201);
    let entry = ana.get(&format!("/messages/{}", receipt["message_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(entry["actor"], json!(id));
    // What is for people is refused for bots, and the other way round.
    admin.post(&format!("/admin/bots/{}/tokens", ana.id), wanted).await.refused(409, "not_a_bot");
    admin.post(&format!("/admin/users/{id}/reset-link"), json!({})).await.refused(409, "is_bot");
    let path = format!("/admin/users/{id}/temporary-password");
    admin.post(&path, json!({})).await.refused(409, "is_bot");
    let role = json!({"role": "admin"});
    admin.put(&format!("/admin/users/{id}/role"), role).await.refused(409, "is_bot");
    let admins = json!({"name": "ci", "scopes": ["admin"]});
    admin.post(&format!("/admin/bots/{id}/tokens"), admins).await.refused(422, "invalid_fields");
    let login = json!({"login": "deploy", "password": "anything at all"});
    server.api().post("/auth/login", login).await.refused(401, "wrong_credentials");
}
