//! Two-factor sign-in.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Answer, Authenticator, Opening, PASSWORD, Person, Server, Socket};
use serde_json::{Value, json};

const PATH: &str = "/users/me/two-factor";

async fn sign_in(server: &Server, name: &str, more: Value) -> Answer {
    let mut form = json!({"login": name, "password": PASSWORD});
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.api().post("/auth/login", form).await
}

/// Somebody with an account, and the recovery codes.
async fn with_codes(server: &Server, name: &str) -> (Person, Vec<Value>) {
    let form = json!({"username": name, "name": name, "password": PASSWORD});
    let made = server.api().post("/auth/register", form).await.expect(201);
    let codes = made["recovery_codes"].as_array().unwrap().clone();
    (Person::signed_in(&server.api(), &made), codes)
}

#[tokio::test]
async fn signing_in_takes_a_code_that_works_once() {
    let server = Server::start().await;
    let (ana, codes) = with_codes(&server, "ana").await;
    assert_eq!(ana.get(PATH).await.expect(200), json!({"enabled": false, "required": false}));
    let on = |code: &str| json!({"enabled": true, "code": code});
    ana.put(PATH, on("123456")).await.refused(409, "totp_not_begun");
    let begun = ana.post(PATH, json!({})).await.expect(201);
    let uri = begun["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/"), "{uri}");
    let app = Authenticator::of(uri);
    // Nothing is asked for before the app showed that it has the secret.
    sign_in(&server, "ana", json!({})).await.expect(200);
    let wrong = ana.put(PATH, on("12345")).await.refused(403, "wrong_totp");
    assert_eq!(Answer::fields(&wrong), ["code"]);
    let state = ana.put(PATH, on(&app.code(0))).await.expect(200);
    assert_eq!(state, json!({"enabled": true, "required": false}));
    ana.post(PATH, json!({})).await.refused(409, "totp_enabled");

    sign_in(&server, "ana", json!({})).await.refused(403, "totp_required");
    sign_in(&server, "ana", json!({"totp": app.code(0)})).await.refused(403, "wrong_totp");
    let code = app.code(1);
    sign_in(&server, "ana", json!({"totp": code})).await.expect(200);
    let wrong = sign_in(&server, "ana", json!({"totp": code})).await.refused(403, "wrong_totp");
    assert_eq!(Answer::fields(&wrong), ["totp"]);
    let wrong = json!({"login": "ana", "password": "a wrong one", "totp": codes[0]});
    server.api().post("/auth/login", wrong).await.refused(401, "wrong_credentials");
    let socket = Socket::open(server.address(), &Opening::anonymous()).await;
    socket.refused("authenticate", json!({"login": "ana", "password": PASSWORD}), "totp_required").await;

    let off = |code: &Value| json!({"enabled": false, "code": code});
    ana.put(PATH, off(&json!("000000"))).await.refused(403, "wrong_totp");
    ana.put(PATH, off(&codes[1])).await.expect(200);
    ana.put(PATH, off(&codes[2])).await.refused(409, "no_totp");
    sign_in(&server, "ana", json!({})).await.expect(200);
    let log = server.admin().get("/admin/audit?action=totp_disabled").await.expect(200);
    assert_eq!(log["items"][0]["by"], json!(ana.id));
}

#[tokio::test]
async fn a_recovery_code_takes_the_place_of_the_app_once() {
    let server = Server::start().await;
    let (ana, codes) = with_codes(&server, "ana").await;
    Authenticator::set_up(&ana).await;
    sign_in(&server, "ana", json!({"totp": codes[0]})).await.expect(200);
    sign_in(&server, "ana", json!({"totp": codes[0]})).await.refused(403, "wrong_totp");
    assert_eq!(ana.get("/users/me/recovery-codes").await.expect(200)["left"], 9);
}

