//! A caller's deadline as a timer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

/// A point in time to be woken at; the timer itself is made when somebody waits for it.
pub(crate) struct Alarm {
    at: Instant,
    /// The actor's.
    runtime: Handle,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    pub(crate) fn new(at: Instant, runtime: &Handle) -> Self {
        Alarm { at, runtime: runtime.clone(), sleep: None }
    }

    pub(crate) fn at(&self) -> Instant {
        self.at
    }

    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (at, runtime) = (self.at, &self.runtime);
        let sleep = self.sleep.get_or_insert_with(|| {
            // Of the caller's runtime if it has one, so that its clock counts; of the actor's in a foreign executor.
            let _entered = Handle::try_current().is_err().then(|| runtime.enter());
            Box::pin(sleep_until(at))
        });
        sleep.as_mut().poll(cx)
    }
}
