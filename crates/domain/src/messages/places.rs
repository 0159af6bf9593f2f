use std::collections::HashMap;

use super::{Changes, Entry, EntryKind, Forwarded, Message, Post};
use crate::threads::Roots;
use crate::{ConversationId, File, Mentions, MessageId, Timestamp};

/// How many places a batch needs in each log.
pub(super) fn count_by_conversation(
    conversations: impl Iterator<Item = ConversationId>,
) -> Vec<(ConversationId, u32)> {
    let mut counts: HashMap<ConversationId, u32> = HashMap::new();
    for conversation in conversations {
        *counts.entry(conversation).or_default() += 1;
    }
    // Always in the same order, so that two nodes never wait for each other's rows in a circle.
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}

/// The first of the places that were taken in each log.
pub(super) fn first_places(
    counts: &[(ConversationId, u32)],
    last: Vec<(ConversationId, u64)>,
) -> HashMap<ConversationId, u64> {
    let counts: HashMap<_, _> = counts.iter().copied().collect();
    last.into_iter()
        .filter_map(|(conversation, last)| {
            Some((conversation, last + 1 - u64::from(*counts.get(&conversation)?)))
        })
        .collect()
}

/// What somebody posts, as the entry that stands at its place.
pub(super) fn entry_of(
    post: &Post,
    id: MessageId,
    mentions: Mentions,
    seq: u64,
    now: Timestamp,
    roots: &Roots,
    files: Vec<File>,
) -> Entry {
    Entry {
        conversation: post.conversation,
        seq,
        actor: Some(post.actor.user),
        created_at: now,
        kind: EntryKind::Message(Message {
            id,
            client_id: post.client_id,
            body: post.body.clone(),
            files,
            reply_to: post.reply_to,
            forwarded: post.forward.map(|forward| {
                let source = forward.source.filter(|_| forward.is_public);
                Box::new(Forwarded { author: forward.author, source })
            }),
            thread: roots.place(post),
            replies: None,
            mentions,
            changes: Changes::default(),
        }),
    }
}
