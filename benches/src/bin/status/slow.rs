//! The call that takes its time, and whether it is out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the slow actor does; the same for all.
#[derive(Clone, Debug)]
pub(crate) struct SlowCall {
    takes: Duration,
    is_out: Arc<AtomicBool>,
}

impl SlowCall {
    pub(crate) fn new(takes: Duration) -> Self {
        SlowCall { takes, is_out: Arc::default() }
    }

    pub(crate) async fn answer(&self) -> u64 {
        self.is_out.store(true, Ordering::Release);
        tokio::time::sleep(self.takes).await;
        self.is_out.store(false, Ordering::Release);
        1
    }

    /// Waits until somebody waits for it.
    pub(crate) async fn goes_out(&self) {
        while !self.is_out.load(Ordering::Acquire) {
            tokio::task::yield_now().await;
        }
    }
}
