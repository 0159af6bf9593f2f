//! Moving to another database and back, as `docs/operations/moving.md` says.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use parlor_tests::{Cluster, Finished, Person, Server, program, run};
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;

/// So many messages that a copy which is killed when it has told of its first page is not whole.
const MANY: u32 = 50_000;

/// A server on a file of its own, with somebody who has written something.
struct Source {
    folder: TempDir,
    server: Server,
    ana: Person,
    conversations: Vec<Uuid>,
}

impl Source {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("chat.db").display());
        let server = Server::start_with(&[("PARLOR_DATABASE_URL", &url)]).await;
        let (ana, bob) = (server.person("ana").await, server.person("bob").await);
        let conversations = vec![
            ana.direct_with(&bob).await,
            ana.create_group("Grüße, \"quoted\" \\ 漢字 🎈", "public", &[&bob]).await,
            ana.lobby().await,
        ];
        for id in &conversations {
            for body in ["Hello", "Zeile\nzwei\t\"ü\" \\u0041 \u{1f388}", "'; DROP TABLE entry; --"] {
                ana.say(*id, body).await;
            }
        }
        Self { folder, server, ana, conversations }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("chat.db")
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.file().display())
    }

    fn hold(&self) {
        is_done(&self.server.run(&["maintenance", "on"]));
    }

    /// As if many messages had been written.
    fn fill(&self) {
        sqlite(
            &self.file(),
            &format!(
                "PRAGMA busy_timeout = 5000;
                CREATE TEMP TABLE busy AS SELECT id, last_seq, direct_low FROM conversation WHERE direct_low IS NOT NULL;
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
                INSERT INTO entry (conversation_id, seq, actor_id, created_at, kind, message_id, client_id, body)
                SELECT id, last_seq + i, direct_low, i, 1, randomblob(16), randomblob(16),
                    'Message number ' || i || ', of about the length that people write to each other.' FROM busy, n;
                UPDATE conversation SET last_seq = last_seq + {MANY} WHERE id IN (SELECT id FROM busy);"
            ),
        );
    }
}

fn copy(from: &str, to: &str) -> Finished {
    run(&["store", "copy", "--from", from, "--to", to], &[])
}

fn is_done(finished: &Finished) {
    assert_eq!(finished.status, Some(0), "{finished:?}");
}

fn is_advice(finished: &Finished, words: &[&str]) {
    assert_eq!(finished.status, Some(2), "{finished:?}");
    assert_eq!(finished.stderr.lines().count(), 1, "{finished:?}");
    for word in words {
        assert!(finished.stderr.contains(word), "{word}: {finished:?}");
    }
}

