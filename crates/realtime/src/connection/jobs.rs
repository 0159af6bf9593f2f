//! What connections fetch: a few at a time, so that a thousand who reconnect at once do not
//! crowd out those who post.

use std::net::IpAddr;
use std::sync::Arc;

use parlor_domain::{
    AccountError, Actor, Authenticated, ConversationError, ConversationId, Device, Grant, NewSession,
    PageSize, ReadError, Scope, SessionKind, SignIn, Span, StoreError, Viewer,
};
use parlor_wire as wire;
use tokio::sync::Semaphore;

use super::events::{Job, Loaded, Page, Place, Snapshot};
use super::mailbox::Mailbox;
use super::refusals::Refusal;
use crate::frames::Authenticate;
use crate::hub::{Hub, line};
use crate::presence::People;
use crate::services::Services;

/// Where jobs are done.
pub(crate) struct Desk {
    pub(crate) services: Services,
    pub(crate) hub: Arc<Hub>,
    pub(crate) people: Arc<People>,
    pub(crate) turns: Semaphore,
}

/// Whose job it is.
pub(crate) struct Asker {
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) who: Option<Authenticated>,
    /// Where a guest comes from; `None` once known.
    pub(crate) from: Option<IpAddr>,
}

impl Asker {
    fn viewer(&self, actor: &Actor) -> Arc<Viewer> {
        self.mailbox.view().unwrap_or_else(|| Arc::new(Viewer::open(actor.user)))
    }
}

impl Desk {
    /// Does a job. Never fails: what the store could not do comes back to be done again.
    pub(crate) async fn work(self: Arc<Self>, asker: Asker, job: Job) -> Loaded {
        match job {
            Job::Authenticate(frame) => self.authenticate(&asker, frame).await,
            Job::Confirm(who) => self.confirm(&asker, who).await,
            Job::Recheck => self.recheck(&asker).await.unwrap_or(Loaded::Failed(Job::Recheck)),
            job => self.fetch(&asker, job).await,
        }
    }

    async fn authenticate(&self, asker: &Asker, frame: Authenticate) -> Loaded {
        let re = frame.id;
        let who = match frame {
            Authenticate { access_token: Some(token), .. } => {
                match self.services.accounts.by_access_token(&token).await {
                    Ok(Some(who)) if !who.grant.allows(Scope::Read) => {
                        return Loaded::Known(re, Err(Refusal::scope_required(Scope::Read)));
                    }
                    Ok(Some(who)) => who,
                    Ok(None) => return Loaded::Known(re, Err(Refusal::unauthenticated())),
                    Err(error) => return Loaded::Known(re, Err(Refusal::from(&error))),
                }
            }
            Authenticate { login: Some(login), password: Some(password), .. } => {
                match self.sign_in(asker, login, password).await {
                    Ok(who) => who,
                    Err(refusal) => return Loaded::Known(re, Err(refusal)),
                }
            }
            Authenticate { .. } => return Loaded::Known(re, Err(Refusal::unauthenticated())),
        };
        match self.confirm(asker, who).await {
            Loaded::Confirmed(who) => Loaded::Known(re, Ok(who)),
            Loaded::Failed(_) => Loaded::Unavailable,
            other => other,
        }
    }

    async fn sign_in(
        &self,
        asker: &Asker,
        login: String,
        password: String,
    ) -> Result<Authenticated, Refusal> {
        let from = asker.from.ok_or_else(Refusal::known_already)?;
        let limited = self.services.limits.sign_in(&login, from)?;
        let session = NewSession { device: Device::new("", Some(from)), ..SessionKind::Token.into() };
        let attempt = SignIn { login, password, new_password: None, totp: None, role: None, session };
        let outcome = self.services.accounts.sign_in(&attempt).await;
        limited.signed_in(&outcome);
        let signed_in = outcome.map_err(|error| Refusal::from(&error))?;
        let actor = Actor { user: signed_in.user.id, role: signed_in.user.role };
        Ok(Authenticated { actor, session: signed_in.session, grant: Grant::Everything })
    }

