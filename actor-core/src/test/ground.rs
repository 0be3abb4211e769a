//! The runtime that something of a test stands on: the current one, or one that nobody drives.

use tokio::runtime::{Builder, Handle, Runtime};

/// Where there is no runtime, one that exists and does not run: what is spawned there is made, and waits for ever. It has no thread.
#[derive(Debug)]
pub(crate) struct Ground {
    handle: Handle,
    undriven: Option<Runtime>,
}

impl Ground {
    #[track_caller]
    pub(crate) fn here() -> Self {
        if let Ok(handle) = Handle::try_current() {
            return Ground { handle, undriven: None };
        }
        // With timers, since some are made, though none rings.
        match Builder::new_current_thread().enable_time().build() {
            Ok(undriven) => Ground { handle: undriven.handle().clone(), undriven: Some(undriven) },
            Err(error) => panic!("no runtime can be made: {error}"),
        }
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Whether what is spawned here runs.
    pub(crate) fn is_driven(&self) -> bool {
        self.undriven.is_none()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(undriven) = self.undriven.take() {
            // Not waited for: the test may drop it where it must not block.
            undriven.shutdown_background();
        }
    }
}
