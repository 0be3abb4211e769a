//! That the caller of what runs waits no more.

use crate::alarm;
use crate::slot::AnyCaller;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll, ready};
use tokio::runtime;
use tokio::time::{Instant, Sleep};

/// See [`Context::cancelled`](crate::Context::cancelled).
#[must_use = "a future does nothing until it is awaited"]
pub struct Cancelled {
    caller: AnyCaller,
    /// The caller's own need not be polled: it may wait for something else.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Cancelled {
    pub(crate) fn new(caller: AnyCaller, deadline: Option<Instant>, runtime: &runtime::Handle) -> Self {
        Cancelled { caller, alarm: deadline.map(|at| alarm::at(at, runtime)) }
    }
}

impl Future for Cancelled {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.caller.poll_gone(cx.waker()) {
            return Poll::Ready(());
        }
        let Some(alarm) = &mut this.alarm else { return Poll::Pending };
        ready!(alarm.as_mut().poll(cx));
        // Its own alarm may come later.
        this.caller.time_out();
        Poll::Ready(())
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled").finish_non_exhaustive()
    }
}
