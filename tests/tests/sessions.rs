//! Sessions: tokens, cookies, and how they end.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use parlor_tests::{Answer, Api, Opening, PASSWORD, Person, Server, Socket};
use serde_json::{Value, json};
use sha2::Sha256;

/// what a session's end may take.
const SOON: Duration = Duration::from_secs(1);

async fn refresh(server: &Server, token: &str) -> Answer {
    server.api().post("/auth/refresh", json!({"refresh_token": token})).await
}

fn token(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_else(|| panic!("no {name} in {answer}")).to_owned()
}

async fn is_dead(person: &Person) -> bool {
    person.get("/users/me").await.status == 401
}

/// Signs in with a cookie; answers the `Set-Cookie` and an API that sends it as the page does.
async fn by_cookie(server: &Server, remember: bool) -> (String, Api) {
    let body = json!({"login": "ana", "password": PASSWORD, "session": "cookie", "remember": remember});
    let answer = server.api().post("/auth/login", body).await;
    let header = answer.header("set-cookie").unwrap().to_owned();
    let body = answer.expect(200);
    assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none(), "{body}");
    let pair = header.split(';').next().unwrap();
    let api = server.api().with("cookie", pair).with("sec-fetch-site", "same-origin");
    (header, api)
}

#[tokio::test]
async fn t23_each_refresh_gives_a_new_pair() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let mut seen = BTreeSet::from([ana.refresh_token.clone()]);
    let mut current = ana.refresh_token.clone();
    for _ in 0..5 {
        let pair = refresh(&server, &current).await.expect(200);
        assert!(pair["expires_in"].as_u64().is_some_and(|seconds| seconds > 0), "{pair}");
        server.api().bearer(&token(&pair, "access_token")).get("/users/me").await.expect(200);
        current = token(&pair, "refresh_token");
        assert!(seen.insert(current.clone()), "a refresh token came twice");
    }
}

#[tokio::test]
async fn t23_when_an_answer_is_lost_the_same_token_works_again() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let lost = refresh(&server, &ana.refresh_token).await.expect(200);
    let lost_again = refresh(&server, &ana.refresh_token).await.expect(200);
    let second = refresh(&server, &ana.refresh_token).await.expect(200);
    for answer in [&lost, &lost_again] {
        assert_ne!(answer["refresh_token"], second["refresh_token"]);
    }
    let third = refresh(&server, &token(&second, "refresh_token")).await.expect(200);
    server.api().bearer(&token(&third, "access_token")).get("/users/me").await.expect(200);
}

#[tokio::test]
async fn t23_a_successor_that_was_replaced_ends_the_session() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let lost = refresh(&server, &ana.refresh_token).await.expect(200);
    refresh(&server, &ana.refresh_token).await.expect(200);
    refresh(&server, &token(&lost, "refresh_token")).await.refused(401, "invalid_refresh_token");
    assert!(is_dead(&ana).await);
}

#[tokio::test]
async fn t23_an_old_token_after_its_successor_was_used_ends_the_session_and_its_sockets() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let other = ana.another_device().await;
    let (socket, others) = (ana.connect().await, other.connect().await);
    let second = refresh(&server, &ana.refresh_token).await.expect(200);
    let third = refresh(&server, &token(&second, "refresh_token")).await.expect(200);
    refresh(&server, &ana.refresh_token).await.refused(401, "invalid_refresh_token");
    assert_eq!(socket.closed_within(SOON).await, 4501);
    assert!(is_dead(&ana).await);
    refresh(&server, &token(&third, "refresh_token")).await.refused(401, "invalid_refresh_token");
    assert!(!is_dead(&other).await, "another device's session lives on");
    others.settle().await;
}

#[tokio::test]
async fn t23_what_is_no_refresh_token_is_refused() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for wrong in ["", "x", &ana.access_token, &ana.refresh_token[1..], &"x".repeat(10_000)] {
        refresh(&server, wrong).await.refused(401, "invalid_refresh_token");
    }
    assert!(!is_dead(&ana).await);
}

#[tokio::test]
async fn r18_signing_out_ends_the_tokens_and_closes_the_sockets() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let other = ana.another_device().await;
    let mut sockets = vec![ana.open_stream().await];
    for _ in 1..100 {
        sockets.push(ana.connect().await);
    }
    let start = Instant::now();
    assert_eq!(ana.post("/auth/logout", Value::Null).await.status, 204);
    for socket in &sockets {
        assert_eq!(socket.closed_within(SOON).await, 4501);
        let bye = socket.frames_of("bye");
        assert_eq!(bye.first().map(|bye| &bye["code"]), Some(&json!(4501)), "{bye:?}");
    }
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    ana.get("/users/me").await.refused(401, "unauthenticated");
    refresh(&server, &ana.refresh_token).await.refused(401, "invalid_refresh_token");
    let refused = Socket::try_open(server.address(), &Opening::bearer(&ana.access_token)).await.unwrap_err();
    assert_eq!(refused.status, 401);
    assert!(!is_dead(&other).await, "another device stays signed in");
}

