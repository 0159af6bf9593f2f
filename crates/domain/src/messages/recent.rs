use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Entry, EntryKind, LogPage, Message, Span};
use crate::{ConversationId, Replies, Standing};

/// How many logs are kept in part, how many entries of each, and how many bytes of text these may
/// have: a page of long messages is kept, but all of it together is some megabytes at most.
const LOGS: usize = 32;
const ENTRIES: usize = 512;
const TEXT: usize = 512 * 1024;

/// Entries that were read or written lately, so that what many ask for is fetched once.
///
/// What is done with a message is an entry further up, which says what the message is like since; a
/// run has no gap and takes that over, so what it holds is right on every node. What may be newer
/// than it is told by the reader's standing, which is always read from the store: entries beyond the
/// end it names are not handed out, and a run that does not reach that far is not asked.
#[derive(Default)]
pub(super) struct Recent {
    runs: Mutex<HashMap<ConversationId, Run>>,
}

/// Entries of one log without a gap, oldest first.
#[derive(Default)]
struct Run {
    entries: VecDeque<Arc<Entry>>,
    /// Grows with each use of any run; the smallest one goes first.
    used: u64,
}

impl Recent {
    /// Whether it is worth asking; without a standing that cannot be known for sure.
    pub(super) fn may_hold(&self, conversation: ConversationId, span: Span) -> bool {
        self.runs().get(&conversation).is_some_and(|run| match span {
            Span::Newest => true,
            Span::After(seq) => run.first() <= seq.saturating_add(1),
            Span::Before(seq) => run.first() < seq && seq <= run.last() + 1,
            Span::Around(_) => false,
        })
    }

    /// The page, when all of it is here.
    pub(super) fn page(&self, standing: &Standing, span: Span, limit: u32) -> Option<Vec<Arc<Entry>>> {
        let mut runs = self.runs();
        let clock = runs.values().map(|run| run.used).max().unwrap_or(0) + 1;
        let run = runs.get_mut(&standing.conversation)?;
        let (limit, end) = (u64::from(limit), standing.last_seq);
        // From behind `from` up to `to`, both clipped to what this reader may see.
        let (from, to) = match span {
            Span::Newest => (end.saturating_sub(limit), end),
            Span::After(seq) => {
                let from = seq.max(standing.floor_seq);
                (from, end.min(from.saturating_add(limit)))
            }
            Span::Before(seq) => {
                let to = end.min(seq.saturating_sub(1));
                (to.saturating_sub(limit), to)
            }
            Span::Around(_) => return None,
        };
        let from = from.max(standing.floor_seq);
        // A page below the floor is the store's to tell: it has its own bounds.
        if from > to || run.first() > from + 1 || run.last() < end {
            return None;
        }
        run.used = clock;
        let skip = usize::try_from(from + 1 - run.first()).ok()?;
        let take = usize::try_from(to - from).ok()?;
        Some(run.entries.iter().skip(skip).take(take).cloned().collect())
    }

    /// Keeps a page that was read, as far as it belongs to what is here.
    pub(super) fn keep(&self, page: &LogPage) {
        if page.standing.role.is_some() {
            self.extend(page.standing.conversation, &page.entries, page.standing.last_seq);
        }
    }

    /// Keeps entries that were written. They begin a run only where somebody reads: a log that is
    /// written and not read is not worth its place.
    pub(super) fn append(&self, entries: &[Arc<Entry>]) {
        let mut runs = self.runs();
        for entry in entries {
            if let Some(run) = runs.get_mut(&entry.conversation) {
                run.merge(std::slice::from_ref(entry), entry.seq);
            }
        }
    }

