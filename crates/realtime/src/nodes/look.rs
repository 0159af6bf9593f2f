//! What a node looks up for itself every so often, so that it is right within seconds even when
//! the bus is cut.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Event, SessionEnd, StoreError};
use tokio::sync::mpsc;

use super::Around;
use crate::hub::News;

/// Sessions that are asked for in one query.
const AT_ONCE: usize = 500;

/// How far back one looks for people who came into a conversation: more than two nodes' clocks
/// differ, and more than one look takes.
const LATELY: Duration = Duration::from_mins(1);

/// The most of them that are looked at.
const JOINED: u32 = 1_000;

/// Looks, for as long as it is run.
pub(crate) async fn look_around(around: Arc<Around>, every: Duration, news: mpsc::Sender<News>) {
    loop {
        tokio::time::sleep(every).await;
        let looked = async {
            for event in ended_sessions(&around).await?.into_iter().chain(joined(&around).await?) {
                let _ = news.send(News::Event(event)).await;
            }
            Ok::<_, StoreError>(())
        };
        if let Err(error) = looked.await {
            tracing::warn!(%error, "it could not be looked up what happened on other nodes");
        }
    }
}

/// Sessions that somebody is connected through and that do not exist any more.
async fn ended_sessions(around: &Around) -> Result<Vec<Event>, StoreError> {
    let connected = around.hub.sessions();
    let mut ended = Vec::new();
    for some in connected.chunks(AT_ONCE) {
        let ids: Vec<_> = some.iter().map(|(_, session)| *session).collect();
        ended.extend(around.store.ended_sessions(&ids).await?);
    }
    let over = connected.into_iter().filter(|(_, session)| ended.contains(session));
    let event = |(user, session)| Event::SessionEnded { session, user, reason: SessionEnd::SignedOut };
    Ok(over.map(event).collect())
}

/// People who are connected here and came into a conversation lately without being in it here.
async fn joined(around: &Around) -> Result<Vec<Event>, StoreError> {
    let lately = around.store.joined_since(around.clock.now().minus(LATELY), JOINED).await?;
    let unknown = lately.into_iter().filter(|(conversation, user)| around.hub.lacks(*user, *conversation));
    let event = |(conversation, user)| Event::ConversationOpened { conversation, members: vec![user] };
    Ok(unknown.map(event).collect())
}

/// Who is connected to other nodes.
pub(crate) async fn who_is_present(around: &Around) {
    let looked = async {
        let present = around.store.present_elsewhere(around.node()).await?;
        Ok::<_, StoreError>((present, around.store.discreet_users().await?))
    };
    match looked.await {
        Ok((present, discreet)) => {
            around.people.set_discreet(discreet);
            around.people.set_elsewhere(&present);
        }
        Err(error) => tracing::warn!(%error, "it could not be looked up who is present on other nodes"),
    }
}
