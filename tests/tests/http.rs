//! What every answer has, whatever was asked.

use parlor_tests::{Answer, Document, Server, new_id, raw};
use serde_json::json;

/// Answers of every sort, with what was asked.
async fn answers(server: &Server) -> Vec<(String, Answer)> {
    let ana = server.person("ana").await;
    let mut found = Vec::new();
    let operations = Document::of(&server.api()).await.operations();
    for operation in operations {
        let path =
            operation.path.replace("{id}", &new_id().to_string()).replace("{user}", &new_id().to_string());
        let path = path.replace("{client_id}", &new_id().to_string());
        // A body that nobody takes: nothing is to change, and both errors are to be seen.
        for api in [&server.api(), &*ana] {
            if operation.id != "signOut" {
                let body = operation.body.as_ref().map(|_| json!({"none": 1}));
                found.push((
                    format!("{} {path}", operation.method),
                    api.call(&operation.method, &path, body).await,
                ));
            }
        }
    }
    for (method, path) in [
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/login"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/realtime"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api"),
        ("GET", "/api/v1/users/me?token=x"),
        ("GET", "/assets/nothing.js"),
        ("DELETE", "/api/v1/users/me"),
        ("POST", "/"),
        ("OPTIONS", "/api/v1/users"),
        ("BREW", "/api/v1/users"),
        ("GET", "/api/v1/users/x"),
    ] {
        found.push((format!("{method} {path}"), ana.call(method, path, None).await));
    }
    let large = json!({"login": "x".repeat(70_000), "password": "x"});
    found.push(("a large body".into(), ana.post("/auth/login", large).await));
    found
}

#[tokio::test]
async fn t38_every_answer_tells_browsers_what_to_refuse() {
    let server = Server::start().await;
    for (what, answer) in answers(&server).await {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{what}: {name}");
        }
        let policy =
            answer.header("content-security-policy").unwrap_or_else(|| panic!("{what} has no policy"));
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{what}: {policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{what}: {policy}");
        let may = answer.header("permissions-policy").unwrap_or_else(|| panic!("{what} allows what it will"));
        // Voices are recorded by the page itself, and by nothing that is shown in it.
        assert!(may.contains("microphone=(self)") && may.contains("camera=()"), "{what}: {may}");
        assert_eq!(answer.header("server"), None, "{what} says what it runs on");
        assert_eq!(answer.header("strict-transport-security"), None, "{what}: this is plain HTTP");
    }
}

#[tokio::test]
async fn t28_no_answer_is_kept_by_a_cache() {
    let server = Server::start().await;
    for (what, answer) in answers(&server).await {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
        if what.contains("/api/v1/users") {
            let vary: Vec<_> =
                answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok()).collect();
            let vary = vary.join(", ").to_lowercase();
            assert!(
                ["cookie", "authorization", "origin"].iter().all(|name| vary.contains(name)),
                "{what}: {vary}"
            );
        }
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_and_every_error_one_shape() {
    let server = Server::start().await;
    let mut ids = std::collections::BTreeSet::new();
    for (what, answer) in answers(&server).await {
        let id = answer.header("x-request-id").unwrap_or_else(|| panic!("{what} has no id")).to_owned();
        assert!(ids.insert(id), "{what} has the id of another request");
        assert!(answer.status < 500, "{what}: {}", answer.text);
        if answer.status >= 400 && !what.starts_with("HEAD") {
            answer.problem();
        }
    }
}

#[tokio::test]
async fn the_id_of_a_request_is_the_servers() {
    let server = Server::start().await;
    let answer = server.api().with("x-request-id", "mine").get("/server").await;
    assert_ne!(answer.header("x-request-id"), Some("mine"));
}

#[tokio::test]
async fn t38_behind_tls_browsers_are_told_to_stay_there() {
    let server = Server::start_with(&[("PARLOR_SERVER_PUBLIC_URLS", "https://chat.example.org")]).await;
    for path in ["/", "/api/v1/server", "/api/v1/nothing"] {
        let answer = server.api().call("GET", path, None).await;
        let strict = answer.header("strict-transport-security");
        assert!(strict.is_some_and(|value| value.contains("max-age=31536000")), "{path}: {strict:?}");
    }
}

#[tokio::test]
async fn an_unknown_address_of_the_api_is_not_found_and_another_is_the_page() {
    let server = Server::start().await;
    for path in
        ["/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/users", "/api/v1/users/me/x"]
    {
        server.api().call("GET", path, None).await.refused(404, "not_found");
    }
    for path in
        ["/", "/login", "/c/01936c3e-7a00-7000-8000-000000000001", "/setup", "/metrics", "/.env", "/x.php"]
    {
        let answer = server.api().call("GET", path, None).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/html; charset=utf-8")),
            "{path}"
        );
    }
    server.api().call("GET", "/assets/nothing.js", None).await.refused(404, "not_found");
    server.api().call("POST", "/login", None).await.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn t19_the_page_is_no_way_to_other_files() {
    let server = Server::start().await;
    let index = server.api().call("GET", "/", None).await.text;
    for path in [
        "/../Cargo.toml",
        "/..%2f..%2fetc/passwd",
        "/assets/../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/\\etc\\passwd",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw(server.address(), request.as_bytes()).await;
        assert!(
            !answer.text.contains("root:") && !answer.text.contains("[workspace]"),
            "{path}: {}",
            answer.text
        );
        assert!(answer.status != 200 || answer.text.contains(&index), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn t37_strangers_see_only_what_is_for_everybody() {
    let server = Server::start().await;
    let mut open = Vec::new();
    for operation in Document::of(&server.api()).await.operations() {
        let path = operation.path.replace("{id}", &new_id().to_string());
        if operation.method == "GET" && server.api().call("GET", &path, None).await.status == 200 {
            open.push(operation.id);
        }
    }
    assert_eq!(open, ["getServer"]);
    let health = server.api().call("GET", "/healthz", None).await;
    assert_eq!((health.status, health.text.as_str()), (200, "ok"));
    assert_eq!(server.api().call("GET", "/readyz", None).await.status, 200);
}

#[tokio::test]
async fn t04_no_answer_has_a_field_for_a_secret() {
    let server = Server::start().await;
    let document = Document::of(&server.api()).await;
    let schemas = document.json()["components"]["schemas"].as_object().unwrap();
    let allowed = [
        "access_token",
        "refresh_token",
        "generated_password",
        "recovery_codes",
        "password_min_length",
        "has_password",
        "user_code",
        "code",
        "codes",
    ];
    let inputs = ["password", "new_password", "recovery_code", "secret", "token"];
    for (name, schema) in schemas {
        for field in schema["properties"].as_object().into_iter().flatten().map(|(field, _)| field.as_str()) {
            let is_secret =
                ["hash", "token", "secret", "password", "code"].iter().any(|word| field.contains(word));
            let is_input = name.ends_with("Request") && inputs.contains(&field);
            // Who makes a token or a webhook for a program is shown it once.
            let is_new =
                [("NewToken", "token"), ("NewOutgoingWebhook", "secret")].contains(&(name.as_str(), field));
            assert!(!is_secret || is_input || is_new || allowed.contains(&field), "{name} has {field}");
        }
    }
}

#[tokio::test]
async fn an_answer_to_a_head_has_no_body() {
    let server = Server::start().await;
    for path in ["/", "/healthz"] {
        let answer = server.api().call("HEAD", path, None).await;
        assert_eq!((answer.text.as_str(), answer.status < 500), ("", true), "{path}");
    }
}
