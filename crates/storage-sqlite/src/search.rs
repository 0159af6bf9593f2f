//! FTS5 as the index for searching: pieces of three signs, read from the newest document on.

use std::collections::BTreeSet;
use std::fmt::Write;

use parlor_storage::{Bulk, Index, Lookup, Scope, Wanted};

use crate::dialect::Sqlite;

/// How many signs a piece has.
const PIECE: usize = 3;

impl Index for Sqlite {
    // With `secure-delete` each document's pieces are looked up in the whole index. How much is merged at
    // once is counted in pages that are written, and where most is gone many are read for each of them:
    // what FTS5 merges by itself would take the writer for half a second.
    const BULK: Option<Bulk> = Some(Bulk {
        begin: &[
            "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 0)",
            "INSERT INTO search_index (search_index, rank) VALUES ('automerge', 0)",
        ],
        end: &[
            "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)",
            "INSERT INTO search_index (search_index, rank) VALUES ('merge', 16)",
        ],
        merge_all: "INSERT INTO search_index (search_index, rank) VALUES ('merge', -2)",
        merge_on: "INSERT INTO search_index (search_index, rank) VALUES ('merge', 2)",
        changes: "SELECT total_changes()",
        done: "INSERT INTO search_index (search_index, rank) VALUES ('automerge', 4)",
    });

    fn scopes(scopes: &[Scope]) -> String {
        scopes.iter().map(|scope| piece(*scope)).collect()
    }

    fn scope_column(value: &str) -> String {
        value.to_owned()
    }

    fn lookups(wanted: &Wanted) -> Vec<Lookup> {
        let pieces: BTreeSet<&str> = wanted.codes.iter().flat_map(|code| pieces(code)).collect();
        let mut all: Vec<String> = pieces.into_iter().map(quoted).collect();
        all.extend(wanted.scopes.iter().map(|any| {
            let any: Vec<String> = any.iter().map(|scope| quoted(&piece(*scope))).collect();
            format!("({})", any.join(" OR "))
        }));
        let with = String::new();
        if all.is_empty() {
            let (tables, condition) = ("search_document AS d".to_owned(), "true".to_owned());
            return vec![Lookup { with, tables, number: "d.id", condition, values: Vec::new() }];
        }
        let mut condition = "search_index MATCH $5 AND d.id = search_index.rowid".to_owned();
        let mut values = vec![all.join(" AND ").into()];
        // Many texts have all pieces of two frequent words; those that have them together are told
        // apart here, before anything else of the message is read.
        for code in wanted.codes.iter().filter(|code| code.len() > PIECE) {
            values.push(code.as_str().into());
            let place = values.len() + 4;
            _ = write!(condition, " AND instr(d.text, ${place}) > 0");
        }
        let tables = "search_index CROSS JOIN search_document AS d".to_owned();
        vec![Lookup { with, tables, number: "search_index.rowid", condition, values }]
    }
}

fn quoted(piece: &str) -> String {
    format!("\"{piece}\"")
}

/// What FTS5 cuts a code into.
fn pieces(code: &str) -> impl Iterator<Item = &str> {
    (0..code.len().saturating_sub(PIECE - 1)).filter_map(|start| code.get(start..start + PIECE))
}

/// A scope as one piece: three characters from Unicode's private area, which no code has. Each kind
/// has characters of its own.
fn piece(scope: Scope) -> String {
    const LETTERS: u64 = 2_048;
    let first = match scope {
        Scope::Conversation(_) => 0xE000,
        Scope::Author(_) => 0xE000 + LETTERS,
        Scope::Link | Scope::File | Scope::Image => 0xE000 + 2 * LETTERS,
    };
    let number = scope.number();
    let letter = |digit: u64| u32::try_from(first + digit % LETTERS).ok().and_then(char::from_u32);
    [number, number / LETTERS, number / LETTERS / LETTERS].into_iter().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlor_domain::{ConversationId, UserId};
    use uuid::Uuid;

    #[test]
    fn a_scope_is_one_piece_of_its_kind() {
        let id = Uuid::from_u128(u128::MAX);
        let scopes = [
            Scope::Conversation(ConversationId::from_uuid(id)),
            Scope::Author(UserId::from_uuid(id)),
            Scope::Link,
        ];
        let pieces: BTreeSet<String> = scopes.into_iter().map(piece).collect();
        assert_eq!(pieces.len(), 3);
        assert!(pieces.iter().all(|piece| piece.chars().count() == 3));
    }

    #[test]
    fn a_query_asks_for_every_piece_once() {
        let wanted = Wanted { codes: vec!["abab".into(), "  x".into()], scopes: vec![], conversation: None };
        let lookup = Sqlite::lookups(&wanted).remove(0);
        assert_eq!(lookup.values, [r#""  x" AND "aba" AND "bab""#.into(), "abab".into()]);
        assert!(lookup.condition.ends_with(" AND instr(d.text, $6) > 0"), "{}", lookup.condition);
    }
}
