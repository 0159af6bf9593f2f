//! Puts the program together: which adapter stands behind which port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{
    Accounts, AccountsPolicy, Administration, Blocks, ChangePolicy, Conversations, Directory, Drafts,
    EventPublisher, Groups, GroupsPolicy, Indexing, InviteLinks, Mails, MailsPolicy, Messaging,
    Notifications, Pictures, PushPolicy, PushReach, Pushes, Receipts, RegistrationPolicy, Reports, Saved,
    Scheduled, Search, SessionPolicy, Store, StoreError, Threads, TokenIssuer,
};
use parlor_files::Portraits;
use parlor_http::{ServerFacts, Services, Turns, Uploading, layers};
use parlor_limits::Limits;
use parlor_push::{VapidKey, WebPush};
use parlor_realtime::{Cursors, Inlet, Posts, Realtime};
use parlor_security::{Argon2Hasher, HashingCost, SigningKey, Tokens};
use parlor_webhooks::WebhookKey;
use tokio::task::JoinHandle;

use crate::clock::{self, SteadyClock};
use crate::cluster;
use crate::config::{self, Settings};
use crate::data_dir::DataDir;
use crate::database::Database;
use crate::failure::Failure;
use crate::filtering::follow_filter;
use crate::housekeeping;
use crate::indexing::{self, Noting, Written};
use crate::limits::{figures, forget_old};
use crate::machine::machine;
use crate::mailing::{self, send_mail};
use crate::oidc::with_provider;
use crate::operating::Control;
use crate::outgoing_webhooks::{self, Bell, Delivering, Ringing};
use crate::pushing::{Pushing, Waiting, WaitingNews};
use crate::retention;
use crate::scheduled::post_scheduled;
use crate::setup::set_up;
use crate::sharing;
use crate::system::TimeOrderedIds;

/// The database and what stands directly on it; enough for commands that run without a server.
pub struct Core {
    /// The database.
    pub database: Database,
    /// Registration, sign-in and sessions.
    pub accounts: Arc<Accounts>,
    /// Secrets and passes.
    pub tokens: Arc<dyn TokenIssuer>,
    /// Where the store's events come out.
    pub inlet: Arc<Inlet>,
    /// Where something was written that is to be indexed.
    pub written: Arc<Written>,
    /// What devices may have to be told of.
    pub news: Arc<WaitingNews>,
    /// What rings when something was written.
    pub bell: Arc<Bell>,
    /// The key that pushes are signed with.
    pub push_key: VapidKey,
    /// The key that the secrets of webhooks follow from.
    pub webhook_key: WebhookKey,
    /// The time that everything goes by.
    pub clock: Arc<SteadyClock>,
}

/// A server that is put together and runs its background tasks.
pub struct Server {
    /// What the handlers call.
    pub services: Arc<Services>,
    core: Core,
    posts: Arc<Posts>,
    cursors: Arc<Cursors>,
    indexing: JoinHandle<()>,
    pushing: Option<Pushing>,
    delivering: Delivering,
    control: Control,
}

/// What the key for pushes is derived from the signing key with. Browsers remember the key that they
/// subscribed for, so that this never changes.
const PUSH_KEY: &str = "parlor web push";

