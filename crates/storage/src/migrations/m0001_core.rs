use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Accounts, sessions, conversations, members, groups, logs and bans.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_core"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // On SQLite ids are 16-byte blobs, and a table lies in the order of its primary key. Text is
        // ordered byte by byte there; PostgreSQL would follow the locale of the machine.
        let (id, bytes, text, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob", "text", " WITHOUT ROWID"),
            _ => ("uuid", "bytea", r#"text COLLATE "C""#, ""),
        };
        let connection = manager.get_connection();
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{bytes}", bytes);
            let sql = sql.replace("{text}", text).replace("{ordered}", ordered);
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// Columns ending in `_at`, and `until`, are milliseconds since 1970 in UTC. What the small numbers stand for is
// written in `codes.rs`. Kinds of entries will grow, and SQLite cannot alter a check, hence its range.
const SCHEMA: &[&str] = &[
    "CREATE TABLE server (
        id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
        epoch {id} NOT NULL,
        last_user_number integer NOT NULL DEFAULT 0 CHECK (last_user_number >= 0)
    )",
    r#"CREATE TABLE "user" (
        id {id} NOT NULL PRIMARY KEY,
        number integer NOT NULL CHECK (number > 0),
        username {text} NOT NULL,
        name {text} NOT NULL,
        about {text} NOT NULL,
        email {text},
        role smallint NOT NULL CHECK (role IN (1, 2)),
        status smallint NOT NULL CHECK (status IN (1, 2)),
        password_hash {text} NOT NULL,
        last_seen_at bigint,
        created_at bigint NOT NULL,
        search {text} NOT NULL
    ){ordered}"#,
    r#"CREATE UNIQUE INDEX user_number ON "user" (number)"#,
    r#"CREATE UNIQUE INDEX user_username ON "user" (username)"#,
    r#"CREATE UNIQUE INDEX user_email ON "user" (email) WHERE email IS NOT NULL"#,
    r#"CREATE TABLE session (
        id {id} NOT NULL PRIMARY KEY,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        kind smallint NOT NULL CHECK (kind IN (1, 2)),
        cookie {bytes},
        remember boolean NOT NULL,
        created_at bigint NOT NULL,
        last_used_at bigint NOT NULL
    ){ordered}"#,
    r#"CREATE INDEX "session_user" ON session (user_id)"#,
    "CREATE UNIQUE INDEX session_cookie ON session (cookie) WHERE cookie IS NOT NULL",
    "CREATE TABLE refresh_token (
        hash {bytes} NOT NULL PRIMARY KEY,
        session_id {id} NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        issued_at bigint NOT NULL,
        successor {bytes},
        revoked boolean NOT NULL
    ){ordered}",
    "CREATE INDEX refresh_token_session ON refresh_token (session_id)",
    r#"CREATE TABLE conversation (
        id {id} NOT NULL PRIMARY KEY,
        direct_low {id} REFERENCES "user" (id),
        direct_high {id} REFERENCES "user" (id),
        last_seq bigint NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
        active_at bigint NOT NULL,
        CHECK ((direct_low IS NULL) = (direct_high IS NULL)),
        CHECK (direct_low <= direct_high)
    ){ordered}"#,
    "CREATE UNIQUE INDEX conversation_direct ON conversation (direct_low, direct_high) WHERE direct_low IS NOT NULL",
    r#"CREATE TABLE "group" (
        id {id} NOT NULL PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
        name {text} NOT NULL,
        description {text} NOT NULL,
        visibility smallint NOT NULL CHECK (visibility IN (1, 2)),
        lobby boolean NOT NULL,
        read_only boolean NOT NULL,
        member_count bigint NOT NULL DEFAULT 0 CHECK (member_count >= 0),
        created_by {id} REFERENCES "user" (id),
        created_at bigint NOT NULL,
        sort_name {text} NOT NULL,
        search {text} NOT NULL
    ){ordered}"#,
    r#"CREATE INDEX group_public ON "group" (sort_name, id) WHERE visibility = 1"#,
    r#"CREATE UNIQUE INDEX group_lobby ON "group" (lobby) WHERE lobby"#,
    r#"CREATE TABLE member (
        conversation_id {id} NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        role smallint NOT NULL CHECK (role IN (1, 2, 3)),
        floor_seq bigint NOT NULL CHECK (floor_seq >= 0),
        delivered_seq bigint NOT NULL,
        read_seq bigint NOT NULL CHECK (read_seq >= 0),
        joined_at bigint NOT NULL,
        PRIMARY KEY (conversation_id, user_id),
        CHECK (delivered_seq >= read_seq)
    ){ordered}"#,
    "CREATE INDEX member_user ON member (user_id)",
    r#"CREATE TABLE entry (
        conversation_id {id} NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
        seq bigint NOT NULL CHECK (seq > 0),
        actor_id {id} REFERENCES "user" (id),
        created_at bigint NOT NULL,
        kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 99),
        message_id {id},
        client_id {id},
        body {text},
        reply_to {id},
        subject_id {id} REFERENCES "user" (id),
        name {text},
        PRIMARY KEY (conversation_id, seq),
        CHECK ((kind = 1) = (message_id IS NOT NULL)),
        CHECK ((message_id IS NULL) = (client_id IS NULL))
    ){ordered}"#,
    "CREATE UNIQUE INDEX entry_message ON entry (message_id) WHERE message_id IS NOT NULL",
    // The client's id first: most are made in the order of time, so that new ones stand together.
    "CREATE UNIQUE INDEX entry_client ON entry (client_id, actor_id) WHERE client_id IS NOT NULL",
    r#"CREATE TABLE ban (
        id {id} NOT NULL PRIMARY KEY,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        group_id {id} REFERENCES "group" (id) ON DELETE CASCADE,
        reason {text} NOT NULL,
        issued_by {id} NOT NULL REFERENCES "user" (id),
        issued_at bigint NOT NULL,
        until bigint,
        lifted_at bigint
    ){ordered}"#,
    "CREATE INDEX ban_user ON ban (user_id) WHERE lifted_at IS NULL",
];
