//! A database that refuses to write, at whichever row a test says.

use std::fmt::Write;

use crate::{Server, eventually};

/// Tables, by the beginning of their names, that background work writes to whenever it comes to it:
/// which nodes run, the index for searching, what is counted, and how far webhooks have come.
const BACKGROUND: [&str; 7] =
    ["node", "present", "search_", "seaql_", "tally", "message_day", "outgoing_webhook"];

/// What is still erased behind what was asked for: how much of it there is.
const UNERASED: &str = r#"SELECT (SELECT count(*) FROM erasure) + (SELECT count(*) FROM "group" AS g
    WHERE g.deleted_at IS NOT NULL
        AND (SELECT count(*) FROM entry AS e WHERE e.conversation_id = g.id) > 1)"#;

/// Makes a server's database refuse the n-th row that is written, and shows what is in it.
pub struct Breaking<'a> {
    server: &'a Server,
    tables: Vec<String>,
}

impl<'a> Breaking<'a> {
    /// Gets this server's database ready; nothing is refused yet.
    pub fn prepare(server: &'a Server) -> Self {
        let on_postgres = server.setting("PARLOR_DATABASE_URL").is_some();
        let names = if on_postgres {
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        } else {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
        };
        let names = server.sql(names);
        let tables = names.lines().filter(|name| !BACKGROUND.iter().any(|part| name.starts_with(part)));
        let tables: Vec<String> = tables.map(str::to_owned).collect();
        let mut sql = "CREATE TABLE refusal (row integer NOT NULL, refused integer NOT NULL);
            INSERT INTO refusal VALUES (0, 0);"
            .to_owned();
        if on_postgres {
            sql += "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                UPDATE refusal SET row = row + 1;
                IF EXISTS (SELECT 1 FROM refusal WHERE row = refused) THEN RAISE 'refused by a test'; END IF;
                RETURN NULL; END $$;";
        }
        for table in &tables {
            // Writing to a string cannot fail.
            _ = if on_postgres {
                writeln!(
                    sql,
                    r#"CREATE TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION refuse();"#
                )
            } else {
                ["INSERT", "UPDATE", "DELETE"].iter().try_for_each(|what| {
                    writeln!(
                        sql,
                        r#"CREATE TRIGGER "refuse_{what}_{table}" AFTER {what} ON "{table}" BEGIN
                        UPDATE refusal SET row = row + 1;
                        SELECT RAISE(ABORT, 'refused by a test') FROM refusal WHERE row = refused; END;"#
                    )
                })
            };
        }
        server.sql(&sql);
        Self { server, tables }
    }

    /// From now on the n-th row is refused, again and again; with 0 none is.
    pub fn refuse(&self, row: u32) {
        self.server.sql(&format!("UPDATE refusal SET row = 0, refused = {row}"));
    }

    /// Waits until what was deleted is erased, which goes on by itself.
    pub async fn settled(&self) {
        eventually("everything is erased", async || (self.server.sql(UNERASED) == "0").then_some(())).await;
    }

    /// Every row of every table, but for how far people have read and when they were last there: that is
    /// written behind what they do.
    pub fn contents(&self) -> Vec<String> {
        let columns = |table: &str| match table {
            "member" => {
                "conversation_id, user_id, role, floor_seq, joined_at, level, silent_until, favourite, hidden_seq"
            }
            // How far it was kept to is noted behind what people do.
            "retention" => "conversation_id, days, what",
            "session" => "id, user_id, kind, remember, created_at, confirmed_at, user_agent, address",
            _ => "t.*",
        };
        let tables = self.tables.iter().filter(|table| *table != "read_mark");
        let all: Vec<String> = tables
            .map(|table| format!(r#"SELECT '{table}', {} FROM "{table}" AS t;"#, columns(table)))
            .collect();
        let mut rows: Vec<String> = self.server.sql(&all.concat()).lines().map(str::to_owned).collect();
        rows.sort_unstable();
        rows
    }
}
