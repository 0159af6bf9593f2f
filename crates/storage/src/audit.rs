//! What was done.

use async_trait::async_trait;
use parlor_domain::{
    AuditChange, AuditEntry, AuditFilter, AuditId, AuditRepository, AuditTarget, AuditValue, Doer, GroupId,
    Timestamp, UserId,
};
use sea_orm::{DbErr, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codes::{Code, target};
use crate::fields::{self, Fields};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

const COLUMNS: &str = "id, at, user_id, address, action, target_kind, target_id, changes";

#[async_trait]
impl<C: Connection, D: Dialect> AuditRepository for Sql<C, D> {
    async fn audit(
        &self,
        filter: &AuditFilter,
        after: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>> {
        let (kind, id) = filter.target.map(columns).unzip();
        let wanted: [(&str, Option<Value>); 7] = [
            ("user_id =", filter.by.map(|user| user.as_uuid().into())),
            ("target_kind =", kind.map(Into::into)),
            ("target_id =", id.map(Into::into)),
            ("action =", filter.action.map(|action| action.code().into())),
            ("at >=", filter.from.map(|from| from.as_millis().into())),
            ("at <", filter.until.map(|until| until.as_millis().into())),
            ("id <", after.map(|after| after.as_uuid().into())),
        ];
        let (mut conditions, mut values) = (vec!["1 = 1".to_owned()], Vec::new());
        for (condition, value) in wanted {
            let Some(value) = value else { continue };
            values.push(value);
            conditions.push(format!("{condition} ${}", values.len()));
        }
        values.push(i64::from(limit).into());
        let (conditions, last) = (conditions.join(" AND "), values.len());
        let sql = format!("SELECT {COLUMNS} FROM audit WHERE {conditions} ORDER BY id DESC LIMIT ${last}");
        self.all(sql, values, |row| read(&mut Fields::of(row))).await
    }

    async fn insert_audit(&mut self, entry: &AuditEntry) -> Result<()> {
        let changes: Vec<Line<'_>> = entry.changes.iter().map(Line::of).collect();
        let changes =
            serde_json::to_string(&changes).map_err(|error| failure::<D>(DbErr::Json(error.to_string())))?;
        let (kind, id) = entry.target.map(columns).unzip();
        let sql = format!("INSERT INTO audit ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let values = vec![
            entry.id.as_uuid().into(),
            entry.at.as_millis().into(),
            entry.doer.user.map(UserId::as_uuid).into(),
            entry.doer.address.map(|address| address.to_string()).into(),
            entry.action.code().into(),
            kind.into(),
            id.into(),
            changes.into(),
        ];
        self.run(sql, values).await.map(drop)
    }
}

fn columns(of: AuditTarget) -> (i16, Uuid) {
    match of {
        AuditTarget::User(user) => (target::USER, user.as_uuid()),
        AuditTarget::Group(group) => (target::GROUP, group.as_uuid()),
    }
}

fn read(fields: &mut Fields<'_>) -> fields::Result<AuditEntry> {
    Ok(AuditEntry {
        id: fields.id(AuditId::from_uuid)?,
        at: fields.moment()?,
        doer: Doer {
            user: fields.optional_id(UserId::from_uuid)?,
            address: fields.get::<Option<String>>()?.and_then(|address| address.parse().ok()),
        },
        action: fields.word()?,
        target: {
            let (kind, id) = (fields.get::<Option<i16>>()?, fields.get::<Option<Uuid>>()?);
            match (kind, id) {
                (Some(target::USER), Some(id)) => Some(AuditTarget::User(UserId::from_uuid(id))),
                (Some(target::GROUP), Some(id)) => Some(AuditTarget::Group(GroupId::from_uuid(id))),
                _ => None,
            }
        },
        changes: {
            let text: String = fields.get()?;
            let lines: Vec<Line<'_>> =
                serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))?;
            lines.into_iter().map(AuditChange::from).collect()
        },
    })
}

/// A change as the column `changes` has it.
#[derive(Serialize, Deserialize)]
struct Line<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>, Option<Stored>, Option<Stored>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Text(String),
    Moment(i64),
}

impl<'a> Line<'a> {
    fn of(change: &'a AuditChange) -> Self {
        let stored = |value: &AuditValue| match value {
            AuditValue::Text(text) => Stored::Text(text.clone()),
            AuditValue::Moment(at) => Stored::Moment(at.as_millis()),
        };
        Self(
            change.field.as_str().into(),
            change.before.as_ref().map(stored),
            change.after.as_ref().map(stored),
        )
    }
}

impl From<Line<'_>> for AuditChange {
    fn from(Line(field, before, after): Line<'_>) -> Self {
        let value = |stored| match stored {
            Stored::Text(text) => AuditValue::Text(text),
            Stored::Moment(at) => AuditValue::Moment(Timestamp::from_millis(at)),
        };
        Self { field: field.into_owned(), before: before.map(value), after: after.map(value) }
    }
}