impl Core {
    /// Opens the database, and makes the key that signs when there is none. The data folder is
    /// held meanwhile.
    pub async fn open(settings: &Settings, _held: &DataDir, issuer: &str) -> Result<Self, Failure> {
        let inlet = Inlet::new(&stream_settings(settings));
        let written = Arc::new(Written::default());
        let news = Arc::new(WaitingNews::default());
        let mut publisher: Arc<dyn EventPublisher> = inlet.clone();
        if settings.push.enabled {
            publisher = Arc::new(Waiting { publisher, news: news.clone() });
        }
        let bell = Arc::new(Bell::default());
        let publisher = Arc::new(Ringing { publisher, bell: bell.clone() });
        let noting = Arc::new(Noting { publisher, written: written.clone() });
        let database = Database::open(settings, noting).await?;
        let clock = Arc::new(SteadyClock::showing(database.shared().now().await?));
        let accounts = &settings.accounts;
        let hasher = Argon2Hasher::new(HashingCost {
            memory_kib: accounts.argon2_memory_kib,
            iterations: accounts.argon2_iterations,
            parallelism: accounts.argon2_parallelism,
        })?;
        let key = SigningKey::load_or_create(&settings.signing_key_file())?;
        database.agree_on(&key).await?;
        let push_key = VapidKey::from_secret(key.derive(PUSH_KEY));
        let webhook_key = WebhookKey::from_secret(key.derive(outgoing_webhooks::KEY));
        let tokens = Tokens::new(&key, issuer, Duration::from_secs(settings.sessions.access_token_seconds));
        let tokens: Arc<dyn TokenIssuer> = Arc::new(tokens);
        let accounts = Accounts::new(
            database.shared(),
            Arc::new(hasher),
            tokens.clone(),
            clock.clone(),
            Arc::new(TimeOrderedIds),
            accounts_policy(settings),
        );
        let accounts = Arc::new(with_provider(accounts, settings, issuer)?);
        Ok(Self { database, accounts, tokens, inlet, written, news, bell, push_key, webhook_key, clock })
    }

    /// What admins do, and the operator.
    pub fn administration(&self, settings: &Settings) -> Administration {
        Administration::new(
            self.database.shared(),
            self.clock.clone(),
            Arc::new(TimeOrderedIds),
            self.accounts.clone(),
            settings.limits.notifications_per_person,
        )
    }
}

