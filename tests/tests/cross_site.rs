//! What pages of other sites cannot do with a visitor's cookie.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Api, Document, Opening, Operation, PASSWORD, Server, Socket, good_path, new_id, raw};
use serde_json::json;

/// What identifies a browser that is signed in, without saying where the request comes from.
struct Browser {
    server: Server,
    cookie: String,
}

impl Browser {
    async fn start() -> Self {
        let server = Server::start().await;
        server.person("ana").await;
        let body = json!({"login": "ana", "password": PASSWORD, "session": "cookie"});
        let answer = server.api().post("/auth/login", body).await;
        let cookie =
            answer.header("set-cookie").and_then(|header| header.split(';').next()).unwrap().to_owned();
        Self { server, cookie }
    }

    fn api(&self) -> Api {
        self.server.api().with("cookie", &self.cookie)
    }

    async fn open_from(&self, origin: Option<&str>) -> Result<Socket, u16> {
        let opening = Opening::anonymous().with("cookie", &self.cookie);
        let opening = origin.into_iter().fold(opening, |opening, origin| opening.with("origin", origin));
        Socket::try_open(self.server.address(), &opening).await.map_err(|refusal| refusal.status)
    }
}

/// Origins that are not the server's, among them those that look like it.
fn foreign_origins(server: &Server) -> Vec<String> {
    let port = server.address().port();
    vec![
        "https://evil.example".into(),
        "null".into(),
        String::new(),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port.wrapping_add(1)),
        "http://127.0.0.1".into(),
        format!("http://sub.127.0.0.1:{port}"),
        format!("http://127.0.0.1.evil.example:{port}"),
        format!("http://evil127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}.evil.example"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}@evil.example"),
        format!("HTTP://127.0.0.1:{port}"),
        "file://".into(),
    ]
}

#[tokio::test]
async fn t10_no_operation_changes_anything_for_another_site() {
    let browser = Browser::start().await;
    let ana = browser.api();
    let before = ana.get("/sync").await.expect(200);
    let operations = Document::of(&browser.server.api()).await.operations();
    let changes = |operation: &&Operation| !matches!(&*operation.method, "GET" | "HEAD" | "OPTIONS");
    let changing: Vec<_> = operations.iter().filter(changes).collect();
    assert!(changing.len() >= 10, "{} operations change something", changing.len());
    for operation in changing {
        let path = good_path(operation, new_id(), new_id());
        let mut tries: Vec<Api> = ["cross-site", "same-site", "", "nonsense"]
            .iter()
            .map(|site| ana.with("sec-fetch-site", site))
            .collect();
        tries.extend(foreign_origins(&browser.server).iter().map(|origin| ana.with("origin", origin)));
        tries.push(ana.with("sec-fetch-site", "cross-site").with("origin", &browser.server.origin()));
        // Neither header: no browser of today, and nothing that says it is the own page.
        tries.push(ana.clone());
        for api in tries {
            api.call(&operation.method, &path, Some(json!({}))).await.refused(403, "cross_origin");
        }
    }
    assert_eq!(ana.get("/sync").await.expect(200), before);
}

#[tokio::test]
async fn t10_a_form_cannot_send_what_the_api_takes() {
    let browser = Browser::start().await;
    let forms = ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""];
    for kind in forms {
        let body = r#"{"name":"evil","visibility":"public"}"#;
        let request = format!(
            "POST /api/v1/groups HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\nsec-fetch-site: same-origin\r\n\
             content-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            browser.server.address(),
            browser.cookie,
            body.len(),
        );
        let answer = raw(browser.server.address(), request.as_bytes()).await;
        assert_eq!(answer.status, 403, "{kind}: {}", answer.text);
    }
    let groups = browser.api().all("/groups", 100).await;
    assert!(groups.iter().all(|group| group["name"] != "evil"), "{groups:?}");
}

#[tokio::test]
async fn t10_the_own_page_may_change_things() {
    let browser = Browser::start().await;
    let origin = browser.server.origin();
    let own = [
        browser.api().with("sec-fetch-site", "same-origin"),
        browser.api().with("sec-fetch-site", "none"),
        browser.api().with("origin", &origin),
    ];
    for api in own {
        let changed = api.patch("/users/me", json!({"about": "mine"})).await;
        assert_eq!(changed.expect(200)["about"], "mine");
    }
}

#[tokio::test]
async fn t08_a_stream_with_a_cookie_opens_for_the_own_page_alone() {
    let browser = Browser::start().await;
    let socket = browser.open_from(Some(&browser.server.origin())).await.unwrap();
    assert_eq!(socket.hello(json!({})).await["me"]["username"], "ana");
    for origin in foreign_origins(&browser.server) {
        assert_eq!(browser.open_from(Some(&origin)).await.unwrap_err(), 403, "{origin:?}");
    }
    assert_eq!(browser.open_from(None).await.unwrap_err(), 403, "a cookie without an origin");
}

#[tokio::test]
async fn t08_two_origins_are_not_one() {
    let browser = Browser::start().await;
    let opening = Opening::anonymous()
        .with("cookie", &browser.cookie)
        .with("origin", &browser.server.origin())
        .with("origin", "https://evil.example");
    let refusal = Socket::try_open(browser.server.address(), &opening).await.unwrap_err();
    assert_eq!((refusal.status, &refusal.body["code"]), (403, &json!("cross_origin")));
}

#[tokio::test]
async fn t08_a_page_of_another_site_opens_no_stream_with_a_token_either() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for origin in foreign_origins(&server) {
        for opening in [Opening::bearer(&ana.access_token), Opening::anonymous()] {
            let refusal =
                Socket::try_open(server.address(), &opening.with("origin", &origin)).await.unwrap_err();
            assert_eq!(refusal.status, 403, "{origin:?}");
        }
    }
}

#[tokio::test]
async fn f01_no_other_site_may_read_answers() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let evil = ana.with("origin", "https://evil.example");
    let answer = evil.get("/users/me").await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let preflight =
        evil.with("access-control-request-method", "POST").call("OPTIONS", "/api/v1/groups", None).await;
    assert_eq!(preflight.status, 403);
    assert_eq!(preflight.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn f01_a_listed_site_may_read_answers_but_gets_no_cookie() {
    let server = Server::start_with(&[("PARLOR_SERVER_CORS_ORIGINS", "https://app.example.org")]).await;
    let ana = server.person("ana").await;
    let app = ana.with("origin", "https://app.example.org");
    let answer = app.get("/users/me").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.org"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let preflight =
        app.with("access-control-request-method", "POST").call("OPTIONS", "/api/v1/groups", None).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-credentials")), (204, None));
    for origin in
        ["https://app.example.org.evil.example", "https://evil.example", "null", "http://app.example.org"]
    {
        let answer = ana.with("origin", origin).get("/users/me").await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
}