#[tokio::test]
async fn a_session_outlives_a_restart() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    server.kill();
    server.restart().await;
    ana.get("/users/me").await.expect(200);
    refresh(&server, &ana.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_cookie_is_a_session_without_tokens() {
    let server = Server::start().await;
    server.person("ana").await;
    let (header, ana) = by_cookie(&server, false).await;
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(header.contains(attribute), "{attribute} is not in {header}");
    }
    assert!(
        header.starts_with("__Host-session=") && !header.contains("Max-Age") && !header.contains("Domain"),
        "{header}"
    );
    assert_eq!(ana.get("/users/me").await.expect(200)["username"], "ana");
    let signed_out = ana.post("/auth/logout", Value::Null).await;
    let cleared = signed_out.header("set-cookie").unwrap();
    assert!(cleared.starts_with("__Host-session=;") && cleared.contains("Max-Age=0"), "{cleared}");
    assert_eq!(signed_out.status, 204);
    ana.get("/users/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn t38_on_plain_http_the_cookie_does_without_tls_and_the_server_says_so() {
    let settings = [
        ("PARLOR_SERVER_PUBLIC_URLS", "http://chat.example.org"),
        ("PARLOR_SERVER_ALLOW_PLAIN_HTTP", "true"),
    ];
    let server = Server::start_with(&settings).await;
    assert_eq!(server.api().get("/server").await.expect(200)["insecure"], true);
    server.person("ana").await;
    let (header, ana) = by_cookie(&server, false).await;
    assert!(header.starts_with("session=") && !header.contains("Secure"), "{header}");
    assert!(
        header.contains("; Path=/") && header.contains("; HttpOnly") && header.contains("; SameSite=Lax"),
        "{header}"
    );
    ana.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn a_remembered_cookie_outlives_the_browser() {
    let server = Server::start().await;
    server.person("ana").await;
    let (header, _) = by_cookie(&server, true).await;
    assert!(header.contains("; Max-Age=2592000"), "30 days are expected in {header}");
}

#[tokio::test]
async fn t38_behind_tls_the_cookie_is_bound_to_it() {
    let server = Server::start_with(&[("PARLOR_SERVER_PUBLIC_URLS", "https://chat.example.org")]).await;
    server.person("ana").await;
    let (header, ana) = by_cookie(&server, false).await;
    assert!(header.starts_with("__Host-session="), "{header}");
    assert!(
        header.contains("; Secure") && header.contains("; Path=/") && header.contains("; HttpOnly"),
        "{header}"
    );
    assert!(!header.contains("Domain"), "{header}");
    ana.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn a_bad_authorization_does_not_fall_back_to_the_cookie() {
    let server = Server::start().await;
    server.person("ana").await;
    let (_, ana) = by_cookie(&server, false).await;
    for value in ["Bearer x", "Bearer", "Basic YW5hOmFuYQ==", ""] {
        ana.with("authorization", value).get("/users/me").await.refused(401, "unauthenticated");
    }
}

/// A token with this header and these claims, signed with this key as HS256 does.
fn sign(header: &Value, claims: &Value, key: &[u8]) -> String {
    let signed =
        format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", base64url(&mac.finalize().into_bytes()))
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(number >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

fn from_base64url(text: &str) -> Value {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        _ => 63,
    };
    let bytes = text.as_bytes().chunks(4).flat_map(|chunk| {
        let number = chunk.iter().fold(0_u32, |number, letter| number << 6 | u32::from(value(*letter)));
        let number = number << (6 * (4 - chunk.len()));
        number.to_be_bytes().into_iter().skip(1).take(chunk.len() - 1).collect::<Vec<u8>>()
    });
    serde_json::from_slice(&bytes.collect::<Vec<u8>>()).unwrap()
}

#[tokio::test]
async fn t22_a_token_that_the_server_did_not_sign_as_it_is_is_refused() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let parts: Vec<&str> = ana.access_token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{} is no JWT", ana.access_token) };
    let (good_header, good_claims) = (from_base64url(header), from_base64url(claims));
    assert_eq!((&good_header["alg"], &good_header["typ"]), (&json!("HS256"), &json!("at+jwt")));

    let changed = |value: &Value, field: &str, new: Value| {
        let mut value = value.clone();
        value[field] = new;
        base64url(value.to_string().as_bytes())
    };
    let none = changed(&good_header, "alg", json!("none"));
    let admin = server.admin().id;
    let mut wrong = vec![
        format!("{none}.{claims}."),
        format!("{none}.{claims}"),
        format!("{none}.{claims}.{signature}"),
        format!("{header}.{claims}."),
        format!("{header}.{claims}.{}", base64url(&[0; 32])),
        format!("{}.{claims}.{signature}", changed(&good_header, "alg", json!("RS256"))),
        format!("{}.{claims}.{signature}", changed(&good_header, "typ", json!("JWT"))),
        format!("{}.{claims}.{signature}", changed(&good_header, "kid", json!("other"))),
        sign(&good_header, &good_claims, b""),
        sign(&good_header, &good_claims, b"secret"),
    ];
    for (field, value) in [
        ("sub", json!(admin)),
        ("exp", json!(4_000_000_000_u64)),
        ("aud", json!("other")),
        ("iss", json!("other")),
        ("nbf", json!(4_000_000_000_u64)),
    ] {
        wrong.push(format!("{header}.{}.{signature}", changed(&good_claims, field, value)));
    }
    for token in wrong {
        server.api().bearer(&token).get("/users/me").await.refused(401, "unauthenticated");
    }
    ana.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn t22_the_key_is_the_servers_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start().await;
    let open: Vec<_> = std::fs::read_dir(server.data())
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.file_name() != "stdout.txt")
        .filter(|entry| entry.metadata().unwrap().permissions().mode() & 0o077 != 0)
        .collect();
    assert!(open.is_empty(), "others may read {open:?}");
}

#[tokio::test]
async fn an_access_token_says_how_long_it_is_good_for() {
    let server = Server::start_with(&[("PARLOR_SESSIONS_ACCESS_TOKEN_SECONDS", "60")]).await;
    let ana = server.person("ana").await;
    let claims = from_base64url(ana.access_token.split('.').nth(1).unwrap());
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
    let pair = refresh(&server, &ana.refresh_token).await.expect(200);
    assert_eq!(pair["expires_in"], 60);
    server.api().bearer(&token(&pair, "access_token")).get("/users/me").await.expect(200);
}
