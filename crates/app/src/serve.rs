//! `parlor serve`: from settings to a running server.

use std::time::Duration;

use parlor_http::layers;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::backup::Schedule;
use crate::config::Settings;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::listener::{self, Listener, Shutdown, Tls};
use crate::log;
use crate::wiring::Server;

/// Runs the server until it is told to stop.
pub fn run(settings: &Settings) -> Result<(), Failure> {
    log::start(&settings.log)?;
    let data_dir = DataDir::open(&settings.data_dir)?;
    raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(settings, &data_dir))
}

async fn serve(settings: &Settings, data_dir: &DataDir) -> Result<(), Failure> {
    let server = &settings.server;
    let tls = match (&server.tls_certificate, &server.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls::load(certificate, key)?),
        _ => None,
    };
    let shutdown = Shutdown::default();
    listen_for_signals(&shutdown, tls.clone())?;

    let listener = Listener::bind(server.listen, tls, listener::Limits::of(settings)).await?;
    let bound = listener.local_addr();
    let origins = server.origins(bound);
    let address = origins.first().map(ToString::to_string).unwrap_or_default();
    let running = Server::start(settings, data_dir, bound, &origins).await?;
    let realtime = running.services.realtime.clone();
    let backups = Schedule::of(settings)?.map(|backups| tokio::spawn(backups.run(shutdown.begun.clone())));
    let app = parlor_http::endpoint(running.services.clone(), layer_options(settings, origins));
    let begun = shutdown.begun.clone();
    let watching =
        shutdown.tasks.spawn(async move { watch(begun, realtime.broken(), realtime.shutdown()).await });

    tracing::info!(address, listen = %bound, data = %data_dir.path().display(), "parlor is ready");
    listener.serve(app, shutdown).await;
    running.stop().await;
    if let Some(backups) = backups {
        _ = backups.await;
    }
    ended(watching.await.unwrap_or(true))
}

/// Waits for the shutdown or for something to break, then ends the stream in order; whether
/// something broke. A server that cannot store or hand out messages any more is no server: it
/// ends, so that whoever supervises it starts it anew.
async fn watch(
    begun: CancellationToken,
    broken: impl Future<Output = ()>,
    shutdown: impl Future<Output = ()>,
) -> bool {
    let broke = tokio::select! {
        () = begun.cancelled() => false,
        () = broken => true,
    };
    begun.cancel();
    shutdown.await;
    broke
}

fn ended(broke: bool) -> Result<(), Failure> {
    if broke {
        return Err(Failure::Fault("a part of the server broke; the log says which".into()));
    }
    tracing::info!("parlor has stopped");
    Ok(())
}

fn layer_options(settings: &Settings, own_origins: Vec<layers::Origin>) -> layers::Options {
    let server = &settings.server;
    layers::Options {
        https: own_origins.iter().all(layers::Origin::is_https),
        own_origins,
        cors_origins: server.cors_origins.clone(),
        trusted_proxies: server.trusted_proxies.clone(),
        body_bytes: settings.limits.json_body_bytes,
        request_timeout: Duration::from_secs(server.request_timeout_seconds),
        upload_timeout: Duration::from_secs(settings.files.upload_timeout_seconds),
    }
}

/// The first SIGTERM or SIGINT begins the shutdown, a second one ends the program at once.
/// SIGHUP reads the certificate again.
fn listen_for_signals(shutdown: &Shutdown, tls: Option<Tls>) -> Result<(), Failure> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut hang_up = signal(SignalKind::hangup())?;
    let begun = shutdown.begun.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hang_up.recv() => {
                    if let Some(tls) = &tls {
                        tls.reload();
                    }
                    continue;
                }
            }
            if begun.is_cancelled() {
                std::process::exit(130);
            }
            tracing::info!("stopping; a second signal stops at once");
            begun.cancel();
        }
    });
    Ok(())
}

/// Each connection is an open file, and the usual soft limit is 1,024. The hard limit is what
/// the administrator meant to allow.
fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn t36_when_a_part_breaks_everything_ends_in_order_and_with_a_fault() {
        let (begun, closed) = (CancellationToken::new(), Cell::new(false));
        let broke = watch(begun.clone(), ready(()), async { closed.set(true) }).await;
        assert!(begun.is_cancelled() && closed.get());
        // A fault is exit status 1.
        assert!(matches!(ended(broke), Err(Failure::Fault(_))));
    }

    #[tokio::test]
    async fn a_server_that_is_told_to_stop_ends_well() {
        let begun = CancellationToken::new();
        begun.cancel();
        assert!(ended(watch(begun, pending(), ready(())).await).is_ok());
    }
}
