//! R-25: a change of the schema that is interrupted.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use parlor_storage::Migrator;
use parlor_tests::{Checker, PASSWORD, Person, Sent, Server, eventually};
use sea_orm_migration::MigratorTrait;
use serde_json::json;
use uuid::Uuid;

/// How often the server is killed while it changes the schema.
const KILLS: usize = 20;

/// The last of these kills comes while another node waits for its turn, on PostgreSQL.
const ALONE: usize = KILLS - 1;

/// The steps of the schema that the old database has.
const OLD: u32 = 2;

/// The copy that is made before the next one.
const COPY: &str = ".before-m0003_signing_key";

/// Old messages in the lobby. A million would take this test minutes, most of them to make them.
const MESSAGES: usize = 100_000;

/// What Ana was told of her messages to Bob.
const SENT: u64 = 300;

/// Conversations whose logs have gaps, or end elsewhere than they say.
const BROKEN_LOGS: &str = "SELECT count(*) FROM conversation WHERE
    last_seq <> (SELECT count(*) FROM entry WHERE conversation_id = conversation.id)
    OR last_seq <> (SELECT coalesce(max(seq), 0) FROM entry WHERE conversation_id = conversation.id)";

/// How many wait for somebody's lock on a table of this database.
const HELD: &str = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'
    AND relation IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)";

/// How many wait until it is their turn to look at the schema.
const TURNS: &str = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A server that is stopped, on a database of an old schema.
struct Old {
    server: Server,
    sent: Vec<Sent>,
}

impl Old {
    /// The schema is made by the steps themselves, and filled as a server of that time left it.
    async fn make() -> Self {
        let present = Server::start().await;
        // The hash of everybody's password.
        let hash = present.sql("SELECT password_hash FROM \"user\"");
        let place = present.vacant();
        let file = format!("sqlite://{}?mode=rwc", place.data().join("parlor.db").display());
        let url = place.database_url().map_or(file, str::to_owned);
        let database = sea_orm::Database::connect(url).await.unwrap();
        Migrator::up(&database, Some(OLD)).await.unwrap();
        database.close().await.unwrap();
        place.sql(&filling(&hash));
        if !postgres() {
            fs::copy(place.data().join("parlor.db"), place.data().join("pristine")).unwrap();
        }
        // Of all nodes, so that two that start at once do not each make one.
        let key = place.data().join("signing.key");
        fs::write(&key, "5a".repeat(32)).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let sent = |seq| Sent {
            conversation: id(10),
            client_id: id(1_000 + seq),
            seq,
            message_id: id(2_000 + seq),
            duplicate: false,
        };
        let mut server = place.launch();
        server.kill();
        Self { server, sent: (1..=SENT).map(sent).collect() }
    }

    fn steps(&self) -> u32 {
        self.server.sql("SELECT count(*) FROM seaql_migrations").parse().unwrap()
    }

    fn file(&self, suffix: &str) -> PathBuf {
        self.server.data().join(format!("parlor.db{suffix}"))
    }

    /// Starts for good, and looks at everything.
    async fn is_finished_by_the_next_start(&mut self) {
        self.server.restart().await;
        assert_eq!(usize::try_from(self.steps()).unwrap(), Migrator::migrations().len());
        // What the later steps made is there.
        for sql in
            ["SELECT count(*) FROM server WHERE maintenance IS NULL", "SELECT 1 + 0 * count(*) FROM node"]
        {
            assert_eq!(self.server.sql(sql), "1");
        }
        assert_eq!(
            self.server.sql("SELECT count(*) FROM entry WHERE body LIKE 'old %'"),
            MESSAGES.to_string()
        );
        assert_eq!(self.server.sql(BROKEN_LOGS), "0");
        let login = json!({"login": "ana", "password": PASSWORD});
        let api = self.server.api();
        let ana = Person::signed_in(&api, &api.post("/auth/login", login).await.expect(200));
        let conversation = id(10);
        let checker = Checker::read(&ana, &[conversation]).await;
        checker.stored(&self.sent);
        assert_eq!(checker.ends()[&conversation], SENT);
        assert_eq!(ana.say(conversation, "after the change").await["seq"], SENT + 1);
    }
}

