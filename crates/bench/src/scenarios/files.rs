//! Files of 50 MiB come and go, and pictures are made small; then many download while others chat.

use std::io::Cursor;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use serde_json::json;
use tokio::task::JoinSet;

use super::sends::{WARM_UP, until_failure};
use super::{Bench, chat};
use crate::cli::Choice;
use crate::http::Client;
use crate::latency;
use crate::people::{self, Person};
use crate::process::{Spent, Watch, ratio, rss_kib, settle};
use crate::report::Target::{AtLeast, AtMost};
use crate::report::{Figure, Outcome};

const MEBIBYTE: u64 = 1024 * 1024;
const FILE: u64 = 50 * MEBIBYTE;
const TRANSFERS: u32 = 8;
const PICTURES: u32 = 8;
/// A picture of 12 million pixels.
const WIDTH: u32 = 4_000;
const HEIGHT: u32 = 3_000;
const DOWNLOADS: usize = 100;
const CHATTING: usize = 10;
const ROOM: [(&str, &str); 3] = [
    ("PARLOR_FILES_QUOTA_BYTES", "100000000000"),
    ("PARLOR_LIMITS_UPLOADS_PER_HOUR", "1000000"),
    ("PARLOR_LIMITS_UPLOAD_BURST", "1000000"),
];

pub async fn run(bench: &Bench) -> Result<Outcome> {
    let server = bench.server_with(Choice::Files, &ROOM).await?;
    let address = server.address;
    let people = people::register(address, CHATTING).await?;
    let group = people::group(address, &people[0], &people[1..]).await?;
    let owner = &people[0];
    settle(server.pid).await?;

    let mut file = vec![0; usize::try_from(FILE)?];
    fill(&mut file, 1);
    // Once before: memory that the server keeps is not what a file takes.
    let mut uploaded = upload(address, owner, "warm-up.zip", &file).await?;
    download(address, owner, &uploaded).await?;
    settle(server.pid).await?;

    let mut up = Transfers::begin(server.pid)?;
    for number in 0..TRANSFERS {
        file[..4].copy_from_slice(&number.to_be_bytes());
        uploaded = up.measure(upload(address, owner, "file.zip", &file)).await?;
    }
    settle(server.pid).await?;
    let mut down = Transfers::begin(server.pid)?;
    for _ in 0..TRANSFERS {
        down.measure(download(address, owner, &uploaded)).await?;
    }

    let pictures = pictures()?;
    settle(server.pid).await?;
    let watch = Watch::start(server.pid)?;
    for picture in &pictures {
        upload(address, owner, "picture.jpg", picture).await?;
    }
    let made = watch.spent()?;

    let sends = latency::shared()?;
    let mut chat = chat::begin(address, &people, &group, &sends);
    until_failure(&mut chat, WARM_UP + bench.seconds).await?;
    let calm = latency::take(&sends)?;
    let crowd = Crowd::begin(address, owner, &uploaded)?;
    until_failure(&mut chat, WARM_UP).await?;
    latency::take(&sends)?;
    let (watch, before) = (Watch::start(server.pid)?, crowd.bytes());
    until_failure(&mut chat, bench.seconds).await?;
    let (crowded, spent) = (latency::take(&sends)?, watch.spent()?);
    let fetched = crowd.bytes() - before;
    crowd.end()?;
    chat.shutdown().await;
    server.stop().await?;

    let each = |what: Spent| 1e3 * what.server_cpu / f64::from(PICTURES);
    let name = |what: &str| format!("{DOWNLOADS} download at once: {what}");
    let figures = vec![
        Figure::new("50 MiB up", up.rate(), "MiB/s").target(AtLeast(150.0)),
        Figure::new("50 MiB up: memory on top", up.memory(), "MiB").target(AtMost(8.0)),
        Figure::new("50 MiB down", down.rate(), "MiB/s").target(AtLeast(300.0)),
        Figure::new("50 MiB down: memory on top", down.memory(), "MiB").target(AtMost(8.0)),
        Figure::new("12 MP JPEG: CPU", each(made), "ms").target(AtMost(400.0)),
        Figure::new(name("p99 of sends"), crowded.milliseconds(0.99), "ms").target(AtMost(50.0)),
        Figure::new(name("downloaded"), spent.rate(fetched) / ratio(MEBIBYTE), "MiB/s"),
        Figure::new("p99 of sends before", calm.milliseconds(0.99), "ms"),
    ];
    let raw = json!({
        "downloads": DOWNLOADS, "chatting": CHATTING, "sends": crowded.summary(),
        "sends_before": calm.summary(), "spent": spent.summary(), "pictures": made.summary(),
    });
    Ok(Outcome { figures, raw })
}

