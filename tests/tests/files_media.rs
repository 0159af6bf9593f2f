//! What is told of films and sounds, and the posters of films.

use parlor_tests::{FILM, PICTURE, Person, Server, files_below, id_of, upload_path, words};
use serde_json::{Value, json};
use uuid::Uuid;

const WAV: &[u8] =
    b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x02\0\0\0\0\0";

/// Three parts of a waveform, in base64 as it stands in an address.
const THREE_PARTS: &str = "waveform=AH%2F%2F";

async fn upload(person: &Person, name: &str, kind: &str, bytes: &'static [u8], told: &str) -> Value {
    person.upload_by("POST", &format!("{}&{told}", upload_path(name)), kind, bytes).await.expect(201)
}

fn poster(film: Uuid) -> String {
    format!("/api/v1/files/{film}/poster")
}

#[tokio::test]
async fn what_is_told_of_a_film_or_a_sound_comes_with_it_everywhere() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let of_a_film = "width=1920&height=1080&duration_ms=12345";
    let film = upload(&ana, "a.mp4", "video/mp4", FILM, &format!("{of_a_film}&{THREE_PARTS}")).await;
    assert_eq!((&film["width"], &film["height"]), (&json!(1_920), &json!(1_080)));
    assert_eq!((&film["duration_ms"], film.get("waveform")), (&json!(12_345), None));
    let sound = upload(&ana, "a.wav", "audio/wav", WAV, &format!("{of_a_film}&{THREE_PARTS}")).await;
    assert_eq!((&sound["duration_ms"], &sound["waveform"]), (&json!(12_345), &json!("AH//")));
    assert_eq!((sound.get("width"), sound.get("height")), (None, None));
    // The same bytes by somebody else, of which something else is told.
    let theirs = upload(&ben, "b.mp4", "video/mp4", FILM, "duration_ms=1").await;
    assert_eq!((&theirs["duration_ms"], theirs.get("width")), (&json!(1), None));
    let files = [&film, &sound].map(|file| id_of(&file["id"]));
    let posted = ana.say_with(direct, "", &files).await.expect(201);
    let message = ben.get(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(message["message"]["files"], json!([film, sound]));
}

#[tokio::test]
async fn of_pictures_and_documents_only_that_is_told_which_the_server_finds() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let told = format!("width=1920&height=1080&duration_ms=12345&{THREE_PARTS}");
    let picture = upload(&ana, "a.png", "image/png", PICTURE, &told).await;
    assert_eq!((&picture["width"], &picture["height"]), (&json!(1), &json!(1)));
    let document = upload(&ana, "a.txt", "text/plain", b"words", &told).await;
    assert_eq!(document.get("width"), None);
    for file in [picture, document] {
        assert_eq!((file.get("duration_ms"), file.get("waveform")), (None, None), "{file}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_field_that_is_wrong() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let too_many = format!("waveform={}", "AAAA".repeat(34));
    for (told, field) in [
        ("width=0&height=1", "width"),
        ("width=1&height=16385", "height"),
        ("width=1", "height"),
        ("height=1", "width"),
        ("duration_ms=604800001", "duration_ms"),
        ("waveform=", "waveform"),
        ("waveform=%21", "waveform"),
        (too_many.as_str(), "waveform"),
    ] {
        let path = format!("{}&{told}", upload_path("a.mp4"));
        let problem = ana.upload_by("POST", &path, "video/mp4", FILM).await.refused(422, "invalid_fields");
        assert_eq!(problem["errors"][0]["field"], field, "{told}");
    }
    for told in ["width=-1&height=1", "width=x&height=1", "duration_ms=1.5"] {
        let path = format!("{}&{told}", upload_path("a.mp4"));
        ana.upload_by("POST", &path, "video/mp4", FILM).await.refused(400, "invalid_request");
    }
    assert!(files_below(&server.files()).is_empty());
}

#[tokio::test]
async fn a_film_with_a_poster_has_what_a_picture_has() {
    let mut server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let film = ana.share("a.mp4", "video/mp4", FILM).await;
    let thumbnail = format!("/api/v1/files/{film}/thumbnail");
    assert_eq!(ana.download(&thumbnail).await.0, 404);
    let told = ana.upload(&poster(film), "image/png", PICTURE).await.expect(200);
    assert_eq!((&told["kind"], &told["has_thumbnail"]), (&json!("video"), &json!(true)));
    assert_eq!((told["placeholder"].is_string(), &told["bytes"]), (true, &json!(FILM.len())));
    let tag = ana.download(&thumbnail).await.1["etag"].clone();
    // The same once more, as when an answer was lost.
    assert_eq!(ana.upload(&poster(film), "image/png", PICTURE).await.expect(200), told);
    assert_eq!(files_below(&server.files()).len(), 4);
    let posted = ana.say_with(direct, "", &[film]).await.expect(201);
    let message = ben.get(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(message["message"]["files"], json!([told]));
    for size in ["small", "large"] {
        let (status, headers, bytes) = ben.download(&format!("{thumbnail}?size={size}")).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "image/webp"));
        assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
    }
    let known = ben.with("if-none-match", tag.to_str().unwrap());
    assert_eq!(known.download(&thumbnail).await.0, 304);
    // What others saw does not become something else.
    ana.upload(&poster(film), "image/png", PICTURE).await.refused(409, "already_sent");
    ben.upload(&poster(film), "image/png", PICTURE).await.refused(403, "forbidden");
    ana.delete(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    server.let_unused_files_go().await;
    assert!(files_below(&server.files()).is_empty(), "the poster goes with the film");
}

#[tokio::test]
async fn t20_a_poster_is_a_picture_for_a_film_of_ones_own() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let film = ana.share("a.mp4", "video/mp4", FILM).await;
    let sound = ana.share("a.wav", "audio/wav", WAV).await;
    let kept = files_below(&server.files()).len();
    ben.upload(&poster(film), "image/png", PICTURE).await.refused(404, "not_found");
    server.api().upload(&poster(film), "image/png", PICTURE).await.refused(401, "unauthenticated");
    ana.upload(&poster(sound), "image/png", PICTURE).await.refused(422, "invalid");
    for what in [&b"<svg/>"[..], b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", FILM] {
        ana.upload(&poster(film), "image/png", what).await.refused(422, "file_damaged");
    }
    ana.upload(&poster(film), "image/webp", words(1, (1 << 20) + 1)).await.refused(413, "too_large");
    // A head that tells of more pixels than a picture may have.
    let mut bomb = PICTURE.to_vec();
    bomb[16..24].copy_from_slice(&[0, 0, 0x2E, 0xE0, 0, 0, 0x2E, 0xE0]);
    let problem = ana.upload(&poster(film), "image/png", bomb).await.problem();
    assert_eq!(problem["status"], 422, "{problem}");
    assert_eq!(files_below(&server.files()).len(), kept);
    assert_eq!(ana.download(&format!("/api/v1/files/{film}/thumbnail")).await.0, 404);
}

#[tokio::test]
async fn t20_a_poster_counts_for_its_owner() {
    let quota = [("PARLOR_FILES_MAX_BYTES", "1024"), ("PARLOR_FILES_QUOTA_BYTES", "1024")];
    let server = Server::start_with(&quota).await;
    let ana = server.person("ana").await;
    let film = ana.share("a.mp4", "video/mp4", FILM).await;
    let left = PICTURE.len() - 1;
    ana.share("a.txt", "text/plain", words(1, 1_024 - FILM.len() - left)).await;
    let problem = ana.upload(&poster(film), "image/png", PICTURE).await.refused(413, "quota_exceeded");
    assert_eq!(problem["left_bytes"], left);
}
