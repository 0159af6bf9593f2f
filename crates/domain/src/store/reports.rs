use async_trait::async_trait;

use super::Result;
use crate::{ListedReport, MessageId, Report, ReportId, ReportState, Timestamp, UserId};
#[cfg(doc)]
use crate::{StoreError, UniqueKey};

/// Messages that people reported.
#[async_trait]
pub trait ReportRepository: Send + Sync {
    /// The report with this id.
    async fn report(&self, id: ReportId) -> Result<Option<Report>>;

    /// Reports of which this became, or all, the latest first, from behind the report `after`.
    async fn reports(
        &self,
        state: Option<ReportState>,
        after: Option<ReportId>,
        limit: u32,
    ) -> Result<Vec<ListedReport>>;

    /// The open reports about a message, the first one first.
    async fn open_reports_about(&self, message: MessageId) -> Result<Vec<Report>>;

    /// How many reports are open, all or those of one person.
    async fn count_open_reports(&self, reporter: Option<UserId>) -> Result<u64>;

    /// Adds a report. MUST answer [`StoreError::Conflict`] with [`UniqueKey::Other`] when the same
    /// person has an open one about the same message.
    async fn insert_report(&mut self, report: &Report) -> Result<()>;

    /// Notes what became of a report, and lets go of what stood beside the message.
    async fn close_report(
        &mut self,
        id: ReportId,
        state: ReportState,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()>;
}
