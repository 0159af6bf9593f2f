//! The contract, on a real PostgreSQL.

use std::sync::Arc;

use parlor_domain::EventPublisher;
use parlor_storage_contract::{Fresh, Outcome};
use parlor_storage_postgres::{PostgresOptions, PostgresStore};

use support::Schema;

mod support;

async fn fresh(publisher: Arc<dyn EventPublisher>) -> Outcome<Fresh> {
    let schema = Schema::new().await?;
    let store = PostgresStore::open(&schema.url(), &PostgresOptions::default(), publisher).await?;
    Ok(Fresh { store: store.shared(), reads_beside_work: true, one_writer: false, keep: Box::new(schema) })
}

parlor_storage_contract::contract_tests!(fresh);