fn postgres() -> bool {
    std::env::var("PARLOR_TEST_DATABASE").is_ok_and(|database| database == "postgres")
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128(number.into())
}

/// Moments that are spread over so long, each time another one, and in each run the same.
fn moment(number: usize, within: Duration) -> Duration {
    within * u32::try_from(number * 61 % 97).unwrap() / 97
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r25_a_change_of_the_schema_that_is_killed_twenty_times_is_finished_by_the_next_start() {
    let mut old = Old::make().await;
    if postgres() {
        kills_on_postgres(&mut old).await;
        old.is_finished_by_the_next_start().await;
        return;
    }
    kills_on_sqlite(&mut old).await;
    old.is_finished_by_the_next_start().await;
    let copy = old.file(COPY);
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!old.file(".copy").exists(), "something half done stays");
    for (sql, expected) in [
        ("PRAGMA integrity_check", "ok"),
        ("SELECT count(*) FROM seaql_migrations", "2"),
        ("SELECT count(*) FROM entry WHERE body LIKE 'old %'", "100000"),
    ] {
        let output = Command::new("sqlite3").arg(&copy).arg(sql).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected, "{sql}");
    }
}

/// First the copy is made under another name, then the schema is changed. Kills begin to come in
/// the one, in the other, or anywhere.
async fn kills_on_sqlite(old: &mut Old) {
    let (mut in_the_copy, mut in_the_change) = (0, 0);
    for kill in 0..KILLS {
        for file in [COPY, ".copy"] {
            _ = fs::remove_file(old.file(file));
        }
        old.server.launch();
        let begun = [".copy", COPY].get(kill % 3).map(|suffix| old.file(suffix));
        if let Some(begun) = &begun {
            is_there(begun).await;
        }
        tokio::time::sleep(moment(kill, Duration::from_millis(60))).await;
        old.server.kill();
        if old.steps() > OLD {
            // It was done already, and the next kill needs something to interrupt.
            for file in ["", "-wal", "-shm"] {
                _ = fs::remove_file(old.file(file));
            }
            fs::copy(old.server.data().join("pristine"), old.file("")).unwrap();
        } else if old.file(COPY).exists() {
            in_the_change += 1;
        } else if old.file(".copy").exists() {
            in_the_copy += 1;
        }
    }
    assert!(in_the_copy > 0 && in_the_change > 0, "{in_the_copy} in the copy, {in_the_change} in the change");
}

async fn is_there(path: &Path) {
    eventually(&path.display().to_string(), async || path.exists().then_some(())).await;
}

