//! A server of a test's own.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::database::Database;
use crate::{Api, Finished, Log, PASSWORD, Person, eventually_within, program, run};

/// What every server of the tests is started with: cheap hashes, and limits out of the way of
/// tests that are about something else.
const SETTINGS: [(&str, &str); 17] = [
    ("PARLOR_SERVER_LISTEN", "127.0.0.1:0"),
    ("PARLOR_LOG_FORMAT", "json"),
    ("PARLOR_ACCOUNTS_ARGON2_MEMORY_KIB", "8192"),
    ("PARLOR_ACCOUNTS_ARGON2_ITERATIONS", "1"),
    ("PARLOR_LIMITS_SOCKETS_PER_USER", "1000"),
    ("PARLOR_LIMITS_COMMANDS_PER_SECOND", "10000"),
    ("PARLOR_LIMITS_COMMAND_BURST", "10000"),
    ("PARLOR_LIMITS_MESSAGES_PER_SECOND", "10000"),
    ("PARLOR_LIMITS_MESSAGE_BURST", "10000"),
    ("PARLOR_LIMITS_SIGN_INS_PER_IP", "100000"),
    ("PARLOR_LIMITS_REGISTRATIONS_PER_HOUR_PER_IP", "100000"),
    ("PARLOR_LIMITS_RECOVERY_BURST", "1000"),
    ("PARLOR_LIMITS_RECOVERIES_PER_HOUR_PER_IP", "100000"),
    ("PARLOR_LIMITS_GROUP_CREATES_PER_HOUR", "100000"),
    ("PARLOR_LIMITS_INVITE_LINKS_PER_DAY", "100000"),
    ("PARLOR_LIMITS_UPLOADS_PER_HOUR", "100000"),
    ("PARLOR_LIMITS_UPLOAD_BURST", "100000"),
];

/// How long a start may take. The promise is 2 s; other tests run on the same processors.
const START: Duration = Duration::from_secs(20);

/// The program, serving a data folder that goes with it. It is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    folder: TempDir,
    settings: Vec<(String, String)>,
    wrapper: Vec<String>,
    log: Log,
    reader: Option<JoinHandle<()>>,
    address: SocketAddr,
    admin: Option<Person>,
    /// Goes after the program that uses it.
    database: Database,
}

/// A folder and a database for a server that does not run yet.
#[derive(Debug)]
pub struct Vacant {
    folder: TempDir,
    settings: Vec<(String, String)>,
    database: Database,
}

impl Vacant {
    /// Its data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command on it, to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        run_on(self.data(), &self.settings, arguments)
    }

    /// Another setting than the other server has.
    pub fn set(&mut self, name: &str, value: &str) {
        set(&mut self.settings, name, value);
    }

    /// Starts a server there.
    pub async fn serve(self) -> Server {
        Server::begin(self, Vec::new()).await
    }

    /// The same without waiting for anything.
    pub fn launch(self) -> Server {
        Server::spawned(self, Vec::new())
    }

    /// The address of its database, when that is no file in its folder.
    pub fn database_url(&self) -> Option<&str> {
        let url = self.settings.iter().find(|(name, _)| name == "PARLOR_DATABASE_URL");
        url.map(|(_, url)| url.as_str())
    }

    /// Runs statements on its database; answers what they print, a line for each row.
    pub fn sql(&self, statements: &str) -> String {
        crate::database::sql(self.database_url(), self.data(), statements)
    }
}

