//! Whatever breaks, and wherever: nothing is half done.
//!
//! Every operation is asked for while the database refuses to write the first row of it, then the
//! second, and so on, until it has written all. As long as one is refused, nothing may have changed.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::time::Duration;

use parlor_tests::{
    Api, Authenticator, Breaking, Document, FILM, Operation, PICTURE, Person, Server, admin_request,
    good_body, good_path, in_a_while, new_id, setup_body, with_bytes, with_headers,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// No operation writes as many rows.
const MOST: u32 = 200;

/// What needs a mail server or an identity provider, or a link that only they have; and what posts a
/// scheduled message, which goes through the queue of posts and is repeated until the message is no
/// more scheduled, either way posted once: `scheduled.rs` shows it. A file is removed in slices, which
/// go on after a fault: `files_listed.rs` shows it.
const ELSEWHERE: [&str; 12] = [
    "beginOidc",
    "beginOwnOidc",
    "confirmByOidc",
    "linkOidc",
    "removeFile",
    "signInByOidc",
    "unlinkOidc",
    "recoverByLink",
    "requestRecovery",
    "requestVerification",
    "sendScheduled",
    "verifyEmail",
];

/// One operation that would succeed.
struct Case {
    operation: Operation,
    api: Api,
    path: String,
    body: Option<Value>,
    /// Somebody whom it may be about, and who is as well as before when it fails.
    person: Person,
}

impl Case {
    async fn of(server: &Server, operation: Operation) -> Self {
        let name = |role: char| format!("{role}{}", &new_id().simple().to_string()[..20]);
        let (person, owner) = (server.person(&name('p')).await, server.person(&name('o')).await);
        if operation.path.contains("/admin/") {
            let (path, body) = admin_request(&operation, server, &person).await;
            return Self { operation, api: (**server.admin()).clone(), path, body, person };
        }
        let group = owner.create_group("Garden", "private", &[&person]).await;
        let id = match operation.id.as_str() {
            "reportMessage" => person.say_something(group).await,
            "setPoster" => owner.share("film.mp4", "video/mp4", FILM).await,
            _ if operation.path.contains("/messages/{id}") => owner.say_something(group).await,
            _ if operation.path.contains("/users/{id}") => person.id,
            _ => group,
        };
        let path = good_path(&about_something(&operation, &owner, &person, group).await, id, person.id);
        let mut body = good_body(&operation, server, &owner).await;
        if operation.id == "changeTwoFactor" {
            let app = Authenticator::begin(&owner).await;
            body = Some(json!({"enabled": true, "code": app.code(0)}));
        }
        let api = with_headers(&operation, &owner);
        Self { operation, api, path, body, person }
    }

    async fn ask(&self) -> u16 {
        if self.operation.takes_picture {
            return self.api.upload_by(&self.operation.method, &self.path, "image/png", PICTURE).await.status;
        }
        if let Some(answer) = with_bytes(&self.operation, &self.api, &self.path).await {
            return answer.status;
        }
        self.api.call(&self.operation.method, &self.path, self.body.clone()).await.status
    }

    /// Asks until no row is refused; what went wrong, in words.
    async fn is_done_or_not_done(&self, breaking: &Breaking<'_>) -> Result<(), String> {
        let id = &self.operation.id;
        let (before, me) = (breaking.contents(), self.person.get("/users/me").await.status);
        for row in 1..MOST {
            breaking.refuse(row);
            match self.ask().await {
                200..300 => return Ok(()),
                500.. => {}
                status => return Err(format!("{id} is answered with {status}")),
            }
            let after = breaking.contents();
            if after != before {
                return Err(format!("{id} broke at row {row} and left {}", difference(&before, &after)));
            }
            let then = self.person.get("/users/me").await.status;
            if then != me {
                return Err(format!("{id} broke at row {row}, and the person gets {then} instead of {me}"));
            }
        }
        Err(format!("{id} writes and writes"))
    }
}

/// The operation with what its path names, made for it.
async fn about_something(operation: &Operation, owner: &Person, person: &Person, group: Uuid) -> Operation {
    let mut path = operation.path.clone();
    if path.contains("/api/v1/scheduled/{client_id}") {
        let id = new_id();
        let body = json!({"body": "later", "at": in_a_while(Duration::from_hours(1))});
        owner.put(&format!("/conversations/{group}/scheduled/{id}"), body).await.expect(201);
        path = path.replace("{client_id}", &id.to_string());
    }
    if operation.id == "liftGroupBan" {
        owner.put(&format!("/groups/{group}/bans/{}", person.id), json!({})).await.expect(200);
    }
    if operation.id == "clearRetention" {
        let setting = json!({"days": 30, "what": "files"});
        owner.put(&format!("/conversations/{group}/retention"), setting).await.expect(200);
    }
    if path.contains("{link}") {
        let made = owner.post(&format!("/groups/{group}/invite-links"), json!({})).await.expect(201);
        path = path.replace("{link}", made["id"].as_str().unwrap());
    }
    if path.contains("/users/me/tokens/{token}") {
        let token = json!({"name": "script", "scopes": ["read"]});
        let made = owner.post("/users/me/tokens", token).await.expect(201);
        path = path.replace("{token}", made["id"].as_str().unwrap());
    }
    if path.contains("{upload}") {
        path = owner.announced("a.txt", "text/plain", 1_000).await;
    }
    if path.contains("{session}") {
        owner.another_device().await;
        let sessions = owner.get("/users/me/sessions").await.expect(200);
        let other = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == false);
        path = path.replace("{session}", other.unwrap()["id"].as_str().unwrap());
    }
    Operation { path, ..operation.clone() }
}

