//! What a process costs, as the kernel counts it.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Processor time of the server, of this process and of all others, over some time.
pub struct Watch {
    server: u32,
    start: Instant,
    server_cpu: f64,
    own_cpu: f64,
    all_cpu: f64,
}

/// What was spent, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Spent {
    pub wall: f64,
    pub server_cpu: f64,
    pub own_cpu: f64,
    pub other_cpu: f64,
}

impl Watch {
    /// Begins to count what the process with this number and this one spend.
    pub fn start(server: u32) -> Result<Self> {
        Ok(Self {
            server,
            start: Instant::now(),
            server_cpu: cpu_seconds(server)?,
            own_cpu: cpu_seconds(std::process::id())?,
            all_cpu: all_cpu_seconds()?,
        })
    }

    /// What was spent since.
    pub fn spent(&self) -> Result<Spent> {
        let server_cpu = cpu_seconds(self.server)? - self.server_cpu;
        let own_cpu = cpu_seconds(std::process::id())? - self.own_cpu;
        let all_cpu = all_cpu_seconds()? - self.all_cpu;
        let other_cpu = (all_cpu - server_cpu - own_cpu).max(0.0);
        Ok(Spent { wall: self.start.elapsed().as_secs_f64(), server_cpu, own_cpu, other_cpu })
    }
}

impl Spent {
    /// The server's processor time for each of so many things, in microseconds.
    pub fn microseconds_each(&self, things: u64) -> f64 {
        self.server_cpu * 1e6 / ratio(things.max(1))
    }

    /// How many things a second these were.
    pub fn rate(&self, things: u64) -> f64 {
        ratio(things) / self.wall
    }

    /// All of it, in percent of one core.
    pub fn summary(&self) -> Value {
        json!({
            "seconds": self.wall,
            "server_core_percent": 100.0 * self.server_cpu / self.wall,
            "generator_core_percent": 100.0 * self.own_cpu / self.wall,
            "others_core_percent": 100.0 * self.other_cpu / self.wall,
        })
    }
}

/// A count to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub fn ratio(count: u64) -> f64 {
    count as f64
}

/// Processor time of a process so far. The kernel tells it in ticks of 10 ms, which is fine for
/// measurements of seconds.
fn cpu_seconds(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).context("the server is gone")?;
    let ticks = ticks(&stat).context("/proc/…/stat has another form than expected")?;
    Ok(ratio(ticks) / ratio(rustix::param::clock_ticks_per_second()))
}

/// Processor time that anybody took so far, other machines on the same hardware included.
fn all_cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/stat").context("there is no /proc/stat")?;
    let ticks = busy_ticks(&stat).context("/proc/stat has another form than expected")?;
    Ok(ratio(ticks) / ratio(rustix::param::clock_ticks_per_second()))
}

/// The times of all processors together but those of idling, which are the fourth and fifth.
fn busy_ticks(stat: &str) -> Option<u64> {
    let times = stat.lines().next()?.strip_prefix("cpu ")?.split_ascii_whitespace().take(8).enumerate();
    times.filter(|(place, _)| ![3, 4].contains(place)).map(|(_, ticks)| ticks.parse::<u64>().ok()).sum()
}

/// User and system time; the name of the program, in parentheses, may contain anything.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Memory a process has in use now, in KiB.
pub fn rss_kib(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("the server is gone")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().context("/proc/…/status has another form than expected")
}

/// Waits until the server has nothing left to do, at most half a minute.
pub async fn settle(server: u32) -> Result<()> {
    for _ in 0..30 {
        let watch = Watch::start(server)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        if watch.spent()?.server_cpu < 0.02 {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let stat = "12 (a ) b) S 1 2 3 4 5 6 7 8 9 10 700 42 0 0 20 0";
        assert_eq!(ticks(stat), Some(742));
    }

    #[test]
    fn time_without_work_is_not_counted() {
        let stat = "cpu  1 2 3 1000 1000 4 5 6 7 8\ncpu0 1 2 3 1000 1000 4 5 6 7 8\n";
        assert_eq!(busy_ticks(stat), Some(21));
    }

    #[test]
    fn this_process_can_be_read() {
        let own = std::process::id();
        assert!(cpu_seconds(own).unwrap() >= 0.0);
        assert!(rss_kib(own).unwrap() > 0);
    }
}
