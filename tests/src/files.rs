//! Sharing files.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Answer, Person, Server, id_of, new_id};

/// The beginning of a film, by which it is known as one: an MP4.
pub const FILM: &[u8] = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2\0\0\0\x08free\0\0\0\x08mdat";

impl Person {
    /// Uploads a file; the answer, whatever it is.
    pub async fn upload_file(&self, name: &str, kind: &str, bytes: impl Into<reqwest::Body>) -> Answer {
        self.upload_by("POST", &upload_path(name), kind, bytes).await
    }

    /// Uploads a file that is taken; its id.
    pub async fn share(&self, name: &str, kind: &str, bytes: impl Into<reqwest::Body>) -> Uuid {
        id_of(&self.upload_file(name, kind, bytes).await.expect(201)["id"])
    }

    /// Posts a message with files.
    pub async fn say_with(&self, conversation: Uuid, body: &str, files: &[Uuid]) -> Answer {
        let path = format!("/conversations/{conversation}/messages/{}", new_id());
        self.put(&path, json!({"body": body, "files": files})).await
    }

    /// The hash of a file's bytes, as this person gets them; the status where they get none.
    pub async fn hash_of(&self, file: Uuid) -> Result<String, u16> {
        let (status, _, bytes) = self.download(&format!("/api/v1/files/{file}")).await;
        if status == 200 { Ok(hash(&bytes)) } else { Err(status) }
    }
}

/// The address to upload a file to that has this name.
pub fn upload_path(name: &str) -> String {
    let mut path = "/api/v1/files?name=".to_owned();
    for byte in name.bytes() {
        write!(path, "%{byte:02X}").unwrap();
    }
    path
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// Bytes that nobody has but those who know the number: text, so that they are taken as such.
pub fn words(number: u64, bytes: usize) -> Vec<u8> {
    let mut text = String::new();
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    while text.len() < bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        write!(text, "{:08x} ", state >> 32).unwrap();
    }
    text.truncate(bytes);
    text.into_bytes()
}

impl Server {
    /// The folder with the files that people share.
    pub fn files(&self) -> PathBuf {
        self.data().join("files")
    }

    /// Makes it as if a day and an hour had passed since files are not used any more, and waits until
    /// the server has let go of them.
    pub async fn let_unused_files_go(&mut self) {
        self.kill();
        self.sql("UPDATE file SET unused_since = unused_since - 90000000 WHERE unused_since IS NOT NULL");
        self.restart().await;
        let left = "SELECT (SELECT count(*) FROM freed_object)
            + (SELECT count(*) FROM file WHERE unused_since IS NOT NULL)";
        crate::eventually("what nothing uses is gone", async || (self.sql(left).trim() == "0").then_some(()))
            .await;
    }
}

/// All files below a folder, in order. What programs hold it by is none of them.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if path.file_name().is_none_or(|name| name != "lock") {
            found.push(path);
        }
    }
    found.sort_unstable();
    found
}

/// The files of a message, as it is told.
pub fn files_of(message: &Value) -> Vec<Uuid> {
    message["files"].as_array().into_iter().flatten().map(|file| id_of(&file["id"])).collect()
}
