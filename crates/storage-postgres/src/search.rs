//! `pg_trgm` as the index for searching.

use parlor_storage::{Index, Lookup, Scope, Wanted};
use sea_orm::Value;

use crate::dialect::Postgres;

/// How many of the newest documents are read one by one before the index is asked. What many
/// messages have is among them, and the index, which cannot be read from the newest on, would find
/// it in all the others, too.
const NEWEST: u32 = 2_000;

impl Index for Postgres {
    fn scopes(scopes: &[Scope]) -> String {
        let numbers: Vec<String> = scopes.iter().map(|scope| number(*scope).to_string()).collect();
        format!("{{{}}}", numbers.join(","))
    }

    fn scope_column(value: &str) -> String {
        format!("CAST({value} AS integer[])")
    }

    fn lookups(wanted: &Wanted) -> Vec<Lookup> {
        let (mut conditions, mut values): (Vec<String>, Vec<Value>) = (Vec::new(), Vec::new());
        for code in &wanted.codes {
            values.push(format!("%{code}%").into());
            conditions.push(format!("d.text LIKE ${}", values.len() + 4));
        }
        for any in &wanted.scopes {
            values.push(Self::scopes(any).into());
            conditions.push(format!("d.scope && CAST(${} AS integer[])", values.len() + 4));
        }
        let lookup = |with: String, tables: &str, condition: &str, values: &[Value]| Lookup {
            with,
            tables: tables.to_owned(),
            number: "d.id",
            condition: condition.to_owned(),
            values: values.to_vec(),
        };
        if conditions.is_empty() {
            return vec![lookup(String::new(), "search_document AS d", "true", &values)];
        }
        let conditions = conditions.join(" AND ");
        let indexed = format!(
            "WITH found AS MATERIALIZED
            (SELECT d.id, d.conversation_id, d.seq, d.has FROM search_document AS d WHERE {conditions}) "
        );
        let indexed =
            lookup(indexed, "(SELECT * FROM found WHERE id < $3 ORDER BY id DESC) AS d", "true", &values);
        let (only, order) = match wanted.conversation {
            Some(conversation) => {
                values.push(conversation.as_uuid().into());
                (format!("conversation_id = ${} AND ", values.len() + 4), "seq")
            }
            None => (String::new(), "id"),
        };
        let newest = format!(
            "(SELECT * FROM search_document WHERE {only}id < $3 ORDER BY {order} DESC LIMIT {NEWEST}) AS d"
        );
        vec![lookup(String::new(), &newest, &conditions, &values), indexed]
    }
}

/// Scopes of different kinds share the numbers; whoever finds something looks at it anyway.
fn number(scope: Scope) -> i32 {
    let [.., a, b, c, d] = scope.number().to_be_bytes();
    let number = i32::from_be_bytes([a, b, c, d]);
    if matches!(scope, Scope::Author(_)) { number ^ 0x5555_5555 } else { number }
}