fn sqlite(file: &Path, sql: &str) -> String {
    let output = Command::new("sqlite3").arg(file).arg(sql).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Everything in a database but what belongs to its file: as statements, in the tables' order.
fn content(file: &Path) -> Vec<String> {
    let dump = sqlite(file, ".dump");
    let ours = |line: &&str| {
        // The index for searching is made anew, some time later.
        let other = ["seaql_migrations", "node", "present", "server", "search_"];
        !other.iter().any(|table| line.starts_with(&format!("INSERT INTO {table}")))
    };
    let mut content: Vec<String> = dump.lines().filter(ours).map(str::to_owned).collect();
    content.push(sqlite(file, "SELECT hex(epoch), last_user_number, hex(signing_key) FROM server"));
    content
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_go_on_where_they_were_on_postgresql_and_back_on_sqlite() {
    let mut source = Source::start().await;
    let cluster = Cluster::start();
    let (there, back) = (cluster.url(), format!("sqlite:{}", source.folder.path().join("back.db").display()));
    // Bob came after ana.
    let mut number = number(&source.ana) + 1;
    let mut from = source.url();
    for (to, name) in [(&there, "carla"), (&back, "dora")] {
        let mut logs = Vec::new();
        for id in &source.conversations {
            logs.push(source.ana.log_of(*id).await);
        }
        let epoch = source.ana.get("/sync").await.expect(200)["epoch"].clone();
        source.hold();
        let moved = copy(&from, to);
        is_done(&moved);
        assert!(moved.stdout.contains("entry") && moved.stdout.contains("the same"), "{moved:?}");

        // The same server goes on with the other database, and not in maintenance. Access tokens,
        // refresh tokens, logs and the epoch are what they were.
        source.server.terminate();
        source.server.ended(Duration::from_secs(20)).await;
        source.server.set("PARLOR_DATABASE_URL", to);
        source.server.restart().await;
        assert_eq!(source.ana.get("/sync").await.expect(200)["epoch"], epoch);
        for (id, log) in source.conversations.iter().zip(&logs) {
            assert_eq!(&source.ana.log_of(*id).await, log);
        }
        let token = json!({"refresh_token": source.ana.refresh_token});
        let renewed = source.server.api().post("/auth/refresh", token).await.expect(200);
        source.ana.refresh_token = renewed["refresh_token"].as_str().unwrap().to_owned();
        source.ana.say(source.conversations[0], "and on it goes").await;
        number += 1;
        assert_eq!(self::number(&source.server.person(name).await), number);
        from.clone_from(to);
    }
}

/// The number in a person's user code.
fn number(person: &Person) -> u32 {
    person.account["user_code"].as_str().unwrap()[3..].parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_is_killed_goes_on_where_it_was() {
    let mut source = Source::start().await;
    source.hold();
    source.server.kill();
    source.fill();
    let cluster = Cluster::start();
    let mut child = Command::new(program())
        .args(["store", "copy", "--from", &source.url(), "--to", &cluster.url()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("entry: ") && line.contains("rows copied"), "{line}");

    // No server takes it for a whole one, and nobody else copies into it.
    let server = run(
        &["serve", "--data-dir", source.folder.path().join("data").to_str().unwrap()],
        &[("PARLOR_DATABASE_URL", cluster.url().as_str()), ("PARLOR_LOG_FILTER", "error")],
    );
    is_advice(&server, &["not whole", "store copy"]);
    let other = Source::start().await;
    other.hold();
    is_advice(&copy(&other.url(), &cluster.url()), &["unfinished copy of another one"]);

    is_done(&copy(&source.url(), &cluster.url()));
    let back = source.folder.path().join("back.db");
    is_advice(&copy(&source.url(), &cluster.url()), &["is the one to move"]);
    source.server.set("PARLOR_DATABASE_URL", &cluster.url());
    is_done(&source.server.run(&["maintenance", "on"]));
    is_done(&copy(&cluster.url(), &format!("sqlite:{}", back.display())));
    // Nobody has used anything meanwhile: they are the same to the last byte.
    assert_eq!(content(&source.file()), content(&back));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_source_or_target_is_refused_and_left_alone() {
    let source = Source::start().await;
    let empty = source.folder.path().join("empty.db");
    let empty_url = format!("sqlite:{}", empty.display());
    is_advice(&copy(&source.url(), &empty_url), &["parlor maintenance on"]);
    source.hold();
    is_advice(&copy(&source.url(), &source.url()), &["is the one to move"]);
    is_advice(&copy(&source.url(), "mysql://there"), &["--to", "sqlite:"]);
    is_advice(&copy("sqlite:/no/such/file", &empty_url), &["/no/such/file"]);
    for place in ["127.0.0.1:1/there", "127.0.0.1:none/there"] {
        let refused = copy(&source.url(), &format!("postgres://parlor:kettles@{place}"));
        is_advice(&refused, &[]);
        assert!(!refused.stderr.contains("kettles"), "{refused:?}");
    }
    assert!(!empty.exists(), "a target was made for nothing");
    let other = Source::start().await;
    let before = content(&other.file());
    is_advice(&copy(&source.url(), &other.url()), &["not empty"]);
    assert_eq!(content(&other.file()), before);
    is_done(&copy(&source.url(), &empty_url));
}
