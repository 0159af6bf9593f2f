//! A cache between the server and people, as proxies have them: nobody gets what is somebody else's.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Api, CachingNginx, PICTURE, Server};

/// What was answered, and what the cache says of it.
async fn fetch(api: &Api, path: &str) -> (u16, String, Vec<u8>) {
    let (status, headers, body) = api.download(path).await;
    let cached = headers.get("x-cache").map(|value| value.to_str().unwrap().to_owned());
    (status, cached.unwrap_or_default(), body)
}

#[tokio::test]
async fn t28_a_cache_in_front_gives_nobody_what_is_somebody_elses() {
    let server = Server::start().await;
    let nginx = CachingNginx::before(server.address()).await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let direct = ana.direct_with(&ben).await;
    let file = ana.share("a.png", "image/png", PICTURE).await;
    ana.say_with(direct, "between us", &[file]).await.expect(201);
    let (ana, ben, eve) = (ana.to(nginx.address()), ben.to(nginx.address()), eve.to(nginx.address()));
    let nobody = server.api().to(nginx.address());

    // It does keep what it may.
    assert_eq!(fetch(&nobody, "/healthz").await.1, "MISS");
    assert_eq!(fetch(&nobody, "/healthz").await.1, "HIT");

    // What is between the two of them.
    let messages = format!("/api/v1/conversations/{direct}/messages");
    let file = format!("/api/v1/files/{file}");
    let thumbnail = format!("{file}/thumbnail");
    for path in [&messages, &file, &thumbnail] {
        for _ in 0..2 {
            let (status, cached, body) = fetch(&ana, path).await;
            assert_eq!((status, cached.as_str()), (200, "MISS"), "{path}");
            assert_eq!(fetch(&ben, path).await, (200, "MISS".to_owned(), body), "{path}");
            assert_eq!((fetch(&eve, path).await.0, fetch(&nobody, path).await.0), (404, 401), "{path}");
        }
    }

    // What everybody asks for under the same address and is answered something else.
    for path in ["/api/v1/users/me", "/api/v1/conversations", "/api/v1/sync"] {
        let first = fetch(&ana, path).await;
        assert_eq!((first.0, first.1.as_str()), (200, "MISS"), "{path}");
        let other = fetch(&eve, path).await;
        assert_eq!((other.0, other.1.as_str()), (200, "MISS"), "{path}");
        assert_ne!(first.2, other.2, "{path}");
        assert_eq!(fetch(&nobody, path).await.0, 401, "{path}");
    }
    // A page of the program itself has nothing of anybody, and is not kept either.
    for _ in 0..2 {
        let (status, cached, _) = fetch(&nobody, "/").await;
        assert_eq!((status, cached.as_str()), (200, "MISS"));
    }
}
