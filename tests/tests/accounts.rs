//! Registration, sign-in, and one's own account.

use std::collections::BTreeSet;

use parlor_tests::{Answer, PASSWORD, Person, Server};
use serde_json::{Value, json};

fn ana() -> Value {
    json!({"username": "ana", "name": "Ana", "password": PASSWORD})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[tokio::test]
async fn a_registration_answers_with_a_session_and_is_unique() {
    let server = Server::start().await;
    let body = with(ana(), "email", json!("Ana@Example.org"));
    let signed_in = server.api().post("/auth/register", body.clone()).await.expect(201);
    assert_eq!(signed_in["name"], "Ana");
    assert_eq!(signed_in["user"]["user_code"], "USR000002");
    assert_eq!(signed_in["user"]["role"], "user");
    assert_eq!(signed_in["user"]["email"], "ana@example.org");
    assert_eq!(signed_in.get("generated_password"), None);
    assert!(signed_in["expires_in"].as_u64().is_some_and(|seconds| seconds > 0), "{signed_in}");
    let ana = Person::signed_in(&server.api(), &signed_in);
    assert_eq!(ana.get("/users/me").await.expect(200), signed_in["user"]);

    let taken =
        server.api().post("/auth/register", with(body.clone(), "email", json!("other@example.org"))).await;
    assert_eq!(Answer::fields(&taken.refused(409, "username_taken")), ["username"]);
    let taken = server.api().post("/auth/register", with(body, "username", json!("ana2"))).await;
    assert_eq!(Answer::fields(&taken.refused(409, "email_taken")), ["email"]);
    assert_eq!(ana.all("/users", 100).await.len(), 2);
}

#[tokio::test]
async fn a_username_is_taken_in_every_case() {
    let server = Server::start().await;
    server.api().post("/auth/register", with(ana(), "username", json!("ANA"))).await.expect(201);
    server.api().post("/auth/register", ana()).await.refused(409, "username_taken");
}

#[tokio::test]
async fn of_twenty_who_want_one_name_at_once_one_gets_it() {
    let server = Server::start().await;
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let api = server.api();
            tokio::spawn(async move { api.post("/auth/register", ana()).await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409 | 503)), "{statuses:?}");
}

#[tokio::test]
async fn each_bad_field_of_a_registration_is_named() {
    let server = Server::start().await;
    let cases: [(&str, Value); 22] = [
        ("username", json!("")),
        ("username", json!("ab")),
        ("username", json!("a".repeat(33))),
        ("username", json!("ana pop")),
        ("username", json!("ana/../x")),
        ("username", json!("аna")),
        ("username", json!("ana\u{202e}")),
        ("username", json!("usr000001")),
        ("name", json!("")),
        ("name", json!(" \t ")),
        ("name", json!("\u{200b}")),
        ("name", json!("n".repeat(65))),
        ("password", json!("short")),
        ("password", json!("password123")),
        ("password", json!("PASSWORD123")),
        ("password", json!("p".repeat(1_025))),
        ("email", json!("ana")),
        ("email", json!("@example.org")),
        ("email", json!("ana@")),
        ("email", json!("a b@example.org")),
        ("email", json!("a@b@example.org")),
        ("email", json!(format!("{}@example.org", "a".repeat(250)))),
    ];
    for (field, value) in cases {
        let answer = server.api().post("/auth/register", with(ana(), field, value.clone())).await;
        let problem = answer.refused(422, "invalid_fields");
        assert_eq!(Answer::fields(&problem), [field], "{value}");
    }
    assert_eq!(server.admin().all("/users", 100).await.len(), 1);
}

#[tokio::test]
async fn a_registration_tells_all_problems_at_once() {
    let server = Server::start().await;
    let body = json!({"username": "!", "name": "", "password": "short", "email": "nowhere"});
    let problem = server.api().post("/auth/register", body).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["email", "name", "password", "username"]);
}

#[tokio::test]
async fn t05_a_password_that_is_tried_first_is_refused() {
    let server = Server::start_with(&[("PARLOR_SERVER_NAME", "Rose Garden")]).await;
    let email = json!("ana.pop@example.org");
    for password in [
        "P@ssw0rd2026",
        "qwertyuiop",
        "1111111111",
        "ana.popescu",
        "Ana.Pop2026!",
        "RoseGarden1",
        "rose garden!",
    ] {
        let body = with(with(ana(), "email", email.clone()), "password", json!(password));
        let body = with(body, "username", json!("ana.popescu"));
        let problem = server.api().post("/auth/register", body).await.refused(422, "invalid_fields");
        assert_eq!(problem["errors"][0]["code"], "too_common", "{password}");
    }
    let ana = server.person("ana.popescu").await;
    let change = json!({"password": PASSWORD, "new_password": "!!ana.popescu77"});
    let problem = ana.put("/users/me/password", change).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["new_password"]);
}

#[tokio::test]
async fn names_of_the_greatest_length_are_taken() {
    let server = Server::start().await;
    let body = json!({
        "username": "a".repeat(32), "name": "ž".repeat(64), "password": "žćađ".repeat(128),
        "email": format!("{}@{}.org", "a".repeat(64), "b".repeat(185)),
    });
    let signed_in = server.api().post("/auth/register", body).await.expect(201);
    assert_eq!(signed_in["name"], "ž".repeat(64));
}

#[tokio::test]
async fn t02_nobody_becomes_an_admin_by_asking() {
    let server = Server::start().await;
    let answer = server.api().post("/auth/register", with(ana(), "role", json!("admin"))).await;
    answer.refused(403, "admin_invite_required");
    assert_eq!(server.admin().all("/users", 100).await.len(), 1, "the refused registration made an account");
    let made = server.api().post("/auth/register", with(ana(), "role", json!("user"))).await.expect(201);
    assert_eq!(made["user"]["role"], "user");
}

