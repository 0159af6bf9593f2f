//! The descriptions of the API in `docs/` are those of this program.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::process::Command;

fn assert_fresh(name: &str) {
    let printed = Command::new(env!("CARGO_BIN_EXE_parlor")).args(["schema", name]).output().unwrap().stdout;
    let path = format!("{}/../../docs/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read(&path).unwrap_or_default();
    assert!(kept == printed, "docs/{name}.json is stale: run `make documents`");
}

#[test]
fn the_openapi_document_is_fresh() {
    assert_fresh("openapi");
}

#[test]
fn the_asyncapi_document_is_fresh() {
    assert_fresh("asyncapi");
}
