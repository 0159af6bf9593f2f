//! What admins do over HTTP, and what becomes of those to whom they do it.

use std::time::Duration;

use futures_util::future::join_all;
use parlor_tests::{Document, Opening, PASSWORD, Person, Server, Socket, admin_request, id_of, new_id};
use serde_json::{Value, json};

/// T-07: what it may take until somebody who was shut out hears nothing more.
const SOON: Duration = Duration::from_secs(1);

async fn audit(admin: &Person) -> Vec<Value> {
    admin.all("/admin/audit", 100).await
}

async fn another_admin(server: &Server, username: &str) -> Person {
    let person = server.person(username).await;
    let role = json!({"role": "admin"});
    server.admin().put(&format!("/admin/users/{}/role", person.id), role).await.expect(200);
    person
}

#[tokio::test]
async fn t26_every_operation_of_an_admin_that_does_something_is_written_down_once() {
    let server = Server::start().await;
    let admin = server.admin();
    let operations = Document::of(&server.api()).await.operations();
    let theirs: Vec<_> = operations.iter().filter(|operation| operation.path.contains("/admin/")).collect();
    assert!(theirs.len() > 10, "there are {}", theirs.len());
    for operation in theirs {
        let user = server.person(&format!("p{}", &new_id().simple().to_string()[..20])).await;
        let (path, body) = admin_request(operation, &server, &user).await;
        let before = audit(admin).await.len();
        let answer = admin.call(&operation.method, &path, body).await;
        assert!(matches!(answer.status, 200..=204), "{}: {}", operation.id, answer.body);
        // Looking does nothing; taking the log away does.
        let expected = usize::from(operation.method != "GET" || operation.id.starts_with("export"));
        assert_eq!(audit(admin).await.len() - before, expected, "{}", operation.id);
    }
}

#[tokio::test]
async fn t25_of_two_admins_who_demote_each_other_one_stays() {
    let server = Server::start().await;
    let (mut one, mut other) = (server.admin().clone(), another_admin(&server, "ben").await);
    let demote = json!({"role": "user"});
    for _ in 0..200 {
        let paths = [&other, &one].map(|person| format!("/admin/users/{}/role", person.id));
        let (first, second) =
            tokio::join!(one.put(&paths[0], demote.clone()), other.put(&paths[1], demote.clone()));
        assert_eq!([first.status, second.status].iter().filter(|status| **status == 200).count(), 1);
        if second.status == 200 {
            std::mem::swap(&mut one, &mut other);
        }
        one.put(&format!("/admin/users/{}/role", other.id), json!({"role": "admin"})).await.expect(200);
    }
}

#[tokio::test]
async fn t22_an_admin_who_is_demoted_is_none_with_the_token_they_hold() {
    let server = Server::start().await;
    let ben = another_admin(&server, "ben").await;
    let socket = ben.connect().await;
    ben.get("/admin/users").await.expect(200);
    let role = json!({"role": "user"});
    server.admin().put(&format!("/admin/users/{}/role", ben.id), role).await.expect(200);
    assert_eq!(ben.get("/admin/users").await.status, 403);
    socket.wait("what one is now", |frame| frame["me"]["role"] == "user").await;
}

#[tokio::test]
async fn t07_a_ban_closes_every_socket_and_nothing_follows() {
    let server = Server::start_with(&[("PARLOR_LIMITS_SOCKETS_PER_USER", "100")]).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let sockets = join_all((0..100).map(|_| ben.connect())).await;
    let lobby = ana.lobby().await;
    let body = json!({"reason": "spam", "minutes": 60});
    server.admin().post(&format!("/admin/users/{}/bans", ben.id), body).await.expect(201);
    let codes = join_all(sockets.iter().map(|socket| socket.closed_within(SOON))).await;
    assert!(codes.iter().all(|code| *code == 4503), "{codes:?}");
    let heard: Vec<usize> = sockets.iter().map(|socket| socket.frames_of("entry").len()).collect();
    ana.say(lobby, "they do not hear this").await;
    assert_eq!(heard, sockets.iter().map(|socket| socket.frames_of("entry").len()).collect::<Vec<_>>());
    assert_eq!(ben.get("/users/me").await.status, 401);
}

