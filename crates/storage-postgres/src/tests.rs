//! What only PostgreSQL needs, looked at from inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parlor_domain::{Event, EventPublisher};
use parlor_storage::{Database, Dialect, Trouble, Turn};
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::timeout;

use crate::dialect::Postgres;
use crate::turn::PostgresTurn;
use crate::{PostgresOptions, PostgresStore};

struct Nobody;

impl EventPublisher for Nobody {
    fn publish(&self, _events: Vec<Event>) {}
}

/// A store on the test server's schema `inside`, which these tests share and change nothing in.
async fn open(connections: u32) -> PostgresStore {
    let server = std::env::var("PARLOR_TEST_POSTGRES_URL")
        .unwrap_or_else(|_| panic!("this test needs a server: run scripts/with-postgres cargo nextest run"));
    let sign = if server.contains('?') { '&' } else { '?' };
    let plain = sea_orm::Database::connect(&server).await.unwrap();
    // Several tests may make it at once, and then only one of them does.
    _ = plain.execute_unprepared("CREATE SCHEMA IF NOT EXISTS inside").await;
    let options = PostgresOptions { connections, patience: Duration::from_millis(500) };
    let url = format!("{server}{sign}options=-c%20search_path%3Dinside");
    PostgresStore::open(&url, &options, Arc::new(Nobody)).await.unwrap()
}

async fn text(connection: &impl ConnectionTrait, sql: &str) -> String {
    let statement = Statement::from_string(Postgres::BACKEND, sql.to_owned());
    connection.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn every_connection_has_the_settings_that_durability_depends_on() {
    let store = open(3).await;
    // All of them at once, so that each is another connection.
    let mut turns = Vec::new();
    for _ in 0..3 {
        turns.push(store.connections().begin().await.unwrap());
    }
    for turn in &turns {
        for (setting, expected) in [
            ("synchronous_commit", "on"),
            ("transaction_isolation", "read committed"),
            ("statement_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "5s"),
            ("lock_timeout", "1500ms"),
            ("client_encoding", "UTF8"),
        ] {
            assert_eq!(text(turn, &format!("SHOW {setting}")).await, expected, "{setting}");
        }
    }
}

#[tokio::test]
async fn a_transaction_that_an_error_has_ended_is_not_committed() {
    let store = open(2).await;
    let turn = store.connections().begin().await.unwrap();
    turn.execute_unprepared("UPDATE server SET last_user_number = 7").await.unwrap();
    assert!(turn.execute_unprepared("SELECT 1 / 0").await.is_err());
    assert!(turn.commit(Box::new(|| panic!("published"))).await.is_err());
    assert_eq!(text(store.connections(), "SELECT last_user_number::text FROM server").await, "0");
}

#[tokio::test]
async fn one_who_waits_too_long_for_a_connection_is_told_that_there_is_none() {
    let store = open(2).await;
    let _held = (store.connections().begin().await.unwrap(), store.connections().begin().await.unwrap());
    let error = store.connections().begin().await.err().unwrap();
    assert_eq!(Postgres::trouble(&error), Trouble::Unavailable, "{error}");
}

#[tokio::test]
async fn a_connection_that_the_server_ends_is_unavailable_once_and_then_replaced() {
    let store = open(2).await;
    let published = Arc::new(AtomicBool::new(false));
    let turn = store.connections().begin().await.unwrap();
    let process = text(&turn, "SELECT pg_backend_pid()::text").await;
    text(store.connections(), &format!("SELECT pg_terminate_backend({process})::text")).await;
    let heard = Arc::clone(&published);
    let error = turn.commit(Box::new(move || heard.store(true, Ordering::Relaxed))).await.unwrap_err();
    assert_eq!(Postgres::trouble(&error), Trouble::Unavailable, "{error}");
    assert!(!published.load(Ordering::Relaxed));
    for _ in 0..3 {
        store.connections().begin().await.unwrap().commit(Box::new(|| ())).await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_owes_an_answer_is_closed_and_replaced() {
    let store = open(2).await;
    let pid = async |turn: &PostgresTurn| text(turn, "SELECT pg_backend_pid()::text").await;
    let (one, two) = (store.connections().begin().await.unwrap(), store.connections().begin().await.unwrap());
    let before = [pid(&one).await, pid(&two).await];
    // One that does not answer in time, and one that its asker does not wait for.
    let error = one.execute_unprepared("SELECT pg_sleep(60)").await.unwrap_err();
    assert_eq!(Postgres::trouble(&error), Trouble::Unavailable, "{error}");
    let asking = two.execute_unprepared("SELECT pg_sleep(60)");
    assert!(timeout(Duration::from_millis(50), asking).await.is_err());
    for turn in [one, two] {
        assert!(turn.commit(Box::new(|| panic!("published"))).await.is_err());
    }
    let (one, two) = (store.connections().begin().await.unwrap(), store.connections().begin().await.unwrap());
    for after in [pid(&one).await, pid(&two).await] {
        assert!(!before.contains(&after), "{after} is used again, and may tell somebody else's answer");
    }
}

#[tokio::test]
async fn a_turn_that_is_given_up_leaves_its_connection_clean() {
    let store = open(2).await;
    for _ in 0..5 {
        let turn = store.connections().begin().await.unwrap();
        turn.execute_unprepared("UPDATE server SET last_user_number = 7").await.unwrap();
        drop(turn);
        // Both connections, whichever it was.
        let turns = [store.connections().begin().await.unwrap(), store.connections().begin().await.unwrap()];
        for turn in &turns {
            assert_eq!(text(turn, "SELECT last_user_number::text FROM server").await, "0");
        }
    }
}

#[tokio::test]
async fn checks_and_foreign_keys_are_enforced() {
    let store = open(2).await;
    for sql in [
        "UPDATE conversation SET last_seq = -1",
        r#"UPDATE "group" SET visibility = 3"#,
        "INSERT INTO server (id, epoch) VALUES (2, gen_random_uuid())",
        "INSERT INTO member VALUES (gen_random_uuid(), gen_random_uuid(), 1, 0, 0, 0, 0)",
    ] {
        let turn = store.connections().begin().await.unwrap();
        let error = turn.execute_unprepared(sql).await.unwrap_err();
        assert!(error.to_string().contains("constraint"), "{sql}: {error}");
    }
}
