use std::sync::Arc;

use parlor_domain::{ConversationId, Event, GroupId, Heard, StoreError, UserId};
use tokio::sync::mpsc;

use super::bell::{self, Bell};
use super::{Around, look};
use crate::hub::News;

/// Hears the other nodes' bells, and looks at what they name.
pub(crate) async fn listen(around: Arc<Around>, news: mpsc::Sender<News>) {
    loop {
        match around.bus.hear().await {
            Heard::Missed => missed(&around).await,
            Heard::Payload(payload) => match bell::read(&payload) {
                Some((node, _)) if node == around.node() => {}
                Some((node, bells)) => {
                    for bell in bells {
                        let answered = answer(&around, node, &bell, &news).await;
                        if let Err(error) = answered {
                            tracing::warn!(%error, "what another node rang for could not be read");
                        }
                    }
                }
                None => {
                    tracing::debug!("a bell could not be read; nodes of another version ring differently");
                }
            },
        }
    }
}

async fn answer(
    around: &Around,
    node: parlor_domain::NodeId,
    bell: &Bell,
    news: &mpsc::Sender<News>,
) -> Result<(), StoreError> {
    let told = match bell {
        Bell::Log(conversation, head) => Some(News::Reached(ConversationId::from_uuid(*conversation), *head)),
        Bell::Group(group) => {
            let group = around.store.group(GroupId::from_uuid(*group)).await?;
            group.map(|group| News::Event(Event::GroupChanged(Arc::new(group))))
        }
        Bell::User(user) => {
            let user = around.store.user(UserId::from_uuid(*user)).await?;
            user.map(|user| News::Event(Event::UserChanged(Arc::new(user))))
        }
        Bell::View(user) => {
            let viewer = around.store.viewer(UserId::from_uuid(*user)).await?;
            Some(News::Event(Event::ViewChanged(Arc::new(viewer))))
        }
        Bell::Presence(user, seen, chosen) => {
            let presence = seen.map(Into::into);
            around.people.hear(node, UserId::from_uuid(*user), presence, *chosen);
            None
        }
        Bell::Typing(conversation, user) => {
            let (conversation, user) = (ConversationId::from_uuid(*conversation), UserId::from_uuid(*user));
            around.hub.typed_elsewhere(user, conversation);
            None
        }
        Bell::Missed => {
            missed(around).await;
            None
        }
        Bell::Notified(conversation, seq, kind) => {
            let conversation = ConversationId::from_uuid(*conversation);
            let told = around.store.notifications_about(conversation, *seq, (*kind).into()).await?;
            Some(News::Event(Event::Notified(Arc::new(told))))
        }
        Bell::Joined(..)
        | Bell::Cursor(..)
        | Bell::Session(..)
        | Bell::Personal(..)
        | Bell::Centre(..)
        | Bell::Preferences(..) => bell.as_event().map(News::Event),
    };
    if let Some(told) = told {
        // The fan-out ends with the server only.
        let _ = news.send(told).await;
    }
    Ok(())
}

/// Bells were lost: connections compare what they believe with the store, and everybody's presence
/// is looked up.
async fn missed(around: &Around) {
    tracing::info!("the bus was cut for a while; looking at what was missed");
    around.hub.resync_all();
    look::who_is_present(around).await;
}