#[tokio::test]
async fn one_who_is_shut_out_is_told_why_and_comes_in_again_when_the_ban_is_lifted() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    let bans = format!("/admin/users/{}/bans", ben.id);
    let ban = admin.post(&bans, json!({"reason": "spam", "until": "2999-01-01T00:00:00Z"})).await.expect(201);
    assert_eq!((&ban["by"], &ban["lifted_at"]), (&json!(admin.id), &Value::Null));
    let refresh = json!({"refresh_token": ben.refresh_token});
    assert_eq!(server.api().post("/auth/refresh", refresh).await.status, 401);
    let login = json!({"login": "ben", "password": PASSWORD});
    let refused = server.api().post("/auth/login", login.clone()).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body["ban"], json!({"reason": "spam", "until": "2999-01-01T00:00:00.000Z"}));
    let wrong = server.api().post("/auth/login", json!({"login": "ben", "password": "a wrong one"})).await;
    assert_eq!((wrong.status, wrong.body.get("ban")), (401, None));

    let account = admin.get(&format!("/admin/users/{}", ben.id)).await.expect(200);
    assert_eq!((&account["standing"], &account["sessions"]), (&json!("banned"), &json!(0)));
    assert_eq!(admin.get("/admin/bans?state=active").await.expect(200)["items"], json!([ban]));
    let id = id_of(&ban["id"]);
    admin.delete(&format!("/admin/bans/{id}")).await.expect(200);
    assert_eq!(admin.delete(&format!("/admin/bans/{id}")).await.status, 404);
    assert_eq!(admin.get("/admin/bans?state=active").await.expect(200)["items"], json!([]));
    let back = server.api().post("/auth/login", login).await.expect(200);
    let ben = Person::signed_in(&server.api(), &back);
    let told = ben.get("/notifications").await.expect(200);
    assert_eq!(told["items"][0]["kind"], "ban_lifted");
}

