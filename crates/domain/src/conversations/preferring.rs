use super::{ConversationError, ConversationView, Conversations};
use crate::{Action, Actor, ConversationId, Denied, Event, Level, Timestamp, Visibility, authorize};

/// How a member treats a conversation: nobody else's matter, and the same on all their devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// How much they want to hear of it, if they chose; see [`ConversationView::level`].
    pub level: Option<Level>,
    /// Until when they want to hear nothing of it.
    pub silent_until: Option<Timestamp>,
    /// Whether it stands with those they use most.
    pub favourite: bool,
    /// Whether it is not shown. It shows again with the next message.
    pub hidden: bool,
}

impl ConversationView {
    /// How much the member wants to hear of it. Who did not choose hears every message that is for
    /// few, and in a public group what is for them.
    pub fn level(&self) -> Level {
        let public = self.group.as_ref().is_some_and(|group| group.visibility == Visibility::Public);
        self.preferences.level.unwrap_or(if public { Level::Mentions } else { Level::All })
    }
}

impl Conversations {
    /// Says how the actor treats a conversation from now on.
    pub async fn prefer(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        preferences: &Preferences,
    ) -> Result<ConversationView, ConversationError> {
        let user = actor.user;
        let mut work = self.store.begin().await?;
        let standing = work.standing(conversation, user).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &standing, self.clock.now())?;
        work.set_preferences(conversation, user, preferences).await?;
        work.emit(Event::PreferencesChanged { conversation, user });
        work.commit().await?;
        self.one(actor, conversation).await
    }
}
