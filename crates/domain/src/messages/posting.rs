use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use super::forwarding::forwards_of;
use super::places::{count_by_conversation, entry_of, first_places};
use super::recent::Recent;
use super::{ChangePolicy, Entry, Forward, Message};
use crate::access::pace;
use crate::notifications::{Addressed, Addressing, Draft};
use crate::threads::{Roots, answers_of, mentioned_in, roots_of};
use crate::{
    Action, Actor, ClientId, Clock, ConversationId, Denied, Event, IdSource, MessageBody, MessageId,
    Repositories, Standing, Store, StoreError, ThreadAnswer, Timestamp, UnitOfWork, UserId, authorize,
};

/// Somebody wants to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Who.
    pub actor: Actor,
    /// Where.
    pub conversation: ConversationId,
    /// The id the author's client gave it: the same id never posts twice.
    pub client_id: ClientId,
    /// The text.
    pub body: MessageBody,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// The thread it is written in; `None` for the conversation itself.
    pub thread: Option<ThreadAnswer>,
    /// Whose words they are, when it is forwarded.
    pub forward: Option<Forward>,
}

/// It is posted, and on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The message's id.
    pub message: MessageId,
    /// Whether it was posted before, by an earlier try.
    pub duplicate: bool,
}

/// Why a post was refused.
#[derive(Debug, Error)]
pub enum PostError {
    /// Not theirs to post in.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The client id was used for another message.
    #[error("this client id was used for another message")]
    IdempotencyConflict,
    /// The message it answers is not in this conversation.
    #[error("the message it replies to is not in this conversation")]
    NoSuchReply,
    /// The message that the thread is about is not in this conversation.
    #[error("the message that the thread is about is not in this conversation")]
    NoSuchThread,
    /// What the thread would be about stands in a thread itself.
    #[error("a message in a thread has no thread of its own")]
    NestedThread,
    /// More posts wait than can be taken; try again shortly.
    #[error("too many messages are waiting to be stored")]
    Busy,
    /// The author writes faster than anybody may, and has to wait this long.
    #[error("too many messages at once")]
    TooFast(Duration),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

/// Collects posts while a batch is being written and answers each by itself.
#[async_trait]
pub trait PostQueue: Send + Sync {
    /// Posts; returns once the message is durable or refused. MUST keep the order in which one
    /// caller hands posts in, and MUST answer [`PostError::Busy`] rather than queue without a
    /// bound.
    async fn post(&self, post: Post) -> Result<Posted, PostError>;
}

/// Posting to conversations and reading them.
pub struct Messaging {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    pub(super) policy: ChangePolicy,
    pub(super) recent: Recent,
}

/// What became of one post of a batch, before the batch is written.
enum Decision {
    Refused(PostError),
    Repeat(Box<Entry>),
    /// The same message stands earlier in the batch, at this index.
    RepeatOf(usize),
    Accepted(MessageId, Addressing),
}

/// What became of the posts of a batch, who of their authors has to wait until the next one, and
/// what they answer in threads.
type Decided = (Vec<Decision>, HashSet<Pair>, Roots);

impl Messaging {
    /// Conversations kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        policy: ChangePolicy,
    ) -> Self {
        Self { store, clock, ids, policy, recent: Recent::default() }
    }

    /// Posts many messages in one unit of work; each answer stands at its post's place.
    ///
    /// One refused post does not disturb the others. When the batch fails as a whole because of what
    /// another node does at the same time, its posts are tried one by one.
    pub async fn post_all(&self, posts: Vec<Post>) -> Vec<Result<Posted, PostError>> {
        let batch = match self.post_new(&posts).await {
            Ok(Some(answers)) => Ok(answers),
            Ok(None) | Err(StoreError::Conflict(_) | StoreError::Clash(_)) => self.post_batch(&posts).await,
            Err(error) => Err(error),
        };
        match batch {
            Ok(answers) => answers,
            Err(StoreError::Conflict(_) | StoreError::Clash(_)) => {
                let mut answers = Vec::with_capacity(posts.len());
                for post in &posts {
                    match self.post_batch(std::slice::from_ref(post)).await {
                        Ok(alone) => answers.extend(alone),
                        // The next ones would wait as long, to hear the same.
                        Err(error @ StoreError::Unavailable(_)) => {
                            answers.extend(all_fail(posts.len() - answers.len(), error));
                            break;
                        }
                        Err(error) => answers.extend(all_fail(1, error)),
                    }
                }
                answers
            }
            Err(error) => all_fail(posts.len(), error).collect(),
        }
    }

