//! Threads: what is answered to one message, apart from the conversation.

use std::sync::Arc;

use parlor_domain::{MessageId, Span};
use parlor_wire::{Entry, Thread};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// Part of a thread.
#[derive(Debug, Serialize, Object)]
struct ThreadHistory {
    /// The messages, oldest first, without the one that the thread is about.
    items: Vec<Entry>,
    /// Whether there are some before these.
    has_older: bool,
    /// Whether there are some after these.
    has_newer: bool,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ReadThreadRequest {
    /// Everything in the thread up to here is read; beyond the end is the end.
    seq: u64,
}

pub struct ThreadsApi;

#[OpenApi(tag = Tag::Threads)]
impl ThreadsApi {
    /// The threads you follow
    ///
    /// Those with something unread first, then the latest answered. You follow a thread when
    /// somebody answers your message, when you answer, or when you say so.
    #[oai(path = "/threads", method = "get", operation_id = "listThreads")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<Thread>>> {
        let size = page_size(limit.0)?;
        let page = services.threads.followed(&member.actor, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |thread| thread.into())))
    }

    /// One thread
    ///
    /// Named by the message it is about, or by any message in it.
    #[oai(path = "/messages/:id/thread", method = "get", operation_id = "getThread")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Thread>> {
        let thread = services.threads.one(&member.actor, MessageId::from_uuid(id.0)).await?;
        Ok(Json((&thread).into()))
    }

    /// The messages of a thread
    ///
    /// The newest ones, or those before or after a place in the conversation's log. At most one of
    /// `before` and `after` may be given.
    #[oai(path = "/messages/:id/replies", method = "get", operation_id = "listReplies")]
    async fn replies(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// The newest messages below this place.
        before: Query<Option<u64>>,
        /// The oldest messages above this place.
        after: Query<Option<u64>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
    ) -> Result<Json<ThreadHistory>> {
        let span = match (before.0, after.0) {
            (None, None) => Span::Newest,
            (Some(seq), None) => Span::Before(seq),
            (None, Some(seq)) => Span::After(seq),
            _ => return Err(Problem::invalid_request("Give one of `before` and `after`, not both.")),
        };
        let id = MessageId::from_uuid(id.0);
        let page = services.threads.replies(&member.actor, id, span, page_size(limit.0)?).await?;
        Ok(Json(ThreadHistory {
            items: page.entries.iter().map(|entry| Entry::from(&**entry)).collect(),
            has_older: page.has_older,
            has_newer: page.has_newer,
        }))
    }

    /// Follow a thread
    ///
    /// What was written in it before does not count as unread.
    #[oai(path = "/messages/:id/thread/follow", method = "put", operation_id = "followThread")]
    async fn follow(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Thread>> {
        follow(&services, &member, id.0, true).await
    }

    /// Follow a thread no longer
    #[oai(path = "/messages/:id/thread/follow", method = "delete", operation_id = "unfollowThread")]
    async fn unfollow(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Thread>> {
        follow(&services, &member, id.0, false).await
    }

    /// Mark a thread as read up to a place
    #[oai(path = "/messages/:id/thread/read", method = "put", operation_id = "readThread")]
    async fn read(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<ReadThreadRequest>,
    ) -> Result<Json<Thread>> {
        let thread = services.threads.read(&member.actor, MessageId::from_uuid(id.0), form.seq).await?;
        Ok(Json((&thread).into()))
    }
}

async fn follow(services: &Services, member: &Member, id: Uuid, wanted: bool) -> Result<Json<Thread>> {
    let thread = services.threads.follow(&member.actor, MessageId::from_uuid(id), wanted).await?;
    Ok(Json((&thread).into()))
}
