use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::attaching::{Attachable, attachments_of};
use super::forwarding::forwards_of;
use super::places::{count_by_conversation, entry_of, first_places};
use super::recent::Recent;
use super::screening::{Pass, Screen};
use super::{ChangePolicy, Entry, Message, Post, PostError, Posted};
use crate::access::pace;
use crate::notifications::{Addressed, Addressing, Draft};
use crate::threads::{Roots, answers_of, mentioned_in, roots_of};
use crate::{
    Action, ClientId, Clock, ConversationId, Denied, Event, FilterAction, FilterPhrase, IdSource, MessageId,
    Repositories, Standing, Store, StoreError, Timestamp, UnitOfWork, UserId, authorize,
};

/// Posting to conversations and reading them.
pub struct Messaging {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) policy: ChangePolicy,
    pub(super) recent: Recent,
    pub(super) screen: Screen,
}

/// What became of one post of a batch, before the batch is written.
pub(super) enum Decision {
    Refused(PostError),
    Repeat(Box<Entry>),
    /// The same message stands earlier in the batch, at this index.
    RepeatOf(usize),
    Accepted(MessageId, Addressing),
    /// It has to wait, because it says this.
    Held(FilterPhrase),
}

/// What became of the posts of a batch, and what was looked up for it.
pub(super) struct Decided {
    decisions: Vec<Decision>,
    /// Who of their authors has to wait until the next one.
    paced: HashSet<Pair>,
    /// What they answer in threads.
    roots: Roots,
    /// The files that belong to them.
    files: Attachable,
}

/// What was written of a batch, before it is committed.
pub(super) struct Done {
    pub(super) decisions: Vec<Decision>,
    pub(super) entries: Vec<Arc<Entry>>,
    /// Whether anything was written at all.
    is_anything: bool,
}

