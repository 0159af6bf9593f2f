//! Finds out who is to be told of something, and tells them in the unit of work that does it.

use std::collections::{HashMap, HashSet, hash_map};
use std::sync::Arc;

use super::{Listener, Mentions, Named, NewNotification, Notification, NotificationKind};
use crate::{
    Action, Actor, ConversationId, Entry, EntryKind, Event, MessageBody, MessageId, Post, Repositories,
    Standing, StoreError, Timestamp, UnitOfWork, UserId, authorize,
};

type Result<T> = std::result::Result<T, StoreError>;

/// Whom a message may be for, from its text and where it stands, before anybody is looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Addressing {
    named: Named,
    /// Whether everybody is to hear what is written here.
    announced: bool,
}

impl Addressing {
    /// Of a message that the actor writes now.
    pub(crate) fn of(actor: &Actor, body: &MessageBody, standing: &Standing, now: Timestamp) -> Self {
        let mut named = Named::of(body);
        named.all = named.all && authorize(actor, Action::MentionAll, standing, now).is_ok();
        Self { named, announced: standing.group.is_some_and(|group| group.read_only) }
    }

    /// Of a message that is changed: it was announced when it was written.
    pub(crate) fn of_change(actor: &Actor, body: &MessageBody, standing: &Standing, now: Timestamp) -> Self {
        Self { announced: false, ..Self::of(actor, body, standing, now) }
    }

    fn needs_everybody(&self) -> bool {
        self.named.all || self.announced
    }
}

/// A message about to be written, as far as it matters to others.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) author: UserId,
    pub(crate) reply_to: Option<MessageId>,
    pub(crate) to: &'a Addressing,
}

impl<'a> Draft<'a> {
    /// What somebody posts, under the id it gets.
    pub(crate) fn of(post: &Post, id: MessageId, to: &'a Addressing) -> Self {
        Self { id, conversation: post.conversation, author: post.actor.user, reply_to: post.reply_to, to }
    }
}

/// Whom messages are for. Those that are for nobody in particular cost no question to the store.
#[derive(Debug, Default)]
pub(crate) struct Addressed(HashMap<MessageId, For>);

#[derive(Debug, Default)]
struct For {
    mentions: Mentions,
    named: Vec<Listener>,
    answered: Option<Listener>,
    /// Everybody who is there, when it is for all of them.
    everybody: Arc<Vec<Listener>>,
    announced: bool,
}

impl Addressed {
    /// Looks up whom these messages are for.
    pub(crate) async fn look_up<'a>(
        work: &(impl Repositories + ?Sized),
        drafts: impl Iterator<Item = Draft<'a>>,
    ) -> Result<Self> {
        let is_for_somebody =
            |draft: &Draft<'_>| draft.reply_to.is_some() || *draft.to != Addressing::default();
        let drafts: Vec<_> = drafts.filter(is_for_somebody).collect();
        if drafts.is_empty() {
            return Ok(Self::default());
        }
        let named = named_in(work, &drafts).await?;
        let answered = answered_by(work, &drafts).await?;
        let mut rooms: HashMap<ConversationId, Arc<Vec<Listener>>> = HashMap::new();
        for draft in drafts.iter().filter(|draft| draft.to.needs_everybody()) {
            if let hash_map::Entry::Vacant(room) = rooms.entry(draft.conversation) {
                room.insert(Arc::new(work.listeners_in(draft.conversation).await?));
            }
        }
        let resolve = |draft: Draft<'_>| {
            let everybody = draft.to.needs_everybody().then(|| rooms.get(&draft.conversation)).flatten();
            let people: Vec<Listener> = resolve(&draft, &named);
            let users = people.iter().map(|listener| listener.user).collect();
            let found = For {
                mentions: Mentions { all: draft.to.named.all, users },
                named: people,
                answered: draft.reply_to.and_then(|id| answered.get(&id).cloned()),
                everybody: everybody.cloned().unwrap_or_default(),
                announced: draft.to.announced,
            };
            (draft.id, found)
        };
        Ok(Self(drafts.into_iter().map(resolve).collect()))
    }

    /// Whom this message mentions.
    pub(crate) fn mentions(&self, message: MessageId) -> Mentions {
        self.0.get(&message).map(|found| found.mentions.clone()).unwrap_or_default()
    }

    /// Tells those whom these messages, which were just written, are for.
    pub(crate) async fn tell(
        self,
        work: &mut dyn UnitOfWork,
        entries: &[Arc<Entry>],
        kept: u32,
    ) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut news = Vec::new();
        for entry in entries {
            if let Some(found) = entry.message().and_then(|message| self.0.get(&message.id)) {
                news.extend(found.news(entry));
            }
        }
        tell(work, news, entries, kept).await
    }
}

impl For {
    /// What to tell whom of a message: each person the first reason that they want to hear.
    fn news(&self, entry: &Entry) -> Vec<NewNotification> {
        let mut news: Vec<NewNotification> = Vec::new();
        let mut told = HashSet::new();
        let mut add = |listener: &Listener, kind| {
            let is_author = entry.actor == Some(listener.user);
            if !is_author && listener.hears(kind, entry.created_at) && told.insert(listener.user) {
                news.push(about(entry, listener.user, kind, entry.actor, entry.created_at));
            }
        };
        let all = if self.mentions.all { self.everybody.as_slice() } else { &[] };
        self.named.iter().chain(all).for_each(|listener| add(listener, NotificationKind::Mention));
        self.answered.iter().for_each(|listener| add(listener, NotificationKind::Reply));
        if self.announced {
            self.everybody.iter().for_each(|listener| add(listener, NotificationKind::Announcement));
        }
        news
    }
}

