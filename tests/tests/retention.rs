//! Messages and files that are deleted after some days, of a conversation or everywhere.

use parlor_tests::{Person, Sender, Server, eventually, files_below, files_of};
use serde_json::{Value, json};
use uuid::Uuid;

/// Makes it as if so many days had passed since everything was written; what is too old goes from then
/// on.
async fn let_days_pass(server: &mut Server, days: u64) {
    server.kill();
    let back = days * 86_400_000;
    server.sql(&format!(
        "UPDATE entry SET created_at = created_at - {back};
        UPDATE retention SET messages_since = messages_since - {back} WHERE messages_since > 0;
        UPDATE retention SET files_since = files_since - {back} WHERE files_since > 0;"
    ));
    server.restart().await;
}

fn path(conversation: Uuid) -> String {
    format!("/conversations/{conversation}/retention")
}

async fn set(person: &Person, conversation: Uuid, days: u64, what: &str) -> Value {
    person.put(&path(conversation), json!({"days": days, "what": what})).await.expect(200)
}

/// How many messages of a log still say something.
fn readable(log: &[Value]) -> usize {
    log.iter().filter(|entry| entry["message"]["body"].as_str().is_some_and(|body| !body.is_empty())).count()
}

fn deletions(log: &[Value]) -> usize {
    log.iter().filter(|entry| entry["kind"] == "deletion").count()
}

#[tokio::test]
async fn t27_messages_and_their_files_are_nowhere_once_their_days_are_over() {
    let mut server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let file = ana.share("c.txt", "text/plain", "a file of a canary").await;
    let posted = ana.say_with(direct, "a canary that nobody else has", &[file]).await.expect(201);
    let lobby = ana.lobby().await;
    ana.say(lobby, "elsewhere").await;

    let socket = ana.connect().await;
    let applied = set(&ben, direct, 30, "messages_and_files").await;
    let own = json!({"days": 30, "what": "messages_and_files"});
    assert_eq!(applied, json!({"messages_days": 30, "files_days": 30, "own": own}));
    let told = socket.wait("what was set", |frame| frame["kind"] == "retention").await;
    assert_eq!((&told["retention"], &told["actor"]), (&own, &json!(ben.id)));
    assert_eq!(ana.conversation(direct).await["retention"], applied);
    assert_eq!(ana.conversation(lobby).await.get("retention"), None);

    let_days_pass(&mut server, 31).await;
    let (ana, ben) = (ana.through(server.address()), ben.through(server.address()));
    ben.say(direct, "young").await;
    let log = eventually("the old message is gone", async || {
        let log = ana.log_of(direct).await;
        (deletions(&log) == 1).then_some(log)
    })
    .await;
    assert_eq!(readable(&log), 1);
    let message = posted["message_id"].as_str().unwrap();
    let now = &ana.get(&format!("/messages/{message}")).await.expect(200)["message"];
    assert_eq!((&now["body"], files_of(now)), (&json!(""), vec![]));
    assert!(now["changes"]["deleted_at"].is_string());
    assert!(log.iter().any(|entry| entry["kind"] == "retention"), "what was set is still told");
    assert_eq!(readable(&ana.log_of(lobby).await), 1, "other conversations are kept");
    assert_eq!(server.sql("SELECT count(*) FROM entry WHERE body LIKE '%canary%'").trim(), "0");
    assert_eq!(ben.hash_of(file).await, Err(404));
    server.let_unused_files_go().await;
    assert_eq!(files_below(&server.files()).len(), 0);
}

#[tokio::test]
async fn the_servers_setting_is_told_to_everybody_and_limits_every_conversation() {
    let settings = [("PARLOR_RETENTION_DAYS", "7"), ("PARLOR_RETENTION_WHAT", "files")];
    let mut server = Server::start_with(&settings).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = ana.create_group("Garden", "private", &[&ben]).await;
    let info = server.api().get("/server").await.expect(200);
    assert_eq!(info["retention"], json!({"days": 7, "what": "files"}));
    assert_eq!(ben.conversation(group).await["retention"], json!({"files_days": 7}));
    let own = json!({"days": 30, "what": "messages_and_files"});
    let both = json!({"messages_days": 30, "files_days": 7, "own": own});
    assert_eq!(set(&ana, group, 30, "messages_and_files").await, both);
    assert_eq!(ben.conversation(group).await["retention"], both);
    assert_eq!(ana.delete(&path(group)).await.expect(200), json!({"files_days": 7}));

    let file = ana.share("a.txt", "text/plain", "words").await;
    ana.say_with(group, "look", &[file]).await.expect(201);
    let_days_pass(&mut server, 8).await;
    let ben = ben.through(server.address());
    let log = eventually("the file is gone", async || {
        let log = ben.log_of(group).await;
        log.iter().any(|entry| entry["kind"] == "file_removal").then_some(log)
    })
    .await;
    assert_eq!((readable(&log), deletions(&log)), (1, 0));
    assert_eq!(ben.hash_of(file).await, Err(404));
}

#[tokio::test]
async fn a_number_of_days_that_is_none_is_refused() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let notes = ana.direct_with(&ana).await;
    for days in [0, 3_651] {
        let form = json!({"days": days, "what": "files"});
        let problem = ana.put(&path(notes), form).await.refused(422, "invalid_fields");
        assert_eq!(problem["errors"][0]["field"], "days", "{problem}");
    }
    assert_eq!(ana.conversation(notes).await.get("retention"), None);
    set(&ana, notes, 3_650, "files").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r02_what_is_too_old_goes_also_when_the_server_is_killed_meanwhile() {
    const MESSAGES: usize = 3_000;
    let mut server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let garden = ana.create_group("Garden", "private", &[&ben]).await;
    Sender::new(ben.link(), 16).with(&[garden], MESSAGES).run().await;
    set(&ana, garden, 1, "messages_and_files").await;
    let_days_pass(&mut server, 2).await;
    let gone = "SELECT count(*) FROM entry WHERE deleted_at IS NOT NULL";
    let count = |server: &Server| server.sql(gone).trim().parse::<usize>().unwrap();
    eventually("some of it is gone", async || (count(&server) > 0).then_some(())).await;
    server.kill();
    let before = count(&server);
    assert!(before < MESSAGES, "all of it was gone before the server was killed");
    server.restart().await;
    eventually("all of it is gone", async || (count(&server) == MESSAGES).then_some(())).await;
    let log = ana.through(server.address()).log_of(garden).await;
    assert_eq!((readable(&log), deletions(&log)), (0, MESSAGES));
    assert!(log.iter().map(|entry| entry["seq"].as_u64().unwrap()).eq(1..=log.len() as u64));
}
