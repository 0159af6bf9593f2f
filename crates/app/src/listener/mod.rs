//! Accepts connections and serves HTTP/1.1 on them.
//!
//! The framework's own server has no timeout for the head of a request, spins when file
//! descriptors run out and does not know upgraded connections when it stops. This one is small
//! enough to say what it does in each of these cases.
//!
//! It speaks HTTP/1.1 only: streams are upgrades of it, the page is a handful of files, and
//! HTTP/2 would bring its own ways to exhaust a server. A proxy in front may speak HTTP/2.

mod accept;
mod connection;
mod permits;
#[cfg(test)]
mod tests;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use poem::Endpoint;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Settings;
use connection::Connections;
use permits::Permits;
pub use tls::Tls;

/// The server cannot listen. Each message is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error("another program listens on {0}; stop it or choose another address with --listen")]
    InUse(SocketAddr),
    /// The system refuses the address.
    #[error("cannot listen on {address}: {cause}; choose another address with --listen")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// The system's answer.
        cause: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use the TLS {what}: {reason}")]
    Tls {
        /// Which file.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// How much is accepted, and for how long.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: usize,
    /// Connections at the same time from one address.
    pub connections_per_ip: usize,
    /// Networks that are not counted by address: trusted proxies.
    pub uncounted: Vec<IpNet>,
    /// How long a client may take for the TLS handshake, and for the head of a request.
    pub header_timeout: Duration,
    /// How long open requests and streams may take to finish at shutdown.
    pub shutdown_timeout: Duration,
}

impl Limits {
    /// The limits that the settings ask for.
    pub fn of(settings: &Settings) -> Self {
        Self {
            connections: settings.limits.connections,
            connections_per_ip: settings.limits.connections_per_ip,
            uncounted: settings.server.trusted_proxies.clone(),
            header_timeout: Duration::from_secs(settings.server.header_timeout_seconds),
            shutdown_timeout: Duration::from_secs(settings.server.shutdown_timeout_seconds),
        }
    }
}

/// What everybody who has to finish something at shutdown shares.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Cancelled when the shutdown begins.
    pub begun: CancellationToken,
    /// Tasks the shutdown waits for, such as streams.
    pub tasks: TaskTracker,
}

/// A bound port.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    limits: Limits,
}

impl Listener {
    /// Takes the port. Connections wait until [`Listener::serve`] accepts them.
    pub async fn bind(address: SocketAddr, tls: Option<Tls>, limits: Limits) -> Result<Self, ListenError> {
        let refuse = |cause: io::Error| match cause.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse(address),
            _ => ListenError::Refused { address, cause },
        };
        let tcp = TcpListener::bind(address).await.map_err(refuse)?;
        let address = tcp.local_addr().map_err(refuse)?;
        Ok(Self { tcp, address, tls, limits })
    }

    /// The address it listens on; the port is the system's choice when 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the shutdown begins, then closes the port at once and gives requests and
    /// the shutdown's tasks their time to finish.
    pub async fn serve(self, endpoint: impl Endpoint + 'static, shutdown: Shutdown) {
        let connections = Connections {
            endpoint: Arc::new(endpoint),
            permits: Permits::new(&self.limits),
            tls: self.tls,
            header_timeout: self.limits.header_timeout,
            shutdown: shutdown.clone(),
        };
        tokio::select! {
            () = accept::accept(self.tcp, connections) => {}
            () = shutdown.begun.cancelled() => {}
        }
        shutdown.tasks.close();
        if tokio::time::timeout(self.limits.shutdown_timeout, shutdown.tasks.wait()).await.is_err() {
            tracing::warn!(open = shutdown.tasks.len(), "some connections did not finish in time");
        }
    }
}
