//! How long answers took.

use std::fmt;
use std::time::{Duration, Instant};

use crate::slow::SlowCall;

/// Sorted.
#[derive(Debug)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Times(times)
    }

    /// Of questions, one after the other, each while the call is out.
    pub(crate) async fn of<F: Future>(asks: u32, call: &SlowCall, mut ask: impl FnMut() -> F) -> Self {
        // The first ones find everything cold.
        for _ in 0..asks / 100 {
            call.goes_out().await;
            ask().await;
        }
        let mut times = Vec::with_capacity(asks as usize);
        for _ in 0..asks {
            call.goes_out().await;
            let begin = Instant::now();
            ask().await;
            times.push(begin.elapsed());
        }
        Times::new(times)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |thousandth: usize| {
            let last = self.0.len().saturating_sub(1);
            self.0.get((self.0.len() * thousandth / 1000).min(last)).copied().unwrap_or_default()
        };
        let (count, most) = (self.0.len(), at(1000));
        write!(f, "{count} | {:.1?} | {:.1?} | {:.1?} | {most:.1?}", at(500), at(990), at(999))
    }
}
