mod beside;

use async_trait::async_trait;
use parlor_domain::{
    ConversationId, GroupName, ListedReport, MessageBody, MessageId, Report, ReportId, ReportNote,
    ReportRepository, ReportState, Timestamp, UserId,
};
use sea_orm::Value;

use crate::codes::Code;
use crate::fields::{self, Fields, column};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// What a report is read from, the table being called `r`; see [`read`].
const COLUMNS: &str = "r.id, r.reporter_id, r.message_id, r.conversation_id, r.seq, r.author_id, r.written_at, r.body, \
    r.beside, r.reason, r.note, r.reported_at, r.state, r.handled_by, r.handled_at";

/// A report, from [`COLUMNS`].
fn read(fields: &mut Fields<'_>) -> fields::Result<Report> {
    let id = fields.id(ReportId::from_uuid)?;
    let reporter = fields.id(UserId::from_uuid)?;
    let message = fields.id(MessageId::from_uuid)?;
    let conversation = fields.id(ConversationId::from_uuid)?;
    let seq = fields.count()?;
    let author = fields.id(UserId::from_uuid)?;
    let written_at = fields.moment()?;
    let body = MessageBody::from_stored(fields.get()?);
    let (before, after) = beside::read(&fields.get::<String>()?)?;
    Ok(Report {
        id,
        reporter,
        message,
        conversation,
        seq,
        author,
        written_at,
        body,
        before,
        after,
        reason: fields.word()?,
        note: ReportNote::from_stored(fields.get()?),
        reported_at: fields.moment()?,
        state: fields.word()?,
        handled_by: fields.optional_id(UserId::from_uuid)?,
        handled_at: fields.optional_moment()?,
    })
}

#[async_trait]
impl<C: Connection, D: Dialect> ReportRepository for Sql<C, D> {
    async fn report(&self, id: ReportId) -> Result<Option<Report>> {
        let sql = format!("SELECT {COLUMNS} FROM report AS r WHERE r.id = $1");
        self.first(sql, vec![id.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn reports(
        &self,
        state: Option<ReportState>,
        after: Option<ReportId>,
        limit: u32,
    ) -> Result<Vec<ListedReport>> {
        let mut values: Vec<Value> = vec![i64::from(limit).into()];
        let mut conditions = vec!["1 = 1".to_owned()];
        if let Some(state) = state {
            values.push(state.code().into());
            conditions.push(format!("r.state = ${}", values.len()));
        }
        if let Some(after) = after {
            values.push(after.as_uuid().into());
            conditions.push(format!("r.id < ${}", values.len()));
        }
        let sql = format!(
            r#"SELECT {COLUMNS}, g.name, e.seq IS NULL OR e.deleted_at IS NOT NULL, g.frozen_at IS NOT NULL FROM report AS r
            LEFT JOIN "group" AS g ON g.id = r.conversation_id
            LEFT JOIN entry AS e ON e.conversation_id = r.conversation_id AND e.seq = r.seq
            WHERE {conditions} ORDER BY r.id DESC LIMIT $1"#,
            conditions = conditions.join(" AND "),
        );
        self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(ListedReport {
                report: read(&mut fields)?,
                group: fields.get::<Option<String>>()?.map(GroupName::from_stored),
                is_deleted: fields.get()?,
                is_frozen: fields.get()?,
            })
        })
        .await
    }

    async fn open_reports_about(&self, message: MessageId) -> Result<Vec<Report>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM report AS r WHERE r.message_id = $1 AND r.state = {open} ORDER BY r.id",
            open = ReportState::Open.code(),
        );
        self.all(sql, vec![message.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn count_open_reports(&self, reporter: Option<UserId>) -> Result<u64> {
        let mut sql = format!("SELECT count(*) FROM report WHERE state = {}", ReportState::Open.code());
        let mut values: Vec<Value> = Vec::new();
        if let Some(reporter) = reporter {
            sql += " AND reporter_id = $1";
            values.push(reporter.as_uuid().into());
        }
        Ok(self.first(sql, values, |row| Fields::of(row).count()).await?.unwrap_or(0))
    }

    async fn insert_report(&mut self, report: &Report) -> Result<()> {
        let sql = "INSERT INTO report (id, reporter_id, message_id, conversation_id, seq, author_id, written_at, body, \
            beside, reason, note, reported_at, state, handled_by, handled_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        let beside = beside::write(&report.before, &report.after).map_err(failure::<D>)?;
        let values = vec![
            report.id.as_uuid().into(),
            report.reporter.as_uuid().into(),
            report.message.as_uuid().into(),
            report.conversation.as_uuid().into(),
            column(report.seq).into(),
            report.author.as_uuid().into(),
            report.written_at.as_millis().into(),
            report.body.as_str().into(),
            beside.into(),
            report.reason.code().into(),
            report.note.as_str().into(),
            report.reported_at.as_millis().into(),
            report.state.code().into(),
            report.handled_by.map(UserId::as_uuid).into(),
            report.handled_at.map(Timestamp::as_millis).into(),
        ];
        self.run(sql.into(), values).await.map(drop)
    }

    async fn close_report(
        &mut self,
        id: ReportId,
        state: ReportState,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()> {
        let sql = "UPDATE report SET state = $2, handled_by = $3, handled_at = $4, beside = $5 WHERE id = $1";
        let values = vec![
            id.as_uuid().into(),
            state.code().into(),
            by.map(UserId::as_uuid).into(),
            at.as_millis().into(),
            beside::write(&[], &[]).map_err(failure::<D>)?.into(),
        ];
        self.run(sql.into(), values).await.map(drop)
    }
}
