//! Who may make an account, and invitations to the server.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Answer, PASSWORD, Person, Server, in_a_while, run};
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn form(username: &str) -> Value {
    json!({"username": username, "name": username, "password": PASSWORD})
}

fn with(mut form: Value, more: &Value) -> Value {
    form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    form
}

/// Makes an invitation; its token.
async fn invite(server: &Server, wanted: Value) -> String {
    token(&server.admin().post("/admin/invites", wanted).await.expect(201))
}

fn token(made: &Value) -> String {
    made["url"].as_str().unwrap().split_once("/sign-up#invite=").unwrap().1.to_owned()
}

async fn register(server: &Server, username: &str, more: Value) -> Answer {
    server.api().post("/auth/register", with(form(username), &more)).await
}

async fn choose(server: &Server, policy: &str) {
    let settings = server.admin().patch("/admin/settings", json!({"registration": policy})).await.expect(200);
    assert_eq!(settings["registration"], policy);
    assert_eq!(server.api().get("/server").await.expect(200)["registration"], policy);
}

#[tokio::test]
async fn t32_an_admin_chooses_who_makes_accounts_while_the_server_runs() {
    let mut server = Server::start_with(&[("PARLOR_ACCOUNTS_REGISTRATION", "invite")]).await;
    assert_eq!(server.api().get("/server").await.expect(200)["registration"], "invite");
    register(&server, "ana", json!({})).await.refused(403, "invite_required");
    choose(&server, "open").await;
    register(&server, "ana", json!({})).await.expect(201);
    choose(&server, "closed").await;
    let invited = invite(&server, json!({})).await;
    register(&server, "ben", json!({"invite": invited})).await.refused(403, "registration_closed");
    server.kill();
    server.restart().await;
    // What was chosen stays, whatever the settings say.
    assert_eq!(server.api().get("/server").await.expect(200)["registration"], "closed");
    choose(&server, "invite").await;
    register(&server, "ben", json!({"invite": invited})).await.expect(201);
}

#[tokio::test]
async fn who_makes_accounts_is_asked_at_the_setup() {
    let server = Server::fresh().await;
    let body = with(parlor_tests::setup_body(&server.setup_token()), &json!({"registration": "invite"}));
    server.api().post("/setup", body).await.expect(201);
    assert_eq!(server.api().get("/server").await.expect(200)["registration"], "invite");
    register(&server, "ana", json!({})).await.refused(403, "invite_required");
}

