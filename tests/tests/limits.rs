//! How often something may be done, and what whoever does it too often is told.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::net::IpAddr;
use std::time::Instant;

use parlor_tests::{Answer, Api, Opening, PASSWORD, Person, Server, Socket, new_id};
use serde_json::{Value, json};

const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

fn login(password: &str) -> Value {
    json!({"login": "ana", "password": password})
}

/// The wait in milliseconds that a refusal tells, alike in its body and its header.
#[track_caller]
fn wait_of(answer: Answer) -> u64 {
    let header: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    let problem = answer.refused(429, "rate_limited");
    let wait = problem["retry_after_ms"].as_u64().unwrap();
    assert_eq!(header, wait.div_ceil(1_000).max(1));
    wait
}

#[tokio::test]
async fn t05_the_sixth_wrong_password_waits_and_the_right_one_from_elsewhere_gets_in() {
    let server = Server::start().await;
    server.person("ana").await;
    let api = server.api();
    for _ in 0..5 {
        api.post("/auth/login", login("not the password")).await.refused(401, "wrong_credentials");
    }
    let wait = wait_of(api.post("/auth/login", login("not the password")).await);
    assert!(wait > 50_000 && wait <= 60_000, "{wait}");
    // The right one is not tried either, or the limit would tell which one is right.
    wait_of(api.post("/auth/login", json!({"login": "ANA", "password": PASSWORD})).await);
    for number in 0..20 {
        let invented = format!("203.0.113.{number}");
        let disguised = api.with("X-Forwarded-For", &invented).with("X-Real-IP", &invented);
        wait_of(disguised.post("/auth/login", login(PASSWORD)).await);
    }
    let owner = api.from(ELSEWHERE);
    owner.post("/auth/login", login(PASSWORD)).await.expect(200);
    owner.post("/auth/login", login(PASSWORD)).await.expect(200);
    wait_of(api.post("/auth/login", login(PASSWORD)).await);
}

#[tokio::test]
async fn t05_an_account_that_does_not_exist_is_limited_alike() {
    let server = Server::start().await;
    server.person("ana").await;
    for name in ["ana", "nobody"] {
        let form = json!({"login": name, "password": "not the password"});
        for _ in 0..5 {
            server.api().post("/auth/login", form.clone()).await.refused(401, "wrong_credentials");
        }
        let wait = wait_of(server.api().post("/auth/login", form).await);
        assert!(wait > 50_000 && wait <= 60_000, "{wait}");
    }
}

