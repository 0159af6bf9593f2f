use super::{AdminError, Administration, Administrator};
use crate::filters::says_something;
use crate::search::Folded;
use crate::{AuditAction, AuditChange, FilterAction, FilterPhrase, FilterRule, FilterRuleId, UnitOfWork};

impl Administration {
    /// The rules of the word filter, the first one first.
    pub async fn filter_rules(&self, by: &Administrator) -> Result<Vec<FilterRule>, AdminError> {
        by.authorize()?;
        Ok(self.store.filter_rules().await?)
    }

    /// Makes a rule. One for what another one finds already is refused.
    pub async fn add_filter_rule(
        &self,
        by: &Administrator,
        phrase: FilterPhrase,
        action: FilterAction,
    ) -> Result<FilterRule, AdminError> {
        if !says_something(&phrase) {
            return Err(AdminError::EmptyPhrase);
        }
        let mut work = self.begin(by).await?;
        let rules = work.filter_rules().await?;
        if rules.len() >= FilterRule::MOST {
            return Err(AdminError::TooManyRules);
        }
        let folded = |phrase: &FilterPhrase| Folded::of(phrase.as_str()).chars;
        if rules.iter().any(|rule| folded(&rule.phrase) == folded(&phrase)) {
            return Err(AdminError::SuchRule);
        }
        let rule = FilterRule {
            id: FilterRuleId::from_uuid(self.ids.next_id()),
            phrase,
            action,
            created_by: by.doer().user,
            created_at: self.clock.now(),
        };
        work.insert_filter_rule(&rule).await?;
        self.finish_rule(work, by, None, Some(&rule)).await?;
        Ok(rule)
    }

    /// Changes what becomes of a message that breaks a rule.
    pub async fn change_filter_rule(
        &self,
        by: &Administrator,
        id: FilterRuleId,
        action: FilterAction,
    ) -> Result<FilterRule, AdminError> {
        let (mut work, before) = self.begin_with_rule(by, id).await?;
        let after = FilterRule { action, ..before.clone() };
        work.update_filter_rule(&after).await?;
        self.finish_rule(work, by, Some(&before), Some(&after)).await?;
        Ok(after)
    }

    /// Takes a rule away. What it held back goes on waiting.
    pub async fn remove_filter_rule(&self, by: &Administrator, id: FilterRuleId) -> Result<(), AdminError> {
        let (mut work, before) = self.begin_with_rule(by, id).await?;
        work.delete_filter_rule(id).await?;
        self.finish_rule(work, by, Some(&before), None).await
    }

    async fn begin_with_rule(
        &self,
        by: &Administrator,
        id: FilterRuleId,
    ) -> Result<(Box<dyn UnitOfWork>, FilterRule), AdminError> {
        let work = self.begin(by).await?;
        let rule = work.filter_rules().await?.into_iter().find(|rule| rule.id == id);
        Ok((work, rule.ok_or(AdminError::NoSuchRule)?))
    }

    async fn finish_rule(
        &self,
        mut work: Box<dyn UnitOfWork>,
        by: &Administrator,
        before: Option<&FilterRule>,
        after: Option<&FilterRule>,
    ) -> Result<(), AdminError> {
        let phrase = |rule: Option<&FilterRule>| rule.map(|rule| rule.phrase.to_string());
        let action = |rule: Option<&FilterRule>| rule.map(|rule| rule.action.word());
        // A rule is known by its phrase, which is told even where it stays.
        let before_it = phrase(before).filter(|_| after.is_none());
        let changes = [
            AuditChange::of_text("phrase", before_it.as_deref(), phrase(after).as_deref()),
            AuditChange::of_text("action", action(before), action(after)),
        ];
        let changes = changes.into_iter().flatten().collect();
        self.scribe.note(&mut *work, by.doer(), AuditAction::WordFilterChanged, None, changes).await?;
        Ok(work.commit().await?)
    }
}
