//! Whether the server is in maintenance, as those who are connected know it.

use std::sync::Arc;

use parlor_domain::Store;

use super::Hub;
use crate::connection::Control;
use crate::frames::{Maintenance, ServerFrame, encode};

/// Looks, every so often, whether maintenance began or ended. It is a word in the database that
/// another process writes, without telling anybody: that a write is refused shows at once, and
/// this is only for people to know.
pub(crate) async fn watch_maintenance(hub: Arc<Hub>, store: Arc<dyn Store>) {
    let every = hub.settings.tick_every;
    loop {
        tokio::time::sleep(every).await;
        match store.maintenance().await {
            Ok(message) => hub.set_maintenance(message),
            Err(error) => tracing::warn!(%error, "it could not be looked up whether there is maintenance"),
        }
    }
}

impl Hub {
    /// What was told last. Whoever listens before asking hears of every change after it.
    pub(crate) fn maintenance(&self) -> Option<String> {
        self.state().maintenance.clone()
    }

    /// Tells everybody when this is news.
    pub(crate) fn set_maintenance(&self, message: Option<String>) {
        let mut state = self.state();
        if state.maintenance == message {
            return;
        }
        let frame = encode(&ServerFrame::Maintenance(Maintenance { message: message.clone() }));
        state.maintenance = message;
        for mailbox in state.all.values() {
            mailbox.put_control(Control::Notice(frame.clone()));
        }
    }
}
