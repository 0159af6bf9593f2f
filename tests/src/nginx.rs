//! An nginx with a cache in front of a server.

use std::fmt::Write;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::eventually;

/// How often another port is tried when somebody else was quicker.
const TRIES: usize = 5;

/// An nginx that caches whatever it may. It is killed when this is dropped.
#[derive(Debug)]
pub struct CachingNginx {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl CachingNginx {
    /// Starts one in front of this server. What it answers says in `x-cache` whether it was kept. It
    /// keeps `/healthz` whatever the server says, which shows that it keeps something at all.
    pub async fn before(server: SocketAddr) -> Self {
        for _ in 0..TRIES {
            let folder = tempfile::tempdir().unwrap();
            // nginx cannot be told to let the system choose. This one is free at this moment.
            let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let file = folder.path().join("nginx.conf");
            fs::write(&file, configuration(address, server)).unwrap();
            let mut child = Command::new(program())
                .arg("-p")
                .arg(folder.path())
                .arg("-c")
                .arg(&file)
                .args(["-e", "stderr"])
                .stdin(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("nginx: {error}; on Debian: apt-get install nginx-light"));
            let listens = eventually("nginx listens", async || match child.try_wait().unwrap() {
                Some(_) => Some(false),
                None => TcpStream::connect(address).is_ok().then_some(true),
            });
            if listens.await {
                return Self { child, address, _folder: folder };
            }
        }
        panic!("nginx does not start; its own words are above");
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for CachingNginx {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// In one process, so that killing it ends it.
fn configuration(address: SocketAddr, server: SocketAddr) -> String {
    let mut temporary = String::new();
    for what in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(temporary, "{what}_temp_path {what};").unwrap();
    }
    format!(
        "daemon off;
        master_process off;
        pid nginx.pid;
        events {{}}
        http {{
            access_log off;
            {temporary}
            proxy_cache_path cache keys_zone=everything:1m;
            server {{
                listen {address};
                proxy_cache everything;
                proxy_cache_valid any 10m;
                add_header X-Cache $upstream_cache_status always;
                location / {{ proxy_pass http://{server}; }}
                location = /healthz {{
                    proxy_pass http://{server};
                    proxy_ignore_headers Cache-Control Expires Set-Cookie Vary;
                }}
            }}
        }}"
    )
}

/// Debian installs it for the system's administrator, outside other people's `PATH`.
fn program() -> &'static str {
    let debian = "/usr/sbin/nginx";
    if std::path::Path::new(debian).exists() { debian } else { "nginx" }
}
