use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use parlor_domain::{Authenticated, EventPublisher, KnownNode, Node, StoreError, UserId};
use parlor_wire::PresenceSource;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::connection::{Common, Connection, Desk, websocket_config};
use crate::frames::CloseReason;
use crate::hub::{Fanout, Hub, Inlet, watch_heads, watch_maintenance};
use crate::metrics::Metrics;
use crate::nodes::{Around, Ringer, leave, listen, live, look_around};
use crate::presence::{People, announce, store_seen};
use crate::services::Services;
use crate::settings::Settings;
use crate::timings::Timings;

/// How long each of the queues and the stream's own tasks may take to finish at shutdown.
const FINISH: Duration = Duration::from_secs(2);

/// Pieces of news that may wait for the fan-out; whoever brings more waits.
const NEWS: usize = 1_024;

/// How a connection comes in.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Who it is, when the upgrade carried credentials.
    pub authenticated: Option<Authenticated>,
    /// Where it comes from.
    pub client_ip: IpAddr,
}

/// The stream of a server: everybody who is connected, and what they are to hear of.
pub struct Realtime {
    hub: Arc<Hub>,
    people: Arc<People>,
    desk: Arc<Desk>,
    common: Arc<Common>,
    inlet: Arc<Inlet>,
    around: Option<Arc<Around>>,
    began: Instant,
    connections: TaskTracker,
    tasks: TaskTracker,
    stop: CancellationToken,
    broken: CancellationToken,
}

impl Realtime {
    /// Connects the inlet, and begins to hand out what is committed. MUST be called within a tokio
    /// runtime, and once for each inlet: a second stream would hear nothing.
    ///
    /// Fails when the database cannot tell its epoch, or whether there is maintenance.
    pub async fn start(
        inlet: Arc<Inlet>,
        services: Services,
        settings: Settings,
    ) -> Result<Arc<Self>, StoreError> {
        let metrics = Arc::new(Metrics::default());
        let epoch = services.store.epoch().await?;
        let maintenance = services.store.maintenance().await?;
        let bus = services.bus.clone();
        let ringer = bus.as_ref().map(|_| Ringer::new(services.node.id));
        let hub = Arc::new(Hub::new(settings.clone(), Arc::clone(&metrics), ringer.clone()));
        hub.set_maintenance(maintenance);
        let clock = Arc::clone(&services.clock);
        let people = Arc::new(People::new(Arc::clone(&clock), settings.presence_grace, ringer.clone()));
        people.set_discreet(services.store.discreet_users().await?);
        let store = Arc::clone(&services.store);
        let around = bus.map(|bus| {
            let about = services.node.clone();
            let (hub, people, store) = (Arc::clone(&hub), Arc::clone(&people), Arc::clone(&store));
            Arc::new(Around { about, bus, hub, people, store, clock })
        });
        let turns = Semaphore::new(settings.loads_at_once.max(1));
        let desk = Arc::new(Desk { services, hub: Arc::clone(&hub), people: Arc::clone(&people), turns });
        let common = Arc::new(Common { settings: settings.clone(), metrics, epoch });
        let realtime = Arc::new(Self {
            hub: Arc::clone(&hub),
            people: Arc::clone(&people),
            desk,
            common,
            connections: TaskTracker::new(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            broken: CancellationToken::new(),
            inlet,
            around: around.clone(),
            began: Instant::now(),
        });
        let (news, heard) = mpsc::channel(NEWS);
        if let Some(outlet) = realtime.inlet.outlet() {
            let fanout = Fanout::new(Arc::clone(&hub), Arc::clone(&people), Arc::clone(&store));
            realtime.keep_running(fanout.run(outlet, heard));
        }
        if let Some((around, ringer)) = around.zip(ringer) {
            realtime.inlet.ring_with(Arc::clone(&ringer));
            realtime.keep_running(ringer.run(Arc::clone(&around.bus)));
            realtime.keep_running(listen(Arc::clone(&around), news.clone()));
            realtime.keep_running(look_around(Arc::clone(&around), settings.tick_every, news.clone()));
            realtime.keep_running(live(around));
        }
        realtime.keep_running(watch_maintenance(Arc::clone(&hub), Arc::clone(&store)));
        realtime.keep_running(watch_heads(Arc::clone(&hub), Arc::clone(&store), news));
        realtime.keep_running(announce(hub, people, store, settings));
        Ok(realtime)
    }

    /// Runs a task until shutdown; when it panics, the stream is broken.
    fn keep_running(&self, task: impl Future<Output = ()> + Send + 'static) {
        let (stop, guard) = (self.stop.clone(), self.broken.clone().drop_guard());
        self.tasks.spawn(async move {
            stop.run_until_cancelled(task).await;
            guard.disarm();
        });
    }

    /// Where the store publishes.
    pub fn publisher(&self) -> Arc<dyn EventPublisher> {
        Arc::clone(&self.inlet) as Arc<dyn EventPublisher>
    }

    /// Who is at hand.
    pub fn presence(&self) -> Arc<dyn PresenceSource> {
        Arc::clone(&self.people) as Arc<dyn PresenceSource>
    }

    /// How many people are connected, to this server or another one, those who do not show it too.
    pub fn people_connected(&self) -> usize {
        self.people.count()
    }

    /// Those whom others see connected, in no particular order.
    pub fn people_visible(&self) -> Vec<UserId> {
        self.people.visible()
    }

    /// How long ago this server started.
    pub fn up_for(&self) -> Duration {
        self.began.elapsed()
    }

    /// How long things took since then.
    pub fn timings(&self) -> &Arc<Timings> {
        self.desk.services.posts.timings()
    }

    /// The servers that share the database, this one among them.
    pub async fn nodes(&self) -> Result<Vec<KnownNode>, StoreError> {
        let services = &self.desk.services;
        if self.around.is_some() {
            return services.store.nodes().await;
        }
        let node = Node { connections: self.hub.count() as u64, ..services.node.clone() };
        Ok(vec![KnownNode { node, up_for: self.began.elapsed(), silent_for: Duration::ZERO }])
    }

    /// What has happened so far.
    pub fn metrics(&self) -> &Metrics {
        &self.common.metrics
    }

    /// Runs a connection's future beside everything else; the shutdown waits for it.
    pub fn spawn(&self, connection: impl Future<Output = ()> + Send + 'static) {
        self.connections.spawn(connection);
    }

    /// Serves a connection whose upgrade was answered, until it ends. A panic ends this connection
    /// only.
    pub async fn serve<S>(&self, stream: S, opening: Opening)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let _tracked = self.connections.token();
        self.common.metrics.opened.one();
        let served = AssertUnwindSafe(self.serve_seated(stream, opening)).catch_unwind().await;
        if served.is_err() {
            self.common.metrics.panics.one();
            tracing::error!("a connection ended with a panic");
        }
        self.common.metrics.closed.one();
    }