impl Server {
    /// Puts the server together. `bound` is where it listens, and `origins` are the addresses under which browsers reach it.
    pub async fn start(
        settings: &Settings,
        data_dir: &DataDir,
        bound: SocketAddr,
        origins: &[layers::Origin],
    ) -> Result<Self, Failure> {
        let public_origin =
            origins.first().cloned().ok_or_else(|| Failure::Advice("set server.public_urls".into()))?;
        let core = Core::open(settings, data_dir, public_origin.as_str()).await?;
        let setup = set_up(settings, data_dir, &core, &public_origin).await?;

        let store: Arc<dyn Store> = core.database.shared();
        let stream = stream_settings(settings);
        let (clock, ids) = (core.clock.clone(), Arc::new(TimeOrderedIds));
        tokio::spawn(clock::follow(clock.clone(), store.clone()));
        let messaging =
            Arc::new(Messaging::new(store.clone(), clock.clone(), ids.clone(), change_policy(settings)));
        follow_filter(messaging.clone()).await?;
        let receipts = Arc::new(Receipts::new(store.clone(), clock.clone()));
        let limits = Arc::new(Limits::new(&figures(&settings.limits)));
        tokio::spawn(forget_old(limits.clone()));
        let posts = Posts::start(messaging.clone(), limits.clone(), &stream);
        tokio::spawn(post_scheduled(Scheduled::new(store.clone(), clock.clone()), posts.clone()));
        let cursors = Cursors::start(receipts.clone(), &stream);
        let conversations = Conversations::new(store.clone(), clock.clone(), ids.clone(), cursors.clone());
        let conversations = Arc::new(conversations.with_retention(settings.retention.setting()));
        let notifications = Arc::new(Notifications::new(store.clone(), clock.clone(), cursors.clone()));
        let realtime = Realtime::start(
            core.inlet.clone(),
            parlor_realtime::Services {
                accounts: core.accounts.clone(),
                limits: limits.clone(),
                conversations: conversations.clone(),
                notifications: notifications.clone(),
                messaging: messaging.clone(),
                posts: posts.clone(),
                cursors: cursors.clone(),
                store: store.clone(),
                clock: clock.clone(),
                node: cluster::node(settings, bound, &*ids),
                bus: cluster::bus(settings, &core.database).await?,
            },
            stream,
        )
        .await?;
        let groups_policy = GroupsPolicy {
            max_members: settings.limits.members_per_group,
            notifications_kept: settings.limits.notifications_per_person,
        };
        let sessions = accounts_policy(settings).sessions;
        housekeeping::start(store.clone(), clock.clone(), groups_policy.notifications_kept, sessions);
        let retentions = retention::start(settings, store.clone(), clock.clone(), ids.clone());
        let pushes = Arc::new(pushes(settings, &core, &public_origin));
        let webhooks = Arc::new(outgoing_webhooks::service(settings, &core));
        if let Some(mails) = mails(settings, &core, &public_origin)? {
            tokio::spawn(send_mail(Arc::new(mails)));
        }
        let (files, sharing) = sharing::start(settings, store.clone(), clock.clone(), ids.clone()).await?;
        let services = Arc::new(Services {
            accounts: core.accounts.clone(),
            limits,
            administration: core.administration(settings),
            directory: Directory::new(store.clone()),
            files,
            uploading: Uploading::default(),
            conversations,
            retentions,
            messaging,
            drafts: Drafts::new(store.clone(), clock.clone()),
            scheduled: Scheduled::new(store.clone(), clock.clone()),
            saved: Saved::new(store.clone(), clock.clone()),
            reports: Reports::new(store.clone(), clock.clone(), ids.clone()),
            search: Search::new(store.clone(), clock.clone()),
            searches: Turns::at_searching(),
            threads: Threads::new(store.clone(), clock.clone()),
            blocks: Blocks::new(store.clone(), clock.clone()),
            pictures: Pictures::new(
                store.clone(),
                Arc::new(Portraits::default()),
                clock.clone(),
                ids.clone(),
            ),
            groups: Groups::new(store.clone(), clock.clone(), ids.clone(), groups_policy),
            invite_links: InviteLinks::new(store.clone(), clock, ids, core.tokens.clone(), groups_policy),
            notifications,
            webhooks: webhooks.clone(),
            pushes: pushes.clone(),
            receipts,
            posts: posts.clone(),
            cursors: cursors.clone(),
            store,
            presence: realtime.presence(),
            realtime,
            server: facts(settings, public_origin, origins),
            machine: machine(settings, data_dir.path())?,
            setup,
        });
        let control = Control::listen(data_dir.path(), services.clone(), sharing)?;
        tokio::spawn(note_sessions(core.accounts.clone()));
        let indexing =
            tokio::spawn(indexing::run(Indexing::new(services.store.clone()), core.written.clone()));
        let pushing = settings.push.enabled.then(|| Pushing::start(pushes, core.news.clone()));
        let delivering = Delivering::start(webhooks, core.bell.clone());
        Ok(Self { services, core, posts, cursors, indexing, pushing, delivering, control })
    }

    /// Ends the background tasks in order: what was accepted is stored, then the database closes.
    pub async fn stop(self) {
        // No more orders are taken.
        drop(self.control);
        self.posts.close().await;
        self.cursors.close().await;
        if let Some(pushing) = self.pushing {
            pushing.stop().await;
        }
        self.delivering.stop().await;
        // It goes on at the next start from where it was.
        self.indexing.abort();
        _ = self.indexing.await;
        if let Err(error) = self.core.accounts.note_sessions(true).await {
            tracing::warn!(%error, "the last use of sessions could not be noted");
        }
        if let Err(error) = self.core.database.close().await {
            tracing::warn!(%error, "the database was not closed cleanly; it recovers at the next start");
        }
    }
}

fn facts(settings: &Settings, public_origin: layers::Origin, origins: &[layers::Origin]) -> ServerFacts {
    ServerFacts {
        name: settings.server.name.clone(),
        public_origin,
        own_origins: origins.to_vec(),
        insecure: settings.server.is_insecure(),
        picture_bytes: settings.limits.picture_bytes,
        uploads: sharing::pace(settings),
        api_docs: settings.server.api_docs,
    }
}

