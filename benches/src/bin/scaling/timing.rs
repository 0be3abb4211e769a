//! A runtime of one thread, and how long that thread worked.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bench_kit::clock::thread_time;
use tokio::runtime::Builder;

/// Runs `work` as a task of a runtime of one thread, which ends with all that is left on it.
pub(crate) fn on_one<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    run(&mut Builder::new_current_thread(), work)
}

pub(crate) fn on_two<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    run(Builder::new_multi_thread().worker_threads(2), work)
}

fn run<T: Send + 'static>(builder: &mut Builder, work: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = builder.enable_time().build().expect("a runtime");
    runtime.block_on(async { tokio::spawn(work).await.expect("no panic") })
}

/// What it takes to look at the clock.
static NOTHING: LazyLock<Duration> = LazyLock::new(|| {
    let look = || thread_time().unwrap_or_default();
    (0..1000).map(|_| look()).map(|before| look().saturating_sub(before)).min().unwrap_or_default()
});

/// Processor time of this thread; the clock where there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    worked: Option<Duration>,
    wall: Instant,
}

impl Watch {
    pub(crate) fn start() -> Self {
        Watch { wall: Instant::now(), worked: thread_time() }
    }

    /// Nanoseconds since then for each of so many.
    pub(crate) fn each(self, count: u32) -> f64 {
        let took = match (self.worked, thread_time()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.wall.elapsed(),
        };
        share(took.saturating_sub(*NOTHING), count)
    }

    /// The same by the clock, where several threads take part.
    pub(crate) fn each_by_clock(self, count: u32) -> f64 {
        share(self.wall.elapsed(), count)
    }
}

fn share(took: Duration, count: u32) -> f64 {
    took.as_secs_f64() * 1e9 / f64::from(count.max(1))
}
