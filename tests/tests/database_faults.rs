//! PostgreSQL goes away, freezes, or does not get to answer, or is lost and comes back from
//! a backup. Two nodes, real processes all.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parlor_tests::{
    Checker, Cluster, Listener, PASSWORD, Person, Proxy, Sender, Server, Socket, eventually,
    eventually_within, new_id,
};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// How long anything may take while the database is away, and until it works again.
const SOON: Duration = Duration::from_secs(5);

/// How long the database is away, as the promise says.
const AWAY: Duration = Duration::from_secs(30);

/// Two nodes on a PostgreSQL of the test's own, and the way that the second one takes to it.
struct Nodes {
    cluster: Cluster,
    _servers: [Server; 2],
    line: Proxy,
    ana: Person,
    bob: Person,
    conversation: Uuid,
}

/// People who listen on both nodes, from the first entry on.
struct Listening {
    ends: watch::Sender<Option<BTreeMap<Uuid, u64>>>,
    listeners: Vec<JoinHandle<Listener>>,
}

impl Nodes {
    /// Ana is on the first node, and Bob on the second.
    async fn start() -> Self {
        let cluster = Cluster::start();
        let line = Proxy::start(cluster.address()).await;
        let one = Server::first_of_several(&[("PARLOR_DATABASE_URL", &cluster.url())]).await;
        let through = cluster.url().replace(&cluster.address().to_string(), &line.address().to_string());
        let two = Server::beside(&one, &[("PARLOR_DATABASE_URL", &through)]).await;
        let (ana, bob) = (one.person("ana").await, one.person("bob").await);
        let bob = bob.through(two.address());
        let conversation = ana.direct_with(&bob).await;
        Self { cluster, _servers: [one, two], line, ana, bob, conversation }
    }

    fn listen(&self) -> Listening {
        let (ends, receiver) = watch::channel(None);
        let listeners = [&self.ana, &self.bob]
            .map(|person| Listener::new(person.link(), &[self.conversation]).run(receiver.clone()))
            .map(tokio::spawn)
            .into();
        Listening { ends, listeners }
    }

    async fn reaches(&self, seq: u64) {
        eventually("the load goes on", async || {
            let seen = self.ana.conversation(self.conversation).await;
            (seen["last_seq"].as_u64() >= Some(seq)).then_some(())
        })
        .await;
    }

    fn message(&self, body: &str) -> Value {
        json!({"conversation": self.conversation, "client_id": new_id(), "body": body})
    }

    /// Compares what was answered and heard with the log.
    async fn check(&self, senders: Vec<Sender>, more: usize, listening: Listening) {
        let checker = Checker::read(&self.ana, &[self.conversation]).await;
        for sender in &senders {
            checker.stored(&sender.sent);
        }
        let sent: usize = senders.iter().map(|sender| sender.sent.len()).sum();
        assert_eq!(checker.order(self.conversation).len(), sent + more);
        listening.ends.send_replace(Some(checker.ends()));
        for listener in listening.listeners {
            let listener = listener.await.unwrap();
            assert_eq!(listener.connections, 1, "a listener's socket was closed");
            checker.heard_everything(&listener.heard);
        }
    }
}

/// The answer comes soon, and says that the same may be tried again.
async fn is_unavailable(socket: &Socket, message: &Value) {
    let asked = Instant::now();
    let answer = socket.request("message.send", message.clone()).await;
    assert_eq!((&answer["type"], &answer["code"]), (&json!("error"), &json!("unavailable")), "{answer}");
    assert_eq!(answer["retryable"], true, "{answer}");
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
}

/// So it is over HTTP, for who writes and who reads.
async fn is_unavailable_over_http(person: &Person, conversation: Uuid) {
    let asked = Instant::now();
    tokio::join!(
        async {
            person.post_message(conversation, new_id(), "over HTTP").await.refused(503, "unavailable");
            assert!(asked.elapsed() < SOON, "a post: {:?}", asked.elapsed());
        },
        async {
            person.get(&format!("/conversations/{conversation}")).await.refused(503, "unavailable");
            assert!(asked.elapsed() < SOON, "a read: {:?}", asked.elapsed());
        },
        async {
            person.get("/conversations").await.refused(503, "unavailable");
            assert!(asked.elapsed() < SOON, "a list: {:?}", asked.elapsed());
        },
    );
}

