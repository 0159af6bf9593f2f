use std::net::IpAddr;
use std::sync::Arc;

use super::{AppliedRetention, Retention};
use crate::administration::Scribe;
use crate::groups::append;
use crate::{
    Action, Actor, AuditAction, AuditChange, AuditTarget, Clock, ConversationError, ConversationId, Denied,
    Doer, EntryKind, IdSource, Store, authorize,
};

/// Setting how long a conversation's messages and files are kept.
pub struct Retentions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    scribe: Scribe,
    server: Option<Retention>,
}

impl Retentions {
    /// Settings kept in `store`, on a server that has this one for all conversations.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        server: Option<Retention>,
    ) -> Self {
        let scribe = Scribe::new(clock.clone(), ids);
        Self { store, clock, scribe, server }
    }

    /// What is set for the whole server.
    pub fn server(&self) -> Option<Retention> {
        self.server
    }

    /// Sets how long messages and files of a conversation are kept, or that only the server's setting
    /// counts; answers what follows from both. That it was set is an entry of the log. What is too old
    /// by it goes with the next round of the [`RetentionKeeper`](crate::RetentionKeeper). Of a group it
    /// is written down for the admins, with the address it was done from.
    pub async fn set(
        &self,
        actor: &Actor,
        address: Option<IpAddr>,
        conversation: ConversationId,
        own: Option<Retention>,
    ) -> Result<AppliedRetention, ConversationError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        work.lock_conversations(&[conversation]).await?;
        let standing = work.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::SetRetention, &standing, now)?;
        let applied = AppliedRetention::of(self.server, own);
        let before = work.retention(conversation).await?.and_then(|progress| progress.own);
        if before == own {
            return Ok(applied);
        }
        work.set_retention(conversation, own).await?;
        append(&mut *work, conversation, Some(actor.user), vec![EntryKind::Retention(own)], now).await?;
        if standing.group.is_some() {
            let doer = Doer { user: Some(actor.user), address };
            let target = AuditTarget::Group(conversation.into());
            let changes = differences(before, own);
            self.scribe.note(&mut *work, doer, AuditAction::RetentionSet, Some(target), changes).await?;
        }
        work.commit().await?;
        Ok(applied)
    }
}

/// What of a setting is different.
fn differences(before: Option<Retention>, after: Option<Retention>) -> Vec<AuditChange> {
    let days = |one: Option<Retention>| one.map(|one| one.days.get().to_string());
    let what = |one: Option<Retention>| one.map(|one| one.what.word());
    [
        AuditChange::of_text("days", days(before).as_deref(), days(after).as_deref()),
        AuditChange::of_text("what", what(before), what(after)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
