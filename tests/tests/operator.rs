//! What the machine's operator does on the command line, beside a running server and without one.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Finished, PASSWORD, Person, Server, run};
use serde_json::{Value, json};

/// Runs `parlor` on this data folder; what it answers as JSON.
#[track_caller]
fn order(data: &str, words: &[&str]) -> Value {
    let finished = ask(data, words);
    assert_eq!(finished.status, Some(0), "{words:?}: {finished:?}");
    serde_json::from_str(&finished.stdout).unwrap()
}

fn ask(data: &str, words: &[&str]) -> Finished {
    run(&[words, &["--json", "--data-dir", data]].concat(), &[])
}

async fn sign_in(server: &Server, login: &str, password: &str) -> u16 {
    server.api().post("/auth/login", json!({"login": login, "password": password})).await.status
}

#[tokio::test]
async fn orders_are_carried_out_by_the_server_that_runs() {
    let server = Server::start().await;
    let data = server.data().to_str().unwrap();
    let ben = server.person("ben").await;
    let socket = ben.connect().await;

    let blocked = order(data, &["user", "block", "USR000002", "--reason", "spam", "--minutes", "5"]);
    assert!(blocked["until"].is_string(), "{blocked}");
    assert_eq!(socket.closed().await, 4503);
    assert_eq!(sign_in(&server, "ben", PASSWORD).await, 403);
    assert_eq!(order(data, &["user", "list", "--blocked"])[0]["username"], "ben");
    order(data, &["user", "unblock", "ben"]);
    let ben = ben.another_device().await;
    assert_eq!(order(data, &["user", "sessions", "ben"]).as_array().unwrap().len(), 1);

    assert_eq!(order(data, &["user", "role", "ben", "admin"])["role"], "admin");
    ben.get("/admin/users").await.expect(200);
    let link = order(data, &["user", "reset-link", "ben"]);
    let (origin, secret) = link["url"].as_str().unwrap().split_once("/recover#t=").unwrap();
    assert!(origin.starts_with("http://"), "{link}");
    let form = json!({"link": secret, "new_password": "a wholly new one"});
    server.api().post("/auth/recovery/link", form).await.expect(200);
    assert_eq!(sign_in(&server, "ben", "a wholly new one").await, 200);
    assert_eq!(order(data, &["user", "sessions", "ben", "--end"])["ended"], 1);

    let given = order(data, &["user", "temporary-password", "ben"]);
    assert_eq!(sign_in(&server, "ben", "a wholly new one").await, 401);
    assert_eq!(sign_in(&server, "ben", given["password"].as_str().unwrap()).await, 403);

    let made = order(data, &["user", "create", "eve", "--name", "Eve", "--email", "eve@example.org"]);
    assert_eq!(sign_in(&server, "eve@example.org", made["password"].as_str().unwrap()).await, 200);
    let admin = order(data, &["admin", "create", "--username", "ops"]);
    assert_eq!(admin["user"]["role"], "admin");
    let deleted = order(data, &["user", "delete", "eve", "--erase"]);
    assert_eq!(deleted, json!({"user": "eve", "messages": 0}));
    assert_eq!(ask(data, &["user", "delete", "ben"]).status, Some(2), "it has to be said what is kept");
    assert_eq!(ask(data, &["user", "delete", "eve", "--keep-messages"]).status, Some(2));
    let names: Vec<Value> = order(data, &["user", "list"]).as_array().unwrap().clone();
    assert_eq!(names.len(), 4);

    // Nobody did it, as far as the log knows.
    let log = server.admin().get("/admin/audit?action=user_banned").await.expect(200);
    assert_eq!((&log["items"][0]["by"], &log["items"][0]["address"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_order_that_cannot_be_carried_out_says_why() {
    let server = Server::start().await;
    let data = server.data().to_str().unwrap();
    let admin = server.admin().username.clone();
    for (words, reason) in [
        (vec!["user", "block", "nobody"], "there is no user nobody"),
        (vec!["user", "unblock", &admin], "is not blocked"),
        (vec!["user", "role", &admin, "user"], "last admin"),
        (vec!["user", "create", "Not A Name"], "username"),
        (vec!["user", "create", &admin], "taken"),
    ] {
        let finished = ask(data, &words);
        assert_eq!((finished.status, finished.stdout.as_str()), (Some(2), ""), "{words:?}");
        assert!(finished.stderr.contains(reason), "{words:?}: {}", finished.stderr);
    }
}

#[tokio::test]
async fn orders_are_carried_out_when_no_server_runs() {
    let mut server = Server::start().await;
    server.person("ben").await;
    let data = server.data().to_str().unwrap().to_owned();
    server.kill();
    // The socket of a server that was killed is in nobody's way.
    order(&data, &["user", "block", "ben"]);
    assert_eq!(order(&data, &["user", "list", "--blocked"])[0]["standing"], "blocked");
    let words = run(&["user", "list", "--data-dir", &data], &[]).stdout;
    assert!(words.lines().any(|line| line.starts_with("USR000002\tben\tuser\tblocked")), "{words}");
    server.restart().await;
    assert_eq!(sign_in(&server, "ben", PASSWORD).await, 403);
    order(&data, &["user", "unblock", "ben"]);
    Person::signed_in(
        &server.api(),
        &server.api().post("/auth/login", json!({"login": "ben", "password": PASSWORD})).await.expect(200),
    );
}
