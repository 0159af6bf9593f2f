//! The server that is measured.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::http::Client;

/// How long the server may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// Limits exist to keep single users from doing what a generator does.
const GENEROUS: [(&str, &str); 16] = [
    ("PARLOR_ACCOUNTS_ARGON2_MEMORY_KIB", "8192"),
    ("PARLOR_ACCOUNTS_ARGON2_ITERATIONS", "1"),
    ("PARLOR_SESSIONS_ACCESS_TOKEN_SECONDS", "3600"),
    ("PARLOR_LIMITS_CONNECTIONS", "100000"),
    ("PARLOR_LIMITS_CONNECTIONS_PER_IP", "100000"),
    ("PARLOR_LIMITS_SOCKETS_PER_USER", "1000"),
    ("PARLOR_LIMITS_UNAUTHENTICATED_SOCKETS_PER_IP", "10000"),
    ("PARLOR_LIMITS_COMMANDS_PER_SECOND", "10000"),
    ("PARLOR_LIMITS_COMMAND_BURST", "10000"),
    ("PARLOR_LIMITS_MESSAGES_PER_SECOND", "10000"),
    ("PARLOR_LIMITS_MESSAGE_BURST", "10000"),
    ("PARLOR_LIMITS_REGISTRATIONS_PER_HOUR_PER_IP", "100000"),
    ("PARLOR_LIMITS_GROUP_CREATES_PER_HOUR", "100000"),
    ("PARLOR_LIMITS_SIGN_INS_PER_IP", "100000"),
    ("PARLOR_LIMITS_INVITE_LINKS_PER_DAY", "100000"),
    ("PARLOR_REALTIME_AUTHENTICATE_SECONDS", "60"),
];

/// The administrator's username and password.
pub const ADMINISTRATOR: (&str, &str) = ("bench-admin", "bench-administrator-7351");

/// Which settings the server gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limits {
    /// The defaults.
    Default,
    /// Far above what is measured, and cheap passwords.
    Generous,
}

/// How to start servers.
#[derive(Debug)]
pub struct Launcher {
    program: PathBuf,
    generous: Vec<(&'static str, &'static str)>,
}

/// A server that runs. Dropping it kills it.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// The number of its process.
    pub pid: u32,
    /// The time from its start until it was ready.
    pub ready_after: Duration,
}

impl Launcher {
    /// Will start this program.
    pub fn new(program: PathBuf) -> Result<Self> {
        // Another version of the server may have fewer limits, and refuses what it does not know.
        let docs = std::process::Command::new(&program).args(["config", "docs"]).output();
        let docs = docs.with_context(|| format!("cannot run {}", program.display()))?.stdout;
        let known = |name: &str| memchr::memmem::find(&docs, format!("`{name}`").as_bytes()).is_some();
        let generous = GENEROUS.into_iter().filter(|(name, _)| known(name)).collect();
        Ok(Self { program, generous })
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The program, to be given arguments; dropping it while it runs kills it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // What the caller's shell has set for some other server is not to change the figures.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARLOR_"))
        {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// The variables that differ from the defaults.
    pub fn variables(&self, limits: Limits) -> &[(&'static str, &'static str)] {
        if limits == Limits::Generous { &self.generous } else { &[] }
    }

    /// Starts a server on this data folder, maybe with another database than the one in it and
    /// with more settings, and waits until it is ready.
    pub async fn start(
        &self,
        data: &Path,
        limits: Limits,
        database_url: Option<&str>,
        settings: &[(&str, &str)],
    ) -> Result<Server> {
        let address = free_address()?;
        let password = data.with_extension("password");
        std::fs::write(&password, ADMINISTRATOR.1)?;
        let log = File::options().create(true).append(true).open(log_file(data))?;
        let mut command = self.command();
        command.arg("serve").arg("--data-dir").arg(data).arg("--listen").arg(address.to_string());
        command
            .envs(self.variables(limits).iter().copied())
            .envs(database_url.map(|url| ("PARLOR_DATABASE_URL", url)))
            .envs(settings.iter().copied())
            .env("PARLOR_ADMIN_USERNAME", ADMINISTRATOR.0)
            .env("PARLOR_ADMIN_PASSWORD_FILE", &password)
            .stdout(log.try_clone()?)
            .stderr(log);

        let start = Instant::now();
        let mut child =
            command.spawn().with_context(|| format!("cannot start {}", self.program.display()))?;
        let pid = child.id().context("the server ended at once")?;
        while !is_ready(address).await {
            if child.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                bail!("the server does not start; its last words: {}", last_words(data));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Server { child, address, pid, ready_after: start.elapsed() })
    }
}

impl Server {
    /// Ends it as a power failure would end it.
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks the server to stop and waits for it.
    pub async fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw).context("the server has no number")?;
        kill_process(pid, Signal::TERM)?;
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_err() {
            self.child.kill().await?;
            bail!("the server did not stop within {} s", PATIENCE.as_secs());
        }
        Ok(())
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut client) = Client::connect(address).await else { return false };
    client.call("GET", "/readyz", None, None).await.is_ok_and(|answer| answer.status == 200)
}

/// An address that was free a moment ago.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// The log is written to a file, as it is where the server is used.
fn log_file(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// The end of the server's log.
pub fn last_words(data: &Path) -> String {
    let log = std::fs::read_to_string(log_file(data)).unwrap_or_default();
    let lines: Vec<&str> = log.lines().filter(|line| !line.contains("parlor::access")).collect();
    lines[lines.len().saturating_sub(3)..].join("\n")
}