#[tokio::test]
async fn a_ban_that_says_nothing_acceptable_is_refused_in_words() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    let bans = format!("/admin/users/{}/bans", ben.id);
    for (body, field) in [
        (json!({"reason": "x".repeat(501)}), "reason"),
        (json!({"reason": "spam", "until": "2020-01-01T00:00:00Z"}), "until"),
        (json!({"reason": "spam", "until": "2999-01-01T00:00:00Z", "minutes": 5}), "minutes"),
    ] {
        let refused = admin.post(&bans, body).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!(field)));
    }
    let own = admin.post(&format!("/admin/users/{}/bans", admin.id), json!({"reason": ""})).await;
    assert_eq!((own.status, &own.body["code"]), (409, &json!("yourself")));
    let nobody = admin.post(&format!("/admin/users/{}/bans", new_id()), json!({"reason": ""})).await;
    assert_eq!(nobody.status, 404);
    assert_eq!(admin.get("/admin/bans").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn an_account_is_made_changed_found_and_signed_out() {
    let server = Server::start().await;
    let admin = server.admin();
    let made = admin.post("/admin/users", json!({"username": "ben", "name": "Ben"})).await.expect(201);
    let password = made["generated_password"].as_str().unwrap();
    assert_eq!(made["recovery_codes"].as_array().unwrap().len(), 10);
    let mut login = json!({"login": "ben", "password": password});
    // Somebody else knows it, so that it only lets its owner choose another.
    server.api().post("/auth/login", login.clone()).await.refused(403, "new_password_required");
    login["new_password"] = json!(PASSWORD);
    let ben = Person::signed_in(&server.api(), &server.api().post("/auth/login", login).await.expect(200));
    let taken = admin.post("/admin/users", json!({"username": "Ben", "name": "Ben"})).await;
    assert_eq!((taken.status, &taken.body["code"]), (409, &json!("username_taken")));

    let path = format!("/admin/users/{}", ben.id);
    let change = json!({"name": "Benjamin", "email": "ben@example.org"});
    let changed = admin.patch(&path, change).await.expect(200);
    assert_eq!((&changed["name"], &changed["sessions"]), (&json!("Benjamin"), &json!(1)));
    let found =
        admin.get("/admin/users?search=BEN@example&order=last_seen&descending=true").await.expect(200);
    assert_eq!(found["items"], json!([changed]));
    assert_eq!(
        admin.get(&format!("{path}/sessions")).await.expect(200)["items"].as_array().unwrap().len(),
        1
    );
    assert_eq!(admin.delete(&format!("{path}/sessions")).await.expect(200), json!({"ended": 1}));
    assert_eq!(ben.get("/users/me").await.status, 401);
    assert_eq!(admin.patch(&format!("/admin/users/{}", new_id()), json!({"name": "x"})).await.status, 404);
}

#[tokio::test]
async fn one_session_of_somebody_is_ended_and_the_others_go_on() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    let other = ben.another_device().await;
    let socket = ben.connect().await;
    let path = format!("/admin/users/{}/sessions", ben.id);
    let own = ben.get("/users/me/sessions").await.expect(200);
    let own = own["items"].as_array().unwrap().iter().find(|session| session["current"] == true);
    let id = id_of(&own.unwrap()["id"]);
    admin.delete(&format!("{path}/{id}")).await.expect(204);
    assert_eq!(socket.closed_within(SOON).await, 4501);
    assert_eq!(ben.get("/users/me").await.status, 401);
    other.get("/users/me").await.expect(200);
    assert_eq!(admin.delete(&format!("{path}/{id}")).await.status, 404);
    // One of somebody else's is not theirs.
    let own = admin.get("/users/me/sessions").await.expect(200);
    let id = id_of(&own["items"][0]["id"]);
    assert_eq!(admin.delete(&format!("{path}/{id}")).await.status, 404);
    admin.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn who_is_connected_is_listed_apart() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    server.person("cleo").await;
    let names = async |which: &str| {
        let found = admin.get(&format!("/admin/users?{which}")).await.expect(200);
        let names = found["items"].as_array().unwrap().iter();
        names
            .map(|one| (one["username"].as_str().unwrap().to_owned(), one["online"] == true))
            .collect::<Vec<_>>()
    };
    let _socket = ben.connect().await;
    let (yes, no) = (|name: &str| (name.to_owned(), true), |name: &str| (name.to_owned(), false));
    assert_eq!(names("online=true").await, [yes("ben")]);
    assert_eq!(names("online=false").await, [no("cleo"), no("root")]);
    assert_eq!(names("").await, [yes("ben"), no("cleo"), no("root")]);
    // Who wants to be seen by nobody is not seen here either.
    let hiding = server.person("dora").await;
    let socket = hiding.connect().await;
    socket.request("presence", json!({"state": "invisible"})).await;
    assert_eq!(names("online=true").await, [yes("ben")]);
}

#[tokio::test]
async fn what_was_done_is_told_with_before_and_after_and_saved_as_a_file() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    let change = json!({"name": "=cmd(\"x\"), Ben"});
    admin.patch(&format!("/admin/users/{}", ben.id), change).await.expect(200);
    let filter = format!("user={}&action=user_changed", ben.id);
    let listed = admin.get(&format!("/admin/audit?{filter}")).await.expect(200)["items"].clone();
    let entry = &listed[0];
    let changes = json!([{"field": "name", "before": "ben", "after": "=cmd(\"x\"), Ben"}]);
    assert_eq!((&entry["by"], &entry["address"]), (&json!(admin.id), &json!("127.0.0.1")));
    assert_eq!((&entry["changes"], &entry["target"]["kind"]), (&changes, &json!("user")));

    let (status, headers, file) =
        admin.download(&format!("/api/v1/admin/audit/export?format=json&{filter}")).await;
    assert_eq!(
        (status, &headers["content-disposition"]),
        (200, &"attachment; filename=\"audit.json\"".parse().unwrap())
    );
    assert_eq!(serde_json::from_slice::<Value>(&file).unwrap(), listed);
    let (_, headers, file) = admin.download(&format!("/api/v1/admin/audit/export?format=csv&{filter}")).await;
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    let text = String::from_utf8(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[1].ends_with(r#","name: ben -> =cmd(""x""), Ben""#), "{text}");
    // More than a page.
    for number in 0..120 {
        admin
            .patch(&format!("/admin/users/{}", ben.id), json!({"name": format!("Ben {number}")}))
            .await
            .expect(200);
    }
    let (_, _, file) = admin.download(&format!("/api/v1/admin/audit/export?format=json&{filter}")).await;
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&file).unwrap().len(), 121);
}

