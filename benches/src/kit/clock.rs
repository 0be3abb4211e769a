//! Time that nobody else can take.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// How long this thread has run on a processor: what other programs and other threads take does not count. `None` where there is no such
/// clock.
pub fn thread_time() -> Option<Duration> {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).ok().map(Duration::from)
}

/// Keeps this thread busy for so long.
pub fn spin(time: Duration) {
    if time.is_zero() {
        return;
    }
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}
