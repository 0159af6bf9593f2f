//! What people show of themselves: what they are up to, their time zone, and pictures.

use parlor_tests::{Answer, PICTURE, Person, Server};
use serde_json::{Value, json};

const MINE: &str = "/api/v1/users/me/picture";

async fn account(person: &Person) -> Value {
    person.get("/users/me").await.expect(200)
}

#[tokio::test]
async fn one_says_what_one_is_up_to_and_everybody_hears_of_it() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (mine, others) = (ana.connect().await, ben.connect().await);
    let until = "2999-01-01T00:00:00.000Z";
    let status = json!({"emoji": "🌴", "text": "by the sea", "until": until});
    let changed = ana.put("/users/me/status", status.clone()).await.expect(200);
    assert_eq!(changed["custom_status"], status);
    let path = format!("/users/{}", ana.id);
    assert_eq!(ben.get(&path).await.expect(200)["custom_status"], status);
    let told = |kind: &'static str, whose: &'static str, expected: Value| {
        move |frame: &Value| frame["type"] == kind && frame[whose]["custom_status"] == expected
    };
    others.wait("the status of the other", told("user.changed", "user", status.clone())).await;
    mine.wait("one's own status", told("account.changed", "me", status)).await;

    assert_eq!(ana.delete("/users/me/status").await.expect(200)["custom_status"], json!(null));
    others.wait("that it is gone", told("user.changed", "user", json!(null))).await;
    assert_eq!(ben.get(&path).await.expect(200)["custom_status"], json!(null));
}

#[tokio::test]
async fn a_status_that_says_nothing_or_has_ended_is_refused() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for (body, field) in [
        (json!({}), "text"),
        (json!({"text": " ", "emoji": ""}), "text"),
        (json!({"text": "x".repeat(101)}), "text"),
        (json!({"emoji": "x", "text": "hello"}), "emoji"),
        (json!({"text": "hello", "until": "2001-01-01T00:00:00Z"}), "until"),
    ] {
        let problem = ana.put("/users/me/status", body.clone()).await.refused(422, "invalid_fields");
        assert_eq!(Answer::fields(&problem), [field], "{body}");
    }
    assert_eq!(account(&ana).await["custom_status"], json!(null));
}

#[tokio::test]
async fn a_time_zone_is_known_by_its_name() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let change = |zone: &str| ana.patch("/users/me", json!({"time_zone": zone}));
    assert_eq!(change("Europe/Bucharest").await.expect(200)["time_zone"], "Europe/Bucharest");
    let path = format!("/users/{}", ana.id);
    assert_eq!(ben.get(&path).await.expect(200)["time_zone"], "Europe/Bucharest");
    let problem = change("Mars/Olympus").await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["time_zone"]);
    assert_eq!(change("").await.expect(200)["time_zone"], json!(null));
}

#[tokio::test]
async fn a_picture_is_made_by_the_server_and_may_be_kept_for_ever() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let socket = ben.connect().await;
    let path = format!("/users/{}/picture", ana.id);
    ben.get(&path).await.refused(404, "not_found");
    let set = ana.upload(MINE, "image/png", PICTURE).await.expect(200);
    let version = set["picture"].as_str().unwrap().to_owned();
    let told =
        |frame: &Value| frame["type"] == "user.changed" && frame["user"]["picture"] == version.as_str();
    socket.wait("the new picture", told).await;

    let path = format!("/api/v1{path}");
    let mut tags = Vec::new();
    for size in ["small", "large"] {
        let (status, headers, bytes) = ben.download(&format!("{path}?size={size}&v={version}")).await;
        assert_eq!((status, &headers["content-type"]), (200, &"image/webp".parse().unwrap()));
        assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "private, max-age=31536000, immutable");
        tags.push(headers["etag"].to_str().unwrap().to_owned());
    }
    assert_ne!(tags[0], tags[1]);
    let (_, headers, _) = ben.download(&path).await;
    assert_eq!(headers["cache-control"], "private, no-cache");
    let knows = ben.with("if-none-match", &tags[1]);
    assert_eq!(knows.download(&path).await.0, 304);
    let stranger = server.api().with("if-none-match", &tags[1]);
    assert_eq!(stranger.download(&path).await.0, 401, "who may see it is asked first");

    let again = ana.upload(MINE, "application/octet-stream", PICTURE).await.expect(200);
    assert_ne!(again["picture"], version.as_str());
    assert_eq!(knows.download(&path).await.0, 200, "it is another one");
    assert_eq!(ana.delete("/users/me/picture").await.expect(200)["picture"], json!(null));
    assert_eq!(knows.download(&path).await.0, 404);
    ana.delete("/users/me/picture").await.expect(200);
}

#[tokio::test]
async fn t20_what_is_no_picture_is_refused_and_changes_nothing() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let before = ana.upload(MINE, "image/png", PICTURE).await.expect(200);
    let mut enormous = PICTURE.to_vec();
    enormous[16..24].copy_from_slice(&[0, 0, 0xC3, 0x50, 0, 0, 0xC3, 0x50]);
    enormous[29..33].copy_from_slice(&0x6EC4_6216_u32.to_be_bytes());
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for (kind, file, code) in [
        ("image/svg+xml", svg.to_vec(), "not_a_picture"),
        ("image/png", b"<html>".to_vec(), "not_a_picture"),
        ("image/png", Vec::new(), "not_a_picture"),
        ("image/png", PICTURE[..PICTURE.len() / 2].to_vec(), "damaged_picture"),
        ("image/png", enormous, "too_many_pixels"),
    ] {
        ana.upload(MINE, kind, file).await.refused(422, code);
    }
    ana.upload(MINE, "image/png", vec![0; 10_485_761]).await.refused(413, "too_large");
    assert_eq!(account(&ana).await["picture"], before["picture"]);
}
