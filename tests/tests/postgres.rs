//! What concerns PostgreSQL alone: R-14, the database goes away and comes back; and who may use it.

use std::time::{Duration, Instant};

use parlor_tests::{Checker, Cluster, Listener, Sender, Server, eventually, eventually_within, new_id};
use serde_json::json;
use tokio::sync::watch;

/// How long anything may take while the database is away, and until it works again.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r14_a_database_that_goes_away_and_comes_back_loses_and_doubles_nothing() {
    let cluster = Cluster::start();
    let server = Server::start_with(&[("PARLOR_DATABASE_URL", &cluster.url())]).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let id = ana.direct_with(&bob).await;
    let (ends, receiver) = watch::channel(None);
    let listening = tokio::spawn(Listener::new(bob.link(), &[id]).run(receiver));
    let socket = ana.connect().await;
    let sending = tokio::spawn(Sender::new(ana.link(), 8).with(&[id], 3_000).run());
    eventually("the load goes on", async || {
        (ana.conversation(id).await["last_seq"].as_u64() >= Some(100)).then_some(())
    })
    .await;

    cluster.stop();
    let message = json!({"conversation": id, "client_id": new_id(), "body": "while it is away"});
    for _ in 0..3 {
        let asked = Instant::now();
        let answer = socket.request("message.send", message.clone()).await;
        assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("unavailable")), "{answer}");
        assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    }
    let asked = Instant::now();
    ana.post_message(id, new_id(), "over HTTP").await.refused(503, "unavailable");
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());

    cluster.resume();
    // The same message again, on the same socket, until it is stored.
    let stored = eventually_within(SOON, "sending works again", async || {
        let answer = socket.request("message.send", message.clone()).await;
        (answer["type"] == "ok").then_some(answer)
    })
    .await;
    let again = socket.request("message.send", message).await;
    assert_eq!((&again["seq"], &again["duplicate"]), (&stored["seq"], &json!(true)));

    let sender = sending.await.unwrap();
    assert_eq!(sender.sent.len(), 3_000);
    let checker = Checker::read(&ana, &[id]).await;
    checker.stored(&sender.sent);
    assert_eq!(checker.order(id).len(), 3_001);
    ends.send_replace(Some(checker.ends()));
    let listener = listening.await.unwrap();
    assert_eq!(listener.connections, 1, "the listener's socket was closed");
    checker.heard_everything(&listener.heard);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_another_key_is_refused() {
    let cluster = Cluster::start();
    let url = cluster.url();
    let server = Server::start_with(&[("PARLOR_DATABASE_URL", &url)]).await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other").display().to_string();
    let password = folder.path().join("password");
    std::fs::write(&password, "long enough for all").unwrap();
    let create = |key: &str| {
        let password = password.display().to_string();
        let arguments =
            ["admin", "create", "--data-dir", &other, "--username", "second", "--password-file", &password];
        let variables = [("PARLOR_DATABASE_URL", url.as_str()), ("PARLOR_SESSIONS_SIGNING_KEY_FILE", key)];
        parlor_tests::run(&arguments, &variables)
    };
    let refused = create("");
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.stderr.lines().count() == 1 && refused.stderr.contains("signing.key"), "{refused:?}");
    let shared = create(&server.data().join("signing.key").display().to_string());
    assert_eq!(shared.status, Some(0), "{shared:?}");
    assert!(shared.stdout.contains("second is an admin"), "{shared:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_needs_a_pg_dump_as_new_as_the_server_and_says_so() {
    let cluster = Cluster::start();
    let url = cluster.url();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // The only programs there are.
    std::os::unix::fs::symlink("/usr/bin/timeout", path("timeout")).unwrap();
    let programs = folder.path().display().to_string();
    let backup = || {
        let (data, file) = (path("data").display().to_string(), path("backup").display().to_string());
        let variables = [("PARLOR_DATABASE_URL", url.as_str()), ("PATH", &programs)];
        let finished = parlor_tests::run(&["backup", &file, "--data-dir", &data], &variables);
        assert_eq!((finished.status, finished.stderr.lines().count()), (Some(2), 1), "{finished:?}");
        assert!(!path("backup").exists(), "something half done stays");
        finished.stderr
    };
    assert!(backup().contains("pg_dump is not installed"));
    let old = path("pg_dump");
    std::fs::write(&old, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n").unwrap();
    std::fs::set_permissions(&old, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let line = backup();
    assert!(line.contains("9.6.24") && line.contains("too old"), "{line}");
}
