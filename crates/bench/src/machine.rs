//! What the figures were measured on: without it they mean nothing.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::latency::Latencies;

/// How often the disk is made to sync.
const SYNCS: usize = 200;

/// The machine, and how fast the disk below `folder` syncs.
pub fn describe(folder: &Path) -> Result<Value> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    Ok(json!({
        "cores": cores,
        "cpu": field("/proc/cpuinfo", "model name"),
        "memory": field("/proc/meminfo", "MemTotal"),
        "kernel": kernel.trim(),
        "load_average_before": load.split(' ').next(),
        "append_4_kib_and_sync": syncs(folder)?.summary(),
    }))
}

/// The commit of the source, and whether files differ from it.
pub fn commit() -> Value {
    let changed = git(&["status", "--porcelain"]).is_some_and(|changes| !changes.is_empty());
    json!({ "id": git(&["rev-parse", "HEAD"]), "changed": changed })
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first value of this name in a file of lines `name: value`.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn syncs(folder: &Path) -> Result<Latencies> {
    let path = folder.join("sync-test");
    let mut file =
        OpenOptions::new().create(true).append(true).open(&path).context("cannot test the disk")?;
    let mut latencies = Latencies::new()?;
    for _ in 0..SYNCS {
        let start = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        latencies.record(start.elapsed());
    }
    fs::remove_file(path)?;
    Ok(latencies)
}
