//! How files are handed out: which bytes, under which name, with which headers.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Api, FILM, PICTURE, Person, Server, id_of, words};
use reqwest::header::HeaderMap;
use uuid::Uuid;

/// What every answer with a file says to browsers and caches.
const ALWAYS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "private, no-cache"),
    ("vary", "Cookie, Authorization, Origin"),
];

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[track_caller]
fn is_safe(headers: &HeaderMap) {
    for (name, value) in ALWAYS {
        let all: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(all.join(", "), value, "{name}");
    }
}

fn path(file: Uuid) -> String {
    format!("/api/v1/files/{file}")
}

async fn with(api: &Api, headers: &[(&str, &str)], path: &str) -> (u16, HeaderMap, Vec<u8>) {
    let api = headers.iter().fold(api.clone(), |api, (name, value)| api.with(name, value));
    api.download(path).await
}

/// The name in `filename*`.
fn name_in(disposition: &str) -> String {
    let encoded = disposition.split_once("filename*=UTF-8''").unwrap().1;
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn some_of_a_file_can_be_had() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let bytes = words(2, 700_000);
    let file = path(ana.share("a.txt", "text/plain", bytes.clone()).await);
    for (range, part) in [
        ("bytes=0-0", 0..1),
        ("bytes=100-299999", 100..300_000),
        ("bytes=650000-", 650_000..700_000),
        ("bytes=-5", 699_995..700_000),
        ("bytes=699999-800000", 699_999..700_000),
    ] {
        let (status, headers, found) = with(&ana, &[("range", range)], &file).await;
        assert_eq!((status, found.as_slice()), (206, &bytes[part.clone()]), "{range}");
        let said = format!("bytes {}-{}/700000", part.start, part.end - 1);
        assert_eq!(
            (text(&headers, "content-range"), text(&headers, "accept-ranges")),
            (said.as_str(), "bytes")
        );
        is_safe(&headers);
    }
    for range in ["bytes=700000-", "bytes=5-4", "bytes=-0", "bytes=x"] {
        let (status, headers, _) = with(&ana, &[("range", range)], &file).await;
        assert_eq!((status, text(&headers, "content-range")), (416, "bytes */700000"), "{range}");
    }
    for range in ["bytes=0-1,5-6", "lines=1-2"] {
        assert_eq!(with(&ana, &[("range", range)], &file).await.2.len(), 700_000, "{range}");
    }
    let tag = text(&with(&ana, &[], &file).await.1, "etag").to_owned();
    for (known, status) in [(tag.as_str(), 206), ("\"another\"", 200), ("Sun, 22 Nov 2026 03:00:00 GMT", 200)]
    {
        let found = with(&ana, &[("range", "bytes=1-2"), ("if-range", known)], &file).await;
        assert_eq!(found.0, status, "{known}");
    }
}

#[tokio::test]
async fn only_the_head_can_be_had() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let file = ana.share("a.png", "image/png", PICTURE).await;
    let (_, whole, bytes) = ana.download(&path(file)).await;
    for path in [path(file), format!("{}/thumbnail", path(file))] {
        let answer = ana.call("HEAD", &path, None).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{path}");
        is_safe(&answer.headers);
    }
    let answer = ana.call("HEAD", &path(file), None).await;
    assert_eq!(answer.header("content-length"), Some(bytes.len().to_string().as_str()));
    assert_eq!(answer.header("etag"), Some(text(&whole, "etag")));
    // Some of it can be got only.
    for range in ["bytes=0-0", "bytes=100000-"] {
        let answer = ana.with("range", range).call("HEAD", &path(file), None).await;
        assert_eq!((answer.status, answer.header("content-range")), (200, None), "{range}");
        assert_eq!(answer.header("content-length"), Some(bytes.len().to_string().as_str()));
    }
}

#[tokio::test]
async fn t28_what_one_has_already_is_told_to_those_alone_who_may_have_it() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let direct = ana.direct_with(&ben).await;
    let file = ana.share("a.png", "image/png", PICTURE).await;
    let posted = ana.say_with(direct, "", &[file]).await.expect(201);
    for path in [path(file), format!("{}/thumbnail", path(file))] {
        let (status, headers, _) = ben.download(&path).await;
        assert_eq!(status, 200);
        is_safe(&headers);
        let tag = text(&headers, "etag").to_owned();
        let weak = format!("\"x\", W/{tag}");
        for known in [tag.as_str(), weak.as_str(), "*"] {
            let (status, headers, bytes) = with(&ben, &[("if-none-match", known)], &path).await;
            assert_eq!((status, bytes.len()), (304, 0), "{known}");
            is_safe(&headers);
            let (status, headers, _) = with(&eve, &[("if-none-match", known)], &path).await;
            assert_eq!((status, text(&headers, "cache-control")), (404, "no-store"));
            assert!(headers.get("etag").is_none());
            assert_eq!(with(&server.api(), &[("if-none-match", known)], &path).await.0, 401);
        }
        assert_eq!(with(&ben, &[("if-none-match", "\"x\"")], &path).await.0, 200);
    }
    ana.delete(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(with(&ben, &[("if-none-match", "*")], &path(file)).await.0, 404);
}