fn pushes(settings: &Settings, core: &Core, public_origin: &layers::Origin) -> Pushes {
    let push = &settings.push;
    let reach = if push.allow_local_services { PushReach::WorldAndHere } else { PushReach::World };
    let own = || public_origin.is_https().then(|| public_origin.to_string());
    let sender = WebPush::new(core.push_key.clone(), push.contact.clone().or_else(own), reach);
    let policy = PushPolicy { enabled: push.enabled, reach, sessions: accounts_policy(settings).sessions };
    Pushes::new(core.database.shared(), core.clock.clone(), Arc::new(sender), policy)
}

fn mails(settings: &Settings, core: &Core, public_origin: &layers::Origin) -> Result<Option<Mails>, Failure> {
    let policy = MailsPolicy { server_name: settings.server.name.clone(), origin: public_origin.to_string() };
    let sender = mailing::sender(settings, public_origin.host())?;
    let (store, clock, tokens) = (core.database.shared(), core.clock.clone(), core.tokens.clone());
    Ok(sender.map(|sender| Mails::new(store, clock, tokens, Arc::new(sender), policy)))
}

fn accounts_policy(settings: &Settings) -> AccountsPolicy {
    const HOUR: Duration = Duration::from_hours(1);
    let days = |days: u64| HOUR * u32::try_from(days * 24).unwrap_or(u32::MAX);
    AccountsPolicy {
        server_name: settings.server.name.clone(),
        registration: match settings.accounts.registration {
            config::Registration::Open => RegistrationPolicy::Open,
            config::Registration::Invite => RegistrationPolicy::Invite,
            config::Registration::Closed => RegistrationPolicy::Closed,
        },
        password_min_characters: settings.accounts.password_min_length,
        sessions: SessionPolicy {
            idle: Duration::from_mins(settings.sessions.idle_minutes),
            remember: days(settings.sessions.remember_days),
            absolute: days(settings.sessions.absolute_days),
        },
        sends_mail: settings.mail.server().is_some(),
    }
}

fn stream_settings(settings: &Settings) -> parlor_realtime::Settings {
    let (limits, stream) = (&settings.limits, &settings.realtime);
    parlor_realtime::Settings {
        window_entries: stream.window_entries,
        window_bytes: stream.window_bytes,
        cursors_per_frame: limits.resume_cursors,
        frame_bytes: limits.frame_bytes,
        commands_per_second: limits.commands_per_second,
        commands_burst: limits.command_burst,
        sockets_per_user: limits.sockets_per_user,
        unauthenticated_per_ip: limits.unauthenticated_sockets_per_ip,
        authenticate_within: Duration::from_secs(stream.authenticate_seconds),
        ping_every: Duration::from_secs(stream.heartbeat_seconds),
        dead_after: Duration::from_secs(stream.dead_after_seconds),
        blocked_for: Duration::from_secs(stream.blocked_write_seconds),
        ..parlor_realtime::Settings::default()
    }
}

fn change_policy(settings: &Settings) -> ChangePolicy {
    let messages = &settings.messages;
    let minutes = messages.edit_within_minutes;
    ChangePolicy {
        edit_within: (minutes > 0).then(|| Duration::from_mins(minutes)),
        keep_revisions: messages.keep_revisions,
        notifications_kept: settings.limits.notifications_per_person,
    }
}

async fn note_sessions(accounts: Arc<Accounts>) {
    let mut tick = tokio::time::interval(Duration::from_secs(10));
    loop {
        tick.tick().await;
        if let Err(error) = accounts.note_sessions(false).await
            && !matches!(error, StoreError::ReadOnly(_))
        {
            tracing::warn!(%error, "the last use of sessions could not be noted; trying again");
        }
    }
}