/// The same message again, on the same socket, until it is stored, and once more.
async fn is_stored_soon(socket: &Socket, message: &Value) -> Value {
    let stored = eventually_within(SOON, "sending works again", async || {
        let answer = socket.request("message.send", message.clone()).await;
        (answer["type"] == "ok").then_some(answer)
    })
    .await;
    let again = socket.request("message.send", message.clone()).await;
    assert_eq!((&again["seq"], &again["duplicate"]), (&stored["seq"], &json!(true)));
    stored
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r14_a_database_that_is_away_for_thirty_seconds_loses_and_doubles_nothing() {
    let nodes = Nodes::start().await;
    let listening = nodes.listen();
    let sockets = [nodes.ana.connect().await, nodes.bob.connect().await];
    let senders = [&nodes.ana, &nodes.bob]
        .map(|person| tokio::spawn(Sender::new(person.link(), 8).with(&[nodes.conversation], 2_000).run()));
    nodes.reaches(200).await;

    nodes.cluster.stop();
    let stopped = Instant::now();
    let messages = [nodes.message("while it is away"), nodes.message("while it is away")];
    let asking = sockets.iter().zip(&messages).map(async |(socket, message)| {
        while stopped.elapsed() < AWAY {
            is_unavailable(socket, message).await;
        }
    });
    let over_http =
        [&nodes.ana, &nodes.bob].map(|person| is_unavailable_over_http(person, nodes.conversation));
    tokio::join!(futures_util::future::join_all(asking), futures_util::future::join_all(over_http));

    nodes.cluster.resume();
    tokio::join!(is_stored_soon(&sockets[0], &messages[0]), is_stored_soon(&sockets[1], &messages[1]));
    let mut done = Vec::new();
    for sender in senders {
        let sender = sender.await.unwrap();
        assert_eq!(sender.sent.len(), 2_000);
        done.push(sender);
    }
    nodes.check(done, 2, listening).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r14_a_line_to_the_database_that_hangs_keeps_nobody_waiting() {
    let nodes = Nodes::start().await;
    let listening = nodes.listen();
    let (hers, his) = (nodes.ana.connect().await, nodes.bob.connect().await);
    hers.acknowledge();
    let senders = [&nodes.ana, &nodes.bob]
        .map(|person| tokio::spawn(Sender::new(person.link(), 8).with(&[nodes.conversation], 1_000).run()));
    nodes.reaches(200).await;

    // Nothing is cut: every connection, new ones too, is open and silent.
    nodes.line.stall(true);
    let message = nodes.message("into the silence");
    for _ in 0..3 {
        is_unavailable(&his, &message).await;
        is_unavailable_over_http(&nodes.bob, nodes.conversation).await;
    }
    // What the silent node had locked keeps the other one waiting no longer than that.
    is_stored_soon(&hers, &nodes.message("from the other node")).await;

    nodes.line.stall(false);
    let stored = is_stored_soon(&his, &message).await;
    hers.entry(nodes.conversation, stored["seq"].as_u64().unwrap()).await;
    let mut done = Vec::new();
    for sender in senders {
        let sender = sender.await.unwrap();
        assert_eq!(sender.sent.len(), 1_000);
        done.push(sender);
    }
    nodes.check(done, 2, listening).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r14_a_commit_whose_answer_is_lost_is_known_by_its_client_id() {
    let nodes = Nodes::start().await;
    let listening = nodes.listen();
    let his = nodes.bob.connect().await;
    let message = nodes.message("stored or not?");
    // What PostgreSQL answers to a commit, and to nothing else.
    nodes.line.swallow_answers_with(Some("C\0\0\0\u{b}COMMIT\0"));
    is_unavailable(&his, &message).await;
    assert!(nodes.line.swallowed() > 0);
    // It was stored, and those who listen learn it without being told.
    nodes.reaches(1).await;
    nodes.line.swallow_answers_with(None);
    let answer = his.request("message.send", message).await;
    assert_eq!((&answer["seq"], &answer["duplicate"]), (&json!(1), &json!(true)), "{answer}");
    nodes.check(Vec::new(), 1, listening).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r26_a_backup_under_the_load_of_two_nodes_comes_back_on_two_nodes() {
    let one = Server::first_of_several(&[]).await;
    let two = Server::beside(&one, &[]).await;
    let (ana, bob) = (one.person("ana").await, one.person("bob").await);
    let id = ana.direct_with(&bob).await;
    let last_seq = async || ana.conversation(id).await["last_seq"].as_u64().unwrap();
    let senders = [&ana, &bob.through(two.address())]
        .map(|person| tokio::spawn(Sender::new(person.link(), 8).with(&[id], 1_500).run()));
    eventually("the load goes on", async || (last_seq().await >= 200).then_some(())).await;
    let before = last_seq().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    let made = tokio::task::block_in_place(|| one.run(&["backup", file.to_str().unwrap()]));
    assert_eq!((made.status, made.stderr.as_str()), (Some(0), ""), "{made:?}");
    let mut sent = Vec::new();
    for sender in senders {
        sent.extend(sender.await.unwrap().sent);
    }
    let full = Checker::read(&ana, &[id]).await;
    full.stored(&sent);

    let vacant = one.vacant();
    let restored = vacant.run(&["restore", file.to_str().unwrap()]);
    assert_eq!((restored.status, restored.stderr.as_str()), (Some(0), ""), "{restored:?}");
    let first = vacant.serve().await;
    let second = Server::beside(&first, &[]).await;
    let login = json!({"login": "bob", "password": PASSWORD});
    let api = second.api();
    let bob = Person::signed_in(&api, &api.post("/auth/login", login).await.expect(200));
    let part = Checker::read(&bob, &[id]).await;
    let end = part.ends()[&id];
    assert!(before <= end && end < full.ends()[&id], "{before} {end}");
    assert_eq!(part.order(id), full.order(id)[..part.order(id).len()]);
    // Who has seen more is told to begin anew, on either node.
    for node in [&first, &second] {
        let socket = bob.through(node.address()).open_stream().await;
        socket.hello(json!({"epoch": new_id(), "cursors": [[id, full.ends()[&id]]]})).await;
        let reset = socket.wait("a reset", |frame| frame["type"] == "reset").await;
        assert_eq!(reset["last_seq"], end);
    }
}
