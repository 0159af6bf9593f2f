//! Conversations, pages of their history, and how far one has read.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeSet;

use parlor_tests::{Answer, Person, Server, id_of, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn two() -> (Server, Person, Person) {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    (server, ana, bob)
}

fn seqs(page: &Value) -> Vec<u64> {
    page["items"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn there_is_one_direct_conversation_for_two_people() {
    let (_server, ana, bob) = two().await;
    let opened = ana.post("/conversations/direct", json!({"user": bob.id})).await.expect(201);
    let id = id_of(&opened["id"]);
    assert_eq!((&opened["kind"], &opened["group"]), (&json!("direct"), &Value::Null));
    assert_eq!(opened["peer"]["username"], "bob");
    assert_eq!(
        ana.post("/conversations/direct", json!({"user": bob.id})).await.expect(200)["id"],
        opened["id"]
    );
    let theirs = bob.post("/conversations/direct", json!({"user": ana.id})).await.expect(200);
    assert_eq!((&theirs["id"], &theirs["peer"]["username"]), (&opened["id"], &json!("ana")));
    ana.say(id, "hi").await;
    assert_eq!(bob.log_of(id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_may_open_their_conversation_at_once() {
    let (server, ana, _) = two().await;
    for round in 0..10 {
        let other = server.person(&format!("person{round}")).await;
        let tries: Vec<_> = (0..10)
            .map(|number| {
                let (one, two) =
                    if number % 2 == 0 { (ana.clone(), other.id) } else { (other.clone(), ana.id) };
                tokio::spawn(async move { one.post("/conversations/direct", json!({"user": two})).await })
            })
            .collect();
        let (mut ids, mut made) = (BTreeSet::new(), 0);
        for one in tries {
            let answer = one.await.unwrap();
            made += usize::from(answer.status == 201);
            assert!(matches!(answer.status, 200 | 201), "{}", answer.text);
            ids.insert(id_of(&answer.body["id"]));
        }
        assert_eq!((ids.len(), made), (1, 1), "round {round}");
    }
}

#[tokio::test]
async fn one_writes_notes_to_oneself() {
    let (_server, ana, bob) = two().await;
    let opened = ana.post("/conversations/direct", json!({"user": ana.id})).await.expect(201);
    assert_eq!((&opened["peer"]["username"], &opened["peer_cursor"]), (&json!("ana"), &Value::Null));
    let id = id_of(&opened["id"]);
    ana.say(id, "milk").await;
    assert_eq!(ana.post("/conversations/direct", json!({"user": ana.id})).await.expect(200)["unread"], 0);
    bob.get(&format!("/conversations/{id}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn nobody_talks_to_somebody_who_is_not_there() {
    let (_server, ana, _) = two().await;
    let problem =
        ana.post("/conversations/direct", json!({"user": new_id()})).await.refused(404, "not_found");
    assert_eq!(Answer::fields(&problem), ["user"]);
    assert_eq!(ana.all("/conversations", 100).await.len(), 1, "the lobby alone");
}

#[tokio::test]
async fn t11_a_direct_conversation_is_between_two() {
    let (server, ana, bob) = two().await;
    let eve = server.person("eve").await;
    let id = ana.direct_with(&bob).await;
    ana.say(id, "between us").await;
    for other in [&eve, server.admin()] {
        for path in ["", "/log", "/messages", "/messages?around=1"] {
            other.get(&format!("/conversations/{id}{path}")).await.refused(404, "not_found");
        }
        other.get(&format!("/groups/{id}")).await.refused(404, "not_found");
        other.post_message(id, new_id(), "me too").await.refused(404, "not_found");
        other.put(&format!("/conversations/{id}/read"), json!({"seq": 1})).await.refused(404, "not_found");
        let sync = other.get(&format!("/sync?cursors={id}:0")).await;
        assert!(!sync.text.contains("between us") && !sync.text.contains(&id.to_string()), "{}", sync.text);
    }
    for group in [ana.get(&format!("/groups/{id}")).await, ana.get(&format!("/groups/{id}/members")).await] {
        group.refused(404, "not_found");
    }
}

#[tokio::test]
async fn unread_messages_are_those_of_others_after_what_was_read() {
    let (_server, ana, bob) = two().await;
    let id = ana.direct_with(&bob).await;
    for text in ["one", "two", "three"] {
        ana.say(id, text).await;
    }
    assert_eq!(ana.conversation(id).await["unread"], 0, "one's own messages are read");
    let before = bob.conversation(id).await;
    assert_eq!(
        (&before["unread"], &before["read_seq"], &before["last_seq"]),
        (&json!(3), &json!(0), &json!(3))
    );
    assert_eq!(before["last_message"]["message"]["body"], "three");
    let read = async |seq: u64| bob.put(&format!("/conversations/{id}/read"), json!({"seq": seq})).await;
    assert_eq!(read(2).await.expect(200), json!({"read_seq": 2, "delivered_seq": 2, "unread": 1}));
    assert_eq!(read(1).await.expect(200), json!({"read_seq": 2, "delivered_seq": 2, "unread": 1}));
    assert_eq!(read(3).await.expect(200), json!({"read_seq": 3, "delivered_seq": 3, "unread": 0}));
    for beyond in [4, u64::MAX] {
        let end = json!({"read_seq": 3, "delivered_seq": 3, "unread": 0});
        assert_eq!(read(beyond).await.expect(200), end, "beyond the end is the end");
    }
    ana.say(id, "four").await;
    assert_eq!(bob.conversation(id).await["unread"], 1, "it was not read before it was written");
    assert_eq!(read(4).await.expect(200)["unread"], 0);
    bob.say(id, "five").await;
    assert_eq!(bob.conversation(id).await["unread"], 0);
    let seen = ana.conversation(id).await;
    assert_eq!((&seen["unread"], &seen["peer_cursor"]["read_seq"]), (&json!(1), &json!(4)));
    assert_eq!(seen["peer_cursor"]["user"], bob.id.to_string());
}

#[tokio::test]
async fn conversations_come_in_the_order_of_their_last_activity() {
    let (server, ana, _) = two().await;
    let mut expected: Vec<Uuid> = Vec::new();
    for number in 0..9 {
        let other = server.person(&format!("person{number}")).await;
        expected.insert(0, ana.direct_with(&other).await);
    }
    // Newcomers of the lobby are activity, too; from here on nobody comes.
    for id in expected.clone().iter().rev() {
        ana.say(*id, "hi").await;
    }
    ana.say(expected[4], "again").await;
    let moved = expected.remove(4);
    expected.insert(0, moved);
    expected.push(ana.lobby().await);
    for limit in [1, 3, 10, 100] {
        let found: Vec<Uuid> =
            ana.all("/conversations", limit).await.iter().map(|one| id_of(&one["id"])).collect();
        assert_eq!(found, expected, "pages of {limit}");
    }
}

#[tokio::test]
async fn history_comes_in_pages_before_after_and_around_a_place() {
    let (_server, ana, bob) = two().await;
    let id = ana.direct_with(&bob).await;
    for number in 1..=25 {
        ana.say(id, &number.to_string()).await;
    }
    let page =
        async |query: &str| bob.get(&format!("/conversations/{id}/messages?{query}")).await.expect(200);
    let range = |from: u64, to: u64| (from..=to).collect::<Vec<u64>>();

    let newest = page("limit=10").await;
    assert_eq!(seqs(&newest), range(16, 25));
    assert_eq!(
        (&newest["has_older"], &newest["has_newer"], &newest["last_seq"]),
        (&json!(true), &json!(false), &json!(25))
    );
    assert_eq!(seqs(&page("before=16&limit=10").await), range(6, 15));
    let oldest = page("before=6&limit=10").await;
    assert_eq!((seqs(&oldest), &oldest["has_older"]), (range(1, 5), &json!(false)));
    let after = page("after=20&limit=3").await;
    assert_eq!((seqs(&after), &after["has_newer"]), (range(21, 23), &json!(true)));
    assert_eq!(seqs(&page("after=25").await), range(1, 0));
    assert_eq!(seqs(&page("before=1").await), range(1, 0));
    let around = seqs(&page("around=12&limit=5").await);
    assert!(
        around.len() == 5 && around.contains(&12) && around.windows(2).all(|two| two[0] + 1 == two[1]),
        "{around:?}"
    );
    assert!(seqs(&page("around=1&limit=5").await).contains(&1));
    assert!(seqs(&page("around=25&limit=5").await).contains(&25));
    for huge in ["after", "before", "around"] {
        let answer = bob.get(&format!("/conversations/{id}/messages?{huge}=18446744073709551615")).await;
        assert!(matches!(answer.status, 200 | 400 | 422), "{huge}: {}", answer.text);
    }
    for bad in ["before=1&after=2", "after=1&around=2", "before=-1", "around=x"] {
        bob.get(&format!("/conversations/{id}/messages?{bad}")).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn the_log_is_read_to_its_end_in_pages_of_any_size() {
    let (_server, ana, bob) = two().await;
    let id = ana.direct_with(&bob).await;
    for number in 1..=12 {
        ana.say(id, &number.to_string()).await;
    }
    for limit in [1, 5, 12, 100] {
        let (mut after, mut found) = (0, Vec::new());
        loop {
            let page =
                bob.get(&format!("/conversations/{id}/log?after={after}&limit={limit}")).await.expect(200);
            assert_eq!(page["last_seq"], 12);
            found.extend(seqs(&page));
            after = *found.last().unwrap();
            assert_eq!(page["more"], json!(after < 12));
            if page["more"] == false {
                break;
            }
        }
        assert_eq!(found, (1..=12).collect::<Vec<u64>>(), "pages of {limit}");
    }
    let beyond = bob.get(&format!("/conversations/{id}/log?after=12")).await.expect(200);
    assert_eq!((seqs(&beyond).len(), &beyond["more"]), (0, &json!(false)));
}

#[tokio::test]
async fn sync_tells_everything_since_the_cursors() {
    let (_server, ana, bob) = two().await;
    let id = ana.direct_with(&bob).await;
    for number in 1..=7 {
        ana.say(id, &number.to_string()).await;
    }
    let start = bob.get("/sync").await.expect(200);
    assert_eq!((&start["me"]["username"], &start["entries"]), (&json!("bob"), &json!([])));
    assert_eq!(start["conversations"].as_array().map(Vec::len), Some(2));
    let page = bob.get(&format!("/sync?cursors={id}:3&limit=2")).await.expect(200);
    let found: Vec<_> =
        page["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!((found, &page["more"], &page["epoch"]), (vec![4, 5], &json!(true), &start["epoch"]));
    let last = bob.get(&format!("/sync?cursors={id}:5,{}:0", new_id())).await.expect(200);
    assert_eq!((last["entries"].as_array().map(Vec::len), &last["more"]), (Some(2), &json!(false)));
    let ahead = bob.get(&format!("/sync?cursors={id}:99")).await.expect(200);
    assert_eq!(ahead["resets"], json!([{"conversation": id, "last_seq": 7}]));
    for bad in ["x", "x:1", &format!("{id}:x"), &vec![format!("{id}:1"); 501].join(",")] {
        bob.get(&format!("/sync?cursors={bad}")).await.refused(422, "invalid_fields");
    }
}