#[tokio::test]
async fn names_of_any_kind_come_back_as_they_were_given() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let long = format!("{}.txt", "n".repeat(4_092));
    let wide = format!("{}.txt", "🎈".repeat(1_023));
    for name in [
        "../../etc/passwd.txt",
        "C:\\Windows\\con.txt",
        "\\\\server\\share\\x.txt",
        "..%2f..%2fetc%2fpasswd.txt",
        "nul\0byte.txt",
        "nul%00byte.txt",
        "con.txt",
        "LPT1.aux.txt",
        "evil\u{202E}gpj.txt",
        "Ünïcödé 漢字 🎈.txt",
        "a\"; filename=\"b.txt",
        "line\r\nbreak.txt",
        "50%41.txt",
        " .txt",
        long.as_str(),
        wide.as_str(),
    ] {
        let told = ana.upload_file(name, "text/plain", "words").await.expect(201);
        assert_eq!(told["name"], name);
        let (status, headers, _) =
            ana.download(&format!("/api/v1/files/{}", told["id"].as_str().unwrap())).await;
        let disposition = text(&headers, "content-disposition");
        assert_eq!((status, name_in(disposition).as_str()), (200, name));
        let upload = ana.announced(name, "text/plain", 5).await;
        let last = ana.append(&upload, 0, "words").await;
        let resumed = ana.call("GET", &upload, None).await.expect(200);
        assert_eq!((last.status, &resumed["file"]["name"]), (204, &told["name"]));
        let plain = disposition.split('"').nth(1).unwrap();
        assert!(!plain.contains(['/', '\\', '%', ':']) && plain.is_ascii(), "{disposition}");
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
    }
}

/// The disposition and type of a file, uploaded as this.
async fn shown(person: &Person, name: &str, kind: &str, bytes: &[u8]) -> (String, String, HeaderMap) {
    let file = person.share(name, kind, bytes.to_vec()).await;
    let (status, headers, _) = person.download(&path(file)).await;
    assert_eq!(status, 200, "{name}");
    let disposition = text(&headers, "content-disposition").split(';').next().unwrap().to_owned();
    (disposition, text(&headers, "content-type").to_owned(), headers)
}

#[tokio::test]
async fn t14_what_could_run_in_a_browser_is_only_saved() {
    let types = "html,svg,xml,pdf,txt,js,xhtml,png";
    let server = Server::start_with(&[("PARLOR_FILES_TYPES", types)]).await;
    let ana = server.person("ana").await;
    let script = b"<script>parent.document.title = 'mine'</script>";
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"></svg>";
    for (name, kind, bytes) in [
        ("a.html", "text/html", &script[..]),
        ("a.xhtml", "application/xhtml+xml", script),
        ("a.js", "text/javascript", b"alert(1)"),
        ("a.svg", "image/svg+xml", svg),
        ("a.xml", "text/xml", b"<?xml version=\"1.0\"?><a/>"),
        ("a.pdf", "application/pdf", b"%PDF-1.7\n%%EOF"),
        ("a.txt", "text/html", script),
        ("a.txt", "text/plain", b"words"),
        // It says that it is a picture.
        ("a.png", "image/png", script),
        ("a.png", "image/svg+xml", svg),
    ] {
        let (disposition, found, headers) = shown(&ana, name, kind, bytes).await;
        assert_eq!(disposition, "attachment", "{name} as {kind} is {found}");
        is_safe(&headers);
        let runs = ["html", "svg", "xml", "javascript"];
        assert!(!runs.iter().any(|word| found.contains(word)), "{name} as {kind} is {found}");
    }
}

#[tokio::test]
async fn t14_pictures_sound_and_moving_pictures_are_shown_and_can_be_saved() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let wav = [&b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x02\0\0\0\0\0"[..]].concat();
    for (name, kind, bytes) in
        [("a.png", "image/png", PICTURE), ("a.wav", "audio/wav", &wav), ("a.mp4", "video/mp4", FILM)]
    {
        let (disposition, found, headers) = shown(&ana, name, kind, bytes).await;
        assert_eq!((disposition.as_str(), found.as_str()), ("inline", kind));
        is_safe(&headers);
    }
    let file = ana.share("a.png", "image/png", PICTURE).await;
    let (_, headers, _) = ana.download(&format!("{}?download=true", path(file))).await;
    assert!(text(&headers, "content-disposition").starts_with("attachment; filename=\"a.png\""));
}

#[tokio::test]
async fn a_picture_whose_bytes_were_only_saved_before_gets_its_small_versions() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let saved = ana.upload_file("p.txt", "text/plain", PICTURE).await.expect(201);
    assert_eq!((&saved["kind"], &saved["has_thumbnail"]), (&"document".into(), &false.into()));
    let shown = ben.upload_file("p.png", "image/png", PICTURE).await.expect(201);
    assert_eq!((&shown["kind"], &shown["has_thumbnail"]), (&"picture".into(), &true.into()));
    let (saved, shown) = (id_of(&saved["id"]), id_of(&shown["id"]));
    assert_eq!(ben.download(&format!("{}/thumbnail", path(shown))).await.0, 200);
    assert_eq!(ana.hash_of(saved).await, ben.hash_of(shown).await);
    assert_eq!(server.sql("SELECT count(*) FROM blob").trim(), "1", "the same bytes are kept once");
}
