use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Push, PushSubscription, PushTarget, PushWords, Pushes};
use crate::{
    ConversationId, DisplayName, Entry, EntryKind, GroupName, Notification, NotificationKind, StoreError,
    Timestamp, UserId,
};

type Result<T> = std::result::Result<T, StoreError>;

/// What happened a moment ago, of which devices may have to be told.
#[derive(Debug, Default)]
pub struct PushNews {
    /// A message of each conversation in which something was written.
    pub messages: Vec<Arc<Entry>>,
    /// What people were told of, one by one.
    pub told: Vec<Notification>,
}

/// What one device is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushDelivery {
    /// Which.
    pub to: PushSubscription,
    /// What.
    pub push: Arc<Push>,
}

/// What one person is told of one conversation.
struct About {
    kind: Option<NotificationKind>,
    conversation: Option<ConversationId>,
    actor: Option<UserId>,
    entry: Option<Arc<Entry>>,
    at: Timestamp,
}

type Place = (UserId, Option<ConversationId>);
type Targets = HashMap<UserId, Vec<PushTarget>>;

impl Pushes {
    /// Who is to be told of what, as things stand now. What was read meanwhile, on any device, was
    /// deleted, or may not be read any more is told to nobody; of each conversation a person is told
    /// one thing, and rather what is for them in particular.
    pub async fn gather(&self, news: PushNews) -> Result<Vec<PushDelivery>> {
        let is_empty = news.messages.is_empty() && news.told.is_empty();
        if is_empty || !self.store.has_push_subscriptions().await? {
            return Ok(Vec::new());
        }
        let audience = self.audience(&news.messages).await?;
        let told = news.told.iter().map(|one| one.user);
        let people: BTreeSet<UserId> = audience.values().flatten().copied().chain(told).collect();
        let targets = self.open_targets(&people.into_iter().collect::<Vec<_>>()).await?;
        let mut all: BTreeMap<Place, About> = BTreeMap::new();
        for entry in &news.messages {
            let here = audience.get(&entry.conversation).into_iter().flatten();
            let users: Vec<_> = here.filter(|user| targets.contains_key(user)).copied().collect();
            if let Some(now) = self.as_it_is_now(entry, &users).await? {
                all.extend(users.iter().map(|user| ((*user, Some(now.conversation)), About::message(&now))));
            }
        }
        for told in self.still_news(news.told, &targets).await? {
            all.insert((told.user, told.conversation), About::notification(told));
        }
        self.deliveries(all, &targets).await
    }

    /// Who wants to hear of every message where these were written.
    async fn audience(&self, messages: &[Arc<Entry>]) -> Result<HashMap<ConversationId, Vec<UserId>>> {
        // What stays in a thread is told to those whom it is for.
        let is_shown = |entry: &&Arc<Entry>| {
            entry.message().is_some_and(|message| message.thread.is_none_or(|thread| thread.broadcast))
        };
        let shown: Vec<_> =
            messages.iter().filter(is_shown).map(|entry| (entry.conversation, entry.seq)).collect();
        let mut audience: HashMap<_, Vec<_>> = HashMap::new();
        if shown.is_empty() {
            return Ok(audience);
        }
        for (conversation, user) in self.store.push_audience(&shown, self.clock.now()).await? {
            audience.entry(conversation).or_default().push(user);
        }
        Ok(audience)
    }

    /// The devices of these people on which something may appear now.
    async fn open_targets(&self, people: &[UserId]) -> Result<Targets> {
        if people.is_empty() {
            return Ok(Targets::new());
        }
        let now = self.clock.now();
        let mut open = Targets::new();
        for target in self.store.push_targets(people).await? {
            if target.is_open(&self.policy.sessions, now) {
                open.entry(target.subscription.user).or_default().push(target);
            }
        }
        Ok(open)
    }

    /// A message as it is by now, if anybody is to be told of it.
    async fn as_it_is_now(&self, entry: &Arc<Entry>, users: &[UserId]) -> Result<Option<Arc<Entry>>> {
        match entry.message() {
            Some(message) if !users.is_empty() => Ok(self.store.message(message.id).await?.map(Arc::new)),
            _ => Ok(None),
        }
    }