    /// Posts what is new and allowed, as nearly everything is; `None` when the batch must be looked
    /// at more closely. Each question to the database delays every post of the batch, and this asks
    /// the fewest: taking the places already has the logs to itself, so that whoever is put out
    /// meanwhile does not post behind that, and a repeat is what the store refuses.
    async fn post_new(&self, posts: &[Post]) -> Result<Option<Vec<Result<Posted, PostError>>>, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let counts = count_by_conversation(posts.iter().map(|post| post.conversation));
        let places = first_places(&counts, work.take_seqs(&counts, now).await?);
        let decided = self.decide(&*work, posts, &HashMap::new(), now).await?;
        if !decided.0.iter().all(|decision| matches!(decision, Decision::Accepted(..))) {
            return Ok(None);
        }
        self.write(work, posts, decided, places, now).await.map(Some)
    }

    async fn post_batch(&self, posts: &[Post]) -> Result<Vec<Result<Posted, PostError>>, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        // Before the standings are read: whoever is put out meanwhile must not post behind that.
        work.lock_conversations(&conversations_of(posts)).await?;
        let repeats = repeats_of(&*work, posts).await?;
        let decided = self.decide(&*work, posts, &repeats, now).await?;
        let counts = count_by_conversation(accepted(posts, &decided.0).map(|(post, ..)| post.conversation));
        if counts.is_empty() {
            return Ok(answer(decided.0, Vec::new()));
        }
        let places = first_places(&counts, work.take_seqs(&counts, now).await?);
        self.write(work, posts, decided, places, now).await
    }

    /// Writes the accepted posts at the places from these on, and commits.
    async fn write(
        &self,
        mut work: Box<dyn UnitOfWork>,
        posts: &[Post],
        (decisions, paced, roots): Decided,
        mut places: HashMap<ConversationId, u64>,
        now: Timestamp,
    ) -> Result<Vec<Result<Posted, PostError>>, StoreError> {
        let drafts = accepted(posts, &decisions).map(|(post, id, to)| Draft::of(post, id, to));
        let addressed = Addressed::look_up(&*work, drafts).await?;
        let mut entries = Vec::with_capacity(posts.len());
        for (post, id, _) in accepted(posts, &decisions) {
            // A conversation that has a standing and is locked since cannot be missing.
            let Some(seq) = places.get_mut(&post.conversation) else { continue };
            entries.push(entry_of(post, id, addressed.mentions(id), *seq, now, &roots));
            *seq += 1;
        }
        work.append(&entries).await?;
        let answers = answers_of(&entries, &roots);
        if !answers.is_empty() {
            work.note_answers(&answers, now).await?;
            let mentioned: Vec<_> = entries.iter().flat_map(|entry| mentioned_in(entry, &[])).collect();
            if !mentioned.is_empty() {
                work.follow_mentioned(&mentioned).await?;
            }
        }
        let forwards = forwards_of(accepted(posts, &decisions).map(|(post, id, _)| (post, id)), &entries);
        if !forwards.is_empty() {
            work.note_forwards(&forwards).await?;
        }
        if !paced.is_empty() {
            work.note_posts(&paced.into_iter().collect::<Vec<_>>(), now).await?;
        }
        let entries: Vec<Arc<Entry>> = entries.into_iter().map(Arc::new).collect();
        for entry in &entries {
            work.emit(Event::EntryAppended(Arc::clone(entry)));
        }
        addressed.tell(&mut *work, &entries, self.policy.notifications_kept).await?;
        work.commit().await?;
        self.recent.append(&entries);
        Ok(answer(decisions, entries))
    }

    async fn decide(
        &self,
        work: &dyn UnitOfWork,
        posts: &[Post],
        repeats: &HashMap<Key, Entry>,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        let standings = standings_of(work, posts).await?;
        let replies = replies_of(work, posts).await?;
        let roots = roots_of(work, posts).await?;
        let mut seen: HashMap<Key, usize> = HashMap::new();
        let mut paced: HashSet<Pair> = HashSet::new();
        let mut decisions = Vec::with_capacity(posts.len());
        for (index, post) in posts.iter().enumerate() {
            let key = (post.actor.user, post.client_id);
            let pair = (post.conversation, post.actor.user);
            let standing = standings.get(&pair);
            let allowed = standing
                .ok_or(Denied::NotFound)
                .and_then(|standing| authorize(&post.actor, Action::Post, standing, now));
            let pause = standing.and_then(|standing| pace(&post.actor, standing));
            decisions.push(if let Some(entry) = repeats.get(&key) {
                repeat(post, entry)
            } else if let Err(denied) = allowed {
                Decision::Refused(denied.into())
            } else if let Some(&earlier) = seen.get(&key) {
                if is_same(post, &posts[earlier]) {
                    Decision::RepeatOf(earlier)
                } else {
                    Decision::Refused(PostError::IdempotencyConflict)
                }
            } else if let Some(pause) = pause.filter(|_| paced.contains(&pair)) {
                // The one before stands in the same batch, so that the standing does not know of it.
                Decision::Refused(Denied::SlowMode(pause).into())
            } else if post.reply_to.is_some_and(|id| replies.get(&id) != Some(&post.conversation)) {
                Decision::Refused(PostError::NoSuchReply)
            } else if let Some(error) = standing.and_then(|standing| roots.refuses(post, standing)) {
                Decision::Refused(error)
            } else {
                seen.insert(key, index);
                paced.extend(pause.map(|_| pair));
                let to = standing.map(|standing| Addressing::of(&post.actor, &post.body, standing, now));
                Decision::Accepted(MessageId::from_uuid(self.ids.next_id()), to.unwrap_or_default())
            });
        }
        Ok((decisions, paced, roots))
    }
}

