use std::collections::BTreeSet;
use std::sync::Arc;

use thiserror::Error;

use super::words::{snippet_of, words_of};
use super::{Candidates, QueryError, SearchQuery, Snippet};
use crate::{
    Action, Actor, Clock, ConversationId, Denied, Entry, Login, Page, PageSize, Store, StoreError, UserId,
    Username, authorize,
};

/// Finding messages.
///
/// The store finds those whose code has all pieces of the query's, among what the actor may read;
/// whether the text itself matches is decided here, so that every database answers alike.
pub struct Search {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// What somebody looks for.
#[derive(Debug, Clone, Copy)]
pub struct SearchRequest<'a> {
    /// What they typed.
    pub text: &'a str,
    /// In this conversation only.
    pub conversation: Option<ConversationId>,
    /// How many minutes their clock is ahead of UTC, which decides when a day begins.
    pub minutes_ahead: i32,
    /// [`Page::next`] of the page before. Anything else means the beginning.
    pub after: Option<&'a str>,
    /// How many hits.
    pub size: PageSize,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// The message's entry, as it is now.
    pub entry: Entry,
    /// The part of its text that matches, or of the name of one of its files.
    pub snippet: Snippet,
}

/// Why nothing could be searched for.
#[derive(Debug, Error)]
pub enum SearchError {
    /// The query makes no sense.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Nobody has the name behind `from:`.
    #[error("nobody is called {0}; from: is followed by a username or me")]
    NoSuchPerson(String),
    /// The actor is in no conversation of the name behind `in:`.
    #[error("you are in no conversation called {0}; in: is followed by a group's name or a username")]
    NoSuchConversation(String),
    /// The conversation is not theirs to read.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many candidates are looked at for one page; beyond it the page is shorter than it may be.
const MOST: usize = 5_000;

/// How many are fetched at once at most.
const SLICE: u32 = 1_000;

impl Search {
    /// Searches `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// One page of hits, the newest first.
    pub async fn find(
        &self,
        actor: &Actor,
        request: &SearchRequest<'_>,
    ) -> Result<Page<SearchHit>, SearchError> {
        let query = SearchQuery::parse(request.text)?;
        let Some(candidates) = self.candidates(actor, request, &query).await? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let size = request.size.get() as usize;
        let mut place = request.after.and_then(|after| after.parse().ok());
        let mut slice = request.size.get() + 1;
        let (mut items, mut looked_at) = (Vec::new(), 0);
        loop {
            let found = self.store.candidates(&candidates, place, slice).await?;
            let is_last = found.len() < slice as usize;
            looked_at += found.len();
            for (id, entry) in found {
                let Some(hit) = hit(&query, entry) else {
                    place = Some(id);
                    continue;
                };
                if items.len() == size {
                    return Ok(Page { items, next: place.map(|place| place.to_string()) });
                }
                place = Some(id);
                items.push(hit);
            }
            if is_last {
                return Ok(Page { items, next: None });
            }
            if looked_at >= MOST {
                return Ok(Page { items, next: place.map(|place| place.to_string()) });
            }
            slice = (slice * 4).min(SLICE);
        }
    }

    /// What the store is asked for; `None` when there can be nothing.
    async fn candidates(
        &self,
        actor: &Actor,
        request: &SearchRequest<'_>,
        query: &SearchQuery,
    ) -> Result<Option<Candidates>, SearchError> {
        let now = self.clock.now();
        let mut conversations = self.conversations(actor, &query.places).await?;
        if let Some(conversation) = request.conversation {
            let standing = self.store.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
            authorize(actor, Action::Read, &standing, now)?;
            if !query.places.is_empty() && !conversations.contains(&conversation) {
                return Ok(None);
            }
            conversations = vec![conversation];
        }
        Ok(Some(Candidates {
            reader: actor.user,
            now,
            codes: query.codes(),
            conversations,
            authors: self.authors(actor, &query.from).await?,
            contents: query.has,
            since: query.since.map(|day| day.begins(request.minutes_ahead)),
            before: query.before.map(|day| day.begins(request.minutes_ahead)),
        }))
    }

    async fn authors(&self, actor: &Actor, names: &[String]) -> Result<Vec<UserId>, SearchError> {
        let mut authors = BTreeSet::new();
        for name in names {
            if name == "me" {
                authors.insert(actor.user);
                continue;
            }
            let unknown = || SearchError::NoSuchPerson(name.clone());
            let login = Login::Username(Username::parse(name).map_err(|_| unknown())?);
            let (user, _) = self.store.user_by_login(&login).await?.ok_or_else(unknown)?;
            authors.insert(user.id);
        }
        Ok(authors.into_iter().collect())
    }

    async fn conversations(
        &self,
        actor: &Actor,
        names: &[String],
    ) -> Result<Vec<ConversationId>, SearchError> {
        let mut conversations = BTreeSet::new();
        for name in names {
            let found = self.store.conversations_called(actor.user, name).await?;
            if found.is_empty() {
                return Err(SearchError::NoSuchConversation(name.clone()));
            }
            conversations.extend(found);
        }
        Ok(conversations.into_iter().collect())
    }
}

fn hit(query: &SearchQuery, entry: Entry) -> Option<SearchHit> {
    let message = entry.message()?;
    let words = words_of(message);
    let found = query.matches(&words)?;
    let snippet = snippet_of(message, &words, &found);
    Some(SearchHit { entry, snippet })
}
