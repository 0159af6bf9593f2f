use super::passwords::end_sessions;
use super::{Accounts, Authenticated};
use crate::{Event, Session, SessionEnd, SessionId, StoreError, UserId};

impl Accounts {
    /// Where somebody is signed in, the session used last first.
    pub async fn sessions(&self, who: &Authenticated) -> Result<Vec<Session>, StoreError> {
        self.sessions_of(who.actor.user).await
    }

    /// Where this person is signed in, the session used last first; not their programs.
    pub(crate) async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let mut sessions = self.store.sessions_of(user).await?;
        for session in &mut sessions {
            session.last_used_at = self.last_use_of(session);
        }
        sessions.retain(|session| !session.grant.is_token() && !self.expired(session));
        sessions.sort_by_key(|session| std::cmp::Reverse(session.last_used_at));
        Ok(sessions)
    }

    /// Ends one of somebody's own sessions; whether there was such a one.
    pub async fn end_session(&self, who: &Authenticated, id: SessionId) -> Result<bool, StoreError> {
        let user = who.actor.user;
        let mut work = self.store.begin().await?;
        if work.session(id).await?.is_none_or(|session| session.user != user || session.grant.is_token()) {
            return Ok(false);
        }
        work.delete_sessions(&[id]).await?;
        work.emit(Event::SessionEnded { session: id, user, reason: SessionEnd::SignedOut });
        work.commit().await?;
        self.forget(id);
        Ok(true)
    }

    /// Ends all of somebody's sessions but the one they use. Their programs go on.
    pub async fn end_other_sessions(&self, who: &Authenticated) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        let ended = end_sessions(&mut *work, who.actor.user, SessionEnd::SignedOut, |session| {
            session.id == who.session || session.grant.is_token()
        })
        .await?;
        work.commit().await?;
        self.forget_all(ended);
        Ok(())
    }
}