#[tokio::test]
async fn t02_an_admin_is_made_only_with_an_invitation_for_one() {
    let server = Server::start().await;
    let (user, admin) = (invite(&server, json!({})).await, invite(&server, json!({"role": "admin"})).await);
    register(&server, "ana", json!({"role": "admin"})).await.refused(403, "admin_invite_required");
    let downgraded = json!({"role": "admin", "invite": user});
    register(&server, "ana", downgraded).await.refused(403, "admin_invite_required");
    let made = register(&server, "ana", json!({"role": "admin", "invite": admin})).await.expect(201);
    assert_eq!(made["user"]["role"], "admin");
    let ana = Person::signed_in(&server.api(), &made);
    ana.get("/admin/nodes").await.expect(200);
    register(&server, "ben", json!({"role": "admin", "invite": admin})).await.refused(403, "invalid_invite");
    let long = json!({"role": "admin", "expires_at": in_a_while(DAY * 8)});
    let problem = ana.post("/admin/invites", long).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["expires_at"]);
    let several = json!({"role": "admin", "max_uses": 2});
    let problem = ana.post("/admin/invites", several).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["max_uses"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn t32_of_fifty_who_use_one_invitation_at_once_one_gets_an_account() {
    let server = Server::start().await;
    choose(&server, "invite").await;
    let invited = invite(&server, json!({"max_uses": 1})).await;
    let tries: Vec<_> = (0..50)
        .map(|number| {
            let (api, form) =
                (server.api(), with(form(&format!("user{number}")), &json!({"invite": invited})));
            tokio::spawn(async move { api.post("/auth/register", form).await })
        })
        .collect();
    let mut made = 0;
    for one in tries {
        let answer = one.await.unwrap();
        match answer.status {
            201 => made += 1,
            // Somebody may have found the passwords' queue full, which is an answer, too.
            503 => _ = answer.refused(503, "busy"),
            _ => _ = answer.refused(403, "invalid_invite"),
        }
    }
    assert_eq!(made, 1);
    assert_eq!(server.admin().all("/users", 100).await.len(), 2);
    let listed = server.admin().get("/admin/invites").await.expect(200);
    assert_eq!((&listed["items"][0]["uses"], &listed["items"][0]["valid"]), (&json!(1), &json!(false)));
}

#[tokio::test]
async fn an_invitation_for_an_address_is_for_that_address() {
    let server = Server::start().await;
    let invited = invite(&server, json!({"email": "Ana@Example.org"})).await;
    let seen = server.api().post("/invites/lookup", json!({"invite": invited})).await.expect(200);
    assert_eq!(seen, json!({"role": "user", "email": "ana@example.org", "expires_at": null}));
    for other in [json!({}), json!({"email": "ben@example.org"})] {
        let answer = register(&server, "ana", with(json!({"invite": invited}), &other)).await;
        assert_eq!(Answer::fields(&answer.refused(403, "invite_for_another_address")), ["email"]);
    }
    let more = json!({"invite": invited, "email": "ANA@example.org"});
    register(&server, "ana", more).await.expect(201);
    server.api().post("/invites/lookup", json!({"invite": invited})).await.refused(404, "invalid_invite");
}

#[tokio::test]
async fn an_admin_sees_who_used_an_invitation_and_takes_it_back() {
    let server = Server::start().await;
    let admin = server.admin();
    let made = admin.post("/admin/invites", json!({"expires_at": in_a_while(DAY)})).await.expect(201);
    let invited = token(&made);
    for name in ["ana", "ben"] {
        register(&server, name, json!({"invite": invited})).await.expect(201);
    }
    let listed = admin.get("/admin/invites").await.expect(200);
    let one = &listed["items"][0];
    let names: Vec<_> = one["used_by"].as_array().unwrap().iter().map(|used| &used["username"]).collect();
    assert_eq!(names, ["ben", "ana"]);
    assert_eq!(
        (&one["uses"], &one["valid"], &one["created_by"]),
        (&json!(2), &json!(true), &json!(admin.id))
    );
    assert!(!listed.to_string().contains(&invited), "the token is told once");
    let path = format!("/admin/invites/{}", made["id"].as_str().unwrap());
    assert_eq!(admin.delete(&path).await.status, 204);
    admin.delete(&path).await.refused(404, "invalid_invite");
    register(&server, "cid", json!({"invite": invited})).await.refused(403, "invalid_invite");
    register(&server, "cid", json!({"invite": "nonsense"})).await.refused(403, "invalid_invite");
    server.api().post("/auth/login", json!({"login": "ana", "password": PASSWORD})).await.expect(200);
    let hashed = server.sql("SELECT token FROM invite");
    assert!(!hashed.contains(&invited));
}

#[tokio::test]
async fn invitations_are_made_on_the_machine_beside_a_running_server_and_without_one() {
    let mut server = Server::start().await;
    choose(&server, "invite").await;
    let made = server.run(&["invite", "create", "--role", "admin", "--json"]);
    assert_eq!(made.status, Some(0), "{made:?}");
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!((&made["role"], &made["max_uses"]), (&json!("admin"), &json!(1)));
    let chief = register(&server, "chief", json!({"invite": token(&made)})).await.expect(201);
    assert_eq!(chief["user"]["role"], "admin");
    server.kill();
    let plain = server.run(&["invite", "create", "--uses", "2", "--days", "3"]);
    assert_eq!(plain.status, Some(0), "{plain:?}");
    let invited = plain.stdout.lines().next().unwrap().split_once("#invite=").unwrap().1.to_owned();
    server.restart().await;
    for name in ["ana", "ben"] {
        register(&server, name, json!({"invite": invited})).await.expect(201);
    }
    register(&server, "cid", json!({"invite": invited})).await.refused(403, "invalid_invite");
    let wrong = server.run(&["invite", "create", "--role", "admin", "--days", "8"]);
    assert_eq!(wrong.status, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("seven days"), "{wrong:?}");
    let nowhere = tempfile::tempdir().unwrap();
    let folder = nowhere.path().to_str().unwrap();
    assert_eq!(run(&["invite", "create", "--data-dir", folder], &[]).status, Some(2));
}
