//! What stood beside a message, as one text.

use parlor_domain::{ContextMessage, MessageBody, Timestamp, UserId};
use sea_orm::DbErr;
use serde::Deserialize;

use crate::fields;
use crate::parameter::Digits;

#[derive(Deserialize)]
struct Row(Digits, i64, String);

impl From<Row> for ContextMessage {
    fn from(Row(Digits(author), written_at, body): Row) -> Self {
        Self {
            author: UserId::from_uuid(author),
            written_at: Timestamp::from_millis(written_at),
            body: MessageBody::from_stored(body),
        }
    }
}

pub(super) fn read(text: &str) -> fields::Result<(Vec<ContextMessage>, Vec<ContextMessage>)> {
    let (before, after): (Vec<Row>, Vec<Row>) =
        serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))?;
    let all = |rows: Vec<Row>| rows.into_iter().map(Into::into).collect();
    Ok((all(before), all(after)))
}

pub(super) fn write(before: &[ContextMessage], after: &[ContextMessage]) -> fields::Result<String> {
    let all = [before, after].map(|messages| {
        let rows = messages.iter().map(|message| {
            (Digits(message.author.as_uuid()), message.written_at.as_millis(), message.body.as_str())
        });
        rows.collect::<Vec<_>>()
    });
    serde_json::to_string(&all).map_err(|error| DbErr::Json(error.to_string()))
}
