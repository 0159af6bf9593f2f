//! A NATS server of a test's own.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use crate::eventually;

/// A NATS server on a free port. It is killed when this is dropped.
#[derive(Debug)]
pub struct Nats {
    child: Child,
    address: SocketAddr,
}

impl Nats {
    /// Starts one.
    pub async fn start() -> Self {
        // Free at this moment; tests do not look for ports at the same place otherwise.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(program())
            .args(["--addr", "127.0.0.1", "--port", &address.port().to_string()])
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("nats-server: {error}; on Debian: apt-get install nats-server"));
        let nats = Self { child, address };
        eventually("the NATS server listens", async || TcpStream::connect(address).ok()).await;
        nats
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Debian installs it for the system's administrator, outside other people's `PATH`.
fn program() -> &'static str {
    let debian = "/usr/sbin/nats-server";
    if std::path::Path::new(debian).exists() { debian } else { "nats-server" }
}
