//! Opening and closing databases.

use std::sync::Arc;

use parlor_domain::{Event, EventPublisher, StoreError};
use parlor_storage_postgres::{OpenError, PostgresOptions, PostgresStore};
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{AssertSqlSafe, Connection, Executor};

use support::{Outcome, Schema, server};

mod support;

struct Nobody;

impl EventPublisher for Nobody {
    fn publish(&self, _events: Vec<Event>) {}
}

async fn open(url: &str) -> Result<PostgresStore, OpenError> {
    PostgresStore::open(url, &PostgresOptions::default(), Arc::new(Nobody)).await
}

/// What another program does in there.
async fn run(schema: &Schema, sql: &str) -> Outcome {
    let mut connection = PgConnection::connect(&schema.url()).await?;
    connection.execute(AssertSqlSafe(sql.to_owned())).await?;
    Ok(connection.close().await?)
}

async fn refusal(url: &str) -> OpenError {
    match open(url).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn what_was_made_is_there_after_reopening() -> Outcome {
    let schema = Schema::new().await?;
    let store = open(&schema.url()).await?;
    let (epoch, lobby) = (store.shared().epoch().await?, store.shared().lobby().await?);
    store.close().await?;
    let store = open(&schema.url()).await?;
    assert_eq!((store.shared().epoch().await?, store.shared().lobby().await?), (epoch, lobby));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_on_an_empty_database_all_come_up() -> Outcome {
    let schema = Schema::new().await?;
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let url = schema.url();
            tokio::spawn(
                async move { open(&url).await?.shared().epoch().await.map_err(support::Failure::from) },
            )
        })
        .collect();
    let mut epochs = Vec::new();
    for node in starting {
        epochs.push(node.await??);
    }
    epochs.dedup();
    assert_eq!(epochs.len(), 1, "each made a database of its own");
    Ok(())
}

#[tokio::test]
async fn a_closed_store_is_unavailable() -> Outcome {
    let schema = Schema::new().await?;
    let store = open(&schema.url()).await?;
    store.close().await?;
    assert!(matches!(store.shared().ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.shared().begin().await, Err(StoreError::Unavailable(_))));
    Ok(())
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() -> Outcome {
    let schema = Schema::new().await?;
    open(&schema.url()).await?.close().await?;
    run(&schema, "INSERT INTO seaql_migrations VALUES ('m9999_later', 1)").await?;
    let error = refusal(&schema.url()).await;
    assert!(matches!(&error, OpenError::TooNew { step, .. } if step == "m9999_later"), "{error}");
    Ok(())
}

#[tokio::test]
async fn the_database_of_another_program_is_refused() -> Outcome {
    let schema = Schema::new().await?;
    run(&schema, "CREATE TABLE theirs (id integer)").await?;
    let error = refusal(&schema.url()).await;
    assert!(matches!(&error, OpenError::Foreign { table, .. } if table == "theirs"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_one_line_that_names_the_database_and_no_password() {
    let nowhere = "postgres://parlor:canary@127.0.0.1:1/chat";
    let missing = server().replace("/postgres", "/no_such_database").replace("parlor@", "parlor:canary@");
    for (url, named) in
        [(nowhere, "chat at 127.0.0.1:1"), (missing.as_str(), "no_such_database at 127.0.0.1")]
    {
        let error = refusal(url).await;
        let line = error.to_string();
        assert!(line.contains(named) && line.lines().count() == 1, "{line}");
        assert!(!line.contains("canary") && !format!("{error:?}").contains("canary"), "{error:?}");
        assert!(matches!(error, OpenError::Unreachable { .. } | OpenError::Refused { .. }), "{error:?}");
    }
}