#[tokio::test]
async fn t05_wrong_codes_are_counted_and_the_right_password_does_not_forgive_them() {
    let server = Server::start().await;
    Authenticator::set_up(&server.person("ana").await).await;
    for _ in 0..5 {
        sign_in(&server, "ana", json!({})).await.refused(403, "totp_required");
        sign_in(&server, "ana", json!({"totp": "000000"})).await.refused(403, "wrong_totp");
    }
    let limited = sign_in(&server, "ana", json!({"totp": "000000"})).await;
    assert!(limited.refused(429, "rate_limited")["retry_after_ms"].as_u64() > Some(1_000));
    let log = server.admin().get("/admin/audit?action=sign_in_failed").await.expect(200);
    assert_eq!(log["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn t05_codes_of_one_who_is_signed_in_are_limited_too() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    Authenticator::set_up(&ana).await;
    let wrong = json!({"enabled": false, "code": "000000"});
    for _ in 0..5 {
        ana.put(PATH, wrong.clone()).await.refused(403, "wrong_totp");
    }
    ana.put(PATH, wrong).await.refused(429, "rate_limited");
}

#[tokio::test]
async fn t03_a_link_for_a_lost_password_leaves_the_second_factor_as_it_is() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let app = Authenticator::set_up(&ana).await;
    let path = format!("/admin/users/{}/reset-link", ana.id);
    let link = server.admin().post(&path, json!({})).await.expect(201);
    let (_, secret) = link["url"].as_str().unwrap().split_once("#t=").unwrap();
    let password = "eight green lanterns";
    let form = json!({"link": secret, "new_password": password});
    server.api().post("/auth/recovery/link", form).await.expect(200);
    let with = |totp: Value| json!({"login": "ana", "password": password, "totp": totp});
    server.api().post("/auth/login", with(Value::Null)).await.refused(403, "totp_required");
    server.api().post("/auth/login", with(app.code(1).into())).await.expect(200);
}

#[tokio::test]
async fn an_admin_or_the_operator_takes_it_away_from_one_who_lost_it() {
    let server = Server::start().await;
    let ben = server.person("ben").await;
    Authenticator::set_up(&ben).await;
    let path = format!("/admin/users/{}", ben.id);
    assert_eq!(server.admin().get(&path).await.expect(200)["two_factor"], true);
    let account = server.admin().delete(&format!("{path}/two-factor")).await.expect(200);
    assert_eq!(account["two_factor"], false);
    server.admin().delete(&format!("{path}/two-factor")).await.refused(409, "no_totp");
    sign_in(&server, "ben", json!({})).await.expect(200);
    let log = server.admin().get("/admin/audit?action=totp_removed").await.expect(200);
    assert_eq!(log["items"][0]["target"]["id"], json!(ben.id));

    Authenticator::set_up(&ben).await;
    let done = [(); 2].map(|()| server.run(&["user", "remove-two-factor", "ben"]));
    assert_eq!(done.each_ref().map(|one| one.status), [Some(0), Some(2)], "{done:?}");
    assert!(done[1].stderr.contains("has no two-factor sign-in"), "{done:?}");
    sign_in(&server, "ben", json!({})).await.expect(200);
}

#[tokio::test]
async fn where_admins_need_it_one_without_it_sets_it_up_first() {
    let server = Server::start().await;
    let (root, ben) = (server.admin(), server.person("ben").await);
    root.put(&format!("/admin/users/{}/role", ben.id), json!({"role": "admin"})).await.expect(200);
    let token = json!({"name": "script", "scopes": ["read", "admin"]});
    let token = ben.post("/users/me/tokens", token).await.expect(201);
    let program = server.api().bearer(token["token"].as_str().unwrap());
    program.get("/admin/users").await.expect(200);
    let need = json!({"admins_need_two_factor": true});
    root.patch("/admin/settings", need.clone()).await.refused(403, "totp_setup_required");
    Authenticator::set_up(root).await;
    assert_eq!(root.patch("/admin/settings", need).await.expect(200)["admins_need_two_factor"], true);

    ben.get("/admin/users").await.refused(403, "totp_setup_required");
    program.get("/admin/users").await.refused(403, "totp_setup_required");
    sign_in(&server, "ben", json!({"role": "admin"})).await.expect(200);
    assert_eq!(ben.get(PATH).await.expect(200), json!({"enabled": false, "required": true}));
    Authenticator::set_up(&ben).await;
    ben.get("/admin/users").await.expect(200);
    program.get("/admin/users").await.expect(200);
    server.person("eve").await.get("/admin/users").await.refused(403, "forbidden");
}
