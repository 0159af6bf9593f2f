//! Files whose bytes come in several requests, by the tus protocol.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Answer, Api, Operation, Person};

/// Of which type the bytes are sent.
const BYTES: &str = "application/offset+octet-stream";

impl Person {
    /// The API with the protocol's version.
    pub fn tus(&self) -> Api {
        self.with("tus-resumable", "1.0.0")
    }

    /// Announces a file; the answer, whatever it is.
    pub async fn announce(&self, name: &str, kind: &str, length: u64) -> Answer {
        let metadata = metadata(&[("filename", name), ("filetype", kind)]);
        let api = self.tus().with("upload-length", &length.to_string()).with("upload-metadata", &metadata);
        api.call("POST", "/api/v1/uploads", None).await
    }

    /// Announces a file that is taken; the address of its upload.
    pub async fn announced(&self, name: &str, kind: &str, length: u64) -> String {
        let answer = self.announce(name, kind, length).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.header("location").unwrap_or_default().to_owned()
    }

    /// Sends bytes of an upload; the answer, whatever it is.
    pub async fn append(&self, upload: &str, offset: u64, bytes: impl Into<reqwest::Body>) -> Answer {
        let api = self.tus().with("upload-offset", &offset.to_string());
        api.upload_by("PATCH", upload, BYTES, bytes).await
    }

    /// Asks how far an upload is; the answer, whatever it is.
    pub async fn head(&self, upload: &str) -> Answer {
        self.tus().call("HEAD", upload, None).await
    }

    /// How far an upload is.
    pub async fn offset_of(&self, upload: &str) -> u64 {
        let answer = self.head(upload).await;
        assert_eq!(answer.status, 200);
        answer.number("upload-offset")
    }
}

impl Answer {
    /// A header's value, a number.
    #[track_caller]
    pub fn number(&self, name: &str) -> u64 {
        self.header(name).and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name}"))
    }
}

/// The value of `Upload-Metadata` that says this.
pub fn metadata(said: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        said.iter().map(|(key, value)| format!("{key} {}", STANDARD.encode(value))).collect();
    pairs.join(",")
}

/// The same API with the headers that an operation has to have.
pub fn with_headers(operation: &Operation, api: &Api) -> Api {
    if !operation.path.contains("/uploads") {
        return api.clone();
    }
    api.with("tus-resumable", "1.0.0")
        .with("upload-length", "1000")
        .with("upload-offset", "0")
        .with("upload-metadata", &metadata(&[("filename", "a.txt")]))
}

/// Asks for an operation that takes some bytes of a file, with such; nothing for any other one.
pub async fn with_bytes(operation: &Operation, api: &Api, path: &str) -> Option<Answer> {
    match operation.id.as_str() {
        "appendToUpload" => Some(api.upload_by("PATCH", path, BYTES, "some words").await),
        _ => None,
    }
}