/// Somebody else's lock on one table after the other holds the change up in its middle.
async fn kills_on_postgres(old: &mut Old) {
    let tables = ["server", r#""user""#, "member"];
    for table in tables.into_iter().cycle().take(ALONE) {
        let mut holder = hold(old, table).await;
        old.server.launch();
        eventually("the change waits", async || (old.server.sql(HELD) == "1").then_some(())).await;
        old.server.kill();
        // Its connection ends, and with it the lock.
        holder.kill().unwrap();
        holder.wait().unwrap();
        assert_eq!(old.steps(), OLD, "half of the change stays");
    }
    another_node_finishes_it(old).await;
}

/// A node that waits until another one has changed the schema does it itself when that one dies.
async fn another_node_finishes_it(old: &mut Old) {
    let mut holder = hold(old, "member").await;
    old.server.launch();
    eventually("the change waits", async || (old.server.sql(HELD) == "1").then_some(())).await;
    let first = old.server.pid().to_string();
    let dying = async {
        eventually("the other one waits", async || (old.server.sql(TURNS) == "1").then_some(())).await;
        assert!(Command::new("kill").args(["-9", &first]).status().unwrap().success());
        holder.kill().unwrap();
        holder.wait().unwrap();
    };
    let (other, ()) = tokio::join!(Server::beside(&old.server, &[]), dying);
    other.api().get("/server").await.expect(200);
    old.server.kill();
}

/// Another program's lock on a table, which lets others read and write it but not change what it is.
async fn hold(old: &Old, table: &str) -> Child {
    let url = old.server.setting("PARLOR_DATABASE_URL").unwrap();
    let mut holder = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--dbname", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = holder.stdin.take().unwrap();
    writeln!(input, "BEGIN; LOCK TABLE {table} IN ROW EXCLUSIVE MODE;").unwrap();
    holder.stdin = Some(input);
    let held = format!(
        "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'RowExclusiveLock' AND relation = '{table}'::regclass"
    );
    eventually("the lock is held", async || (old.server.sql(&held) == "1").then_some(())).await;
    holder
}

/// An admin; Ana and Bob, who have written to each other; a hundred thousand messages in the
/// lobby; and the admin's membership in as many conversations, so that the step that makes an
/// index of memberships takes long enough for a kill to find it.
fn filling(hash: &str) -> String {
    let literal = |id: Uuid| if postgres() { format!("'{id}'::uuid") } else { format!("x'{}'", id.simple()) };
    let mut sql = vec!["BEGIN".to_owned()];
    for (number, (name, role)) in (1..).zip([("root", 2), ("ana", 1), ("bob", 1)]) {
        let user = literal(id(number));
        sql.push(format!(
            r#"INSERT INTO "user" (id, number, username, name, about, role, status, password_hash, created_at, search)
            VALUES ({user}, {number}, '{name}', '{name}', '', {role}, 1, '{hash}', 1, '{name}');
            INSERT INTO member SELECT id, {user}, 1, 0, 0, 0, 1 FROM "group";
            UPDATE server SET last_user_number = {number}; UPDATE "group" SET member_count = {number}"#
        ));
    }
    let (ana, bob, direct) = (literal(id(2)), literal(id(3)), literal(id(10)));
    sql.push(format!("INSERT INTO conversation VALUES ({direct}, {ana}, {bob}, {SENT}, 1)"));
    for user in [&ana, &bob] {
        sql.push(format!("INSERT INTO member VALUES ({direct}, {user}, 1, 0, 0, 0, 1)"));
    }
    let columns = "entry (conversation_id, seq, actor_id, created_at, kind, message_id, client_id, body)";
    for seq in 1..=SENT {
        let (message, client) = (literal(id(2_000 + seq)), literal(id(1_000 + seq)));
        sql.push(format!(
            "INSERT INTO {columns} VALUES ({direct}, {seq}, {ana}, 1, 1, {message}, {client}, 'hello')"
        ));
    }
    let (many, random) = if postgres() {
        (format!("generate_series(1, {MESSAGES}) AS n (value)"), "gen_random_uuid()")
    } else {
        (format!("generate_series(1, {MESSAGES}) AS n"), "randomblob(16)")
    };
    sql.push(format!(
        r#"INSERT INTO {columns} SELECT id, value, {bob}, 1, 1, {random}, {random},
            'old ' || value || ' and as long as messages are that people write to each other' FROM {many}, "group";
        UPDATE conversation SET last_seq = {MESSAGES} WHERE id = (SELECT id FROM "group");
        CREATE TEMPORARY TABLE rooms AS SELECT {random} AS id FROM {many};
        INSERT INTO conversation (id, active_at) SELECT id, 1 FROM rooms;
        INSERT INTO member SELECT id, {root}, 1, 0, 0, 0, 1 FROM rooms;
        COMMIT"#,
        root = literal(id(1)),
    ));
    sql.join(";")
}
