//! Maintenance: everything can be read, nothing is written.

use parlor_tests::{Finished, PASSWORD, Server, new_id};
use serde_json::{Value, json};

fn is_done(finished: &Finished) {
    assert_eq!((finished.status, finished.stderr.as_str()), (Some(0), ""), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn during_maintenance_every_write_is_refused_and_everything_is_read() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let id = ana.direct_with(&bob).await;
    ana.say(id, "before").await;
    let (socket, listening) = (ana.connect().await, bob.connect().await);
    assert_eq!(server.api().get("/server").await.expect(200)["maintenance"], json!(null));
    is_done(&server.run(&["maintenance", "on", "--message", "Back at noon."]));

    let message = json!({"conversation": id, "client_id": new_id(), "body": "meanwhile"});
    let refused = socket.request("message.send", message.clone()).await;
    assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("maintenance")), "{refused}");
    assert_eq!((&refused["retryable"], &refused["message"]), (&json!(true), &json!("Back at noon.")));
    let api = server.api();
    let carla = json!({"username": "carla", "name": "Carla", "password": PASSWORD});
    for answer in [
        ana.post_message(id, new_id(), "meanwhile").await,
        ana.post("/groups", json!({"name": "Group", "visibility": "public"})).await,
        ana.patch("/users/me", json!({"name": "Another"})).await,
        api.post("/auth/register", carla).await,
        api.post("/auth/login", json!({"login": "bob", "password": PASSWORD})).await,
        api.post("/auth/refresh", json!({"refresh_token": bob.refresh_token})).await,
    ] {
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        assert_eq!(answer.refused(503, "maintenance")["detail"], "Back at noon.");
    }
    assert_eq!(server.api().get("/server").await.expect(200)["maintenance"], "Back at noon.");
    assert_eq!(bob.get("/sync").await.expect(200)["maintenance"], "Back at noon.");
    assert_eq!(bob.log_of(id).await.len(), 1);
    bob.connect().await;

    is_done(&server.run(&["maintenance", "off"]));
    let stored = socket.request("message.send", message).await;
    assert_eq!((&stored["type"], &stored["seq"]), (&json!("ok"), &json!(2)), "{stored}");
    listening.wait("the message", |frame| frame["type"] == "entry" && frame["seq"] == 2).await;
    api.post("/auth/refresh", json!({"refresh_token": bob.refresh_token})).await.expect(200);
    assert_eq!(server.api().get("/server").await.expect(200)["maintenance"], json!(null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_connected_hears_when_maintenance_begins_and_ends() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let socket = ana.connect().await;
    let hears = async |message: Value| {
        let news = json!({"type": "maintenance", "message": message});
        socket.wait("news of maintenance", |frame| *frame == news).await;
    };
    is_done(&server.run(&["maintenance", "on", "--message", "Back at noon."]));
    hears(json!("Back at noon.")).await;
    is_done(&server.run(&["maintenance", "on", "--message", "Back at two."]));
    hears(json!("Back at two.")).await;
    // Whoever comes now is told at once, and hears of the end like everybody.
    let later = ana.open_stream().await;
    assert_eq!(later.hello(json!({"cursors": []})).await["maintenance"], "Back at two.");
    let mark = socket.mark();
    is_done(&server.run(&["maintenance", "off"]));
    let over = |frame: &Value| frame["type"] == "maintenance" && frame["message"].is_null();
    later.wait("the end of maintenance", over).await;
    socket.wait_after(mark, "the end of maintenance", over).await;
    let later = ana.open_stream().await;
    assert_eq!(later.hello(json!({"cursors": []})).await["maintenance"], json!(null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn maintenance_outlives_a_restart() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let lobby = ana.lobby().await;
    is_done(&server.run(&["maintenance", "on"]));
    server.kill();
    server.restart().await;
    ana.post_message(lobby, new_id(), "meanwhile").await.refused(503, "maintenance");
    let hello = ana.open_stream().await.hello(json!({"cursors": []})).await;
    assert_eq!(hello["maintenance"], "Nothing can be changed for a while.");
    is_done(&server.run(&["maintenance", "off"]));
    ana.say(lobby, "afterwards").await;
}

#[test]
fn a_message_that_says_nothing_and_a_database_that_is_not_there_are_refused() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let data = folder.path().display().to_string();
    for (message, word) in [(" ", "characters"), ("Back at noon.", "parlor.db")] {
        let refused =
            parlor_tests::run(&["maintenance", "on", "--data-dir", &data, "--message", message], &[]);
        assert_eq!((refused.status, refused.stderr.lines().count()), (Some(2), 1), "{refused:?}");
        assert!(refused.stderr.contains(word), "{refused:?}");
    }
}
