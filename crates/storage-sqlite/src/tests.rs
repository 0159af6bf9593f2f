//! What only SQLite needs, looked at from inside.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parlor_domain::{
    DisplayName, Event, EventPublisher, NewUser, PasswordHash, Role, StoreError, Timestamp, UserId, Username,
};
use parlor_storage::Database;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::dialect::Sqlite;
use crate::{SqliteOptions, SqliteStore};
use parlor_storage::Dialect;

#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl EventPublisher for Heard {
    fn publish(&self, events: Vec<Event>) {
        self.0.lock().unwrap().extend(events);
    }
}

async fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, &SqliteOptions::default(), Arc::new(Heard::default())).await.unwrap()
}

fn user(number: u32) -> NewUser {
    NewUser {
        id: UserId::from_uuid(Uuid::from_u128(number.into())),
        username: Username::parse(&format!("user{number}")).unwrap(),
        name: DisplayName::parse("Somebody").unwrap(),
        email: None,
        email_verified: false,
        role: Role::User,
        bot: false,
        password: PasswordHash::from_phc("$hash".into()).into(),
        created_at: Timestamp::from_millis(1),
    }
}

async fn register(store: &SqliteStore, number: u32) -> Result<(), StoreError> {
    let mut work = store.shared().begin().await?;
    work.insert_user(&user(number)).await?;
    work.commit().await
}

async fn value(connection: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(Sqlite::BACKEND, sql.to_owned());
    connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn every_connection_has_the_settings_that_durability_depends_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("chat.db")).await;
    let connections = store.connections();
    for (setting, expected) in [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5_000),
        ("secure_delete", 1),
        ("wal_autocheckpoint", 1_000),
        ("journal_size_limit", 64 * 1024 * 1024),
        ("temp_store", 2),
        ("mmap_size", 0),
    ] {
        let pragma = format!("PRAGMA {setting}");
        assert_eq!(value(connections, &pragma).await, expected, "{setting} of a reader");
        let turn = connections.begin().await.unwrap();
        assert_eq!(value(&turn, &pragma).await, expected, "{setting} of the writer");
    }
    assert_eq!(value(connections, "PRAGMA query_only").await, 1);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("chat.db")).await;
    for sql in ["UPDATE server SET last_user_number = 9", "DELETE FROM conversation", "CREATE TABLE x (y)"] {
        assert!(store.connections().execute_unprepared(sql).await.is_err(), "{sql}");
    }
    assert_eq!(value(store.connections(), "SELECT last_user_number FROM server").await, 0);
}

#[tokio::test]
async fn foreign_keys_are_enforced() {
    let store = SqliteStore::in_memory(Arc::new(Heard::default())).await.unwrap();
    let turn = store.connections().begin().await.unwrap();
    let orphan = "INSERT INTO member (conversation_id, user_id, role, floor_seq, delivered_seq, read_seq, joined_at) VALUES (x'01', x'02', 1, 0, 0, 0, 0)";
    let error = turn.execute_unprepared(orphan).await.unwrap_err();
    assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
}