    async fn serve_seated<S>(&self, stream: S, opening: Opening)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let Opening { authenticated, client_ip } = opening;
        let config = websocket_config(&self.common.settings);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        match self.hub.take_seat(client_ip, authenticated.is_some()) {
            Some(seat) => {
                let (desk, common) = (Arc::clone(&self.desk), Arc::clone(&self.common));
                Connection::new(socket, seat, desk, common, authenticated).run().await;
            }
            None => Connection::refuse(socket, CloseReason::TooManyConnections, &self.common.settings).await,
        }
    }

    /// Returns when the stream cannot do its work any more, because a part of it panicked. The
    /// program should end then, so that it is started anew.
    pub async fn broken(&self) {
        tokio::select! {
            () = self.broken.cancelled() => {}
            () = self.desk.services.posts.broken() => {}
        }
    }

    /// Ends the stream in order: every socket is told when to come back and closed, posts in
    /// flight are answered, cursors are written. Takes ten seconds at most.
    pub async fn shutdown(&self) {
        self.hub.close();
        self.connections.close();
        let within = self.common.settings.shutdown_within;
        if timeout(within, self.connections.wait()).await.is_err() {
            tracing::warn!(connections = self.hub.count(), "some connections did not end in time");
        }
        let services = &self.desk.services;
        let finished = timeout(FINISH, async {
            services.posts.close().await;
            services.cursors.close().await;
        });
        if finished.await.is_err() {
            tracing::warn!("the queues could not be emptied in time");
        }
        self.people.everybody_leaves();
        let finished = timeout(FINISH, async {
            store_seen(&self.people, &*services.store).await;
            self.stop.cancel();
            self.tasks.close();
            self.tasks.wait().await;
            if let Some(around) = &self.around {
                leave(around).await;
            }
        });
        if finished.await.is_err() {
            tracing::warn!("the stream's tasks did not end in time");
        }
    }
}
