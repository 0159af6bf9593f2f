//! The HTTP API, the page and the WebSocket upgrade.
//!
//! [`endpoint`] is everything a server answers: the API under `/api/v1` (one file for each
//! concept, named as in the domain), its documentation, the stream's upgrade, the health checks,
//! and the page. Handlers take who may call them (`auth::Member`), call one use case, and
//! render; `errors` says what each refusal means in HTTP; `layers` holds what happens around
//! every request.

mod accounts;
mod admin;
mod api_tokens;
mod asyncapi;
mod auth;
mod changes;
mod conversations;
mod device;
mod docs;
mod drafts;
mod errors;
mod exports;
mod files;
mod forwards;
mod freezes;
mod group_bans;
mod groups;
mod health;
mod hooks;
mod invite_links;
mod invites;
mod json;
pub mod layers;
mod mail;
mod members;
mod messages;
mod notifications;
mod oidc;
mod openapi;
mod page;
mod paging;
mod passwords;
mod pictures;
mod privacy;
mod problem;
mod problem_spec;
mod push;
mod reports;
mod retention;
mod saved;
mod scheduled;
mod scopes;
mod search;
mod server;
mod services;
mod sessions;
mod setup_gate;
mod stream;
mod sync;
mod term;
mod threads;
mod turns;
mod two_factor;
mod users;

use std::sync::Arc;

use poem::{Endpoint, EndpointExt, Route, get, post};
use poem_openapi::{OpenApiService, Tags};

pub use asyncapi::asyncapi;
pub use files::{UploadPace, Uploading};
pub use oidc::RETURN_PATH as OIDC_RETURN_PATH;
pub use openapi::openapi;
pub use problem::Problem;
pub use services::{Disk, Machine, ServerFacts, Services, SetupGate};
pub use turns::Turns;

/// What a handler answers.
type Result<T, E = Problem> = std::result::Result<T, E>;

/// The parts of the API, as its documentation groups them.
#[derive(Tags)]
enum Tag {
    /// The server itself, and its first start.
    Server,
    /// Registration, sign-in, and your own account.
    Accounts,
    /// The people of the server.
    Users,
    /// Conversations, what is new in them, and how far you have read.
    Conversations,
    /// Messages, and the logs they stand in.
    Messages,
    /// What is answered to one message, apart from its conversation.
    Threads,
    /// What you are told of, and how you treat conversations.
    Notifications,
    /// Groups, and who is in them.
    Groups,
    /// Looking after the server; for admins.
    Administration,
}

// In parts, because a tuple of more than sixteen is too large for the macros.
type Apis = (
    (server::ServerApi, admin::AdminApis),
    (
        accounts::AccountsApi,
        passwords::PasswordsApi,
        sessions::SessionsApi,
        api_tokens::ApiTokensApi,
        invites::InvitesApi,
        mail::MailApi,
        two_factor::TwoFactorApi,
        exports::ExportsApi,
        oidc::OidcApi,
    ),
    (users::UsersApi, pictures::PicturesApi, privacy::PrivacyApi),
    (notifications::NotificationsApi, push::PushApi),
    (sync::SyncApi, conversations::ConversationsApi, retention::RetentionApi, search::SearchApi),
    (messages::MessagesApi, changes::ChangesApi, threads::ThreadsApi),
    (files::FilesApi, files::FileListsApi, files::UploadsApi),
    (drafts::DraftsApi, scheduled::ScheduledApi, saved::SavedApi, forwards::ForwardsApi, reports::ReportsApi),
    (groups::GroupsApi, members::MembersApi, group_bans::GroupBansApi, freezes::FreezeApi),
    (invite_links::InviteLinksApi, pictures::GroupPicturesApi),
);

fn api() -> OpenApiService<Apis, ()> {
    let apis = (
        (server::ServerApi, admin::apis()),
        (
            accounts::AccountsApi,
            passwords::PasswordsApi,
            sessions::SessionsApi,
            api_tokens::ApiTokensApi,
            invites::InvitesApi,
            mail::MailApi,
            two_factor::TwoFactorApi,
            exports::ExportsApi,
            oidc::OidcApi,
        ),
        (users::UsersApi, pictures::PicturesApi, privacy::PrivacyApi),
        (notifications::NotificationsApi, push::PushApi),
        (sync::SyncApi, conversations::ConversationsApi, retention::RetentionApi, search::SearchApi),
        (messages::MessagesApi, changes::ChangesApi, threads::ThreadsApi),
        (files::FilesApi, files::FileListsApi, files::UploadsApi),
        (
            drafts::DraftsApi,
            scheduled::ScheduledApi,
            saved::SavedApi,
            forwards::ForwardsApi,
            reports::ReportsApi,
        ),
        (groups::GroupsApi, members::MembersApi, group_bans::GroupBansApi, freezes::FreezeApi),
        (invite_links::InviteLinksApi, pictures::GroupPicturesApi),
    );
    OpenApiService::new(apis, "Parlor", env!("CARGO_PKG_VERSION"))
        .summary("A chat server's API")
        .description("Everything that the page does. Errors are problem details (RFC 9457); lists come in pages; unknown fields are refused.")
        .url_prefix("/api/v1")
}

/// Everything the server answers, with every layer around it.
pub fn endpoint(services: Arc<Services>, options: layers::Options) -> impl Endpoint + 'static {
    let mut routes = Route::new()
        .at("/healthz", get(health::healthz))
        .at("/readyz", get(health::readyz))
        .at("/api/v1/realtime", get(stream::open_stream))
        .at("/api/v1/hooks/:secret", post(hooks::receive))
        .at("/api/v1/openapi.json", get(docs::openapi_document))
        .at("/api/v1/asyncapi.json", get(docs::asyncapi_document))
        .nest("/api/v1", api());
    if services.server.api_docs {
        routes = routes.at("/api/docs", get(docs::browse));
    }
    let timings = Arc::clone(services.realtime.timings());
    let routes = routes
        .nest("/", page::Page::new())
        .with(layers::KnownQuery::of(&openapi()))
        .with(setup_gate::ClosedUntilSetUp)
        .data(services);
    layers::wrap(routes, options, timings)
}
