use parlor_domain::{Candidates, Contents, ConversationId, Entry, UserId};
use sea_orm::Value;

use super::writing::bits;
use super::{Lookup, Scope, Wanted};
use crate::bans::latest_end;
use crate::fields::{self, Fields, column};
use crate::messages::{columns, read};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// In how many conversations somebody may be at most for the index to be asked for those alone.
const FEW: usize = 64;

/// How much of everything those may hold, as a divisor: asking for most of it is only more work.
const LITTLE: u64 = 4;

/// By how many milliseconds two messages may be indexed in another order than they were written in:
/// the server's clocks differ by less than a day.
const DISORDER: i64 = 24 * 60 * 60 * 1_000;

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn find_candidates(
        &self,
        wanted: &Candidates,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Entry)>> {
        let mut scopes = vec![
            wanted.conversations.iter().copied().map(Scope::Conversation).collect::<Vec<_>>(),
            wanted.authors.iter().copied().map(Scope::Author).collect(),
        ];
        scopes.extend(contents(wanted.contents).into_iter().map(|scope| vec![scope]));
        if wanted.conversations.is_empty() {
            scopes.push(self.few(wanted.reader).await?);
        }
        scopes.retain(|any| !any.is_empty());
        let conversation = match wanted.conversations.as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        let lookups = D::lookups(&Wanted { codes: wanted.codes.clone(), scopes, conversation });
        let mut found = Vec::new();
        for lookup in lookups {
            let (sql, values) = statement::<D>(wanted, lookup, below, limit).map_err(failure::<D>)?;
            found = self
                .all(sql, values, |row| {
                    let mut fields = Fields::of(row);
                    Ok((fields.count()?, read(&mut fields)?))
                })
                .await?;
            if found.len() >= limit as usize {
                break;
            }
        }
        Ok(found)
    }

    /// The conversations of somebody who is in few that hold little of everything. Then the index
    /// is asked for them, or it would tell of much that this person may not read.
    async fn few(&self, reader: UserId) -> Result<Vec<Scope>> {
        let sql = "SELECT m.conversation_id, c.last_seq, (SELECT max(id) FROM search_document)
            FROM member AS m CROSS JOIN conversation AS c
            WHERE m.user_id = $1 AND c.id = m.conversation_id LIMIT $2";
        let limit = i64::try_from(FEW + 1).unwrap_or(i64::MAX);
        let own = self
            .all(sql.to_owned(), vec![reader.as_uuid().into(), limit.into()], |row| {
                let mut fields = Fields::of(row);
                let (id, length) = (fields.id(ConversationId::from_uuid)?, fields.count()?);
                Ok((id, length, fields.get::<Option<i64>>()?.unwrap_or(0)))
            })
            .await?;
        let all = own.first().map_or(0, |(_, _, all)| u64::try_from(*all).unwrap_or(0));
        let mine: u64 = own.iter().map(|(_, length, _)| length).sum();
        if own.len() > FEW || mine.saturating_mul(LITTLE) > all {
            return Ok(Vec::new());
        }
        Ok(own.into_iter().map(|(id, _, _)| Scope::Conversation(id)).collect())
    }
}

/// The statement for one way of looking, with what decides who sees what. $1 is who asks, $2 the
/// moment, $3 the number to be below, $4 how many.
fn statement<D: Dialect>(
    wanted: &Candidates,
    lookup: Lookup,
    below: Option<u64>,
    limit: u32,
) -> fields::Result<(String, Vec<Value>)> {
    let mut values: Vec<Value> = vec![
        wanted.reader.as_uuid().into(),
        wanted.now.as_millis().into(),
        below.map_or(i64::MAX, column).into(),
        i64::from(limit).into(),
    ];
    values.extend(lookup.values);
    let mut also = String::new();
    let mut condition = |text: &str, value: Value| {
        values.push(value);
        also.push_str(&text.replace('?', &format!("${}", values.len())));
    };
    for (name, ids) in [
        ("e.conversation_id", wanted.conversations.iter().map(|id| id.as_uuid()).collect::<Vec<_>>()),
        ("e.actor_id", wanted.authors.iter().map(|id| id.as_uuid()).collect()),
    ] {
        match ids.as_slice() {
            [] => {}
            [only] => condition(&format!(" AND {name} = ?"), (*only).into()),
            _ => {
                let each = D::each(0).replace("$0", "?");
                let any = format!(" AND {name} IN (SELECT {} FROM {each})", D::id("j.value ->> 0"));
                condition(&any, rows(ids.into_iter().map(|id| [Digits(id)]))?);
            }
        }
    }
    let number = lookup.number;
    // Numbers follow the time of writing but for a little disorder, so that they bound what is read.
    if let Some(since) = wanted.since {
        let first = "SELECT id FROM search_document WHERE created_at >= ? ORDER BY created_at, id LIMIT 1";
        condition(&format!(" AND {number} >= ({first})"), (since.as_millis() - DISORDER).into());
        condition(" AND e.created_at >= ?", since.as_millis().into());
    }
    if let Some(before) = wanted.before {
        let last =
            "SELECT id FROM search_document WHERE created_at < ? ORDER BY created_at DESC, id DESC LIMIT 1";
        condition(&format!(" AND {number} <= ({last})"), (before.as_millis() + DISORDER).into());
        condition(" AND e.created_at < ?", before.as_millis().into());
    }
    let has = bits(wanted.contents);
    let sql = format!(
        "{with}SELECT d.id, {columns} FROM {tables} CROSS JOIN member AS m CROSS JOIN entry AS e
        WHERE {condition} AND {number} < $3 AND d.has & {has} = {has}
            AND m.conversation_id = d.conversation_id AND m.user_id = $1 AND m.floor_seq < d.seq
            AND coalesce({banned_until}, 0) <= $2
            AND e.conversation_id = d.conversation_id AND e.seq = d.seq AND e.deleted_at IS NULL{also}
        ORDER BY {number} DESC LIMIT $4",
        with = lookup.with,
        columns = columns::<D>(),
        tables = lookup.tables,
        condition = lookup.condition,
        banned_until = latest_end("$1", "d.conversation_id"),
    );
    Ok((sql, values))
}

fn contents(contents: Contents) -> Vec<Scope> {
    let all = [(contents.link, Scope::Link), (contents.file, Scope::File), (contents.image, Scope::Image)];
    all.into_iter().filter_map(|(has, scope)| has.then_some(scope)).collect()
}

pub(super) fn scopes(document: &parlor_domain::Document) -> Vec<Scope> {
    let mut scopes = vec![Scope::Conversation(document.conversation), Scope::Author(document.author)];
    scopes.extend(contents(document.contents));
    scopes
}
