//! The shape of the source: who depends on whom, how large files are, what the page avoids.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each package may use of the workspace. The program wires everything and the tests look
/// at everything, so that those two are not listed.
const ALLOWED: [(&str, &[&str]); 18] = [
    ("parlor-domain", &[]),
    ("parlor-wire", &["parlor-domain"]),
    ("parlor-files", &["parlor-domain"]),
    ("parlor-security", &["parlor-domain"]),
    ("parlor-mail", &["parlor-domain"]),
    ("parlor-oidc", &["parlor-domain"]),
    ("parlor-outbound", &["parlor-domain"]),
    ("parlor-push", &["parlor-domain", "parlor-outbound", "parlor-wire"]),
    ("parlor-webhooks", &["parlor-domain", "parlor-outbound", "parlor-wire"]),
    ("parlor-limits", &["parlor-domain"]),
    ("parlor-realtime", &["parlor-domain", "parlor-limits", "parlor-wire"]),
    ("parlor-http", &["parlor-domain", "parlor-limits", "parlor-wire", "parlor-realtime"]),
    ("parlor-storage", &["parlor-domain"]),
    ("parlor-storage-sqlite", &["parlor-domain", "parlor-storage"]),
    ("parlor-storage-postgres", &["parlor-domain", "parlor-storage"]),
    ("parlor-bus-nats", &["parlor-domain"]),
    ("parlor-storage-contract", &["parlor-domain"]),
    ("parlor-bench", &[]),
];

/// All that the domain may use of the world.
const DOMAIN_MAY_USE: [&str; 7] = [
    "aho-corasick",
    "async-trait",
    "thiserror",
    "unicode-normalization",
    "unicode-properties",
    "unicode-segmentation",
    "uuid",
];

/// What the stream must not know: the web framework and the database.
const REALTIME_MUST_NOT_USE: [&str; 3] = ["poem", "sea-orm", "sqlx"];

/// Ways for text to become markup or script.
const FORBIDDEN_IN_THE_PAGE: [&str; 7] =
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "v-html", "eval(", "new Function("];

const MAX_LINES: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The packages of the workspace with what they need to run, not to be tested.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(|package| (text(&package["name"]), runtime(package))).collect()
}

fn runtime(package: &Value) -> BTreeSet<String> {
    let all = package["dependencies"].as_array().unwrap();
    all.iter().filter(|one| one["kind"].is_null()).map(|one| text(&one["name"])).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The files below a folder with one of these endings; none when there is no such folder.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !["node_modules", "dist", "target"].contains(&name.as_str()) {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn packages_depend_on_each_other_in_one_direction() {
    for (package, uses) in dependencies() {
        if ["parlor", "parlor-tests"].contains(&package.as_str()) {
            continue;
        }
        let rule = ALLOWED.iter().find(|(name, _)| *name == package);
        let (_, allowed) = rule.unwrap_or_else(|| panic!("{package} is new; say what it may use"));
        for used in uses.iter().filter(|name| name.starts_with("parlor")) {
            assert!(allowed.contains(&used.as_str()), "{package} must not depend on {used}");
        }
    }
}

#[test]
fn the_domain_knows_no_framework_and_the_stream_no_database() {
    let dependencies = dependencies();
    for used in &dependencies["parlor-domain"] {
        assert!(DOMAIN_MAY_USE.contains(&used.as_str()), "the domain must not depend on {used}");
    }
    for used in &dependencies["parlor-realtime"] {
        assert!(!REALTIME_MUST_NOT_USE.contains(&used.as_str()), "the stream must not depend on {used}");
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let mut all = files("crates", &[".rs"]);
    all.extend(files("tests", &[".rs", ".ts", ".mjs"]));
    all.extend(files("web", &[".ts", ".vue", ".css"]));
    let too_long: Vec<String> = all
        .iter()
        .map(|path| (path, read(path)))
        // What a program writes is for programs.
        .filter(|(_, source)| !source.lines().take(5).any(|line| line.contains("generated by")))
        .map(|(path, source)| (path, source.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{}: {lines}", path.display()))
        .collect();
    assert!(too_long.is_empty(), "split these files: {too_long:#?}");
}

#[test]
fn the_page_never_turns_text_into_markup_or_script() {
    for path in files("web/src", &[".ts", ".vue"]) {
        let source = read(&path);
        for forbidden in FORBIDDEN_IN_THE_PAGE {
            let found = source.match_indices(forbidden).any(|(at, _)| {
                // `retrieval(` is not `eval(`.
                !source[..at].chars().next_back().is_some_and(char::is_alphanumeric)
            });
            assert!(!found, "{} uses {forbidden}", path.display());
        }
    }
}

#[test]
fn no_package_allows_unsafe_code() {
    let workspace = read(&root().join("Cargo.toml"));
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    let mut manifests = files("crates", &["Cargo.toml"]);
    manifests.push(root().join("tests/Cargo.toml"));
    for manifest in manifests {
        let takes_over = read(&manifest).contains("[lints]\nworkspace = true");
        assert!(takes_over, "{} does not take over the workspace's lints", manifest.display());
    }
}
