//! A schema for each test, on a server that is there for tests.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{AssertSqlSafe, Connection, Executor};

/// Why a test did not get through.
pub type Failure = Box<dyn Error + Send + Sync>;

/// What a test answers.
pub type Outcome<T = ()> = Result<T, Failure>;

/// The server that tests use.
pub fn server() -> String {
    std::env::var("PARLOR_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        panic!("the tests of PostgreSQL need a server: run scripts/with-postgres cargo nextest run, or set PARLOR_TEST_POSTGRES_URL")
    })
}

/// An empty schema, which goes with everything in it when this is dropped.
pub struct Schema {
    name: String,
}

impl Schema {
    /// Makes one.
    pub async fn new() -> Outcome<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let schema = Self { name: format!("contract_{}_{number}", std::process::id()) };
        run(&format!("CREATE SCHEMA {}", schema.name)).await?;
        Ok(schema)
    }

    /// The address at which the schema is the whole database.
    pub fn url(&self) -> String {
        let server = server();
        let sign = if server.contains('?') { '&' } else { '?' };
        format!("{server}{sign}options=-c%20search_path%3D{}", self.name)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA {} CASCADE", self.name);
        // On a thread of its own, because the test's runtime may be the one that drops this.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(&sql)))
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            failed => eprintln!("the schema {} stays: {failed:?}", self.name),
        }
    }
}

async fn run(sql: &str) -> Outcome {
    let mut connection = PgConnection::connect(&server()).await?;
    connection.execute(AssertSqlSafe(sql.to_owned())).await?;
    connection.close().await?;
    Ok(())
}
