//! What people wrote and have not sent yet, on all their devices.

use parlor_tests::Server;
use serde_json::json;

#[tokio::test]
async fn a_draft_is_the_same_on_all_devices_and_nobody_elses() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let root = bob.say_something(direct).await;
    let (other, theirs) = (ana.another_device().await.connect().await, bob.connect().await);
    let path = format!("/conversations/{direct}/draft");
    let first = ana.put(&path, json!({"body": "so"})).await.expect(200);
    let told = other.wait("what changed", |frame| frame["type"] == "personal.changed").await;
    assert_eq!(
        (&told["what"], &told["conversation"], &told["version"]),
        (&json!("draft"), &json!(direct), &first["version"])
    );
    let second = ana.put(&path, json!({"body": "soup"})).await.expect(200);
    let answer = ana.put(&path, json!({"body": "yes", "thread": root})).await.expect(200);
    assert_eq!(ana.all("/drafts", 1).await, [second.clone(), answer]);
    assert_eq!(ana.all(&format!("/drafts?conversation={}", ana.lobby().await), 100).await.len(), 0);
    assert!(bob.all("/drafts", 1).await.is_empty());
    // What was written since stays.
    ana.delete(&format!("{path}?version={}", first["version"])).await.expect(204);
    ana.delete(&format!("{path}?thread={root}")).await.expect(204);
    assert_eq!(ana.all("/drafts", 1).await, std::slice::from_ref(&second));
    ana.delete(&format!("{path}?version={}", second["version"])).await.expect(204);
    assert!(ana.all("/drafts", 1).await.is_empty());
    theirs.settle().await;
    assert!(theirs.frames_of("personal.changed").is_empty(), "bob hears nothing of it");
    ana.put(&path, json!({"body": " "})).await.refused(422, "invalid_fields");
    ana.put(&path, json!({"body": "x", "thread": direct})).await.refused(422, "invalid_fields");
}