#[tokio::test]
async fn t05_an_address_has_ten_attempts_over_http_and_the_stream_together() {
    let server = Server::start_with(&[("PARLOR_LIMITS_SIGN_INS_PER_IP", "10")]).await;
    for number in 0..9 {
        let form = json!({"login": format!("somebody{number}"), "password": PASSWORD});
        server.api().post("/auth/login", form).await.refused(401, "wrong_credentials");
    }
    let socket = Socket::open(server.address(), &Opening::anonymous()).await;
    let form = json!({"login": "root", "password": "not the password"});
    socket.refused("authenticate", form.clone(), "wrong_credentials").await;
    let refused = socket.refused("authenticate", form, "rate_limited").await;
    assert_eq!(refused["retryable"], true);
    assert!(refused["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0 && wait <= 18_000), "{refused}");
    wait_of(server.api().post("/auth/login", login(PASSWORD)).await);
    let form = json!({"username": "ben", "name": "Ben", "password": PASSWORD});
    wait_of(server.api().post("/auth/register", form.clone()).await);
    server.api().from(ELSEWHERE).post("/auth/register", form).await.expect(201);
    // An access token is no attempt at a password.
    let token = server.admin().access_token.clone();
    Socket::open(server.address(), &Opening::anonymous())
        .await
        .done("authenticate", json!({"access_token": token}))
        .await;
}

#[tokio::test]
async fn t05_ones_own_password_is_not_guessed_through_an_open_session() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let wrong = json!({"password": "not the password"});
    for _ in 0..5 {
        ana.put("/users/me/confirmation", wrong.clone()).await.refused(403, "wrong_password");
    }
    wait_of(ana.put("/users/me/confirmation", wrong).await);
    let change = json!({"password": PASSWORD, "new_password": "eight green lanterns"});
    wait_of(ana.put("/users/me/password", change).await);
    server.api().post("/auth/login", login(PASSWORD)).await.expect(200);
}

#[tokio::test]
async fn t03_a_thousand_random_codes_never_give_an_account_back() {
    let settings = [("PARLOR_LIMITS_RECOVERY_BURST", "3"), ("PARLOR_LIMITS_RECOVERIES_PER_HOUR_PER_IP", "3")];
    let server = Server::start_with(&settings).await;
    server.person("ana").await;
    let attempt = |number: u32| {
        let code: String = new_id().simple().to_string().to_uppercase().chars().take(24).collect();
        let form = json!({"login": "ana", "recovery_code": code, "new_password": "eight green lanterns"});
        // A tenth of them comes from as many addresses as there are.
        let last = u8::try_from(number % 250).unwrap() + 1;
        let api = server.api();
        let api = if number.is_multiple_of(10) { api.from([127, 0, 1, last].into()) } else { api };
        async move { api.post("/auth/recovery", form).await }
    };
    for _ in 0..3 {
        attempt(1).await.refused(403, "recovery_failed");
    }
    for number in 0..1_000 {
        let wait = wait_of(attempt(number).await);
        assert!(wait > 1_000_000 && wait <= 3_600_000, "{wait}");
    }
    server.api().post("/auth/login", login(PASSWORD)).await.expect(200);
    // What cannot be a password is told without an attempt.
    let form = json!({"login": "ana", "recovery_code": "x", "new_password": "short"});
    server.api().post("/auth/recovery", form).await.refused(422, "invalid_fields");
}

#[tokio::test]
async fn t32_messages_of_one_person_are_counted_over_http_and_the_stream_together() {
    let settings = [("PARLOR_LIMITS_MESSAGES_PER_SECOND", "1"), ("PARLOR_LIMITS_MESSAGE_BURST", "3")];
    let server = Server::start_with(&settings).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let lobby = ana.lobby().await;
    let socket = ana.connect().await;
    let message = || json!({"conversation": lobby, "client_id": new_id(), "body": "hello"});
    let (start, mut accepted, mut refused) = (Instant::now(), 0, [0, 0, 0]);
    let first = ana.say_something(lobby).await;
    for _ in 0..10 {
        let forward = format!("/conversations/{lobby}/forwards/{}", new_id());
        let answers = [
            ana.post_message(lobby, new_id(), "hello").await,
            ana.put(&forward, json!({"message": first})).await,
        ];
        for (number, answer) in answers.into_iter().enumerate() {
            if answer.status == 201 {
                accepted += 1;
            } else {
                assert!(wait_of(answer) <= 1_000);
                refused[number] += 1;
            }
        }
        let answer = socket.request("message.send", message()).await;
        if answer["type"] == "ok" {
            accepted += 1;
        } else {
            assert_eq!((&answer["code"], &answer["retryable"]), (&json!("rate_limited"), &json!(true)));
            assert!(answer["retry_after_ms"].as_u64().is_some_and(|wait| wait > 0 && wait <= 1_000));
            refused[2] += 1;
        }
    }
    assert!(accepted <= 2 + 1 + start.elapsed().as_secs(), "{accepted} in {:?}", start.elapsed());
    assert!(refused.iter().all(|times| *times > 0), "{refused:?}");
    ben.say(lobby, "somebody else does not wait").await;
    // Nothing was dropped silently: whoever comes back after the wait posts.
    let again = message();
    parlor_tests::eventually("the message is taken", async || {
        (socket.request("message.send", again.clone()).await["type"] == "ok").then_some(())
    })
    .await;
}

#[tokio::test]
async fn t32_an_address_makes_three_accounts_an_hour_and_mistakes_do_not_count() {
    let server = Server::start_with(&[("PARLOR_LIMITS_REGISTRATIONS_PER_HOUR_PER_IP", "3")]).await;
    let register = async |api: Api, name: &str| {
        let form = json!({"username": name, "name": name, "password": PASSWORD});
        api.post("/auth/register", form).await
    };
    for name in ["ana", "ben", "cleo"] {
        register(server.api(), "no").await.refused(422, "invalid_fields");
        register(server.api(), "root").await.refused(409, "username_taken");
        register(server.api(), name).await.expect(201);
    }
    let wait = wait_of(register(server.api(), "dan").await);
    assert!(wait > 1_000_000 && wait <= 1_200_000, "{wait}");
    register(server.api().from(ELSEWHERE), "dan").await.expect(201);
}

#[tokio::test]
async fn t32_groups_and_links_are_limited_for_each_person() {
    let settings =
        [("PARLOR_LIMITS_GROUP_CREATES_PER_HOUR", "2"), ("PARLOR_LIMITS_INVITE_LINKS_PER_DAY", "2")];
    let server = Server::start_with(&settings).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = ana.create_group("First", "private", &[&ben]).await;
    let cases = [
        ("/groups".to_owned(), json!({"name": "More", "visibility": "private"}), 1, 3_600_000 / 2),
        (format!("/groups/{group}/invite-links"), json!({}), 2, 86_400_000 / 2),
    ];
    for (path, body, fine, longest) in cases {
        let make = async |person: &Person| person.post(&path, body.clone()).await;
        for _ in 0..fine {
            make(&ana).await.expect(201);
        }
        for _ in 0..20 {
            let wait = wait_of(make(&ana).await);
            assert!(wait > 0 && wait <= longest, "{path}: {wait}");
        }
    }
    ben.create_group("Another's", "private", &[]).await;
}
