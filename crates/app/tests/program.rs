//! The program from outside: how it starts, what it says, how it stops.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_parlor");

/// A program with nothing of what is meant for whoever runs the tests: each variable `PARLOR_…`
/// would be a setting.
fn alone(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PARLOR_")) {
        command.env_remove(name);
    }
    command
}

/// A running server, which is killed when the test ends.
struct Server {
    process: Child,
    address: SocketAddr,
    data_dir: TempDir,
}

impl Server {
    fn start() -> Self {
        Self::start_with(alone(PROGRAM))
    }

    /// Starts `program` and waits until it says where it listens.
    fn start_with(mut program: Command) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let mut process = program
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir.path())
            .env("PARLOR_SERVER_HEADER_TIMEOUT_SECONDS", "2")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = log
            .by_ref()
            .map(Result::unwrap)
            .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
            .find_map(|event| event["listen"].as_str().map(|address| address.parse().unwrap()))
            .expect("the server says where it listens");
        // Somebody has to read on, or the server would wait for a full pipe.
        std::thread::spawn(move || log.for_each(drop));
        Self { process, address, data_dir }
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    /// The status line of an answer; empty when the server closes the connection instead.
    fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        _ = write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        _ = stream.read_to_string(&mut answer);
        answer.lines().next().unwrap_or_default().to_owned()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
    }

    /// Processor time used so far, from the kernel's books, in hundredths of a second.
    fn processor_time(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

fn serve(data_dir: &Path, listen: &str) -> Output {
    let mut command = alone(PROGRAM);
    command.args(["serve", "--listen", listen, "--data-dir"]).arg(data_dir).output().unwrap()
}

/// The one line with which a program says what to do.
fn advice(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("parlor: ")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    lines[0].to_owned()
}

#[test]
fn the_server_answers_and_a_signal_stops_it() {
    let mut server = Server::start();
    assert_eq!(server.get("/"), "HTTP/1.1 200 OK");
    let start = Instant::now();
    server.signal(Signal::TERM);
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[test]
fn a_second_process_is_refused() {
    let server = Server::start();
    let line = advice(&serve(server.data_dir.path(), "127.0.0.1:0"));
    assert!(line.contains("another parlor process uses the data folder"), "{line}");
}

#[test]
fn a_port_in_use_is_refused() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let line = advice(&serve(folder.path(), &server.address.to_string()));
    assert!(line.contains("another program listens on"), "{line}");
}

#[test]
fn a_setting_that_does_not_exist_is_refused() {
    let mut command = alone(PROGRAM);
    let output = command.args(["config", "show"]).env("PARLOR_SERVER_LISTN", "x").output().unwrap();
    assert!(advice(&output).contains("PARLOR_SERVER_LISTEN"));
}

#[test]
fn t17_half_open_requests_hurt_nobody_and_are_closed() {
    let server = Server::start();
    let mut half_open: Vec<TcpStream> = (0..400).map(|_| server.connect()).collect();
    for stream in &mut half_open {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: local").unwrap();
    }
    let start = Instant::now();
    assert_eq!(server.get("/"), "HTTP/1.1 200 OK");
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    for stream in &mut half_open {
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
}

#[test]
fn r24_without_file_descriptors_the_server_waits_and_recovers() {
    let mut limited = alone("sh");
    limited.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\"", PROGRAM]);
    let server = Server::start_with(limited);
    let held: Vec<TcpStream> = (0..120).map(|_| server.connect()).collect();
    std::thread::sleep(Duration::from_millis(300));

    let before = server.processor_time();
    std::thread::sleep(Duration::from_secs(1));
    let used = server.processor_time() - before;
    assert!(used < 20, "{used} % of a core");

    drop(held);
    let start = Instant::now();
    assert_eq!(server.get("/"), "HTTP/1.1 200 OK");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}
