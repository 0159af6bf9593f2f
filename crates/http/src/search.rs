//! Finding messages.

use std::ops::Range;
use std::sync::Arc;

use parlor_domain::{ConversationId, SearchHit as Hit, SearchRequest};
use parlor_wire::Entry;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// Clocks are at most this many minutes ahead of UTC or behind it.
const MINUTES: i32 = 14 * 60;

/// A message that was found.
#[derive(Debug, Serialize, Object)]
struct SearchHit {
    /// The message's entry, as it is now.
    entry: Entry,
    /// The part of its text that matches.
    snippet: Snippet,
}

/// The part of a message's text around what was found.
#[derive(Debug, Serialize, Object)]
struct Snippet {
    /// Plain text on one line; `…` at an end stands for what was left out.
    text: String,
    /// Which parts of it were found, in order; none when the query has only filters.
    highlights: Vec<Highlight>,
}

/// Part of a snippet, in UTF-16 code units, as JavaScript counts them.
#[derive(Debug, Serialize, Object)]
struct Highlight {
    /// Where it begins.
    start: u32,
    /// How long it is.
    length: u32,
}

impl From<&Hit> for SearchHit {
    fn from(hit: &Hit) -> Self {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let highlight =
            |range: &Range<usize>| Highlight { start: number(range.start), length: number(range.len()) };
        Self {
            entry: Entry::from(&hit.entry),
            snippet: Snippet {
                text: hit.snippet.text.clone(),
                highlights: hit.snippet.highlights.iter().map(highlight).collect(),
            },
        }
    }
}

pub struct SearchApi;

#[OpenApi(tag = Tag::Messages)]
impl SearchApi {
    /// Find messages
    ///
    /// In all conversations that you are in, the newest first. A message has all the words: each as
    /// the beginning of a word, or from three letters on (in scripts without spaces from one on)
    /// as any part of one; case and accents make no difference. `"quotes"` are around whole words in
    /// this order, and `-` before what must not be in it. `from:` is followed by a username or `me`,
    /// `in:` by a group's name or a username, `before:`, `after:` and `on:` by a date such as
    /// 2026-03-31, `has:` by link, file or image. A message is found within about a second. When very
    /// many search at the same time, some are told to come back in a moment.
    #[oai(path = "/search", method = "get", operation_id = "search")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn search(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// What to look for, at most 300 characters and 20 words and filters.
        q: Query<String>,
        /// In this conversation only.
        conversation: Query<Option<Uuid>>,
        /// How many minutes your clock is ahead of UTC, -840 to 840, which decides when a day
        /// begins; 0 when nothing is said.
        utc_offset: Query<Option<i32>>,
        /// How many, 1 to 100; 50 when nothing is said. A page may have fewer when very much has to
        /// be looked through.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<SearchHit>>> {
        let minutes_ahead = utc_offset.0.unwrap_or(0);
        if !(-MINUTES..=MINUTES).contains(&minutes_ahead) {
            return Err(Problem::invalid_fields(Vec::new()).with_field(
                "utc_offset",
                "out_of_range",
                format!("From -{MINUTES} to {MINUTES}."),
            ));
        }
        let request = SearchRequest {
            text: &q.0,
            conversation: conversation.0.map(ConversationId::from_uuid),
            minutes_ahead,
            after: after.0.as_deref(),
            size: page_size(limit.0)?,
        };
        let _turn = services.searches.take().await?;
        let page = services.search.find(&member.actor, &request).await?;
        Ok(Json(Listing::render(page, |hit| SearchHit::from(hit))))
    }
}