    /// Registers the connection, and only then looks whether the session is (still) good: a ban in
    /// between either finds the registered connection or is seen here.
    async fn confirm(&self, asker: &Asker, who: Authenticated) -> Loaded {
        if asker.mailbox.owner().is_none() && !self.hub.admit(&asker.mailbox, &who) {
            return Loaded::Crowded;
        }
        // What they may see is read now that news of it would find the connection.
        let looked = async {
            asker.mailbox.set_view(Arc::new(self.services.store.viewer(who.actor.user).await?));
            self.services.accounts.by_session(who.session).await
        };
        match looked.await {
            Ok(Some(who)) => Loaded::Confirmed(who),
            Ok(None) => Loaded::Rechecked(None),
            Err(error) => {
                tracing::warn!(%error, "a session could not be looked up");
                Loaded::Failed(Job::Confirm(who))
            }
        }
    }

    async fn recheck(&self, asker: &Asker) -> Option<Loaded> {
        let session = asker.who.as_ref()?.session;
        match self.services.accounts.by_session(session).await {
            Ok(who) => Some(Loaded::Rechecked(who)),
            Err(error) => {
                tracing::warn!(%error, "a session could not be looked up");
                None
            }
        }
    }

    async fn fetch(&self, asker: &Asker, job: Job) -> Loaded {
        let Some(actor) = asker.who.as_ref().map(|who| who.actor) else { return Loaded::Rechecked(None) };
        let Ok(_turn) = self.turns.acquire().await else { return Loaded::Failed(job) };
        let fetched = match &job {
            Job::Snapshot => self.snapshot(&actor, &asker.viewer(&actor)).await,
            Job::View(conversation) => self.view(&actor, &asker.viewer(&actor), *conversation).await,
            Job::Heads(conversations) => self.services.store.heads(conversations).await.map(Loaded::Heads),
            Job::Page(conversation, after, limit) => self.page(&actor, *conversation, *after, *limit).await,
            Job::Authenticate(_) | Job::Confirm(_) | Job::Recheck => return Loaded::Failed(job),
        };
        fetched.unwrap_or_else(|error| {
            tracing::warn!(%error, "a connection could not be served from the store");
            Loaded::Failed(job)
        })
    }

    async fn snapshot(&self, actor: &Actor, viewer: &Viewer) -> Result<Loaded, StoreError> {
        let views = self.services.conversations.all(actor).await?;
        let me = match self.services.accounts.me(actor).await {
            Ok(user) => wire::Account::from(&user),
            Err(AccountError::Store(error)) => return Err(error),
            Err(_) => return Ok(Loaded::Rechecked(None)),
        };
        let sight = wire::Sight { known: &*self.people, viewer };
        let places = views.iter().map(|view| Place::render(view, &sight)).collect();
        let blocked = viewer.blocked.iter().map(|user| user.as_uuid()).collect();
        let notifications = (&self.services.notifications.summary(actor).await?).into();
        let maintenance = self.hub.maintenance();
        Ok(Loaded::Snapshot(Box::new(Snapshot { me, blocked, places, notifications, maintenance })))
    }

    async fn view(
        &self,
        actor: &Actor,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Result<Loaded, StoreError> {
        let sight = wire::Sight { known: &*self.people, viewer };
        match self.services.conversations.one(actor, conversation).await {
            Ok(view) => Ok(Loaded::View(conversation, Some(Box::new(Place::render(&view, &sight))))),
            Err(ConversationError::Store(error)) => Err(error),
            Err(_) => Ok(Loaded::View(conversation, None)),
        }
    }

    async fn page(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        after: u64,
        limit: u32,
    ) -> Result<Loaded, StoreError> {
        let size = PageSize::new(limit.clamp(1, PageSize::MAX)).unwrap_or_default();
        match self.services.messaging.read(actor, conversation, Span::After(after), size).await {
            Ok(page) => Ok(Loaded::Page(
                conversation,
                Some(Page {
                    last_seq: page.standing.last_seq,
                    floor_seq: page.standing.floor_seq,
                    lines: page.entries.iter().map(|entry| line(entry)).collect(),
                }),
            )),
            Err(ReadError::Denied(_)) => Ok(Loaded::Page(conversation, None)),
            Err(ReadError::Store(error)) => Err(error),
        }
    }
}