impl Messaging {
    /// Conversations kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        policy: ChangePolicy,
    ) -> Self {
        Self { store, clock, ids, policy, recent: Recent::default(), screen: Screen::default() }
    }

    /// Posts many messages in one unit of work; each answer stands at its post's place.
    ///
    /// One refused post does not disturb the others. When the batch fails as a whole because of what
    /// another node does at the same time, its posts are tried one by one.
    pub async fn post_all(&self, posts: Vec<Post>) -> Vec<Result<Posted, PostError>> {
        let pass = Pass::Screened(self.screen.filter());
        let batch = match self.post_new(&posts, &pass).await {
            Ok(Some(answers)) => Ok(answers),
            Ok(None) | Err(StoreError::Conflict(_) | StoreError::Clash(_)) => {
                self.post_batch(&posts, &pass).await
            }
            Err(error) => Err(error),
        };
        match batch {
            Ok(answers) => answers,
            Err(StoreError::Conflict(_) | StoreError::Clash(_)) => {
                let mut answers = Vec::with_capacity(posts.len());
                for post in &posts {
                    match self.post_batch(std::slice::from_ref(post), &pass).await {
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
    async fn post_new(
        &self,
        posts: &[Post],
        pass: &Pass,
    ) -> Result<Option<Vec<Result<Posted, PostError>>>, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let counts = count_by_conversation(posts.iter().map(|post| post.conversation));
        let places = first_places(&counts, work.take_seqs(&counts, now).await?);
        let decided = self.decide(&mut *work, posts, &HashMap::new(), pass, now).await?;
        if !decided.decisions.iter().all(|decision| matches!(decision, Decision::Accepted(..))) {
            return Ok(None);
        }
        let entries = self.write(&mut *work, posts, &decided, places, now).await?;
        work.commit().await?;
        self.recent.append(&entries);
        Ok(Some(answer(decided.decisions, entries)))
    }

    async fn post_batch(
        &self,
        posts: &[Post],
        pass: &Pass,
    ) -> Result<Vec<Result<Posted, PostError>>, StoreError> {
        let mut work = self.store.begin().await?;
        let done = self.post_in(&mut *work, posts, pass).await?;
        if done.is_anything {
            work.commit().await?;
            self.recent.append(&done.entries);
        }
        Ok(answer(done.decisions, done.entries))
    }

    /// Decides about each post with all that is known, and writes what is posted or has to wait.
    pub(super) async fn post_in(
        &self,
        work: &mut dyn UnitOfWork,
        posts: &[Post],
        pass: &Pass,
    ) -> Result<Done, StoreError> {
        let now = self.clock.now();
        // Before the standings are read: whoever is put out meanwhile must not post behind that.
        work.lock_conversations(&conversations_of(posts)).await?;
        let repeats = repeats_of(&*work, posts).await?;
        let mut decided = self.decide(work, posts, &repeats, pass, now).await?;
        let holds = self.hold_all(work, posts, &mut decided.decisions, now).await?;
        let counts =
            count_by_conversation(accepted(posts, &decided.decisions).map(|(post, ..)| post.conversation));
        if counts.is_empty() {
            return Ok(Done { decisions: decided.decisions, entries: Vec::new(), is_anything: holds });
        }
        let places = first_places(&counts, work.take_seqs(&counts, now).await?);
        let entries = self.write(work, posts, &decided, places, now).await?;
        Ok(Done { decisions: decided.decisions, entries, is_anything: true })
    }

    /// Writes the accepted posts at the places from these on.
    async fn write(
        &self,
        work: &mut dyn UnitOfWork,
        posts: &[Post],
        Decided { decisions, paced, roots, files }: &Decided,
        mut places: HashMap<ConversationId, u64>,
        now: Timestamp,
    ) -> Result<Vec<Arc<Entry>>, StoreError> {
        let drafts = accepted(posts, decisions).map(|(post, id, to)| Draft::of(post, id, to));
        let addressed = Addressed::look_up(&*work, drafts).await?;
        let mut entries = Vec::with_capacity(posts.len());
        for (post, id, _) in accepted(posts, decisions) {
            // A conversation that has a standing and is locked since cannot be missing.
            let Some(seq) = places.get_mut(&post.conversation) else { continue };
            entries.push(entry_of(post, id, addressed.mentions(id), *seq, now, roots, files.of(post)));
            *seq += 1;
        }
        work.append(&entries).await?;
        let answers = answers_of(&entries, roots);
        if !answers.is_empty() {
            work.note_answers(&answers, now).await?;
            let mentioned: Vec<_> = entries.iter().flat_map(|entry| mentioned_in(entry, &[])).collect();
            if !mentioned.is_empty() {
                work.follow_mentioned(&mentioned).await?;
            }
        }
        let attachments = attachments_of(&entries);
        if !attachments.is_empty() {
            work.attach(&attachments).await?;
        }
        let forwards = forwards_of(accepted(posts, decisions).map(|(post, id, _)| (post, id)), &entries);
        if !forwards.is_empty() {
            work.note_forwards(&forwards).await?;
        }
        if !paced.is_empty() {
            work.note_posts(&paced.iter().copied().collect::<Vec<_>>(), now).await?;
        }
        let entries: Vec<Arc<Entry>> = entries.into_iter().map(Arc::new).collect();
        for entry in &entries {
            work.emit(Event::EntryAppended(Arc::clone(entry)));
        }
        addressed.tell(work, &entries, self.policy.notifications_kept).await?;
        Ok(entries)
    }

    async fn decide(
        &self,
        work: &mut dyn UnitOfWork,
        posts: &[Post],
        repeats: &HashMap<Key, Entry>,
        pass: &Pass,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        let files = Attachable::look_up(work, posts).await?;
        let standings = standings_of(&*work, posts).await?;
        let replies = replies_of(&*work, posts).await?;
        let roots = roots_of(&*work, posts).await?;
        let mut seen: HashMap<Key, usize> = HashMap::new();
        let mut paced: HashSet<Pair> = HashSet::new();
        let mut decisions = Vec::with_capacity(posts.len());
        for (index, post) in posts.iter().enumerate() {
            let key = (post.actor.user, post.client_id);
            let pair = (post.conversation, post.actor.user);
            let standing = standings.get(&pair);
            let allowed = standing
                .ok_or(Denied::NotFound)
                .and_then(|standing| pass.allows(authorize(&post.actor, Action::Post, standing, now)));
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
            } else if !files.has_all(post) {
                Decision::Refused(PostError::NoSuchFile)
            } else if let Some(error) = standing.and_then(|standing| roots.refuses(post, standing)) {
                Decision::Refused(error)
            } else if let Some((action, phrase)) = pass.judge(post, standing) {
                match action {
                    // What waits is kept as a text; a message with files is to be changed at once.
                    FilterAction::Hold if post.files.is_empty() => Decision::Held(phrase),
                    FilterAction::Refuse | FilterAction::Hold => {
                        Decision::Refused(PostError::Filtered(phrase))
                    }
                }
            } else {
                seen.insert(key, index);
                paced.extend(pause.map(|_| pair));
                let to = standing.map(|standing| Addressing::of(&post.actor, &post.body, standing, now));
                Decision::Accepted(MessageId::from_uuid(self.ids.next_id()), to.unwrap_or_default())
            });
        }
        Ok(Decided { decisions, paced, roots, files })
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
            first.body == post.body
                && first.reply_to == post.reply_to
                && first.files.iter().map(|file| file.id).eq(post.files.iter().copied())
                && answers_like(first, post)
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
        && one.files == other.files
        && one.forward == other.forward
}

pub(super) fn answer(decisions: Vec<Decision>, entries: Vec<Arc<Entry>>) -> Vec<Result<Posted, PostError>> {
    let mut written = entries.into_iter();
    let mut answers: Vec<Result<Posted, PostError>> = Vec::with_capacity(decisions.len());
    for decision in decisions {
        let answer = match decision {
            Decision::Refused(error) => Err(error),
            Decision::Held(_) => Err(PostError::Held),
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
