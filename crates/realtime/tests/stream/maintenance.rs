use std::time::Duration;

use parlor_realtime::Settings;
use serde_json::{Value, json};

use crate::Server;

#[tokio::test]
async fn everybody_is_told_when_maintenance_begins_and_ends_and_those_who_come_in_between() {
    let server =
        Server::with(Settings { tick_every: Duration::from_millis(10), ..Settings::default() }).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let mut early = server.connect(&ana).await;
    server.store.set_maintenance(Some("Back at noon.")).await.unwrap();
    assert_eq!(early.next("maintenance").await["message"], "Back at noon.");
    let mut late = server.dial_as(Some(ben.authenticated()), 256 * 1024).await;
    assert_eq!(late.hello(&[]).await["maintenance"], "Back at noon.");
    server.store.set_maintenance(None).await.unwrap();
    for client in [&mut early, &mut late] {
        assert_eq!(client.next("maintenance").await, json!({"type": "maintenance", "message": Value::Null}));
        assert_eq!(client.so_far("maintenance").await.len(), 0, "it is told once");
    }
}
