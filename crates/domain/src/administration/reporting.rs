use super::{AdminError, Administration, Administrator};
use crate::erasures::erase_messages;
use crate::notifications::tell;
use crate::{
    AuditAction, AuditChange, AuditTarget, ListedReport, NewNotification, NotificationKind, Page, PageSize,
    Report, ReportId, ReportState, StoreError, Timestamp, UnitOfWork, UserId,
};

/// What is decided about a message that was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportVerdict {
    /// Whether something was done about it; otherwise there was nothing to be done.
    pub resolved: bool,
    /// Whether the message is deleted.
    pub deletes: bool,
}

impl Administration {
    /// What people reported, the latest first.
    pub async fn reports(
        &self,
        by: &Administrator,
        state: Option<ReportState>,
        after: Option<ReportId>,
        size: PageSize,
    ) -> Result<Page<ListedReport>, AdminError> {
        by.authorize()?;
        let found = self.store.reports(state, after, size.get() + 1).await?;
        Ok(Page::from_overfetched(found, size, |listed| listed.report.id.to_string()))
    }

    /// How many reports nobody has looked at yet.
    pub async fn count_open_reports(&self, by: &Administrator) -> Result<u64, AdminError> {
        by.authorize()?;
        Ok(self.store.count_open_reports(None).await?)
    }

    /// Decides about a message that was reported. That counts for every open report about it, and
    /// those who reported it are told that somebody has looked at it.
    pub async fn handle_report(
        &self,
        by: &Administrator,
        id: ReportId,
        verdict: ReportVerdict,
    ) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        let now = self.clock.now();
        let report = work.report(id).await?.filter(|report| report.state == ReportState::Open);
        let report = report.ok_or(AdminError::NoSuchReport)?;
        if verdict.deletes {
            erase_messages(&mut *work, report.conversation, &[report.seq], now).await?;
        }
        let state = if verdict.resolved { ReportState::Resolved } else { ReportState::Dismissed };
        for about in work.open_reports_about(report.message).await? {
            work.close_report(about.id, state, by.doer().user, now).await?;
            self.tell_reporter(&mut *work, &about, by.doer().user, now).await?;
        }
        let deleted = verdict.deletes.then(|| report.message.to_string());
        let changes = [
            AuditChange::of_text("report", Some(ReportState::Open.word()), Some(state.word())),
            AuditChange::of_text("message", deleted.as_deref(), None),
        ];
        let target = Some(AuditTarget::User(report.author));
        let changes = changes.into_iter().flatten().collect();
        self.scribe.note(&mut *work, by.doer(), AuditAction::ReportHandled, target, changes).await?;
        Ok(work.commit().await?)
    }

    async fn tell_reporter(
        &self,
        work: &mut dyn UnitOfWork,
        report: &Report,
        actor: Option<UserId>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (user, kind) = (report.reporter, NotificationKind::ReportHandled);
        let is_gone = work.user(user).await?.is_none_or(|user| !user.is_active());
        if is_gone || work.notification_summary(user).await?.settings.off.contains(kind) {
            return Ok(());
        }
        let news = NewNotification { user, kind, conversation: None, seq: None, actor, at };
        tell(work, vec![news], &[], self.notifications_kept).await
    }
}
