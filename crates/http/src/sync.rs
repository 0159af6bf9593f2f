//! Catching up over HTTP, for programs that do not keep a socket open.

use std::sync::Arc;

use parlor_domain::{ConversationId, PageSize, ReadError, Span};
use parlor_wire::{Account, Conversation, Entry, NotificationSummary};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::page_size;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// The most cursors that one request may hand in.
const MAX_CURSORS: usize = 500;

/// How many entries a client may be behind before it should start anew.
const MAX_GAP: u64 = 5_000;

/// Everything that involves you.
#[derive(Debug, Serialize, Object)]
struct SyncState {
    /// The database's id. When it differs from the one you know, drop your copy and your cursors.
    epoch: Uuid,
    /// Your account.
    me: Account,
    /// All your conversations, the most recently active first. One that is missing is one you are
    /// no longer in.
    conversations: Vec<Conversation>,
    /// Whom you blocked.
    blocked: Vec<Uuid>,
    /// How your notification centre stands.
    notifications: NotificationSummary,
    /// Entries after your cursors, oldest first within each conversation.
    entries: Vec<Entry>,
    /// Conversations in which you are too far behind: load their newest page instead.
    resets: Vec<Reset>,
    /// What to tell people while the server is in maintenance; missing otherwise.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    maintenance: Option<String>,
    /// Whether more entries follow; ask again with your new cursors.
    more: bool,
}

/// A cursor that cannot be continued.
#[derive(Debug, Serialize, Object)]
struct Reset {
    /// The conversation.
    conversation: Uuid,
    /// Its newest entry.
    last_seq: u64,
}

pub struct SyncApi;

#[OpenApi(tag = Tag::Conversations)]
impl SyncApi {
    /// Everything that involves you, and what is new since your cursors
    #[oai(path = "/sync", method = "get", operation_id = "sync")]
    async fn sync(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// Up to 500 cursors `conversation:seq`, separated by commas.
        cursors: Query<Option<String>>,
        /// The most entries, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
    ) -> Result<Json<SyncState>> {
        let cursors = parse_cursors(cursors.0.as_deref().unwrap_or_default())?;
        let limit = page_size(limit.0)?;
        let epoch = services.store.epoch().await?;
        let me = services.accounts.me(&member.actor).await?;
        let viewer = services.viewer(&member.actor).await?;
        let views = services.conversations.all(&member.actor).await?;
        let mut state = SyncState {
            epoch,
            me: (&me).into(),
            conversations: views
                .iter()
                .map(|view| Conversation::render(view, &services.sight(&viewer)))
                .collect(),
            blocked: viewer.blocked.iter().map(|user| user.as_uuid()).collect(),
            notifications: (&services.notifications.summary(&member.actor).await?).into(),
            entries: Vec::new(),
            resets: Vec::new(),
            maintenance: services.store.maintenance().await?,
            more: false,
        };
        for (conversation, seq) in cursors {
            let Some(last_seq) = views
                .iter()
                .find(|view| view.conversation.id == conversation)
                .map(|view| view.conversation.last_seq)
            else {
                continue;
            };
            if last_seq.saturating_sub(seq) > MAX_GAP || seq > last_seq {
                state.resets.push(Reset { conversation: conversation.as_uuid(), last_seq });
            } else if seq < last_seq {
                state.read_after(&services, &member, conversation, seq, limit).await?;
            }
        }
        Ok(Json(state))
    }
}

impl SyncState {
    /// Adds entries of one conversation, as far as there is room on the page.
    async fn read_after(
        &mut self,
        services: &Services,
        member: &Member,
        conversation: ConversationId,
        seq: u64,
        limit: PageSize,
    ) -> Result<(), Problem> {
        let room = limit.get().saturating_sub(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        let Some(size) = PageSize::new(room) else {
            self.more = true;
            return Ok(());
        };
        let page = match services.messaging.read(&member.actor, conversation, Span::After(seq), size).await {
            Ok(page) => page,
            // They left in this very moment.
            Err(ReadError::Denied(_)) => return Ok(()),
            Err(ReadError::Store(error)) => return Err(error.into()),
        };
        self.more |= page.has_newer();
        self.entries.extend(page.entries.iter().map(|entry| Entry::from(&**entry)));
        Ok(())
    }
}

fn parse_cursors(text: &str) -> Result<Vec<(ConversationId, u64)>, Problem> {
    let refuse =
        |message: String| Problem::invalid_fields(Vec::new()).with_field("cursors", "invalid", message);
    let parts: Vec<&str> = text.split(',').filter(|part| !part.is_empty()).collect();
    if parts.len() > MAX_CURSORS {
        return Err(refuse(format!("At most {MAX_CURSORS} cursors.")));
    }
    let parse = |part: &str| {
        let (conversation, seq) = part.split_once(':')?;
        Some((conversation.parse().ok()?, seq.parse().ok()?))
    };
    parts
        .into_iter()
        .map(|part| parse(part).ok_or_else(|| refuse(format!("{part:?} is not conversation:seq."))))
        .collect()
}
