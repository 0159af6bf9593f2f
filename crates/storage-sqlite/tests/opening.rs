//! Opening, closing and reopening files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use parlor_domain::{
    DisplayName, Event, EventPublisher, NewUser, PasswordHash, Role, StoreError, Timestamp, UserId, Username,
};
use parlor_storage_sqlite::{OpenError, SqliteOptions, SqliteStore};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr};
use uuid::Uuid;

struct Nobody;

impl EventPublisher for Nobody {
    fn publish(&self, _events: Vec<Event>) {}
}

async fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, &SqliteOptions::default(), Arc::new(Nobody)).await
}

/// Another program that has the file open.
async fn raw(path: &Path) -> Result<DatabaseConnection, DbErr> {
    Database::connect(format!("sqlite://{}?mode=rwc", path.display())).await
}

fn ana() -> NewUser {
    NewUser {
        id: UserId::from_uuid(Uuid::from_u128(1)),
        username: Username::from_stored("ana".into()),
        name: DisplayName::from_stored("Ana".into()),
        email: None,
        email_verified: false,
        role: Role::Admin,
        bot: false,
        password: PasswordHash::from_phc("$hash".into()).into(),
        created_at: Timestamp::from_millis(1),
    }
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    let store = open(&path).await.unwrap();
    let mut work = store.shared().begin().await.unwrap();
    let user = work.insert_user(&ana()).await.unwrap();
    work.commit().await.unwrap();
    let epoch = store.shared().epoch().await.unwrap();
    let lobby = store.shared().lobby().await.unwrap();
    store.close().await.unwrap();
    let store = open(&path).await.unwrap();
    assert_eq!(store.shared().user(user.id).await.unwrap(), Some(user));
    assert_eq!(store.shared().epoch().await.unwrap(), epoch);
    assert_eq!(store.shared().lobby().await.unwrap(), lobby);
}

#[tokio::test]
async fn closing_leaves_one_file_and_an_unavailable_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    let store = open(&path).await.unwrap();
    let mut work = store.shared().begin().await.unwrap();
    work.insert_user(&ana()).await.unwrap();
    work.commit().await.unwrap();
    store.close().await.unwrap();
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["chat.db"]);
    assert!(matches!(store.shared().ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.shared().begin().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("chat.db")).await.unwrap();
    store.shared().ping().await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

/// The files as they are, copied away while the store is open, are what a killed process leaves.
#[tokio::test]
async fn a_kill_between_two_statements_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    let store = open(&path).await.unwrap();
    let mut work = store.shared().begin().await.unwrap();
    work.insert_user(&ana()).await.unwrap();
    work.commit().await.unwrap();
    let mut work = store.shared().begin().await.unwrap();
    let lost = NewUser {
        id: UserId::from_uuid(Uuid::from_u128(2)),
        username: Username::parse("lost").unwrap(),
        ..ana()
    };
    work.insert_user(&lost).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    for name in ["chat.db", "chat.db-wal"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let reopened = open(&copy.path().join("chat.db")).await.unwrap();
    assert!(reopened.shared().user(ana().id).await.unwrap().is_some());
    assert_eq!(reopened.shared().user(lost.id).await.unwrap(), None);
    let mut again = reopened.shared().begin().await.unwrap();
    assert_eq!(again.insert_user(&lost).await.unwrap().code.number(), 2);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    open(&path).await.unwrap().close().await.unwrap();
    let other = raw(&path).await.unwrap();
    other.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_later', 1)").await.unwrap();
    other.close().await.unwrap();
    let refused = open(&path).await.err().unwrap();
    assert!(matches!(&refused, OpenError::TooNew { step, .. } if step == "m9999_later"), "{refused}");
    assert!(!refused.to_string().contains('\n'));
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    std::fs::write(&path, "a letter, and no database at all ".repeat(40)).unwrap();
    assert!(matches!(open(&path).await, Err(OpenError::NotADatabase { .. })));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("a letter"));
}

#[tokio::test]
async fn the_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    let other = raw(&path).await.unwrap();
    other.execute_unprepared("CREATE TABLE cakes (id integer)").await.unwrap();
    other.close().await.unwrap();
    assert!(matches!(open(&path).await, Err(OpenError::Foreign { table, .. }) if table == "cakes"));
}

#[tokio::test]
async fn a_damaged_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    open(&path).await.unwrap().close().await.unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // The first page holds the schema, behind a header of 100 bytes.
    bytes[100..4_000].fill(0x55);
    std::fs::write(&path, bytes).unwrap();
    let refused = open(&path).await.err().unwrap();
    assert!(matches!(refused, OpenError::Corrupt { .. }), "{refused}");
}

#[tokio::test]
async fn a_folder_that_does_not_exist_is_named() {
    let refused = open(Path::new("/no/such/folder/chat.db")).await.err().unwrap();
    assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused}");
    assert!(refused.to_string().contains("/no/such/folder/chat.db"));
}

#[tokio::test]
async fn an_existing_database_is_copied_before_its_schema_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    open(&path).await.unwrap().close().await.unwrap();
    // As if its last step had not been taken yet.
    let other = raw(&path).await.unwrap();
    for sql in [
        "DELETE FROM seaql_migrations WHERE version = 'm0002_founding'",
        r#"DELETE FROM "group""#,
        "DELETE FROM conversation",
        "DELETE FROM server",
    ] {
        other.execute_unprepared(sql).await.unwrap();
    }
    other.close().await.unwrap();
    // What an earlier change left, and what has nothing to do with it.
    let (earlier, note) =
        (folder.path().join("chat.db.before-m0001_core"), folder.path().join("chat.db.before-lunch"));
    for file in [&earlier, &note] {
        std::fs::write(file, "kept").unwrap();
    }
    let store = open(&path).await.unwrap();
    assert!(!earlier.exists() && note.exists());
    assert!(store.shared().lobby().await.unwrap().is_some());
    let copy = folder.path().join("chat.db.before-m0002_founding");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    // The copy is the database as it was: whole, and without the step.
    let reopened = open(&copy).await.unwrap();
    assert_ne!(reopened.shared().epoch().await.unwrap(), store.shared().epoch().await.unwrap());
}

#[tokio::test]
async fn a_database_that_is_up_to_date_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    for _ in 0..2 {
        open(&path).await.unwrap().close().await.unwrap();
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
