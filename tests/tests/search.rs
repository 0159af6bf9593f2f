//! Finding messages, as people and programs do it.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Person, Server, eventually, id_of};
use serde_json::{Value, json};
use uuid::Uuid;

/// Searches; what the query is made of is escaped.
async fn search(person: &Person, query: &str, more: &str) -> parlor_tests::Answer {
    let escaped = query.bytes().fold(String::new(), |escaped, byte| escaped + &format!("%{byte:02X}"));
    person.get(&format!("/search?q={escaped}{more}")).await
}

/// The texts that somebody finds.
async fn found(person: &Person, query: &str) -> Vec<String> {
    let answer = search(person, query, "").await.expect(200);
    let items = answer["items"].as_array().unwrap().iter();
    items.map(|hit| hit["entry"]["message"]["body"].as_str().unwrap().to_owned()).collect()
}

/// Waits until somebody finds exactly these.
async fn finds(person: &Person, query: &str, expected: &[&str]) {
    let what = format!("{} finds {expected:?} by {query}", person.username);
    eventually(&what, async || (found(person, query).await == expected).then_some(())).await;
}

#[tokio::test]
async fn a_message_is_found_as_soon_as_it_is_written_and_told_with_its_place() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    ana.say(direct, "The 🎈 kitchen\nis open").await;
    finds(&bob, "KITCH", &["The 🎈 kitchen\nis open"]).await;
    let answer = search(&bob, "kitchen open", "").await.expect(200);
    let hit = &answer["items"][0];
    assert_eq!(id_of(&hit["entry"]["conversation"]), direct);
    assert_eq!((&hit["entry"]["seq"], id_of(&hit["entry"]["actor"])), (&json!(1), ana.id));
    let highlights = json!([{"start": 7, "length": 7}, {"start": 18, "length": 4}]);
    assert_eq!(hit["snippet"], json!({"text": "The 🎈 kitchen is open", "highlights": highlights}));
    assert_eq!(answer["next"], Value::Null);
}

#[tokio::test]
async fn t12_only_what_one_may_read_is_found_from_the_moment_on_that_it_changes() {
    let server = Server::start().await;
    let (ana, bob, eve) =
        (server.person("ana").await, server.person("bob").await, server.person("eve").await);
    let group = ana.create_group("Garden", "private", &[&bob]).await;
    ana.say(group, "canary in the garden").await;
    finds(&bob, "canary", &["canary in the garden"]).await;
    assert_eq!(found(&eve, "canary").await, Vec::<String>::new());
    search(&eve, "canary", &format!("&conversation={group}")).await.expect(404);
    search(&eve, "canary in:garden", "").await.expect(422);
    bob.delete(&format!("/groups/{group}/members/{}", bob.id)).await.expect(204);
    assert_eq!(found(&bob, "canary").await, Vec::<String>::new());
    search(&bob, "canary", &format!("&conversation={group}")).await.expect(404);
    assert_eq!(found(&ana, "canary").await, ["canary in the garden"]);
}

#[tokio::test]
async fn what_was_changed_or_deleted_is_not_found_any_more() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let first = ana.say(direct, "canary one").await["message_id"].as_str().unwrap().to_owned();
    let second = ana.say(direct, "canary two").await["message_id"].as_str().unwrap().to_owned();
    finds(&bob, "canary", &["canary two", "canary one"]).await;
    ana.patch(&format!("/messages/{first}"), json!({"body": "sparrow https://example.org"}))
        .await
        .expect(200);
    assert_eq!(found(&bob, "canary").await, ["canary two"]);
    finds(&bob, "sparrow has:link", &["sparrow https://example.org"]).await;
    ana.delete(&format!("/messages/{second}")).await.expect(200);
    assert_eq!(found(&bob, "canary").await, Vec::<String>::new());
}

#[tokio::test]
async fn hits_come_in_pages() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let notes = ana.direct_with(&ana).await;
    for number in 0..7 {
        ana.say(notes, &format!("page turner {number}")).await;
    }
    let all: Vec<String> = (0..7).rev().map(|number| format!("page turner {number}")).collect();
    let expected: Vec<&str> = all.iter().map(String::as_str).collect();
    finds(&ana, "page", &expected).await;
    let (mut bodies, mut after) = (Vec::new(), String::new());
    loop {
        let page = search(&ana, "from:me turn", &format!("&limit=3{after}")).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        bodies.extend(items.map(|hit| hit["entry"]["message"]["body"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(bodies, all);
    let there = search(&ana, "page", &format!("&conversation={notes}&limit=1")).await.expect(200);
    assert_eq!(there["items"].as_array().unwrap().len(), 1);
    search(&ana, "page", &format!("&conversation={}", Uuid::from_u128(7))).await.expect(404);
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_told_what_to_do() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for (query, code) in [
        ("", "required"),
        ("-word", "required"),
        ("from:nobody.there x", "not_found"),
        ("in:nowhere x", "not_found"),
        ("by:ana x", "unknown_filter"),
        ("before:tomorrow", "invalid_date"),
        ("has:love", "invalid"),
        (&"x".repeat(301), "too_long"),
    ] {
        let problem = search(&ana, query, "").await.expect(422);
        let error = &problem["errors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!("q"), &json!(code)), "{query}");
        assert!(error["message"].as_str().unwrap().ends_with('.'), "{error}");
    }
    let problem = search(&ana, "x", "&utc_offset=900").await.expect(422);
    assert_eq!(problem["errors"][0]["field"], "utc_offset");
}