/// How long transfers took, and how much memory the server had at most meanwhile.
struct Transfers {
    server: u32,
    before: u64,
    peak: u64,
    took: Duration,
}

impl Transfers {
    fn begin(server: u32) -> Result<Self> {
        let before = rss_kib(server)?;
        Ok(Self { server, before, peak: before, took: Duration::ZERO })
    }

    async fn measure<T>(&mut self, transfer: impl Future<Output = Result<T>>) -> Result<T> {
        let start = Instant::now();
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        tokio::pin!(transfer);
        let done = loop {
            tokio::select! {
                done = &mut transfer => break done?,
                _ = ticks.tick() => self.peak = self.peak.max(rss_kib(self.server)?),
            }
        };
        self.took += start.elapsed();
        Ok(done)
    }

    /// In MiB a second.
    fn rate(&self) -> f64 {
        f64::from(TRANSFERS) * ratio(FILE / MEBIBYTE) / self.took.as_secs_f64()
    }

    /// In MiB.
    fn memory(&self) -> f64 {
        ratio(self.peak - self.before) / 1024.0
    }
}

/// Many who download the same file again and again. They have a thread of their own, or those who
/// chat would wait for them instead of for the server.
struct Crowd {
    thread: std::thread::JoinHandle<Result<()>>,
    ended: Arc<AtomicBool>,
    bytes: Arc<AtomicU64>,
}

impl Crowd {
    fn begin(address: SocketAddr, owner: &Person, file: &str) -> Result<Self> {
        let (ended, bytes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (owner, file) = (owner.clone(), file.to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (until, counted) = (Arc::clone(&ended), Arc::clone(&bytes));
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                let mut downloads = JoinSet::new();
                for _ in 0..DOWNLOADS {
                    let (owner, file) = (owner.clone(), file.clone());
                    let (until, counted) = (Arc::clone(&until), Arc::clone(&counted));
                    downloads.spawn(async move {
                        while !until.load(Ordering::Relaxed) {
                            counted.fetch_add(download(address, &owner, &file).await?, Ordering::Relaxed);
                        }
                        anyhow::Ok(())
                    });
                }
                while let Some(ended) = downloads.join_next().await {
                    ended??;
                }
                Ok(())
            })
        });
        Ok(Self { thread, ended, bytes })
    }

    /// How many bytes came in files that came whole.
    fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn end(self) -> Result<()> {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow::anyhow!("the downloads broke off"))?
    }
}

async fn upload(address: SocketAddr, owner: &Person, name: &str, file: &[u8]) -> Result<String> {
    let path = format!("/api/v1/files?name={name}");
    let uploaded = Client::connect(address).await?.upload(&path, &owner.token, file).await?;
    Ok(uploaded["id"].as_str().context("the answer names no file")?.to_owned())
}

async fn download(address: SocketAddr, owner: &Person, file: &str) -> Result<u64> {
    let path = format!("/api/v1/files/{file}");
    let bytes = Client::connect(address).await?.download(&path, &owner.token).await?;
    ensure!(bytes == FILE, "the file has {bytes} bytes");
    Ok(bytes)
}

/// Pictures that are about as hard to read as photographs: smooth, with some noise on it.
fn pictures() -> Result<Vec<Vec<u8>>> {
    let mut noise = vec![0; usize::try_from(WIDTH * HEIGHT * 3)?];
    (0..PICTURES)
        .map(|number| {
            fill(&mut noise, number + 1);
            let row = usize::try_from(WIDTH * 3)?;
            for (place, value) in noise.iter_mut().enumerate() {
                let smooth = (place % row) * 120 / row + (place / row) / 30;
                *value = u8::try_from(smooth + usize::from(*value & 15)).unwrap_or(u8::MAX);
            }
            let mut picture = Cursor::new(Vec::new());
            JpegEncoder::new_with_quality(&mut picture, 90).write_image(
                &noise,
                WIDTH,
                HEIGHT,
                ExtendedColorType::Rgb8,
            )?;
            Ok(picture.into_inner())
        })
        .collect()
}

/// Bytes that nothing makes smaller, and the same each time: xorshift.
fn fill(bytes: &mut [u8], seed: u32) {
    let mut state = u64::from(seed) << 32 | 0x9e37_79b9;
    for chunk in bytes.chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
    }
}
