//! How the server is doing.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{DayFigures, Figures};
use parlor_realtime::Timing;
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::nodes::{NodeState, NodeView, milliseconds};
use crate::auth::Admin;
use crate::json::Json;
use crate::problem::Problem;
use crate::services::{Disk, Services};
use crate::{Result, Tag};

/// How many kinds of requests are told.
const SLOWEST: usize = 20;

/// Who is connected now.
#[derive(Debug, Serialize, Object)]
struct OnlineView {
    /// How many people, on all nodes; those who are invisible are counted, too.
    people: u64,
    /// How many sockets they are connected through, on all nodes that are up.
    connections: u64,
}

/// How many accounts there are.
#[derive(Debug, Serialize, Object)]
struct PeopleView {
    /// People who are no admins.
    users: u64,
    /// Admins.
    admins: u64,
    /// Bots.
    bots: u64,
    /// Those of these three whom a ban keeps out of the server.
    banned: u64,
    /// Accounts that were deleted.
    deleted: u64,
}

/// How many sessions have not ended.
#[derive(Debug, Serialize, Object)]
struct SessionsView {
    /// Browsers.
    browsers: u64,
    /// Programs that somebody signed in to with their password.
    clients: u64,
    /// Programs, by API tokens.
    programs: u64,
    /// Incoming webhooks.
    webhooks: u64,
}

/// What happened on a day.
#[derive(Debug, Serialize, Object)]
struct DayView {
    /// The day in UTC, such as `2026-03-31`.
    date: String,
    /// How many messages were posted, those deleted since too.
    messages: u64,
    /// How many people got an account, those deleted since too; bots are left out.
    new_people: u64,
}

/// How much is stored, in bytes.
#[derive(Debug, Serialize, Object)]
struct StorageView {
    /// The whole database.
    database_bytes: u64,
    /// How many pictures of people and groups there are.
    pictures: u64,
    /// How many bytes of the database these are.
    picture_bytes: u64,
    /// What is free where this node has its data folder; null where it cannot be told.
    disk_free_bytes: Option<u64>,
    /// How large that disk is.
    disk_bytes: Option<u64>,
}

/// How long one kind of work took on this node since it started.
#[derive(Debug, Serialize, Object)]
struct TimingView {
    /// A method with a route, or what the node does by itself.
    kind: String,
    /// How often it happened.
    count: u64,
    /// Within how many microseconds half of them were done.
    p50_us: u64,
    /// Within how many microseconds 99 of 100 were done.
    p99_us: u64,
    /// How many microseconds the slowest one took. All three are right to a hundredth.
    max_us: u64,
}

/// How the server is doing.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Overview")]
struct OverviewView {
    /// Who is connected now.
    online: OnlineView,
    /// How many accounts there are.
    people: PeopleView,
    /// How many sessions have not ended.
    sessions: SessionsView,
    /// How many messages were ever posted, deleted ones too; counted a few seconds afterwards.
    messages: u64,
    /// The last 30 days in UTC, today the last of them.
    days: Vec<DayView>,
    /// How much is stored.
    storage: StorageView,
    /// When the latest backup was made in `backup.folder`; null without such a folder or backup.
    latest_backup_at: Option<Time>,
    /// How many reports nobody has decided about.
    open_reports: u64,
    /// How many e-mails are still to be sent.
    waiting_mails: u64,
    /// The version of the program on this node.
    version: String,
    /// How many milliseconds ago this node started.
    up_ms: u64,
    /// The nodes, by name.
    nodes: Vec<NodeView>,
    /// Up to 20 kinds of requests and of other work of this node, those first whose `p99_us` is largest.
    slowest: Vec<TimingView>,
}

pub struct OverviewApi;

#[OpenApi(tag = Tag::Administration)]
impl OverviewApi {
    /// How the server is doing
    ///
    /// For admins. It costs little, so that it may be asked for every few seconds.
    #[oai(path = "/admin/overview", method = "get", operation_id = "getOverview")]
    async fn get(&self, services: Data<&Arc<Services>>, admin: Admin) -> Result<Json<OverviewView>> {
        let overview = services.administration.overview(&admin.by).await?;
        let nodes: Vec<_> = services.realtime.nodes().await?.into_iter().map(NodeView::from).collect();
        let up = nodes.iter().filter(|node| node.state == NodeState::Up);
        let online = OnlineView {
            people: services.realtime.people_connected() as u64,
            connections: up.map(|node| node.connections).sum(),
        };
        let (disk, latest_backup_at) = of_machine(&services).await?;
        let Figures { people, sessions, storage, messages, open_reports, waiting_mails } = overview.figures;
        Ok(Json(OverviewView {
            online,
            people: PeopleView {
                users: people.users,
                admins: people.admins,
                bots: people.bots,
                banned: people.banned,
                deleted: people.deleted,
            },
            sessions: SessionsView {
                browsers: sessions.browsers,
                clients: sessions.clients,
                programs: sessions.programs,
                webhooks: sessions.webhooks,
            },
            messages,
            days: overview.days.iter().map(DayView::from).collect(),
            storage: StorageView {
                database_bytes: storage.database_bytes,
                pictures: storage.pictures,
                picture_bytes: storage.picture_bytes,
                disk_free_bytes: disk.map(|disk| disk.free),
                disk_bytes: disk.map(|disk| disk.size),
            },
            latest_backup_at,
            open_reports,
            waiting_mails,
            version: env!("CARGO_PKG_VERSION").into(),
            up_ms: milliseconds(services.realtime.up_for()),
            nodes,
            slowest: services.realtime.timings().slowest(SLOWEST).into_iter().map(TimingView::from).collect(),
        }))
    }
}

/// What the machine tells. A disk may be slow to answer, and others are not to wait for it.
async fn of_machine(services: &Arc<Services>) -> Result<(Option<Disk>, Option<Time>)> {
    let services = Arc::clone(services);
    let asked = tokio::task::spawn_blocking(move || {
        let machine = &services.machine;
        ((machine.disk)(), (machine.latest_backup)().map(Into::into))
    });
    asked.await.map_err(|_| Problem::internal())
}

impl From<&DayFigures> for DayView {
    fn from(figures: &DayFigures) -> Self {
        let DayFigures { day, messages, new_people } = *figures;
        Self { date: day.to_string(), messages, new_people }
    }
}

impl From<Timing> for TimingView {
    fn from(Timing { kind, count, p50, p99, max }: Timing) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self { kind, count, p50_us: micros(p50), p99_us: micros(p99), max_us: micros(max) }
    }
}
