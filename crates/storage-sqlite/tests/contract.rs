//! The contract, on a database in memory and on one in a file.

use std::sync::Arc;

use parlor_domain::EventPublisher;
use parlor_storage_contract::{Fresh, Outcome};
use parlor_storage_sqlite::{SqliteOptions, SqliteStore};

mod in_memory {
    use super::*;

    async fn fresh(publisher: Arc<dyn EventPublisher>) -> Outcome<Fresh> {
        let store = SqliteStore::in_memory(publisher).await?;
        Ok(Fresh { store: store.shared(), reads_beside_work: false, one_writer: true, keep: Box::new(()) })
    }

    parlor_storage_contract::contract_tests!(fresh);
}

mod in_a_file {
    use super::*;

    async fn fresh(publisher: Arc<dyn EventPublisher>) -> Outcome<Fresh> {
        let folder = tempfile::tempdir()?;
        let store =
            SqliteStore::open(&folder.path().join("chat.db"), &SqliteOptions::default(), publisher).await?;
        Ok(Fresh { store: store.shared(), reads_beside_work: true, one_writer: true, keep: Box::new(folder) })
    }

    parlor_storage_contract::contract_tests!(fresh);
}
