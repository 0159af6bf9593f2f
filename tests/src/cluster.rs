//! A PostgreSQL of a test's own, which the test may stop and start.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A PostgreSQL. It is stopped and removed when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes one and starts it.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // PostgreSQL does not run as root; then its own user has to get here.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, programs: programs(), port };
        let made = ["--auth=trust", "--username=parlor", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        cluster.run("initdb", &made.map(str::to_owned));
        cluster.resume();
        cluster
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("postgres://parlor@{}/postgres", self.address())
    }

    /// The same, for a proxy.
    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Starts it again.
    pub fn resume(&self) {
        let (folder, port) = (self.folder.path().display(), self.port);
        let options =
            format!("-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}");
        let log = self.folder.path().join("log").display().to_string();
        self.run(
            "pg_ctl",
            &["start".into(), "--wait".into(), "--log".into(), log, "--options".into(), options],
        );
    }

    /// Stops it as it is, with whatever it does at that moment.
    pub fn stop(&self) {
        self.run("pg_ctl", &["stop".into(), "--wait".into(), "--mode=immediate".into()]);
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn run(&self, program: &str, arguments: &[String]) {
        let status = self.command(program, arguments).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }

    fn command(&self, program: &str, arguments: &[String]) -> Command {
        let program = self.programs.join(program);
        let mut command = if rustix::process::getuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.args(arguments).arg("--pgdata").arg(self.data()).current_dir(self.folder.path());
        command.stdout(std::process::Stdio::null());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be stopped already.
        _ = self
            .command("pg_ctl", &["stop".into(), "--mode=immediate".into()])
            .stderr(std::process::Stdio::null())
            .status();
    }
}

/// The folder of PostgreSQL's programs: Debian keeps each version's in one of their own.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for version in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten() {
        folders.push(version.unwrap().path().join("bin"));
    }
    let found = folders.into_iter().find(|folder: &PathBuf| Path::exists(&folder.join("initdb")));
    found.unwrap_or_else(|| panic!("this test needs PostgreSQL; on Debian: apt-get install postgresql"))
}