fn conversations_of(posts: &[Post]) -> Vec<ConversationId> {
    let mut conversations: Vec<_> = posts.iter().map(|post| post.conversation).collect();
    conversations.sort_unstable();
    conversations.dedup();
    conversations
}

fn all_fail(count: usize, error: StoreError) -> impl Iterator<Item = Result<Posted, PostError>> {
    let shared = Arc::new(error);
    (0..count).map(move |_| Err(PostError::Store(Arc::clone(&shared))))
}

type Pair = (ConversationId, UserId);

/// What makes a message the same one.
type Key = (UserId, ClientId);

fn accepted<'a>(
    posts: &'a [Post],
    decisions: &'a [Decision],
) -> impl Iterator<Item = (&'a Post, MessageId, &'a Addressing)> {
    posts.iter().zip(decisions).filter_map(|(post, decision)| match decision {
        Decision::Accepted(id, to) => Some((post, *id, to)),
        _ => None,
    })
}

async fn standings_of(
    work: &(impl Repositories + ?Sized),
    posts: &[Post],
) -> Result<HashMap<Pair, Standing>, StoreError> {
    let mut pairs: Vec<Pair> = posts.iter().map(|post| (post.conversation, post.actor.user)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let standings = work.standings(&pairs).await?;
    Ok(standings.into_iter().map(|standing| ((standing.conversation, standing.user), standing)).collect())
}

async fn repeats_of(
    work: &(impl Repositories + ?Sized),
    posts: &[Post],
) -> Result<HashMap<Key, Entry>, StoreError> {
    let keys: Vec<_> = posts.iter().map(|post| (post.actor.user, post.client_id)).collect();
    let entries = work.posted(&keys).await?;
    Ok(entries
        .into_iter()
        .filter_map(|entry| Some(((entry.actor?, entry.message()?.client_id), entry)))
        .collect())
}

async fn replies_of(
    work: &(impl Repositories + ?Sized),
    posts: &[Post],
) -> Result<HashMap<MessageId, ConversationId>, StoreError> {
    let ids: Vec<_> = posts.iter().filter_map(|post| post.reply_to).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(work.places(&ids).await?.into_iter().map(|(id, conversation, _)| (id, conversation)).collect())
}

/// A repeat is answered like the first try even by somebody who has left since: they posted it.
fn repeat(post: &Post, entry: &Entry) -> Decision {
    let same = entry.conversation == post.conversation
        && entry.message().is_some_and(|first| {
            first.body == post.body && first.reply_to == post.reply_to && answers_like(first, post)
        });
    if same {
        Decision::Repeat(Box::new(entry.clone()))
    } else {
        Decision::Refused(PostError::IdempotencyConflict)
    }
}

fn answers_like(first: &Message, post: &Post) -> bool {
    first.thread.map(|thread| (thread.root, thread.broadcast))
        == post.thread.map(|thread| (thread.root, thread.broadcast))
        && first.forwarded.as_ref().map(|forwarded| forwarded.author)
            == post.forward.map(|forward| forward.author)
}

fn is_same(one: &Post, other: &Post) -> bool {
    one.conversation == other.conversation
        && one.body == other.body
        && one.reply_to == other.reply_to
        && one.thread == other.thread
        && one.forward == other.forward
}

fn answer(decisions: Vec<Decision>, entries: Vec<Arc<Entry>>) -> Vec<Result<Posted, PostError>> {
    let mut written = entries.into_iter();
    let mut answers: Vec<Result<Posted, PostError>> = Vec::with_capacity(decisions.len());
    for decision in decisions {
        let answer = match decision {
            Decision::Refused(error) => Err(error),
            Decision::Repeat(entry) => posted(Arc::from(entry), true),
            Decision::RepeatOf(earlier) => match &answers[earlier] {
                Ok(first) => posted(Arc::clone(&first.entry), true),
                Err(_) => Err(PostError::Busy),
            },
            Decision::Accepted(..) => {
                written.next().map_or(Err(PostError::Denied(Denied::NotFound)), |entry| posted(entry, false))
            }
        };
        answers.push(answer);
    }
    answers
}

fn posted(entry: Arc<Entry>, duplicate: bool) -> Result<Posted, PostError> {
    let message = entry.message().map(|message| message.id).ok_or(PostError::IdempotencyConflict)?;
    Ok(Posted { entry, message, duplicate })
}