    /// `end` is where the log ended when the entries were read.
    fn extend(&self, conversation: ConversationId, entries: &[Arc<Entry>], end: u64) {
        let mut runs = self.runs();
        if !entries.is_empty() && !runs.contains_key(&conversation) && runs.len() >= LOGS {
            let stalest = runs.iter().min_by_key(|(_, run)| run.used).map(|(id, _)| *id);
            stalest.and_then(|id| runs.remove(&id));
        }
        if !entries.is_empty() {
            runs.entry(conversation).or_default().merge(entries, end);
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<ConversationId, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    /// The place of the first entry; of none, the first place there is.
    fn first(&self) -> u64 {
        self.entries.front().map_or(1, |entry| entry.seq)
    }

    fn last(&self) -> u64 {
        self.entries.back().map_or(0, |entry| entry.seq)
    }

    /// Takes in entries that touch the run; newer ones that do not touch it begin a new one, older
    /// ones are left, also when they were read at an end below this run's: what was done with them
    /// since is not known of them.
    fn merge(&mut self, entries: &[Arc<Entry>], end: u64) {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return };
        if self.entries.is_empty() || first.seq > self.last() + 1 {
            self.entries = entries.iter().cloned().collect();
        } else if last.seq + 1 >= self.first() {
            let (from, to) = (self.first(), self.last());
            let room = ENTRIES.saturating_sub(self.entries.len());
            if to <= end {
                let older = entries.iter().rev().skip_while(|entry| entry.seq >= from).take(room);
                older.for_each(|entry| self.entries.push_front(Arc::clone(entry)));
            }
            for entry in entries.iter().skip_while(|entry| entry.seq <= to) {
                self.apply(entry);
                self.entries.push_back(Arc::clone(entry));
            }
        }
        let surplus = self.entries.len().saturating_sub(ENTRIES);
        self.entries.drain(..surplus);
        let mut text: usize = self.entries.iter().map(|entry| entry.text()).sum();
        while text > TEXT
            && let Some(oldest) = self.entries.pop_front()
        {
            text -= oldest.text();
        }
    }
}

impl Run {
    /// Takes over what an entry did to a message: in the message's own entry, and in those of
    /// earlier changes, which tell what the message is like now, too.
    fn apply(&mut self, change: &Entry) {
        self.count(change);
        let Some(target) = change.target() else { return };
        let is_older = |message: &Message| message.changes.seq < target.message.changes.seq;
        for entry in &mut self.entries {
            let kind = match entry.target() {
                Some(earlier) if earlier.seq == target.seq && is_older(&earlier.message) => {
                    entry.kind.clone().with_target(target)
                }
                None if entry.seq == target.seq && entry.message().is_some_and(is_older) => {
                    let before = entry.message();
                    EntryKind::Message(Message {
                        replies: before.and_then(|message| message.replies.clone()),
                        forwarded: before.and_then(|message| message.forwarded.clone()),
                        ..target.message.clone()
                    })
                }
                _ => continue,
            };
            *entry = Arc::new(Entry { kind, ..Entry::clone(entry) });
        }
    }

