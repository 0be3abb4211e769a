//! What a task without an actor sees of the same time: it is always ready, so it has a turn in each period in which the system lets this process
//! run at all.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::neighbour::turn;

/// So much before a period begins it has begun already: the timer that is measured was armed a little before this was made.
const EARLY: u64 = 500_000;

/// Periods, and in which of them that task had a turn.
#[derive(Debug)]
pub(crate) struct Yardstick {
    begin: Instant,
    period: u64,
    /// The last period in which it had one, from when on a tick of that period is late, and how many periods there were.
    last: AtomicU64,
    since: AtomicU64,
    periods: AtomicU64,
}

impl Yardstick {
    pub(crate) fn new(period: Duration) -> Self {
        let period = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX).max(1);
        let [last, since, periods] = [0; 3].map(AtomicU64::new);
        Yardstick { begin: Instant::now(), period, last, since, periods }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn period_at(&self, now: u64) -> u64 {
        (now + EARLY) / self.period
    }

    /// The task.
    pub(crate) async fn run(&self) {
        loop {
            let now = self.now();
            let period = self.period_at(now);
            if period != self.last.load(Ordering::Acquire) {
                self.since.store(now.max(period * self.period), Ordering::Release);
                self.last.store(period, Ordering::Release);
                self.periods.fetch_add(1, Ordering::Release);
            }
            turn().await;
        }
    }

    /// How late whoever should come at the beginning of each period is now: nothing, if the task has not come either.
    pub(crate) fn late(&self) -> Duration {
        let now = self.now();
        if self.last.load(Ordering::Acquire) != self.period_at(now) {
            return Duration::ZERO;
        }
        Duration::from_nanos(now.saturating_sub(self.since.load(Ordering::Acquire)))
    }

    /// In how many periods it had a turn.
    pub(crate) fn periods(&self) -> u64 {
        self.periods.load(Ordering::Acquire)
    }
}