    /// What of this is still true and was not seen, for those who have a device to be told on.
    async fn still_news(&self, told: Vec<Notification>, targets: &Targets) -> Result<Vec<Notification>> {
        let mut news = Vec::new();
        let mut places: BTreeMap<_, BTreeSet<UserId>> = BTreeMap::new();
        for one in told.into_iter().filter(|one| targets.contains_key(&one.user)) {
            match (one.conversation, one.entry.as_ref().map(|entry| entry.seq)) {
                (Some(conversation), Some(seq)) => {
                    places.entry((conversation, seq, one.kind)).or_default().insert(one.user);
                }
                _ => news.push(one),
            }
        }
        for ((conversation, seq, kind), users) in places {
            let known = self.store.notifications_about(conversation, seq, kind).await?;
            news.extend(known.into_iter().filter(|one| !one.read && users.contains(&one.user)));
        }
        Ok(news)
    }

    async fn deliveries(&self, all: BTreeMap<Place, About>, targets: &Targets) -> Result<Vec<PushDelivery>> {
        let names = self.names(all.values()).await?;
        let mut deliveries = Vec::new();
        for ((user, _), about) in all {
            let devices = targets.get(&user).map_or(&[][..], Vec::as_slice);
            let shows = devices.first().is_some_and(|target| target.settings.preview);
            let push = Arc::new(about.push(shows.then_some(&names)));
            let to = |target: &PushTarget| PushDelivery {
                to: target.subscription.clone(),
                push: Arc::clone(&push),
            };
            deliveries.extend(devices.iter().map(to));
        }
        Ok(deliveries)
    }

    async fn names(&self, all: impl Iterator<Item = &About> + Send) -> Result<Names> {
        let (mut actors, mut places) = (BTreeSet::new(), BTreeSet::new());
        for about in all {
            actors.extend(about.actor);
            places.extend(about.conversation);
        }
        let mut names = Names::default();
        for user in self.store.users(&actors.into_iter().collect::<Vec<_>>()).await? {
            names.people.insert(user.id, user.name);
        }
        for conversation in places {
            if let Some(group) = self.store.group(conversation.into()).await? {
                names.groups.insert(conversation, group.name);
            }
        }
        Ok(names)
    }
}

/// How people and groups are called.
#[derive(Default)]
struct Names {
    people: HashMap<UserId, DisplayName>,
    groups: HashMap<ConversationId, GroupName>,
}

impl About {
    fn message(entry: &Arc<Entry>) -> Self {
        Self {
            kind: None,
            conversation: Some(entry.conversation),
            actor: entry.actor,
            entry: Some(Arc::clone(entry)),
            at: entry.created_at,
        }
    }

    fn notification(told: Notification) -> Self {
        Self {
            kind: Some(told.kind),
            conversation: told.conversation,
            actor: told.actor,
            entry: told.entry,
            at: told.at,
        }
    }

    /// What a device is told; with the names it is told in words.
    fn push(&self, names: Option<&Names>) -> Push {
        let message = self.entry.as_ref().and_then(|entry| entry.message());
        let thread = message.and_then(|message| message.thread).filter(|thread| !thread.broadcast);
        Push {
            conversation: self.conversation,
            seq: message.and(self.entry.as_ref()).map(|entry| entry.seq),
            thread: thread.map(|thread| thread.seq),
            urgent: self.kind != Some(NotificationKind::Reaction),
            words: names.map(|names| self.words(names)),
            at: self.at,
        }
    }

    fn words(&self, names: &Names) -> PushWords {
        let message = self.entry.as_ref().and_then(|entry| entry.message());
        let is_reaction = self.kind == Some(NotificationKind::Reaction);
        let role = self.entry.as_ref().and_then(|entry| match entry.kind {
            EntryKind::Role(_, role) => Some(role),
            _ => None,
        });
        let reactions = message.filter(|_| is_reaction).map(|message| &message.changes.reactions);
        let emoji = reactions.into_iter().flatten().map(|reaction| reaction.emoji.clone());
        PushWords {
            kind: self.kind,
            actor: self.actor.and_then(|actor| names.people.get(&actor).cloned()),
            group: self.conversation.and_then(|id| names.groups.get(&id).cloned()),
            role,
            reactions: emoji.take(Push::REACTIONS).collect(),
            text: message.filter(|_| !is_reaction).map(|message| shortened(&message.in_words())),
        }
    }
}

/// The beginning of a text, no longer than a device shows.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(Push::TEXT) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_told_by_its_beginning() {
        assert_eq!(shortened("soup"), "soup");
        let long = "ș".repeat(Push::TEXT);
        assert_eq!(shortened(&long), long);
        assert_eq!(shortened(&format!("{long}x")), format!("{long}…"));
    }
}
