//! How long things took.

use std::fmt;
use std::time::{Duration, Instant};

use bench_kit::clock::thread_time;
use hdrhistogram::Histogram;

use crate::options::Threads;

/// Durations by how often they were seen, to three digits.
#[derive(Clone, Debug)]
pub(crate) struct Times(Histogram<u64>);

impl Times {
    pub(crate) fn new() -> Self {
        Times(Histogram::new(3).expect("three digits"))
    }

    pub(crate) fn note(&mut self, time: Duration) {
        // A histogram of this kind grows, so there is nothing that it refuses.
        let _ = self.0.record(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    pub(crate) fn at(&self, quantile: f64) -> Duration {
        Duration::from_nanos(self.0.value_at_quantile(quantile))
    }

    pub(crate) fn max(&self) -> Duration {
        Duration::from_nanos(self.0.max())
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// p50, p99, p99.9, max.
    pub(crate) fn cells(&self) -> [String; 4] {
        [self.at(0.5), self.at(0.99), self.at(0.999), self.max()].map(short)
    }
}

/// Microseconds, without digits that say nothing.
pub(crate) fn short(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        _ if micros < 10.0 => format!("{micros:.2}"),
        _ if micros < 100.0 => format!("{micros:.1}"),
        _ => format!("{micros:.0}"),
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cells().join(" / "))
    }
}

/// A moment by the clock, and by the processor time of this thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    wall: Instant,
    worked: Option<Duration>,
}

impl Moment {
    pub(crate) fn now(threads: Threads) -> Self {
        let worked = if threads == Threads::One { thread_time() } else { None };
        Moment { wall: Instant::now(), worked }
    }

    /// What this runtime did meanwhile: the processor time of its only thread, or what the clock says.
    pub(crate) fn until(self, later: Self) -> Duration {
        match (self.worked, later.worked) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => later.wall.saturating_duration_since(self.wall),
        }
    }
}