    /// Counts an entry in a thread, or one that went, where the message that it is about is told.
    fn count(&mut self, entry: &Entry) {
        let Some(thread) =
            entry.message().or(entry.target().map(|of| &of.message)).and_then(|one| one.thread)
        else {
            return;
        };
        let Some(place) = thread.seq.checked_sub(self.first()).and_then(|place| usize::try_from(place).ok())
        else {
            return;
        };
        let Some(root) = self.entries.get_mut(place) else { return };
        if let EntryKind::Message(message) = &root.kind
            && let Some(replies) = Replies::after(message.replies.as_deref(), entry)
        {
            let kind = EntryKind::Message(Message { replies: Some(Box::new(replies)), ..message.clone() });
            *root = Arc::new(Entry { kind, ..Entry::clone(root) });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::messages::Target;
    use crate::{Changes, ClientId, MemberRole, Mentions, MessageBody, MessageId, Timestamp, UserId};

    const LOG: ConversationId = ConversationId::from_uuid(Uuid::nil());
    const ANA: UserId = UserId::from_uuid(Uuid::nil());

    fn entries(from: u64, to: u64) -> Vec<Arc<Entry>> {
        let entry = |seq| Entry {
            conversation: LOG,
            seq,
            actor: None,
            created_at: Timestamp::default(),
            kind: EntryKind::Join(ANA),
        };
        (from..=to).map(|seq| Arc::new(entry(seq))).collect()
    }

    fn standing(last_seq: u64, floor_seq: u64) -> Standing {
        Standing {
            conversation: LOG,
            user: ANA,
            role: Some(MemberRole::Member),
            floor_seq,
            last_seq,
            group: None,
            banned_until: None,
            muted_until: None,
            server_muted_until: None,
            posted_at: None,
            blocked: None,
        }
    }

    /// What the store would answer.
    fn expected(standing: &Standing, span: Span, limit: u64) -> Vec<u64> {
        let visible: Vec<u64> = (standing.floor_seq + 1..=standing.last_seq).collect();
        let limit = usize::try_from(limit).unwrap();
        let newest = |places: Vec<u64>| places[places.len().saturating_sub(limit)..].to_vec();
        match span {
            Span::Newest => newest(visible),
            Span::Before(seq) => newest(visible.into_iter().filter(|place| *place < seq).collect()),
            Span::After(seq) => visible.into_iter().filter(|place| *place > seq).take(limit).collect(),
            Span::Around(_) => Vec::new(),
        }
    }

    /// A place that may be, or the greatest that a client can name.
    fn place() -> impl Strategy<Value = u64> {
        prop_oneof![10 => 0_u64..60, 1 => Just(u64::MAX)]
    }

    fn span() -> impl Strategy<Value = Span> {
        prop_oneof![Just(Span::Newest), place().prop_map(Span::After), place().prop_map(Span::Before)]
    }

    proptest! {
        #[test]
        fn a_page_from_memory_is_the_page_of_the_store(
            kept in prop::collection::vec((1_u64..50, 0_u64..12), 1..8),
            last_seq in 1_u64..60,
            floor in 0_u64..60,
            span in span(),
            limit in 1_u32..20,
        ) {
            let recent = Recent::default();
            for (from, length) in kept {
                recent.extend(LOG, &entries(from, from + length), from + length);
            }
            let standing = standing(last_seq, floor.min(last_seq));
            let asked = recent.may_hold(LOG, span);
            if let Some(page) = recent.page(&standing, span, limit).filter(|_| asked) {
                let places: Vec<u64> = page.iter().map(|entry| entry.seq).collect();
                prop_assert_eq!(places, expected(&standing, span, u64::from(limit)));
            }
        }
    }

    #[test]
    fn what_was_read_and_what_is_written_after_it_is_one_run() {
        let recent = Recent::default();
        recent.extend(LOG, &entries(101, 200), 200);
        recent.append(&entries(201, 210));
        let page = recent.page(&standing(210, 0), Span::Newest, 50).unwrap();
        assert_eq!((page.len(), page[0].seq, page[49].seq), (50, 161, 210));
        assert!(recent.page(&standing(211, 0), Span::Newest, 50).is_none(), "another node wrote 211");
    }

    #[test]
    fn nothing_beyond_the_end_that_the_reader_was_told_of_is_handed_out() {
        let recent = Recent::default();
        recent.extend(LOG, &entries(1, 20), 20);
        let page = recent.page(&standing(10, 0), Span::After(5), 50).unwrap();
        assert_eq!(page.last().unwrap().seq, 10);
    }

    #[test]
    fn a_run_and_the_number_of_runs_are_bounded() {
        let recent = Recent::default();
        recent.extend(LOG, &entries(1, 2_000), 2_000);
        assert_eq!(recent.runs()[&LOG].entries.len(), ENTRIES);
        for number in 1..100 {
            let id = ConversationId::from_uuid(Uuid::from_u128(number));
            recent.extend(id, &entries(1, 1), 1);
        }
        assert_eq!(recent.runs().len(), LOGS);
    }

    fn entry(seq: u64, kind: EntryKind) -> Arc<Entry> {
        Arc::new(Entry { kind, ..(*entries(seq, seq)[0]).clone() })
    }

    fn message(body: &str, changed: u64) -> Message {
        Message {
            id: MessageId::from_uuid(Uuid::nil()),
            client_id: ClientId::from_uuid(Uuid::nil()),
            body: MessageBody::from_stored(body.to_owned()),
            files: Vec::new(),
            reply_to: None,
            forwarded: None,
            thread: None,
            replies: None,
            mentions: Mentions::default(),
            changes: Changes { seq: changed, ..Changes::default() },
        }
    }

    fn edit(seq: u64, of: u64, body: &str) -> Arc<Entry> {
        entry(seq, EntryKind::Edit(Box::new(Target { seq: of, author: ANA, message: message(body, seq) })))
    }

    fn bodies(recent: &Recent, end: u64) -> Option<Vec<String>> {
        let page = recent.page(&standing(end, 0), Span::Newest, 50)?;
        Some(page.iter().filter_map(|entry| entry.message()).map(|one| one.body.to_string()).collect())
    }

    #[test]
    fn what_was_done_with_a_message_is_taken_over() {
        let recent = Recent::default();
        recent.extend(LOG, &[entry(1, EntryKind::Message(message("one", 0)))], 1);
        recent.append(&[edit(2, 1, "two")]);
        assert_eq!(bodies(&recent, 2).unwrap(), ["two"]);
        assert!(bodies(&recent, 3).is_none(), "what another node did with it is not known here");
        // An earlier change, read late, does not bring the earlier text back.
        recent.extend(LOG, &[edit(3, 1, "three"), edit(4, 1, "four")], 4);
        recent.runs().get_mut(&LOG).unwrap().apply(&edit(3, 1, "three"));
        assert_eq!(bodies(&recent, 4).unwrap(), ["four"]);
    }

    #[test]
    fn a_page_that_was_read_before_a_change_does_not_bring_the_old_text_back() {
        let recent = Recent::default();
        recent.extend(LOG, &entries(2, 3), 3);
        recent.append(&[edit(4, 1, "new")]);
        recent.extend(LOG, &[entry(1, EntryKind::Message(message("old", 0)))], 3);
        assert!(bodies(&recent, 4).is_none());
    }

    #[test]
    fn the_text_of_a_run_is_bounded() {
        let long = |seq| entry(seq, EntryKind::Message(message(&"x".repeat(10_000), 0)));
        let recent = Recent::default();
        recent.extend(LOG, &(1..=200).map(long).collect::<Vec<_>>(), 200);
        let run = &recent.runs()[&LOG];
        assert_eq!((run.entries.len(), run.last()), (TEXT / 10_000, 200));
    }
}