/// The members whom the texts name, by where and by name.
async fn named_in(
    work: &(impl Repositories + ?Sized),
    drafts: &[Draft<'_>],
) -> Result<HashMap<(ConversationId, String), Listener>> {
    let names: Vec<_> = drafts
        .iter()
        .flat_map(|draft| {
            draft.to.named.users.iter().flatten().map(|name| (draft.conversation, name.clone()))
        })
        .collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let found = work.listeners_named(&names).await?;
    let by_name = |listener: Listener| ((listener.conversation, listener.username.to_string()), listener);
    Ok(found.into_iter().map(by_name).collect())
}

/// Who wrote the messages that these answer.
async fn answered_by(
    work: &(impl Repositories + ?Sized),
    drafts: &[Draft<'_>],
) -> Result<HashMap<MessageId, Listener>> {
    let ids: Vec<_> = drafts.iter().filter_map(|draft| draft.reply_to).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(work.listeners_answered(&ids).await?.into_iter().collect())
}

/// The members that a text names, each once; of what a name may be the longest that there is.
fn resolve(draft: &Draft<'_>, named: &HashMap<(ConversationId, String), Listener>) -> Vec<Listener> {
    let mut people: Vec<Listener> = Vec::new();
    for names in &draft.to.named.users {
        let found = names.iter().find_map(|name| named.get(&(draft.conversation, name.to_string())));
        if let Some(listener) = found
            && listener.user != draft.author
            && !people.iter().any(|other| other.user == listener.user)
        {
            people.push(listener.clone());
        }
    }
    people
}

fn about(
    entry: &Entry,
    user: UserId,
    kind: NotificationKind,
    actor: Option<UserId>,
    at: Timestamp,
) -> NewNotification {
    NewNotification { user, kind, conversation: Some(entry.conversation), seq: Some(entry.seq), actor, at }
}

/// What to tell those whom a changed message mentions and did not mention before.
pub(crate) fn tell_of_mentions(
    addressed: &Addressed,
    entry: &Entry,
    before: &Mentions,
    now: Timestamp,
) -> Vec<NewNotification> {
    let Some(found) = entry.message().and_then(|message| addressed.0.get(&message.id)) else {
        return Vec::new();
    };
    let mut news = found.news(entry);
    news.retain(|one| !before.includes(one.user));
    for one in &mut news {
        one.at = now;
    }
    news
}

/// What to tell the author of a message to which the actor reacted.
pub(crate) async fn tell_of_reaction(
    work: &(impl Repositories + ?Sized),
    entry: &Entry,
    author: UserId,
    actor: UserId,
    now: Timestamp,
) -> Result<Vec<NewNotification>> {
    if author == actor {
        return Ok(Vec::new());
    }
    let kind = NotificationKind::Reaction;
    let mut listeners = work.listeners(entry.conversation, &[author]).await?;
    listeners.retain(|listener| listener.hears(kind, now));
    Ok(listeners.into_iter().map(|listener| about(entry, listener.user, kind, Some(actor), now)).collect())
}

/// Tells those whom somebody else brought into a group, or gave another role there.
pub(crate) async fn tell_of_entries(
    work: &mut dyn UnitOfWork,
    entries: &[Arc<Entry>],
    kept: u32,
) -> Result<()> {
    let mut subjects: HashMap<UserId, (&Arc<Entry>, NotificationKind)> = HashMap::new();
    for entry in entries {
        let (user, kind) = match entry.kind {
            EntryKind::Join(user) => (user, NotificationKind::Added),
            EntryKind::Role(user, _) => (user, NotificationKind::Role),
            _ => continue,
        };
        if entry.actor != Some(user) {
            subjects.insert(user, (entry, kind));
        }
    }
    let Some(conversation) = entries.first().map(|entry| entry.conversation).filter(|_| !subjects.is_empty())
    else {
        return Ok(());
    };
    let users: Vec<_> = subjects.keys().copied().collect();
    let mut news = Vec::new();
    for listener in work.listeners(conversation, &users).await? {
        if let Some((entry, kind)) = subjects.get(&listener.user)
            && listener.hears(*kind, entry.created_at)
        {
            news.push(about(entry, listener.user, *kind, entry.actor, entry.created_at));
        }
    }
    tell(work, news, entries, kept).await
}

/// Writes what is to be told, and notes it as an event. `entries` are those that it is about.
pub(crate) async fn tell(
    work: &mut dyn UnitOfWork,
    news: Vec<NewNotification>,
    entries: &[Arc<Entry>],
    kept: u32,
) -> Result<()> {
    if news.is_empty() {
        return Ok(());
    }
    let written = work.insert_notifications(&news, kept).await?;
    let notify = |(id, new): (_, NewNotification)| {
        let is_it =
            |entry: &&Arc<Entry>| Some(entry.conversation) == new.conversation && Some(entry.seq) == new.seq;
        Notification {
            id,
            user: new.user,
            kind: new.kind,
            conversation: new.conversation,
            actor: new.actor,
            at: new.at,
            read: false,
            entry: entries.iter().find(is_it).cloned(),
        }
    };
    let told: Vec<_> = written.into_iter().map(notify).collect();
    if !told.is_empty() {
        work.emit(Event::Notified(Arc::new(told)));
    }
    Ok(())
}