/// Tries all operations that change something and whose path this is true of.
async fn nothing_is_half_done(which: fn(&str) -> bool) {
    let server = Server::start().await;
    let breaking = Breaking::prepare(&server);
    let mut problems = Vec::new();
    for operation in Document::of(&server.api()).await.operations() {
        if operation.method != "GET" && which(&operation.path) && !ELSEWHERE.contains(&&*operation.id) {
            breaking.refuse(0);
            let case = Case::of(&server, operation).await;
            breaking.settled().await;
            problems.extend(case.is_done_or_not_done(&breaking).await.err());
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The first rows that are not as before.
fn difference(before: &[String], after: &[String]) -> String {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    format!("{:#?}", before.symmetric_difference(&after).take(6).collect::<Vec<_>>())
}

fn is_for_admins(path: &str) -> bool {
    path.contains("/admin/")
}

fn is_about_an_account(path: &str) -> bool {
    !is_for_admins(path) && ["/auth/", "/users/"].iter().any(|part| path.contains(part))
}

#[tokio::test]
async fn what_an_admin_does_is_done_or_not_done() {
    nothing_is_half_done(is_for_admins).await;
}

#[tokio::test]
async fn what_one_does_with_an_account_is_done_or_not_done() {
    nothing_is_half_done(is_about_an_account).await;
}

#[tokio::test]
async fn what_one_does_in_conversations_is_done_or_not_done() {
    nothing_is_half_done(|path| {
        !is_for_admins(path) && !is_about_an_account(path) && !path.ends_with("/setup")
    })
    .await;
}

#[tokio::test]
async fn a_server_is_set_up_or_not_set_up() {
    let server = Server::fresh().await;
    let breaking = Breaking::prepare(&server);
    let before = breaking.contents();
    for row in 1..MOST {
        breaking.refuse(row);
        let answer = server.api().post("/setup", setup_body(&server.setup_token())).await;
        if answer.status == 201 {
            return;
        }
        assert!(answer.status >= 500, "{}", answer.text);
        let after = breaking.contents();
        assert!(after == before, "it broke at row {row} and left {}", difference(&before, &after));
    }
    panic!("it writes and writes");
}
