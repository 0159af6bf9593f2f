//! Files of a conversation, and of the one who uploaded them.

use std::sync::Arc;

use parlor_domain as domain;
use parlor_domain::{ConversationId, FileOrder};
use parlor_wire::{File, FileKind, Time};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::page_size;
use crate::services::Services;
use crate::{Result, Tag};

/// A file of a message.
#[derive(Debug, Serialize, Object)]
struct PostedFile {
    /// The file.
    file: File,
    /// Its place among the files of the message, from 0.
    position: u32,
    /// The message.
    message_id: Uuid,
    /// The message's place in the log.
    seq: u64,
    /// The place of the message that its thread is about; null when it stands in the conversation itself.
    thread_seq: Option<u64>,
    /// Who wrote the message.
    author: Uuid,
    /// When they did.
    posted_at: Time,
}

/// Files of a conversation.
#[derive(Debug, Serialize, Object)]
struct PostedFiles {
    /// Those of the newest message first; of one message the last first.
    items: Vec<PostedFile>,
    /// What to pass as `before` for the next page; null on the last one.
    next: Option<String>,
}

/// Where a file is used.
#[derive(Debug, Serialize, Object)]
struct FileUse {
    /// The conversation.
    conversation: Uuid,
    /// How many of its messages have the file.
    messages: u64,
}

/// A file that you uploaded.
#[derive(Debug, Serialize, Object)]
struct OwnFile {
    /// The file.
    file: File,
    /// How many bytes of your quota it takes: its own, and those of a video's poster.
    counted_bytes: u64,
    /// The conversations with messages that have it and that you see.
    uses: Vec<FileUse>,
    /// How many other messages have it, such as those to which somebody else forwarded it. A file that
    /// has none and no `uses` was not sent, or all of its messages were deleted.
    elsewhere: u64,
}

/// Files that you uploaded.
#[derive(Debug, Serialize, Object)]
struct OwnFiles {
    /// In the order that was asked for.
    items: Vec<OwnFile>,
    /// What to pass as `after` for the next page; null on the last one.
    next: Option<String>,
    /// How many bytes all of them have.
    used_bytes: u64,
    /// How many they may have.
    quota_bytes: u64,
}

/// What files are sorted by.
#[derive(Debug, Clone, Copy, Default, Enum)]
#[oai(rename = "FileOrder", rename_all = "snake_case")]
enum Order {
    /// What was uploaded last comes first.
    #[default]
    Newest,
    /// What has the most bytes comes first.
    Largest,
}

pub struct FileListsApi;

#[OpenApi(tag = Tag::Messages)]
impl FileListsApi {
    /// The files of a conversation, the newest first
    ///
    /// Those of the messages that you may read there, also of those in threads.
    #[oai(path = "/conversations/:id/files", method = "get", operation_id = "listFiles")]
    async fn of_conversation(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// Only files of this kind.
        kind: Query<Option<FileKind>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        before: Query<Option<String>>,
    ) -> Result<Json<PostedFiles>> {
        let (id, size) = (ConversationId::from_uuid(id.0), page_size(limit.0)?);
        let kind = kind.0.map(Into::into);
        let page = services.files.of_conversation(&member.actor, id, kind, before.0.as_deref(), size).await?;
        Ok(Json(PostedFiles { items: page.items.iter().map(Into::into).collect(), next: page.next }))
    }

    /// The files that you uploaded
    ///
    /// With where each is used, and how many bytes of your quota all of them take.
    #[oai(path = "/users/me/files", method = "get", operation_id = "listOwnFiles")]
    async fn own(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// What they are sorted by; `newest` when nothing is said.
        order: Query<Option<Order>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<OwnFiles>> {
        let order = match order.0.unwrap_or_default() {
            Order::Newest => FileOrder::Newest,
            Order::Largest => FileOrder::Largest,
        };
        let size = page_size(limit.0)?;
        let used_bytes = services.files.usage(&member.actor).await?;
        let page = services.files.own(&member.actor, order, after.0.as_deref(), size).await?;
        Ok(Json(OwnFiles {
            items: page.items.iter().map(Into::into).collect(),
            next: page.next,
            used_bytes,
            quota_bytes: services.files.policy().quota_bytes,
        }))
    }
}

impl From<&domain::PostedFile> for PostedFile {
    fn from(posted: &domain::PostedFile) -> Self {
        Self {
            file: (&posted.file).into(),
            position: posted.position,
            message_id: posted.message.as_uuid(),
            seq: posted.seq,
            thread_seq: posted.thread,
            author: posted.author.as_uuid(),
            posted_at: posted.posted_at.into(),
        }
    }
}

impl From<&domain::OwnFile> for OwnFile {
    fn from(own: &domain::OwnFile) -> Self {
        let used = |found: &domain::FileUse| FileUse {
            conversation: found.conversation.as_uuid(),
            messages: found.messages,
        };
        Self {
            file: (&own.file).into(),
            counted_bytes: own.file.counted_bytes(),
            uses: own.uses.iter().map(used).collect(),
            elsewhere: own.elsewhere,
        }
    }
}