#[tokio::test]
async fn t02_a_field_that_is_not_ones_own_to_set_is_refused() {
    let server = Server::start().await;
    let person = server.person("bob").await;
    let before = person.get("/users/me").await.expect(200);
    for field in ["is_admin", "status", "user_id", "id", "ban_until", "created_at", "user_code", "role"] {
        let value = if field == "role" { json!("admin") } else { json!("2020-01-01T00:00:00Z") };
        let problem =
            person.patch("/users/me", json!({field: value.clone()})).await.refused(400, "invalid_request");
        assert_eq!(Answer::fields(&problem), [field]);
        if field != "role" {
            server
                .api()
                .post("/auth/register", with(ana(), field, value))
                .await
                .refused(400, "invalid_request");
        }
    }
    assert_eq!(person.get("/users/me").await.expect(200), before);
    assert_eq!(person.all("/users", 100).await.len(), 2);
}

#[tokio::test]
async fn a_blank_password_makes_the_server_choose_one_and_tell_it_once() {
    let server = Server::start().await;
    let mut seen = BTreeSet::new();
    for (username, password) in [("none", Value::Null), ("empty", json!("")), ("blank", json!("  \t "))] {
        let mut body = json!({"username": username, "name": "X"});
        if !password.is_null() {
            body["password"] = password;
        }
        let made = server.api().post("/auth/register", body).await.expect(201);
        let chosen = made["generated_password"].as_str().unwrap().to_owned();
        assert!(chosen.len() >= 16, "{chosen} is short");
        let login = json!({"login": username, "password": chosen});
        let again = server.api().post("/auth/login", login).await.expect(200);
        assert_eq!(again.get("generated_password"), None);
        assert!(seen.insert(chosen), "the same password twice");
    }
}

#[tokio::test]
async fn one_signs_in_by_name_code_or_address_in_any_case() {
    let server = Server::start().await;
    let body = with(ana(), "email", json!("ana@example.org"));
    let made = server.api().post("/auth/register", body).await.expect(201);
    for login in ["ana", "ANA", " ana ", "USR000002", "usr000002", "ana@example.org", "Ana@Example.ORG"] {
        let answer = server.api().post("/auth/login", json!({"login": login, "password": PASSWORD})).await;
        assert_eq!(answer.expect(200)["user"], made["user"], "{login}");
    }
}

#[tokio::test]
async fn t06_a_wrong_login_looks_the_same_whoever_it_is_for() {
    let server = Server::start().await;
    server.api().post("/auth/register", ana()).await.expect(201);
    let mut answers = BTreeSet::new();
    for (login, password) in [
        ("ana", "wrong password"),
        ("nobody", "wrong password"),
        ("", ""),
        ("ana", ""),
        ("USR000002", "wrong password"),
        ("USR999999", "wrong password"),
        ("ana@example.org", PASSWORD),
        ("ana'--", PASSWORD),
        ("ana", &"x".repeat(1_025)),
    ] {
        let answer = server.api().post("/auth/login", json!({"login": login, "password": password})).await;
        let mut problem = answer.refused(401, "wrong_credentials");
        problem["request_id"] = Value::Null;
        answers.insert(problem.to_string());
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

#[tokio::test]
async fn the_role_of_a_login_has_to_be_the_accounts() {
    let server = Server::start().await;
    server.api().post("/auth/register", ana()).await.expect(201);
    let login = |role: &str, password: &str| json!({"login": "ana", "password": password, "role": role});
    server.api().post("/auth/login", login("user", PASSWORD)).await.expect(200);
    server.api().post("/auth/login", login("admin", PASSWORD)).await.refused(403, "forbidden");
    server
        .api()
        .post("/auth/login", login("admin", "wrong password"))
        .await
        .refused(401, "wrong_credentials");
}

#[tokio::test]
async fn one_changes_ones_own_account() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let bob = server.person("bob").await;
    let changed =
        ana.patch("/users/me", json!({"name": "Ana Pop", "email": "ana@example.org"})).await.expect(200);
    assert_eq!((&changed["name"], &changed["email"]), (&json!("Ana Pop"), &json!("ana@example.org")));
    let changed = ana.patch("/users/me", json!({"about": "Hi\nthere"})).await.expect(200);
    assert_eq!((&changed["name"], &changed["about"]), (&json!("Ana Pop"), &json!("Hi\nthere")));
    let seen = bob.get(&format!("/users/{}", ana.id)).await.expect(200);
    assert_eq!((&seen["name"], &seen["about"]), (&json!("Ana Pop"), &json!("Hi\nthere")));
    assert_eq!(seen.get("email"), None, "an address is nobody else's business");
    assert_eq!(ana.patch("/users/me", json!({"email": ""})).await.expect(200)["email"], Value::Null);
    assert_eq!(ana.patch("/users/me", json!({})).await.expect(200)["name"], "Ana Pop");
}

#[tokio::test]
async fn a_bad_change_of_ones_account_changes_nothing() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let bob = server.person("bob").await;
    bob.patch("/users/me", json!({"email": "bob@example.org"})).await.expect(200);
    let before = ana.get("/users/me").await.expect(200);
    let body = json!({"name": "", "about": "x".repeat(501), "email": "nowhere"});
    let problem = ana.patch("/users/me", body).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["about", "email", "name"]);
    let taken = ana.patch("/users/me", json!({"name": "New", "email": "BOB@example.org"})).await;
    assert_eq!(Answer::fields(&taken.refused(409, "email_taken")), ["email"]);
    assert_eq!(ana.get("/users/me").await.expect(200), before);
}
