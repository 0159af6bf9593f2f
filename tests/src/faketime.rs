//! A machine whose clock is wrong.

use std::path::PathBuf;

use tempfile::TempDir;

/// A clock that shows what the test says, to every program that runs by it. The time that the
/// kernel counts for timers is left as it is: a clock that is set changes nothing about it.
#[derive(Debug)]
pub struct WrongClock {
    folder: TempDir,
    wrapper: Vec<String>,
}

impl WrongClock {
    /// A clock that is off by so much: `+0`, `+1h`, `-1h`.
    pub fn off_by(offset: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("offset").display().to_string();
        let variables = [
            format!("LD_PRELOAD={}", library().display()),
            format!("FAKETIME_TIMESTAMP_FILE={file}"),
            "FAKETIME_NO_CACHE=1".to_owned(),
            "FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned(),
        ];
        let wrapper = [String::from("env")].into_iter().chain(variables).collect();
        let clock = Self { folder, wrapper };
        clock.set(offset);
        clock
    }

    /// Sets it, while programs run by it.
    pub fn set(&self, offset: &str) {
        // Never half written.
        let next = self.folder.path().join("next");
        std::fs::write(&next, offset).unwrap();
        std::fs::rename(next, self.folder.path().join("offset")).unwrap();
    }

    /// What a program is run under so that it goes by this clock.
    pub fn wrapper(&self) -> Vec<&str> {
        self.wrapper.iter().map(String::as_str).collect()
    }
}

/// Debian's package `faketime` keeps its library in a folder for each kind of processor.
fn library() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().map(|entry| entry.unwrap().path());
    let places = folders.map(|folder| folder.join("faketime/libfaketime.so.1"));
    let found = places.into_iter().find(|place| place.exists());
    found.unwrap_or_else(|| panic!("this test needs libfaketime; on Debian: apt-get install faketime"))
}
