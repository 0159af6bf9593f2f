//! What is, and what is not, written to the file of SQLite.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Server, eventually};
use serde_json::json;

#[tokio::test]
async fn r20_typing_writes_nothing_to_the_database() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let (from, to) = (ana.connect().await, bob.connect().await);
    from.say(direct, "one").await;
    to.entry(direct, 1).await;
    let before = database(&server);
    assert!(before.iter().map(Vec::len).sum::<usize>() > 0, "the database is elsewhere");
    from.done("typing", json!({"conversation": direct})).await;
    to.wait("typing", |frame| frame["type"] == "typing").await;
    // It may be said again after 3 s; whatever is written behind is written by then.
    eventually("typing is told again", async || {
        let again = from.request("typing", json!({"conversation": direct})).await;
        (again["type"] == "ok").then_some(())
    })
    .await;
    to.settle().await;
    assert!(database(&server) == before, "typing changed the database");
    from.say(direct, "two").await;
    assert!(database(&server) != before, "a message changed nothing: this test looks at nothing");
}

/// The bytes of the database and of its log.
fn database(server: &Server) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(server.data()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.to_string_lossy().contains(".db")).collect();
    files.retain(|path| !path.to_string_lossy().ends_with("-shm"));
    files.sort();
    files.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}
