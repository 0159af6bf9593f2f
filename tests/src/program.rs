//! The program under test.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How a short run of the program ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status; `None` when a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to the standard output.
    pub stdout: String,
    /// What it wrote to the standard error output.
    pub stderr: String,
}

/// The program: `PARLOR_TEST_BINARY`, or the one that was built together with this test.
pub fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("PARLOR_TEST_BINARY") {
        return path.into();
    }
    // The test is target/<profile>/deps/<name>-<hash>.
    let test = std::env::current_exe().unwrap();
    let path = test.parent().and_then(|deps| deps.parent()).unwrap().join("parlor");
    assert!(path.exists(), "{} is not there; build it first: cargo build --bin parlor", path.display());
    path
}

/// The program with nothing of this process' environment in its own: a variable `PARLOR_…` of
/// whoever runs the tests would be a setting.
pub(crate) fn command(wrapper: &[String]) -> Command {
    let program = program();
    let mut command = match wrapper {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    };
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
    command
}

/// Runs the program to its end. It has to end by itself: every use of this is a command that does
/// not serve, or one that is refused.
pub fn run<A: AsRef<OsStr>>(arguments: &[A], variables: &[(&str, &str)]) -> Finished {
    // `timeout` ends a program that serves after all, so that no test hangs and no process stays.
    let limit = ["timeout", "--kill-after=1", "20"].map(str::to_owned);
    let output = command(&limit).args(arguments).envs(variables.iter().copied()).output().unwrap();
    Finished {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
