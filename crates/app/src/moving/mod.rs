//! `parlor store copy`: everything moves to another database, and files to another place.

mod files;

use std::time::{Duration, Instant};

use parlor_storage::moving::{self, MovingError, Progress, Side};
use parlor_storage_postgres::moving as postgres;
use parlor_storage_sqlite::moving as sqlite;

use crate::database::Place;
use crate::failure::Failure;
use files::Copied;
pub use files::Files;

/// How often one is told how far it is.
const TELL: Duration = Duration::from_secs(1);

/// Copies everything from one database to another one, or goes on with it; files before, so that the new
/// database tells of none that is not there.
pub fn copy(from: &str, to: &str, files: Option<&Files>) -> Result<(), Failure> {
    let (from, to) = (Place::parse(from, "--from")?, Place::parse(to, "--to")?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let source = match &from {
            Place::Sqlite(file) => sqlite::source(file).await?,
            Place::Postgres(url) => postgres::source(url.reveal()).await?,
        };
        // Before the target is touched.
        moving::check_source(&*source).await?;
        if from == to {
            return Err(MovingError::Same.into());
        }
        let target = match &to {
            Place::Sqlite(file) => sqlite::target(file).await?,
            Place::Postgres(url) => postgres::target(url.reveal()).await?,
        };
        let files = match files {
            Some(files) => Some(files.copy().await?),
            None => None,
        };
        run(&*source, &*target, files.as_ref()).await
    })
}

async fn run(source: &dyn Side, target: &dyn Side, files: Option<&Copied>) -> Result<(), Failure> {
    let mut pace = Pace::start();
    let moved = moving::run((source, target), &mut |progress| pace.tell(progress)).await?;
    source.close().await.map_err(MovingError::Source)?;
    target.close().await.map_err(MovingError::Target)?;
    for one in &moved {
        let sum: Vec<String> = one.sha256[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{:<14} {:>12} rows  {}", one.table, one.rows, sum.concat());
    }
    match files {
        None => println!(
            "The files that people share stay where they are: the new database tells of the same ones."
        ),
        Some(Copied { objects, bytes, added }) => {
            println!("{objects} files with {bytes} bytes are in the new place, {added} of them copied now.");
        }
    }
    println!("Everything is there and the same. Name the new database in database.url and start the server.");
    Ok(())
}

/// Tells how far it is, not too often.
struct Pace {
    told: Instant,
    place: (bool, &'static str),
    rows: u64,
}

impl Pace {
    fn start() -> Self {
        Self { told: Instant::now(), place: (false, ""), rows: 0 }
    }

    fn tell(&mut self, progress: Progress) {
        let Progress { comparing, table, rows, of } = progress;
        let what = if comparing { "compared" } else { "copied" };
        if self.place != (comparing, table) {
            // A table of one page needs no words. What was there before this began is no speed.
            if rows < of {
                eprintln!("{table}: {rows} of {of} rows {what}");
            }
            (self.place, self.rows, self.told) = ((comparing, table), rows, Instant::now());
            return;
        }
        let since = self.told.elapsed();
        if since < TELL {
            return;
        }
        let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX).max(1);
        let speed = rows.saturating_sub(self.rows) * 1_000 / millis;
        eprintln!("{table}: {rows} of {of} rows {what}, {speed} rows/s");
        (self.rows, self.told) = (rows, Instant::now());
    }
}
