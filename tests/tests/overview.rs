//! How the server is doing, as admins see it.

use parlor_tests::{Server, eventually};
use serde_json::json;

#[tokio::test]
async fn the_overview_follows_what_happens() {
    let server = Server::start().await;
    let (admin, ana, ben) = (server.admin(), server.person("ana").await, server.person("ben").await);
    let lobby = ana.lobby().await;
    for number in 0..5 {
        ana.say(lobby, &format!("message {number}")).await;
    }
    let (_one, _other, _third) = (ana.connect().await, ana.connect().await, ben.connect().await);
    admin
        .post(&format!("/admin/users/{}/bans", server.person("eve").await.id), json!({"reason": ""}))
        .await
        .expect(201);
    let seen = eventually("the messages and the connections are counted", async || {
        let seen = admin.get("/admin/overview").await.expect(200);
        (seen["messages"] == 5 && seen["online"]["connections"] == 3).then_some(seen)
    })
    .await;
    assert_eq!(seen["online"]["people"], 2);
    assert_eq!(seen["people"], json!({"users": 3, "admins": 1, "bots": 0, "banned": 1, "deleted": 0}));
    assert_eq!(seen["sessions"]["clients"], 3);
    let days = seen["days"].as_array().unwrap();
    assert_eq!(days.len(), 30);
    assert!(days.is_sorted_by_key(|day| day["date"].as_str().unwrap().to_owned()));
    // A test that runs around midnight sees two days.
    let both = |field: &str| days[28][field].as_u64().unwrap() + days[29][field].as_u64().unwrap();
    assert_eq!((both("messages"), both("new_people")), (5, 4));
    assert!(seen["storage"]["database_bytes"].as_u64().unwrap() > 100_000);
    assert!(seen["storage"]["disk_free_bytes"].as_u64() <= seen["storage"]["disk_bytes"].as_u64());
    assert_eq!(
        (&seen["latest_backup_at"], &seen["open_reports"], &seen["waiting_mails"]),
        (&json!(null), &json!(0), &json!(0))
    );
    assert_eq!(seen["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(seen["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(seen["nodes"][0]["state"], "up");
}

#[tokio::test]
async fn how_long_requests_take_is_told_by_their_kind() {
    let server = Server::start().await;
    let (admin, ana) = (server.admin(), server.person("ana").await);
    for _ in 0..7 {
        ana.get("/users/me").await.expect(200);
    }
    ana.say(ana.lobby().await, "hello").await;
    let seen = admin.get("/admin/overview").await.expect(200);
    let slowest = seen["slowest"].as_array().unwrap();
    let of = |kind: &str| {
        let found = slowest.iter().find(|one| one["kind"] == kind);
        found.unwrap_or_else(|| panic!("{kind} is not among {slowest:?}")).clone()
    };
    let me = of("GET /api/v1/users/me");
    assert_eq!(me["count"], 7);
    let [p50, p99, max] = ["p50_us", "p99_us", "max_us"].map(|field| me[field].as_u64().unwrap());
    assert!(0 < p50 && p50 <= p99 && p99 <= max, "{me}");
    assert_eq!(of("stored batch of messages")["count"], 1);
    assert!(slowest.is_sorted_by(|one, other| one["p99_us"].as_u64() >= other["p99_us"].as_u64()));
}

#[tokio::test]
async fn the_latest_backup_is_told_where_the_server_makes_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let server = Server::start_with(&[("PARLOR_BACKUP_FOLDER", path)]).await;
    eventually("a backup is made", async || {
        let seen = server.admin().get("/admin/overview").await.expect(200);
        seen["latest_backup_at"].is_string().then_some(())
    })
    .await;
}
