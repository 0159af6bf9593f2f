//! Posting.

use std::collections::BTreeSet;

use parlor_tests::{Answer, Checker, Person, Server, id_of, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn two() -> (Server, Person, Person, Uuid) {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let id = ana.direct_with(&bob).await;
    (server, ana, bob, id)
}

#[tokio::test]
async fn a_message_sent_twice_is_there_once_and_answered_alike() {
    let (_server, ana, bob, id) = two().await;
    let client_id = new_id();
    let first = ana.post_message(id, client_id, "hello").await.expect(201);
    assert_eq!((&first["seq"], &first["duplicate"]), (&json!(1), &json!(false)));
    ana.say(id, "in between").await;
    for _ in 0..3 {
        let again = ana.post_message(id, client_id, "hello").await.expect(200);
        assert_eq!(again["duplicate"], true);
        for field in ["seq", "message_id", "created_at"] {
            assert_eq!(again[field], first[field], "{field}");
        }
    }
    let log = bob.log_of(id).await;
    assert_eq!(log.len(), 2);
    assert_eq!(log[0]["message"]["client_id"], client_id.to_string());
    assert_eq!(log[0]["message"]["id"], first["message_id"]);
    assert_eq!((&log[0]["kind"], &log[0]["actor"]), (&json!("message"), &json!(ana.id)));
}

#[tokio::test]
async fn another_message_under_a_used_id_is_a_conflict() {
    let (server, ana, bob, id) = two().await;
    let other = ana.direct_with(server.admin()).await;
    let client_id = new_id();
    let first = ana.post_message(id, client_id, "hello").await.expect(201);
    ana.post_message(id, client_id, "goodbye").await.refused(409, "idempotency_conflict");
    ana.post_message(other, client_id, "hello").await.refused(409, "idempotency_conflict");
    let path = format!("/conversations/{id}/messages/{client_id}");
    let reply = json!({"body": "hello", "reply_to": first["message_id"]});
    ana.put(&path, reply).await.refused(409, "idempotency_conflict");
    // Ids are each person's own.
    bob.post_message(id, client_id, "mine").await.expect(201);
    assert_eq!(bob.log_of(id).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_equal_tries_at_once_one_posts() {
    let (_server, ana, bob, id) = two().await;
    for _ in 0..5 {
        let client_id = new_id();
        let tries: Vec<_> = (0..20)
            .map(|_| {
                let ana = ana.clone();
                tokio::spawn(async move { ana.post_message(id, client_id, "once").await })
            })
            .collect();
        let (mut made, mut places) = (0, BTreeSet::new());
        for one in tries {
            let answer = one.await.unwrap();
            made += usize::from(answer.status == 201);
            assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
            places.insert(answer.body["seq"].as_u64().unwrap());
        }
        assert_eq!((made, places.len()), (1, 1));
    }
    assert_eq!(bob.log_of(id).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn r05_places_are_dense_whoever_posts() {
    let (server, ana, bob, id) = two().await;
    let group = ana.create_group("Tea", "public", &[&bob]).await;
    let posting: Vec<_> = (0..8)
        .map(|number| {
            let person = if number % 2 == 0 { ana.clone() } else { bob.clone() };
            tokio::spawn(async move {
                for round in 0..25 {
                    let conversation = if round % 3 == 0 { group } else { id };
                    person.say(conversation, &format!("{number} {round}")).await;
                }
            })
        })
        .collect();
    for one in posting {
        one.await.unwrap();
    }
    let ends = Checker::read(&bob, &[id, group]).await.ends();
    assert_eq!(ends[&id] + ends[&group], 8 * 25 + 2);
    drop(server);
}

#[tokio::test]
async fn a_reply_is_to_a_message_of_the_same_conversation() {
    let (server, ana, bob, id) = two().await;
    let first = ana.say(id, "question").await;
    let reply = async |to: Value| {
        bob.put(
            &format!("/conversations/{id}/messages/{}", new_id()),
            json!({"body": "answer", "reply_to": to}),
        )
        .await
    };
    reply(first["message_id"].clone()).await.expect(201);
    assert_eq!(ana.log_of(id).await[1]["message"]["reply_to"], first["message_id"]);

    let elsewhere = ana.direct_with(server.admin()).await;
    let foreign = ana.say(elsewhere, "secret").await;
    // T-11: somebody else's message and one that does not exist look the same.
    let mut problems = BTreeSet::new();
    for nothing in [foreign["message_id"].clone(), json!(new_id()), json!(id)] {
        let mut problem = reply(nothing).await.refused(422, "invalid_fields");
        assert_eq!(Answer::fields(&problem), ["reply_to"]);
        problem["request_id"] = Value::Null;
        problems.insert(problem.to_string());
    }
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(ana.log_of(id).await.len(), 2);
}

#[tokio::test]
async fn a_message_keeps_its_lines_and_loses_what_deceives() {
    let (_server, ana, bob, id) = two().await;
    for (sent, stored) in [
        ("two\nlines", "two\nlines"),
        ("  around  ", "around"),
        ("windows\r\nlines", "windows\nlines"),
        ("bell\u{7} and \u{1b}[31mred", "bell and [31mred"),
        ("\u{202e}txet", "txet"),
        ("👨\u{200d}👩\u{200d}👧", "👨\u{200d}👩\u{200d}👧"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; drop table entry; --", "'; drop table entry; --"),
    ] {
        ana.say(id, sent).await;
        let log = bob.log_of(id).await;
        assert_eq!(log.last().unwrap()["message"]["body"], stored);
    }
}

#[tokio::test]
async fn a_message_has_from_one_to_8000_characters() {
    let (_server, ana, bob, id) = two().await;
    ana.say(id, &"x".repeat(8_000)).await;
    ana.say(id, &"ž".repeat(8_000)).await;
    ana.say(id, &"😀".repeat(8_000)).await;
    for (bad, length) in [("x", 8_001), ("😀", 8_001), ("x", 30_000), ("", 1), ("\n", 5), ("\u{7}", 5)] {
        let answer = ana.post_message(id, new_id(), &bad.repeat(length)).await;
        assert_eq!(Answer::fields(&answer.refused(422, "invalid_fields")), ["body"], "{length} × {bad:?}");
    }
    ana.post_message(id, new_id(), &"x".repeat(70_000)).await.refused(413, "too_large");
    assert_eq!(bob.log_of(id).await.len(), 3);
}

#[tokio::test]
async fn a_repeat_is_answered_also_after_one_has_left() {
    let (_server, ana, bob, _) = two().await;
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let client_id = new_id();
    let first = bob.post_message(group, client_id, "bye").await.expect(201);
    assert_eq!(bob.delete(&format!("/groups/{group}/members/{}", bob.id)).await.status, 204);
    let again = bob.post_message(group, client_id, "bye").await.expect(200);
    assert_eq!((&again["seq"], &again["duplicate"]), (&first["seq"], &json!(true)));
    bob.post_message(group, new_id(), "one more").await.refused(404, "not_found");
}

#[tokio::test]
async fn an_id_in_the_path_has_to_be_one() {
    let (_server, ana, _bob, id) = two().await;
    for (conversation, client_id) in
        [("x", new_id().to_string()), (&*id.to_string(), "x".into()), ("..", "..".into())]
    {
        let path = format!("/conversations/{conversation}/messages/{client_id}");
        let answer = ana.put(&path, json!({"body": "x"})).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.text);
        answer.problem();
    }
    let made = ana.say(id, "fine").await;
    assert_ne!(id_of(&made["message_id"]), id);
}
