//! PostgreSQL's own programs, which know how to copy a database.

use std::process::{Output, Stdio};

use tokio::process::Command;

use crate::BackupError;

/// One of PostgreSQL's programs, about to run.
pub(crate) struct Tool {
    name: &'static str,
    command: Command,
}

impl Tool {
    pub(crate) fn new(name: &'static str) -> Self {
        let mut command = Command::new(name);
        // Whoever gives up waiting gives up the program too.
        command.kill_on_drop(true).stdin(Stdio::null()).env("LC_ALL", "C");
        Self { name, command }
    }

    /// The same for the database at this address. The password goes where nobody reads it in the
    /// list of processes.
    pub(crate) fn at(mut self, url: &str) -> Self {
        let (address, password) = without_password(url);
        self.command.arg(format!("--dbname={address}"));
        if let Some(password) = password {
            self.command.env("PGPASSWORD", password);
        }
        self
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Runs it; what it wrote to its standard output.
    pub(crate) async fn run(mut self) -> Result<String, BackupError> {
        let tool = self.name;
        let output = self.command.output().await.map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => BackupError::NoTool { tool },
            _ => BackupError::Tool { tool, said: error.to_string() },
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(BackupError::Tool { tool, said: said(&output) })
    }

    /// Refuses a program of an older version than the server's, which cannot read its catalogue.
    pub(crate) async fn is_new_enough(name: &'static str, server: u32) -> Result<(), BackupError> {
        let answer = Self::new(name).arg("--version").run().await?;
        let found = major(&answer);
        if found.is_some_and(|found| found >= server) {
            return Ok(());
        }
        Err(BackupError::OldTool { tool: name, found: answer.trim().to_owned(), server })
    }
}

/// `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)` → 15.
fn major(answer: &str) -> Option<u32> {
    let version = answer.split(' ').find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    version.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

/// The last thing that a program complained about, in one line.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let mut lines = text.lines().filter(|line| line.contains("error:") || line.contains("fatal:"));
    let line = lines.next().or_else(|| text.lines().rev().find(|line| !line.trim().is_empty()));
    line.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned())
}

/// The address as PostgreSQL's programs read it, and the password that stood in it.
fn without_password(url: &str) -> (String, Option<String>) {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut password = None;
    let mut kept = address.to_owned();
    if let Some((scheme, rest)) = address.split_once("://")
        && let Some((person, place)) = rest.rsplit_once('@')
        && let Some((name, secret)) = person.split_once(':')
    {
        password = Some(decoded(secret));
        kept = format!("{scheme}://{name}@{place}");
    }
    let mut parameters = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("password", secret)) => password = Some(decoded(secret)),
            // The driver's own.
            Some(("statement-cache-capacity", _)) => {}
            Some(("ssl-mode", mode)) => parameters.push(format!("sslmode={mode}")),
            _ => parameters.push(pair.to_owned()),
        }
    }
    if !parameters.is_empty() {
        kept = format!("{kept}?{}", parameters.join("&"));
    }
    (kept, password.filter(|password| !password.is_empty()))
}

/// `%40` → `@`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_no_argument_of_a_program() {
        for (url, address, password) in [
            (
                "postgres://u:c%40nary@h:5433/d?sslmode=require",
                "postgres://u@h:5433/d?sslmode=require",
                "c@nary",
            ),
            (
                "postgres://u@h/d?password=c%40nary&ssl-mode=require",
                "postgres://u@h/d?sslmode=require",
                "c@nary",
            ),
            ("postgres://u:p:w@h/d", "postgres://u@h/d", "p:w"),
        ] {
            assert_eq!(without_password(url), (address.to_owned(), Some(password.to_owned())));
        }
        assert_eq!(without_password("postgres://u@h/d"), ("postgres://u@h/d".to_owned(), None));
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("pg_dump (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("nothing"), None);
    }
}
