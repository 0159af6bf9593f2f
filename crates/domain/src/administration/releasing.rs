use super::{AdminError, Administration, Administrator};
use crate::notifications::tell;
use crate::{
    AuditAction, AuditChange, AuditTarget, HeldMessage, HeldMessageId, HeldState, ListedHeldMessage,
    Messaging, NewNotification, NotificationKind, Page, PageSize, StoreError, Timestamp, UnitOfWork,
};

impl Administration {
    /// Messages that the word filter held back, the latest first.
    pub async fn held_messages(
        &self,
        by: &Administrator,
        state: Option<HeldState>,
        after: Option<HeldMessageId>,
        size: PageSize,
    ) -> Result<Page<ListedHeldMessage>, AdminError> {
        by.authorize()?;
        let found = self.store.held_messages(state, after, size.get() + 1).await?;
        Ok(Page::from_overfetched(found, size, |listed| listed.message.id.to_string()))
    }

    /// How many messages wait for a decision.
    pub async fn count_held_messages(&self, by: &Administrator) -> Result<u64, AdminError> {
        by.authorize()?;
        Ok(self.store.count_waiting(None).await?)
    }

    /// Lets a message through: it is posted as its author's, as a new entry of the log.
    pub async fn release(
        &self,
        by: &Administrator,
        id: HeldMessageId,
        messaging: &Messaging,
    ) -> Result<(), AdminError> {
        let (mut work, held) = self.begin_with_held(by, id).await?;
        messaging.post_held(&mut *work, &held).await.map_err(AdminError::Post)?;
        self.finish_held(work, by, &held, HeldState::Released).await
    }

    /// Does not let a message through; its author is told.
    pub async fn reject(&self, by: &Administrator, id: HeldMessageId) -> Result<(), AdminError> {
        let (mut work, held) = self.begin_with_held(by, id).await?;
        let posted = work.posted(&[(held.author, held.client_id)]).await?;
        // Under its client's id another text may have been posted meanwhile, which nothing held back.
        if posted.iter().filter_map(|entry| entry.message()).any(|one| Some(&one.body) == held.body.as_ref())
        {
            return Err(AdminError::PostedAlready);
        }
        self.tell_author(&mut *work, by, &held, self.clock.now()).await?;
        self.finish_held(work, by, &held, HeldState::Rejected).await
    }

    /// Begins to decide about a message that waits, about which nobody else decides meanwhile.
    async fn begin_with_held(
        &self,
        by: &Administrator,
        id: HeldMessageId,
    ) -> Result<(Box<dyn UnitOfWork>, HeldMessage), AdminError> {
        let work = self.begin(by).await?;
        let held = work.held_message(id).await?.filter(|held| held.state == HeldState::Waiting);
        Ok((work, held.ok_or(AdminError::NoSuchHeldMessage)?))
    }

    async fn finish_held(
        &self,
        mut work: Box<dyn UnitOfWork>,
        by: &Administrator,
        held: &HeldMessage,
        state: HeldState,
    ) -> Result<(), AdminError> {
        work.close_held(held.id, state, by.doer().user, self.clock.now()).await?;
        let changes = AuditChange::of_text("message", Some(HeldState::Waiting.word()), Some(state.word()));
        let (target, changes) = (Some(AuditTarget::User(held.author)), changes.into_iter().collect());
        self.scribe.note(&mut *work, by.doer(), AuditAction::HeldMessageHandled, target, changes).await?;
        Ok(work.commit().await?)
    }

    async fn tell_author(
        &self,
        work: &mut dyn UnitOfWork,
        by: &Administrator,
        held: &HeldMessage,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (user, kind) = (held.author, NotificationKind::MessageRejected);
        let is_gone = work.user(user).await?.is_none_or(|user| !user.is_active());
        if is_gone || work.notification_summary(user).await?.settings.off.contains(kind) {
            return Ok(());
        }
        let news = NewNotification { user, kind, conversation: None, seq: None, actor: by.doer().user, at };
        tell(work, vec![news], &[], self.notifications_kept).await
    }
}
