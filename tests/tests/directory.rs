//! Finding people.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Person, Server, new_id};
use serde_json::{Value, json};

fn names(people: &[Value]) -> Vec<&str> {
    people.iter().map(|person| person["username"].as_str().unwrap()).collect()
}

async fn with_people(usernames: &[&str]) -> (Server, Vec<Person>) {
    let server = Server::start().await;
    let mut people = Vec::new();
    for username in usernames {
        people.push(server.person(username).await);
    }
    (server, people)
}

#[tokio::test]
async fn the_directory_has_everybody_once_whatever_the_page_size() {
    let usernames: Vec<String> = (0..23).map(|number| format!("person{number:02}")).collect();
    let (server, _people) = with_people(&usernames.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let all = server.admin().all("/users", 100).await;
    assert_eq!(names(&all).len(), 24);
    assert!(names(&all).is_sorted(), "{:?}", names(&all));
    for limit in [1, 5, 8, 23, 24] {
        assert_eq!(names(&server.admin().all("/users", limit).await), names(&all), "pages of {limit}");
    }
}

#[tokio::test]
async fn people_are_found_by_a_part_of_their_name() {
    let (server, people) = with_people(&["ana.pop", "bob", "joana"]).await;
    people[1].patch("/users/me", json!({"name": "Robert Anan"})).await.expect(200);
    let search = async |text: &str| {
        let found = server.admin().all(&format!("/users?search={text}"), 100).await;
        names(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(search("ana").await, ["ana.pop", "bob", "joana"]);
    assert_eq!(search("ANA.").await, ["ana.pop"]);
    assert_eq!(search("robert").await, ["bob"]);
    assert_eq!(search("USR000003").await, ["bob"]);
    for nothing in ["zzz", "%25", "_", "a%25a", "%27", "%5c"] {
        assert_eq!(search(nothing).await, [""; 0], "{nothing} is no pattern");
    }
}

#[tokio::test]
async fn people_are_listed_by_role_or_by_id() {
    let (server, people) = with_people(&["ana", "bob"]).await;
    let admins = people[0].all("/users?role=admin", 100).await;
    assert_eq!(names(&admins), ["root"]);
    assert_eq!(names(&people[0].all("/users?role=user", 100).await), ["ana", "bob"]);
    let ids = format!("/users?ids={},{},{}", people[1].id, new_id(), server.admin().id);
    let mut some = people[0].all(&ids, 100).await;
    some.sort_by_key(|person| person["username"].to_string());
    assert_eq!(names(&some), ["bob", "root"]);
    for bad in ["ids=x", &format!("ids={}", vec![new_id().to_string(); 101].join(","))] {
        people[0].get(&format!("/users?{bad}")).await.refused(422, "invalid_fields");
    }
    people[0].get("/users?role=boss").await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_person_shows_no_more_than_others_may_know() {
    let (_server, people) = with_people(&["ana", "bob"]).await;
    people[0].patch("/users/me", json!({"email": "ana@example.org"})).await.expect(200);
    let ana = people[1].get(&format!("/users/{}", people[0].id)).await.expect(200);
    let mut fields: Vec<&str> = ana.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let expected = [
        "about",
        "bot",
        "created_at",
        "custom_status",
        "id",
        "last_seen_at",
        "name",
        "picture",
        "presence",
        "role",
        "status",
        "time_zone",
        "user_code",
        "username",
    ];
    assert_eq!(fields, expected);
    people[1].get(&format!("/users/{}", new_id())).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_page_has_from_one_to_a_hundred_items() {
    let (server, _people) = with_people(&["ana"]).await;
    for list in ["/users", "/groups", "/conversations"] {
        for limit in ["0", "101", "4294967295"] {
            server.admin().get(&format!("{list}?limit={limit}")).await.refused(422, "invalid_fields");
        }
        for limit in ["-1", "x", "1.5", "4294967296"] {
            server.admin().get(&format!("{list}?limit={limit}")).await.refused(400, "invalid_request");
        }
    }
}

#[tokio::test]
async fn a_cursor_that_nobody_gave_out_does_no_harm() {
    let (server, _people) = with_people(&["ana"]).await;
    for list in ["/users", "/groups", "/conversations"] {
        for cursor in ["x", "", "%00", "'%20or%201=1--", "999999999999999999999999", &"x".repeat(5_000)] {
            let answer = server.admin().get(&format!("{list}?after={cursor}")).await;
            assert!(
                answer.status == 200 || (400..500).contains(&answer.status),
                "{list} {cursor}: {}",
                answer.text
            );
        }
    }
}