#[tokio::test]
async fn who_deleted_a_group_is_written_down_and_the_name_of_a_private_one_is_not() {
    let server = Server::start().await;
    let (admin, ana) = (server.admin(), server.person("ana").await);
    for (visibility, name) in [("public", json!("Tea")), ("private", Value::Null)] {
        let group = ana.create_group("Tea", visibility, &[]).await;
        ana.delete(&format!("/groups/{group}")).await.expect(204);
        let listed = admin.get(&format!("/admin/audit?group={group}")).await.expect(200)["items"].clone();
        assert_eq!(listed.as_array().map(Vec::len), Some(1), "{listed}");
        assert_eq!((&listed[0]["action"], &listed[0]["by"]), (&json!("group_deleted"), &json!(ana.id)));
        assert_eq!(
            (&listed[0]["target"], &listed[0]["address"]),
            (&json!({"kind": "group", "id": group}), &json!("127.0.0.1"))
        );
        assert_eq!(listed[0]["changes"][0]["before"], name);
    }
}

#[tokio::test]
async fn t03_a_link_that_an_admin_made_gives_the_account_back_once() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    let path = format!("/admin/users/{}/reset-link", ben.id);
    let first = admin.post(&path, json!({})).await.expect(201);
    let second = admin.post(&path, json!({})).await.expect(201);
    let secret = |made: &Value| made["url"].as_str().unwrap().split_once("/recover#t=").unwrap().1.to_owned();
    let recover = async |link: &str, password: &str| {
        server.api().post("/auth/recovery/link", json!({"link": link, "new_password": password})).await
    };
    // The second took the place of the first, and nothing has happened to the account yet.
    assert_eq!(recover(&secret(&first), "a wholly new one").await.body["code"], "recovery_failed");
    assert_eq!(recover(&secret(&second), "short").await.status, 422);
    ben.get("/users/me").await.expect(200);
    let done = recover(&secret(&second), "a wholly new one").await.expect(200);
    assert_eq!(done["username"], "ben");
    assert_eq!(ben.get("/users/me").await.status, 401);
    assert_eq!(recover(&secret(&second), "another new one").await.body["code"], "recovery_failed");
    let login = json!({"login": "ben", "password": "a wholly new one"});
    server.api().post("/auth/login", login).await.expect(200);
}

#[tokio::test]
async fn a_temporary_password_lets_its_owner_choose_another_and_nothing_else() {
    let server = Server::start().await;
    let (admin, ben) = (server.admin(), server.person("ben").await);
    let socket = ben.connect().await;
    let path = format!("/admin/users/{}/temporary-password", ben.id);
    assert_eq!(admin.post(&path, json!({"password": "short"})).await.body["errors"][0]["field"], "password");
    let made = admin.post(&path, json!({})).await.expect(201);
    let temporary = made["generated_password"].as_str().unwrap();
    assert_eq!(socket.closed_within(SOON).await, 4501);
    assert_eq!(ben.get("/users/me").await.status, 401);
    let sign_in = async |form: Value| server.api().post("/auth/login", form).await;

    sign_in(json!({"login": "ben", "password": PASSWORD})).await.refused(401, "wrong_credentials");
    sign_in(json!({"login": "ben", "password": temporary})).await.refused(403, "new_password_required");
    let guest = Socket::open(server.address(), &Opening::anonymous()).await;
    let form = json!({"login": "ben", "password": temporary});
    guest.refused("authenticate", form, "new_password_required").await;
    for unacceptable in [temporary, "short"] {
        let form = json!({"login": "ben", "password": temporary, "new_password": unacceptable});
        let refused = sign_in(form).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("new_password")));
    }
    let form = json!({"login": "ben", "password": temporary, "new_password": "a wholly new one"});
    let ben = Person::signed_in(&server.api(), &sign_in(form.clone()).await.expect(200));
    ben.get("/users/me").await.expect(200);
    sign_in(form).await.refused(401, "wrong_credentials");
    sign_in(json!({"login": "ben", "password": "a wholly new one"})).await.expect(200);

    let own = format!("/admin/users/{}/temporary-password", admin.id);
    admin.post(&own, json!({})).await.refused(409, "yourself");
}
