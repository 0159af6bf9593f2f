//! Files of a conversation, and of the one who uploaded them.

use parlor_domain::{
    ConversationId, File, FileId, FileKind, FileOrder, FileUse, MessageId, Page, PageSize, PostedFile, UserId,
};
use sea_orm::Value;
use uuid::Uuid;

use super::reading::{file, read_file};
use crate::bans::latest_end;
use crate::codes::Code;
use crate::fields::{Fields, column};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// That the reader `$reader` sees the attachment `a`, whose conversation they are in by the row `m`.
fn in_sight<D: Dialect>(reader: &str) -> String {
    format!(
        "m.floor_seq < a.seq AND coalesce({banned_until}, 0) <= {now}",
        banned_until = latest_end(reader, "a.conversation_id"),
        now = D::NOW,
    )
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// The page is found by the attachments alone; what belongs to it is looked up then.
    pub(super) async fn read_posted_files(
        &self,
        conversation: ConversationId,
        reader: UserId,
        kind: Option<FileKind>,
        before: Option<&str>,
        size: PageSize,
    ) -> Result<Page<PostedFile>> {
        let mut values: Vec<Value> =
            vec![conversation.as_uuid().into(), reader.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        let mut conditions = vec![in_sight::<D>("$2")];
        if let Some(kind) = kind {
            values.push(kind.code().into());
            conditions.push(format!("a.kind = ${}", values.len()));
        }
        if let Some((seq, position)) = before.and_then(read_place) {
            values.extend([seq.into(), position.into()]);
            let last = values.len();
            conditions.push(format!("(a.seq, a.position) < (${}, ${last})", last - 1));
        }
        let sql = format!(
            "WITH found AS MATERIALIZED (SELECT a.conversation_id, a.seq, a.position, a.file_id
                FROM member AS m CROSS JOIN attachment AS a
                WHERE m.conversation_id = $1 AND m.user_id = $2 AND a.conversation_id = $1 AND {conditions}
                ORDER BY a.seq DESC, a.position DESC LIMIT $3)
            SELECT {file}, found.position, e.message_id, e.seq, e.target_seq, e.actor_id, e.created_at
            FROM found CROSS JOIN entry AS e CROSS JOIN file AS l CROSS JOIN blob AS b
            WHERE e.conversation_id = found.conversation_id AND e.seq = found.seq
                AND l.id = found.file_id AND b.id = l.blob_id
            ORDER BY found.seq DESC, found.position DESC",
            conditions = conditions.join(" AND "),
            file = file::<D>(),
        );
        let found = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(PostedFile {
                file: read_file(&fields.get::<String>()?)?,
                position: u32::try_from(fields.get::<i16>()?).unwrap_or_default(),
                message: fields.id(MessageId::from_uuid)?,
                seq: fields.count()?,
                thread: fields.get::<Option<i64>>()?.map(crate::fields::count),
                author: fields.id(UserId::from_uuid)?,
                posted_at: fields.moment()?,
            })
        });
        Ok(Page::from_overfetched(found.await?, size, |one| format!("{}.{}", one.seq, one.position)))
    }

    pub(super) async fn read_own_files(
        &self,
        owner: UserId,
        order: FileOrder,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<File>> {
        let mut values: Vec<Value> = vec![owner.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        let (by, is_behind) = match order {
            FileOrder::Newest => ("l.id DESC", "l.id < $3"),
            FileOrder::Largest => ("l.bytes DESC, l.id DESC", "(l.bytes, l.id) < ($4, $3)"),
        };
        let mut also = String::new();
        if let Some((bytes, id)) = after.and_then(read_size) {
            values.push(id.into());
            if order == FileOrder::Largest {
                values.push(bytes.into());
            }
            also = format!(" AND {is_behind}");
        }
        let sql = format!(
            "SELECT {} FROM file AS l CROSS JOIN blob AS b
            WHERE l.owner_id = $1 AND l.removed_at IS NULL{also} AND b.id = l.blob_id ORDER BY {by} LIMIT $2",
            file::<D>()
        );
        let found = self.all(sql, values, |row| read_file(&Fields::of(row).get::<String>()?)).await?;
        Ok(Page::from_overfetched(found, size, |one| {
            format!("{}.{}", column(one.counted_bytes()), one.id.as_uuid().simple())
        }))
    }

    pub(super) async fn read_file_uses(
        &self,
        reader: UserId,
        files: &[FileId],
    ) -> Result<(Vec<FileUse>, Vec<(FileId, u64)>)> {
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each}),
            used AS MATERIALIZED (SELECT a.file_id, a.conversation_id, coalesce({in_sight}, false) AS seen
                FROM wanted CROSS JOIN attachment AS a
                LEFT JOIN member AS m ON m.conversation_id = a.conversation_id AND m.user_id = $2
                WHERE a.file_id = wanted.id)
            SELECT file_id, CASE WHEN seen THEN conversation_id END, count(*) FROM used
            GROUP BY file_id, CASE WHEN seen THEN conversation_id END ORDER BY 1, 2",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
            in_sight = in_sight::<D>("$2"),
        );
        let wanted = distinct(files).into_iter().map(|id| [Digits(id.as_uuid())]);
        let values = vec![rows(wanted).map_err(failure::<D>)?, reader.as_uuid().into()];
        let found = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            let (file, conversation) =
                (fields.id(FileId::from_uuid)?, fields.optional_id(ConversationId::from_uuid)?);
            Ok((file, conversation, fields.count()?))
        });
        let (mut seen, mut unseen) = (Vec::new(), Vec::new());
        for (file, conversation, messages) in found.await? {
            match conversation {
                Some(conversation) => seen.push(FileUse { file, conversation, messages }),
                None => unseen.push((file, messages)),
            }
        }
        Ok((seen, unseen))
    }
}

/// Takes the place of a file in a conversation apart. One that was not made here means the beginning.
fn read_place(place: &str) -> Option<(i64, i64)> {
    let (seq, position) = place.split_once('.')?;
    Some((seq.parse().ok()?, position.parse().ok()?))
}

/// Takes the place of a file among those of one person apart.
fn read_size(place: &str) -> Option<(i64, Uuid)> {
    let (bytes, id) = place.split_once('.')?;
    Some((bytes.parse().ok()?, Uuid::try_parse(id).ok()?))
}