impl Server {
    /// A server with its first admin.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with settings of the test's own, as variables.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let mut server = Self::fresh_with(settings).await;
        server.set_up().await;
        server
    }

    /// A server on a database that others can share; see [`Server::beside`].
    pub async fn first_of_several(settings: &[(&str, &str)]) -> Self {
        let together = [("PARLOR_SERVER_PUBLIC_URLS", "http://127.0.0.1:1")];
        let settings: Vec<_> = together.iter().chain(settings).copied().collect();
        let mut server = Self::fresh_on(Database::shared(), &[], &settings).await;
        server.set_up().await;
        server
    }

    /// One more node of that server's community, with settings of its own.
    pub async fn beside(other: &Self, settings: &[(&str, &str)]) -> Self {
        Self::beside_under(&[], other, settings).await
    }

    /// The same under another program.
    pub async fn beside_under(wrapper: &[&str], other: &Self, settings: &[(&str, &str)]) -> Self {
        let key = other.data().join("signing.key").display().to_string();
        let shared = other.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let own = [("PARLOR_SERVER_LISTEN", "127.0.0.1:0"), ("PARLOR_SESSIONS_SIGNING_KEY_FILE", &key)];
        let settings: Vec<_> = shared.chain(own).chain(settings.iter().copied()).collect();
        Self::fresh_on(Database::borrowed(), wrapper, &settings).await
    }

    /// A setting that it was started with.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A server that nobody has set up yet.
    pub async fn fresh() -> Self {
        Self::fresh_with(&[]).await
    }

    /// The same with settings of the test's own.
    pub async fn fresh_with(settings: &[(&str, &str)]) -> Self {
        Self::fresh_under(&[], settings).await
    }

    /// The same under another program, such as `strace`.
    pub async fn fresh_under(wrapper: &[&str], settings: &[(&str, &str)]) -> Self {
        Self::fresh_on(Database::fresh(), wrapper, settings).await
    }

    async fn fresh_on(database: Database, wrapper: &[&str], settings: &[(&str, &str)]) -> Self {
        let mut all: Vec<(String, String)> = Vec::new();
        for (name, value) in SETTINGS.iter().chain(settings) {
            set(&mut all, name, value);
        }
        // What a test says of the database goes before.
        if let Some((name, value)) = database.setting()
            && all.iter().all(|(known, _)| known != name)
        {
            set(&mut all, name, &value);
        }
        let wrapper = wrapper.iter().map(|word| (*word).to_owned()).collect();
        let folder = tempfile::tempdir().unwrap();
        Self::begin(Vacant { folder, settings: all, database }, wrapper).await
    }

    async fn begin(place: Vacant, wrapper: Vec<String>) -> Self {
        let mut server = Self::spawned(place, wrapper);
        server.wait_until_ready().await;
        server
    }

    fn spawned(place: Vacant, wrapper: Vec<String>) -> Self {
        let Vacant { folder, settings, database } = place;
        let (child, log, reader) = spawn(folder.path(), &settings, &wrapper);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let reader = Some(reader);
        Self { child, folder, settings, wrapper, log, reader, address, admin: None, database }
    }

    /// A place for another server with the same settings: a folder and a database of its own, both
    /// empty, on the same kind of database.
    pub fn vacant(&self) -> Vacant {
        let database = self.database.twin();
        let mut settings = self.settings.clone();
        if let Some((name, value)) = database.setting() {
            set(&mut settings, name, &value);
        }
        set(&mut settings, "PARLOR_SERVER_LISTEN", "127.0.0.1:0");
        Vacant { folder: tempfile::tempdir().unwrap(), settings, database }
    }

    /// Runs a command with this server's settings, to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        run_on(self.data(), &self.settings, arguments)
    }

    /// Runs statements on its database, beside it; answers what they print, a line for each row.
    pub fn sql(&self, statements: &str) -> String {
        crate::database::sql(self.setting("PARLOR_DATABASE_URL"), self.data(), statements)
    }

    /// A setting for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        set(&mut self.settings, name, value);
    }

    /// Makes the first admin with the token in the data folder.
    pub async fn set_up(&mut self) {
        let token = self.setup_token();
        let api = self.api();
        let answer = api.post("/setup", setup_body(&token)).await.expect(201);
        self.admin = Some(Person::signed_in(&api, &answer));
    }

    /// The first admin.
    pub fn admin(&self) -> &Person {
        self.admin.as_ref().unwrap()
    }

    /// Registers somebody.
    pub async fn person(&self, username: &str) -> Person {
        Person::register(&self.api(), username).await
    }

    /// The API, for somebody who is not signed in.
    pub fn api(&self) -> Api {
        Api::at(self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin of its page.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The one-time token that it waits for.
    pub fn setup_token(&self) -> String {
        fs::read_to_string(self.data().join("setup-token")).unwrap().trim().to_owned()
    }

    /// What it has written, since its last start.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Its process; with a wrapper, the wrapper's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The memory it has in use, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap()
    }

    /// Ends it as a power failure would end it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as a supervisor does.
    pub fn terminate(&self) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// Its exit status, once it has ended.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        eventually_within(within, "the server ends", async || self.child.try_wait().unwrap()).await
    }

    /// Starts it again on the same data and the same address, and tells how long that took.
    pub async fn restart(&mut self) -> Duration {
        let start = Instant::now();
        self.launch();
        self.wait_until_ready().await;
        start.elapsed()
    }

    /// The same without waiting for anything.
    pub fn launch(&mut self) {
        assert!(self.child.try_wait().unwrap().is_some(), "the server still runs");
        let listen = ("PARLOR_SERVER_LISTEN".to_owned(), self.address.to_string());
        self.settings.retain(|(name, _)| *name != listen.0);
        self.settings.push(listen);
        let (child, log, reader) = spawn(self.folder.path(), &self.settings, &self.wrapper);
        (self.child, self.log, self.reader) = (child, log, Some(reader));
    }

    /// It says in its log where it listens, and then answers.
    async fn wait_until_ready(&mut self) {
        let Self { child, log, reader, .. } = self;
        let address = eventually_within(START, "the server starts", async || {
            let listening = log.events().iter().find_map(|event| event["listen"].as_str()?.parse().ok());
            if listening.is_none() && child.try_wait().unwrap().is_some() {
                // What it wrote last is the reason.
                _ = reader.take().map(JoinHandle::join);
                panic!("the server ended: {:#?}", log.lines());
            }
            listening
        });
        self.address = address.await;
        let api = self.api();
        eventually_within(START, "the server is ready", async || {
            let answer = api.try_call("GET", "/readyz", None).await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(status) = self.child.try_wait().ok().flatten() {
            _ = status;
        } else {
            _ = self.child.kill();
            _ = self.child.wait();
        }
        if std::thread::panicking() {
            let lines = self.log.lines();
            let last = lines.len().saturating_sub(40);
            eprintln!("--- the end of the server's log ---\n{}", lines[last..].join("\n"));
        }
    }
}

fn set(settings: &mut Vec<(String, String)>, name: &str, value: &str) {
    settings.retain(|(known, _)| known != name);
    settings.push((name.to_owned(), value.to_owned()));
}

fn run_on(folder: &Path, settings: &[(String, String)], arguments: &[&str]) -> Finished {
    let mut variables: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let folder = folder.display().to_string();
    variables.push(("PARLOR_DATA_DIR", &folder));
    run(arguments, &variables)
}

fn spawn(folder: &Path, settings: &[(String, String)], wrapper: &[String]) -> (Child, Log, JoinHandle<()>) {
    // What it writes to the standard output belongs to no test.
    let out = File::create(folder.join("stdout.txt")).unwrap();
    let mut child = program::command(wrapper)
        .args(["serve", "--data-dir"])
        .arg(folder)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdout(out)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = Log::default();
    let reader = log.collect(child.stderr.take().unwrap());
    (child, log, reader)
}

/// What sets a server up with an admin called `root`.
pub fn setup_body(token: &str) -> Value {
    json!({"token": token, "username": "root", "name": "Root", "password": PASSWORD})
}