#[tokio::test]
async fn checks_refuse_what_no_code_means() {
    let store = SqliteStore::in_memory(Arc::new(Heard::default())).await.unwrap();
    let turn = store.connections().begin().await.unwrap();
    for sql in [
        "UPDATE conversation SET last_seq = -1",
        r#"UPDATE "group" SET visibility = 3"#,
        r#"UPDATE "group" SET member_count = -1"#,
        "INSERT INTO server (id, epoch) VALUES (2, x'00')",
        "INSERT INTO entry (conversation_id, seq, created_at, kind) SELECT id, 1, 0, 1 FROM conversation",
    ] {
        let error = turn.execute_unprepared(sql).await.unwrap_err();
        assert!(error.to_string().contains("CHECK"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_full_disk_stops_writing_only_and_only_while_it_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("chat.db")).await;
    register(&store, 1).await.unwrap();
    let limit = async |pages: i64| {
        let turn = store.connections().begin().await.unwrap();
        value(&turn, &format!("PRAGMA max_page_count = {pages}")).await;
    };
    limit(value(store.connections(), "PRAGMA page_count").await).await;
    let mut written = 1;
    let refused = loop {
        match register(&store, written + 1).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full(_)), "{refused:?}");
    for _ in 0..3 {
        assert!(matches!(register(&store, written + 1).await, Err(StoreError::Full(_))));
        let found = store.shared().user(user(written).id).await.unwrap();
        assert_eq!(found.map(|user| user.code.number()), Some(written));
    }
    limit(1_000_000).await;
    register(&store, written + 1).await.unwrap();
    assert_eq!(store.shared().user(user(written + 1).id).await.unwrap().unwrap().code.number(), written + 1);
}

#[tokio::test]
async fn nothing_is_written_outside_of_a_transaction_that_an_error_has_ended() {
    let store = SqliteStore::in_memory(Arc::new(Heard::default())).await.unwrap();
    let turn = store.connections().begin().await.unwrap();
    turn.execute_unprepared("UPDATE server SET last_user_number = 1").await.unwrap();
    // Ends the transaction as a full disk does.
    turn.execute_unprepared("PRAGMA max_page_count = 1").await.unwrap();
    assert!(turn.execute_unprepared("CREATE TABLE big AS SELECT randomblob(1000000) AS b").await.is_err());
    assert!(turn.execute_unprepared("UPDATE server SET last_user_number = 2").await.is_err());
    assert!(parlor_storage::Turn::commit(turn, Box::new(|| panic!("published"))).await.is_err());
    assert_eq!(value(store.connections(), "SELECT last_user_number FROM server").await, 0);
}

#[tokio::test]
async fn a_waiting_turn_passes_on_when_its_task_gives_up() {
    let store = SqliteStore::in_memory(Arc::new(Heard::default())).await.unwrap();
    let shared = store.shared();
    let first = shared.begin().await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(20), shared.begin()).await.is_err());
    drop(first);
    register(&store, 1).await.unwrap();
}

#[tokio::test]
async fn reading_beside_a_unit_of_work_in_memory_fails_instead_of_waiting_for_ever() {
    let store = SqliteStore::in_memory(Arc::new(Heard::default())).await.unwrap();
    let work = store.shared().begin().await.unwrap();
    let beside = store.shared().count_admins().await;
    assert!(matches!(beside, Err(StoreError::Unavailable(_))), "{beside:?}");
    assert_eq!(work.count_admins().await.unwrap(), 0);
}

#[tokio::test]
async fn a_conflict_costs_no_number_even_when_the_unit_of_work_goes_on() {
    let store = SqliteStore::in_memory(Arc::new(Heard::default())).await.unwrap();
    let mut work = store.shared().begin().await.unwrap();
    work.insert_user(&user(1)).await.unwrap();
    assert!(matches!(work.insert_user(&user(1)).await, Err(StoreError::Conflict(_))));
    assert_eq!(work.insert_user(&user(2)).await.unwrap().code.number(), 2);
    work.commit().await.unwrap();
}

#[tokio::test]
async fn of_every_table_it_is_known_whether_it_moves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    let store = SqliteStore::open(&path, &SqliteOptions::default(), Arc::<Heard>::default()).await.unwrap();
    store.shared().set_maintenance(Some("moving")).await.unwrap();
    let side = crate::moving::source(&path).await.unwrap();
    let tables = side.tables().await.unwrap();
    for table in parlor_storage::moving::TABLES {
        assert!(tables.iter().any(|name| name == table.name), "{} does not exist", table.name);
    }
    // Refuses a table that is in no list.
    parlor_storage::moving::check_source(&*side).await.unwrap();
    let turn = store.connections().begin().await.unwrap();
    turn.execute_unprepared("CREATE TABLE forgotten (id integer)").await.unwrap();
    parlor_storage::Turn::commit(turn, Box::new(|| ())).await.unwrap();
    let refused = parlor_storage::moving::check_source(&*side).await.unwrap_err();
    assert!(refused.to_string().contains("forgotten"), "{refused}");
}
