//! What is not to be written, and messages that wait for a decision.

mod held;

use async_trait::async_trait;
use parlor_domain::{
    ClientId, FilterPhrase, FilterRepository, FilterRule, FilterRuleId, GroupName, HeldMessage,
    HeldMessageId, HeldState, ListedHeldMessage, Timestamp, UserId,
};
use sea_orm::Value;

use crate::codes::Code;
use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> FilterRepository for Sql<C, D> {
    async fn filter_rules(&self) -> Result<Vec<FilterRule>> {
        let sql = "SELECT id, phrase, action, created_by, created_at FROM filter_rule ORDER BY id";
        self.all(sql.to_owned(), Vec::new(), |row| {
            let mut fields = Fields::of(row);
            Ok(FilterRule {
                id: fields.id(FilterRuleId::from_uuid)?,
                phrase: FilterPhrase::from_stored(fields.get()?),
                action: fields.word()?,
                created_by: fields.optional_id(UserId::from_uuid)?,
                created_at: fields.moment()?,
            })
        })
        .await
    }

    async fn insert_filter_rule(&mut self, rule: &FilterRule) -> Result<()> {
        let sql = "INSERT INTO filter_rule (id, phrase, action, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5)";
        let values = vec![
            rule.id.as_uuid().into(),
            rule.phrase.as_str().into(),
            rule.action.code().into(),
            rule.created_by.map(UserId::as_uuid).into(),
            rule.created_at.as_millis().into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn update_filter_rule(&mut self, rule: &FilterRule) -> Result<()> {
        let sql = "UPDATE filter_rule SET action = $2 WHERE id = $1".to_owned();
        self.run(sql, vec![rule.id.as_uuid().into(), rule.action.code().into()]).await.map(drop)
    }

    async fn delete_filter_rule(&mut self, id: FilterRuleId) -> Result<()> {
        let sql = "DELETE FROM filter_rule WHERE id = $1".to_owned();
        self.run(sql, vec![id.as_uuid().into()]).await.map(drop)
    }

    async fn held_message(&self, id: HeldMessageId) -> Result<Option<HeldMessage>> {
        let sql = format!("SELECT {} FROM held_message AS h WHERE h.id = $1", held::COLUMNS);
        self.first(sql, vec![id.as_uuid().into()], |row| held::read(&mut Fields::of(row))).await
    }

    async fn held_as(&self, author: UserId, id: ClientId) -> Result<Option<HeldMessage>> {
        let sql = format!(
            "SELECT {} FROM held_message AS h WHERE h.author_id = $1 AND h.client_id = $2",
            held::COLUMNS
        );
        let values = vec![author.as_uuid().into(), id.as_uuid().into()];
        self.first(sql, values, |row| held::read(&mut Fields::of(row))).await
    }

    async fn held_messages(
        &self,
        state: Option<HeldState>,
        after: Option<HeldMessageId>,
        limit: u32,
    ) -> Result<Vec<ListedHeldMessage>> {
        let mut values: Vec<Value> = vec![i64::from(limit).into()];
        let mut conditions = vec!["1 = 1".to_owned()];
        if let Some(state) = state {
            values.push(state.code().into());
            conditions.push(format!("h.state = ${}", values.len()));
        }
        if let Some(after) = after {
            values.push(after.as_uuid().into());
            conditions.push(format!("h.id < ${}", values.len()));
        }
        let sql = format!(
            r#"SELECT {columns}, g.name FROM held_message AS h LEFT JOIN "group" AS g ON g.id = h.conversation_id
            WHERE {conditions} ORDER BY h.id DESC LIMIT $1"#,
            columns = held::COLUMNS,
            conditions = conditions.join(" AND "),
        );
        self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            let message = held::read(&mut fields)?;
            let group = fields.get::<Option<String>>()?.map(GroupName::from_stored);
            Ok(ListedHeldMessage { message, group })
        })
        .await
    }

    async fn count_waiting(&self, author: Option<UserId>) -> Result<u64> {
        let mut sql =
            format!("SELECT count(*) FROM held_message WHERE state = {}", HeldState::Waiting.code());
        let mut values: Vec<Value> = Vec::new();
        if let Some(author) = author {
            sql += " AND author_id = $1";
            values.push(author.as_uuid().into());
        }
        Ok(self.first(sql, values, |row| Fields::of(row).count()).await?.unwrap_or(0))
    }

    async fn hold_message(&mut self, message: &HeldMessage) -> Result<()> {
        let sql = format!("INSERT INTO held_message ({}) VALUES ({})", held::NAMES, held::PLACES);
        self.run(sql, held::values(message)).await.map(drop)
    }

    async fn close_held(
        &mut self,
        id: HeldMessageId,
        state: HeldState,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()> {
        let body = if state == HeldState::Released { ", body = ''" } else { "" };
        let sql = format!(
            "UPDATE held_message SET state = $2, handled_by = $3, handled_at = $4{body} WHERE id = $1"
        );
        let values = vec![
            id.as_uuid().into(),
            state.code().into(),
            by.map(UserId::as_uuid).into(),
            at.as_millis().into(),
        ];
        self.run(sql, values).await.map(drop)
    }
}
