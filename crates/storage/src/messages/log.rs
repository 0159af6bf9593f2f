use parlor_domain::{ConversationId, LogPage, Span, UserId};
use sea_orm::{QueryResult, Value};

use super::entry::{gathered, read_gathered};
use crate::conversations::{read_standing, standing_columns};
use crate::fields::{Fields, column};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// What every span is taken from: what the reader $2 may see of the log $1. For one who is not a
/// member the floor is null, and nothing lies above it.
const VISIBLE: &str = "SELECT * FROM entry WHERE conversation_id = $1
    AND seq > (SELECT floor_seq FROM member WHERE conversation_id = $1 AND user_id = $2)";

/// The query for a span, and its parameters behind $2.
fn entries(span: Span, limit: u32) -> (String, Vec<Value>) {
    let limit = i64::from(limit);
    match span {
        Span::Newest => (format!("{VISIBLE} ORDER BY seq DESC LIMIT $3"), vec![limit.into()]),
        Span::Before(seq) => (
            format!("{VISIBLE} AND seq < $3 ORDER BY seq DESC LIMIT $4"),
            vec![column(seq).into(), limit.into()],
        ),
        Span::After(seq) => {
            (format!("{VISIBLE} AND seq > $3 ORDER BY seq LIMIT $4"), vec![column(seq).into(), limit.into()])
        }
        Span::Around(seq) => {
            let below = format!("{VISIBLE} AND seq < $3 ORDER BY seq DESC LIMIT $4");
            let from = format!("{VISIBLE} AND seq >= $3 ORDER BY seq LIMIT $5");
            let half = limit / 2;
            (
                format!("SELECT * FROM ({below}) AS below UNION ALL SELECT * FROM ({from}) AS above"),
                vec![column(seq).into(), half.into(), (limit - half).into()],
            )
        }
    }
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_log(
        &self,
        conversation: ConversationId,
        reader: UserId,
        span: Span,
        limit: u32,
    ) -> Result<Option<LogPage>> {
        let (entries, parameters) = entries(span, limit);
        let sql = format!(
            r#"SELECT {standing}, (SELECT {gathered} FROM ({entries}) AS e)
            FROM conversation AS c
            LEFT JOIN member AS m ON m.conversation_id = c.id AND m.user_id = $2
            LEFT JOIN "group" AS g ON g.id = c.id
            WHERE c.id = $1"#,
            standing = standing_columns("$2"),
            gathered = gathered::<D>(),
        );
        let mut values: Vec<Value> = vec![conversation.as_uuid().into(), reader.as_uuid().into()];
        values.extend(parameters);
        let read = |row: &QueryResult| {
            let mut fields = Fields::of(row);
            Ok(LogPage {
                standing: read_standing(&mut fields)?,
                entries: match fields.get::<Option<String>>()? {
                    Some(text) => read_gathered(conversation, &text)?,
                    None => Vec::new(),
                },
            })
        };
        self.first(sql, values, read).await
    }
}
