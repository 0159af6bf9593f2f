use std::collections::HashMap;

use crate::ConversationId;

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
