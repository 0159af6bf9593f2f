use std::sync::Arc;

use super::people::active_user;
use super::{AdminError, Administration, Administrator};
use crate::accounts::end_sessions;
use crate::groups::append;
use crate::notifications::tell_of_entries;
use crate::{
    AuditAction, AuditChange, AuditTarget, ConversationId, EntryKind, Erasure, ErasureId, Event, MemberRole,
    MessageFate, SessionEnd, StoreError, Timestamp, UnitOfWork, User, UserId,
};

/// A conversation that somebody is in, and what becomes of it when they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belonging {
    /// The conversation.
    pub conversation: ConversationId,
    /// The other person, in a direct conversation; oneself, where one writes notes.
    pub peer: Option<UserId>,
    /// Whether it is a group in which nobody else is.
    pub is_alone: bool,
    /// Who owns the group from then on, where this person is the last owner and others stay:
    /// moderators come first, and among equals who has been in it longest.
    pub heir: Option<UserId>,
}

/// What would happen if an account was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletionPreview {
    /// How many messages the person wrote; deleted ones are left out.
    pub messages: u64,
    /// How many groups get another owner.
    pub groups_passed_on: u64,
    /// In how many groups nobody is left.
    pub groups_left_empty: u64,
}

impl Administration {
    /// What would happen if this account was deleted.
    pub async fn preview_deletion(
        &self,
        by: &Administrator,
        id: UserId,
    ) -> Result<DeletionPreview, AdminError> {
        by.authorize()?;
        self.store.user(id).await?.filter(User::is_active).ok_or(AdminError::NoSuchUser)?;
        let belongings = self.store.belongings(id).await?;
        let count = |which: fn(&Belonging) -> bool| belongings.iter().filter(|one| which(one)).count() as u64;
        Ok(DeletionPreview {
            messages: self.store.count_messages_by(id).await?,
            groups_passed_on: count(|one| one.heir.is_some()),
            groups_left_empty: count(|one| one.is_alone),
        })
    }

    /// Deletes somebody's account for good: from this moment they are signed in nowhere and in no
    /// conversation, their username and address are free, and what stays is a shell that their id
    /// leads to. Their messages stay as those of a deleted user, or are erased bit by bit by the
    /// [`Housekeeping`](crate::Housekeeping).
    pub async fn delete_account(
        &self,
        by: &Administrator,
        id: UserId,
        messages: MessageFate,
    ) -> Result<(), AdminError> {
        self.confirmed(by).await?;
        let mut work = self.begin(by).await?;
        if by.is(id) {
            return Err(AdminError::Yourself);
        }
        let before = active_user(&mut *work, id).await?;
        let now = self.clock.now();
        let ended = end_sessions(&mut *work, id, SessionEnd::Deleted, |_| false).await?;
        let shell = before.shell();
        work.close_account(&shell, now).await?;
        if let Some(picture) = before.picture {
            work.delete_picture(picture).await?;
        }
        self.keep_an_admin(&*work).await?;
        self.take_out_everywhere(&mut *work, id, now).await?;
        if messages == MessageFate::Erase {
            let erasure = Erasure::of(id, ErasureId::from_uuid(self.ids.next_id()), now);
            work.insert_erasure(&erasure).await?;
        }
        let changes = [
            AuditChange::of_text("username", Some(before.username.as_str()), None),
            AuditChange::of_text("messages", None, Some(messages.word())),
        ];
        let (target, changes) = (Some(AuditTarget::User(id)), changes.into_iter().flatten().collect());
        self.scribe.note(&mut *work, by.doer(), AuditAction::UserDeleted, target, changes).await?;
        work.emit(Event::UserChanged(Arc::new(shell)));
        work.commit().await?;
        self.accounts.forget_user(id);
        self.accounts.forget_all(ended);
        Ok(())
    }

    /// Erases all that somebody wrote until now, everywhere, bit by bit; the account stays.
    pub async fn erase_messages(&self, by: &Administrator, id: UserId) -> Result<(), AdminError> {
        self.confirmed(by).await?;
        let mut work = self.begin(by).await?;
        active_user(&mut *work, id).await?;
        let erasure = Erasure::of(id, ErasureId::from_uuid(self.ids.next_id()), self.clock.now());
        work.insert_erasure(&erasure).await?;
        let target = Some(AuditTarget::User(id));
        self.scribe.note(&mut *work, by.doer(), AuditAction::MessagesErased, target, Vec::new()).await?;
        Ok(work.commit().await?)
    }

    /// Takes somebody out of all conversations. Groups of which they are the last owner get another
    /// one first; in direct conversations nobody can write to them any more; and their notes, which
    /// nobody else ever reads, are erased.
    async fn take_out_everywhere(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let conversations: Vec<_> = work.belongings(user).await?.iter().map(|one| one.conversation).collect();
        work.lock_conversations(&conversations).await?;
        for Belonging { conversation, peer, heir, .. } in work.belongings(user).await? {
            match peer {
                Some(peer) if peer == user => {
                    let last = work.conversation(conversation).await?.map_or(0, |notes| notes.last_seq);
                    let id = ErasureId::from_uuid(self.ids.next_id());
                    work.insert_erasure(&Erasure::below(conversation, last + 1, id, now)).await?;
                }
                Some(peer) => work.insert_block(user, peer, now).await?,
                None => {
                    if let Some(heir) = heir {
                        work.set_role(conversation.into(), heir, MemberRole::Owner).await?;
                        let kinds = vec![EntryKind::Role(heir, MemberRole::Owner)];
                        let entries = append(work, conversation, None, kinds, now).await?;
                        tell_of_entries(work, &entries, self.notifications_kept).await?;
                    }
                    append(work, conversation, Some(user), vec![EntryKind::Leave(user)], now).await?;
                }
            }
            work.delete_member(conversation, user).await?;
        }
        Ok(())
    }
}
