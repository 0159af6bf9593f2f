use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use parlor_http::layers::Origin;
use serde::{Deserialize, Serialize};

use super::section::section;

section! {
    /// Where the server listens and how it is reached.
    struct Server = "server";

    /// The server's name, as people see it.
    name: String = "Parlor".into();

    /// The address and port the server listens on. `0.0.0.0:8080` is every interface.
    listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));

    /// The addresses people type to reach the server, such as `https://chat.example.org`; the
    /// first one is used in links. Needed unless the server listens on this machine only.
    public_urls: Vec<Origin> = Vec::new();

    /// Networks of reverse proxies in front of the server, such as `127.0.0.1/32`. Only from
    /// them is `X-Forwarded-For` believed.
    trusted_proxies: Vec<IpNet> = Vec::new();

    /// Other sites whose pages may use the API with a bearer token, such as
    /// `https://app.example.org`. They never get the cookie.
    cors_origins: Vec<Origin> = Vec::new();

    /// Serve other machines without TLS. Passwords and messages can then be read on the way;
    /// the page shows a warning.
    allow_plain_http: bool = false;

    /// Serve a page to browse the API at `/api/docs`.
    api_docs: bool = true;

    /// The certificate chain for TLS, in PEM. Read again on SIGHUP.
    tls_certificate: Option<PathBuf> = None;

    /// The private key that belongs to `tls_certificate`, in PEM.
    tls_key: Option<PathBuf> = None;

    /// How long one request may take.
    request_timeout_seconds: u64 [1..=600] = 30;

    /// How long a client may take to send the head of a request, or stay silent between two.
    header_timeout_seconds: u64 [1..=600] = 10;

    /// How long requests and streams may take to finish when the server is stopped.
    shutdown_timeout_seconds: u64 [1..=600] = 10;
}

section! {
    /// What is written to the log, which goes to the standard error output.
    struct Log = "log";

    /// `human`, `json`, or `auto`: human on a terminal, JSON lines otherwise.
    format: LogFormat = LogFormat::Auto;

    /// What is logged: a level, or levels by module, such as `info,parlor::access=warn`.
    filter: String = "info,sea_orm_migration=warn".into();
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Human on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Human,
    /// For machines.
    Json,
}

section! {
    /// Where messages are kept.
    struct Database = "database";

    /// The address of the database: `postgres://user:password@host/database`, PostgreSQL 14 or
    /// later, or a file, such as `sqlite:/var/lib/parlor/chat.db`. Without one it is the file
    /// `parlor.db` in the data folder.
    @secret url: Option<Hidden> = None;

    /// The most connections to PostgreSQL at the same time, for this node.
    max_connections: u32 [2..=1_000] = 16;
}

/// A text that is shown to nobody by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// Hides a text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Server {
    /// Whether other machines can connect.
    pub fn listens_beyond_this_machine(&self) -> bool {
        !self.listen.ip().is_loopback()
    }

    /// Whether people reach the server over a network without TLS.
    pub fn is_insecure(&self) -> bool {
        self.public_urls.iter().any(|url| !url.is_https() && !url.is_loopback())
    }

    /// Whether the server itself speaks TLS.
    pub fn has_tls(&self) -> bool {
        self.tls_certificate.is_some()
    }

    /// The origins under which browsers reach the page. `bound` is where the server listens
    /// in the end, which matters when it chose the port.
    pub fn origins(&self, bound: SocketAddr) -> Vec<Origin> {
        if !self.public_urls.is_empty() {
            return self.public_urls.clone();
        }
        let scheme = if self.has_tls() { "https" } else { "http" };
        let hosts = [bound.to_string(), format!("localhost:{}", bound.port())];
        hosts.iter().filter_map(|host| format!("{scheme}://{host}").parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_for_this_machine_knows_its_origins_by_itself() {
        let origins = Server::default().origins(SocketAddr::from((Ipv4Addr::LOCALHOST, 5000)));
        let origins: Vec<&str> = origins.iter().map(Origin::as_str).collect();
        assert_eq!(origins, ["http://127.0.0.1:5000", "http://localhost:5000"]);
    }
}
