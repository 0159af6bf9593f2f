use async_trait::async_trait;

use super::Result;
use crate::{
    ClientId, FilterRule, FilterRuleId, HeldMessage, HeldMessageId, HeldState, ListedHeldMessage, Timestamp,
    UserId,
};

/// What is not to be written, and messages that wait for a decision.
#[async_trait]
pub trait FilterRepository: Send + Sync {
    /// All rules, the first one first.
    async fn filter_rules(&self) -> Result<Vec<FilterRule>>;

    /// Adds a rule.
    async fn insert_filter_rule(&mut self, rule: &FilterRule) -> Result<()>;

    /// Writes what a rule does.
    async fn update_filter_rule(&mut self, rule: &FilterRule) -> Result<()>;

    /// Takes a rule away.
    async fn delete_filter_rule(&mut self, id: FilterRuleId) -> Result<()>;

    /// The held message with this id.
    async fn held_message(&self, id: HeldMessageId) -> Result<Option<HeldMessage>>;

    /// The held message that this person's client gave this id.
    async fn held_as(&self, author: UserId, id: ClientId) -> Result<Option<HeldMessage>>;

    /// Messages that were held back of which this became, or all, the latest first, from behind the
    /// message `after`.
    async fn held_messages(
        &self,
        state: Option<HeldState>,
        after: Option<HeldMessageId>,
        limit: u32,
    ) -> Result<Vec<ListedHeldMessage>>;

    /// How many messages wait, all or those of one person.
    async fn count_waiting(&self, author: Option<UserId>) -> Result<u64>;

    /// Keeps a message until somebody has decided.
    async fn hold_message(&mut self, message: &HeldMessage) -> Result<()>;

    /// Notes what became of a held message. The text of one that is released goes.
    async fn close_held(
        &mut self,
        id: HeldMessageId,
        state: HeldState,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()>;
}
