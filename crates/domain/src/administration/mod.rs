//! Looking after the server: its people, who is shut out, and what was done.

mod api_tokens;
mod auditing;
mod banning;
mod bots;
mod deleting;
mod exporting;
mod filtering;
mod freezing;
mod groups;
mod inviting;
mod muting;
mod outgoing_webhooks;
mod overview;
mod people;
mod releasing;
mod reporting;
mod storage;

use std::net::IpAddr;
use std::sync::Arc;

use thiserror::Error;

pub(crate) use auditing::Scribe;
pub use banning::BanFilter;
pub use deleting::{Belonging, DeletionPreview};
pub use inviting::ListedInvite;
pub use outgoing_webhooks::{OutgoingWebhookError, OutgoingWebhookForm};
pub use people::{Account, AccountFilter, AccountOrder, AccountStanding, ResetLink, TemporaryPassword};
pub use reporting::ReportVerdict;

use crate::accounts::acting_role;
use crate::{
    Accounts, Actor, ApiTokenError, Authenticated, Clock, Denied, Doer, FilterRule, GroupError, IdSource,
    InviteError, PostError, RegisterError, Store, StoreError, UniqueKey, UnitOfWork, UserId, administrate,
};

/// Who looks after the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Administrator {
    /// Somebody who is signed in, at this address. They have to be an admin.
    Person(Authenticated, Option<IpAddr>),
    /// Whoever operates the machine.
    Operator,
}

impl Administrator {
    fn doer(&self) -> Doer {
        match self {
            Self::Person(who, address) => Doer { user: Some(who.actor.user), address: *address },
            Self::Operator => Doer::default(),
        }
    }

    fn is(&self, user: UserId) -> bool {
        self.doer().user == Some(user)
    }

    fn authorize(&self) -> Result<(), Denied> {
        match self {
            Self::Person(who, _) => administrate(&who.actor),
            Self::Operator => Ok(()),
        }
    }
}

/// Why something was not done.
#[derive(Debug, Error)]
pub enum AdminError {
    /// It is for admins.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// They have to give their password first.
    #[error("give your password once more")]
    Unconfirmed,
    /// There is no such person, or not any more.
    #[error("there is no such user")]
    NoSuchUser,
    /// There is no such ban, or it is over.
    #[error("there is no such ban, or it is over")]
    NoSuchBan,
    /// They may write.
    #[error("this person is not muted")]
    NoSuchMute,
    /// A phrase needs something that can be looked for.
    #[error("needs a letter, a digit or an emoji")]
    EmptyPhrase,
    /// There is a rule that finds the same.
    #[error("there is a rule for this already")]
    SuchRule,
    /// There are as many rules as there may be.
    #[error("there are {} rules; remove one first", FilterRule::MOST)]
    TooManyRules,
    /// There is no such rule.
    #[error("there is no such rule")]
    NoSuchRule,
    /// There is no such message, or somebody decided about it.
    #[error("there is no such message that waits, or somebody has decided about it already")]
    NoSuchHeldMessage,
    /// It stands in the log.
    #[error("this message was posted already; release it")]
    PostedAlready,
    /// It cannot be posted.
    #[error(transparent)]
    Post(PostError),
    /// There is no such report, or somebody decided about it.
    #[error("there is no such report, or somebody has decided about it already")]
    NoSuchReport,
    /// There is no such session of theirs, or it has ended.
    #[error("there is no such session, or it has ended")]
    NoSuchSession,
    /// This is done to members of a group.
    #[error("this person is not in the group")]
    NotInGroup,
    /// Nobody does this to themselves.
    #[error("you cannot do that to yourself; ask another admin")]
    Yourself,
    /// Somebody has to look after the server.
    #[error("this is the last admin; make somebody else an admin first")]
    LastAdmin,
    /// A bot has tokens and a user's role, and nothing to sign in with.
    #[error("this is a bot: it has no password and looks after nothing; give it a token")]
    IsBot,
    /// Admins do not act as other people.
    #[error("only bots get tokens from admins; people make their own")]
    NotABot,
    /// A webhook posts as a bot that somebody brought into the group.
    #[error("the bot is not in this group; a member has to bring it in first")]
    BotNotInGroup,
    /// They demand of others what they do not have.
    #[error("set up two-factor sign-in yourself first")]
    TotpFirst,
    /// There is nothing to take away.
    #[error("this account has no two-factor sign-in")]
    NoTotp,
    /// A ban that is over keeps nobody out.
    #[error("must lie ahead")]
    EndsInThePast,
    /// The group cannot be like that.
    #[error(transparent)]
    Group(#[from] GroupError),
    /// The account could not be made or changed like that.
    #[error(transparent)]
    Register(RegisterError),
    /// The token cannot be made like that, or there is none.
    #[error(transparent)]
    ApiToken(#[from] ApiTokenError),
    /// The invitation cannot be made like that, or there is none.
    #[error(transparent)]
    Invite(#[from] InviteError),
    /// The outgoing webhook cannot be made or used like that, or there is none.
    #[error(transparent)]
    OutgoingWebhook(#[from] OutgoingWebhookError),
    /// The store could not do it.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::Username | UniqueKey::Email) => Self::Register(error.into()),
            other => Self::Store(other),
        }
    }
}

/// What admins do.
pub struct Administration {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    accounts: Arc<Accounts>,
    scribe: Scribe,
    notifications_kept: u32,
}

impl Administration {
    /// Looks after what is kept in `store`. Of the notifications of one person so many are kept.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        accounts: Arc<Accounts>,
        notifications_kept: u32,
    ) -> Self {
        let scribe = Scribe::new(clock.clone(), ids.clone());
        Self { store, clock, ids, accounts, scribe, notifications_kept }
    }

    /// Begins something that an admin does. They are still one when it is done: whoever takes that
    /// from them waits, or was quicker and is seen here.
    async fn begin(&self, by: &Administrator) -> Result<Box<dyn UnitOfWork>, AdminError> {
        by.authorize()?;
        let mut work = self.store.begin().await?;
        work.lock_admins().await?;
        if let Administrator::Person(who, _) = by {
            let user = work.user(who.actor.user).await?.filter(crate::User::is_active);
            let role = acting_role(&*work, &user.ok_or(Denied::Forbidden)?).await?;
            let actor = Actor { role, ..who.actor };
            administrate(&actor)?;
            let now = self.clock.now();
            if work.bans_of(actor.user, None).await?.iter().any(|ban| ban.is_active(now)) {
                return Err(Denied::Forbidden.into());
            }
        }
        Ok(work)
    }

    /// Lets on only those who gave their password lately.
    async fn confirmed(&self, by: &Administrator) -> Result<(), AdminError> {
        by.authorize()?;
        match by {
            // The password was given when the program's token was made.
            Administrator::Person(who, _) if who.grant.is_token() => Ok(()),
            Administrator::Person(who, _) if !self.accounts.is_confirmed(who.session).await? => {
                Err(AdminError::Unconfirmed)
            }
            _ => Ok(()),
        }
    }

    /// Makes sure that somebody looks after the server when this is done.
    async fn keep_an_admin(&self, work: &dyn UnitOfWork) -> Result<(), AdminError> {
        if work.count_acting_admins(self.clock.now()).await? == 0 {
            return Err(AdminError::LastAdmin);
        }
        Ok(())
    }
}
