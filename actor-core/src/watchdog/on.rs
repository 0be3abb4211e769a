//! The watchdog of debug builds: a timer beside each handler that waits, which wakes its actor's task.

use super::{Stuck, Wait};
use crate::alarm;
use crate::shared::Shared;
use crate::waits::Run;
use std::future::Future;
use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task;
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// In nanoseconds; more of them than there are is never.
static DEFAULT: AtomicU64 = AtomicU64::new(u64::MAX);

type Hook = dyn Fn(&Stuck) + Send + Sync;

static HOOK: RwLock<Option<Arc<Hook>>> = RwLock::new(None);

pub(super) fn set_default(after: Duration) {
    DEFAULT.store(after.as_nanos().try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
}

pub(super) fn set_hook(hook: impl Fn(&Stuck) + Send + Sync + 'static) {
    let before = HOOK.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(hook));
    // Its destructor is the user's code: not under the lock.
    drop(before);
}

fn tell(stuck: &Stuck) {
    let hook = HOOK.read().unwrap_or_else(PoisonError::into_inner).clone();
    match hook {
        // The panic hook has told it; the actor is to live on.
        Some(hook) => drop(panic::catch_unwind(AssertUnwindSafe(|| hook(stuck)))),
        // Nobody can be told that stderr is closed.
        None => drop(writeln!(io::stderr().lock(), "{stuck}")),
    }
}

/// How long the handlers of an actor may wait; `None` if it has no time of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience(Option<Duration>);

impl Patience {
    pub(crate) const fn new(after: Option<Duration>) -> Self {
        Patience(after)
    }

    /// As the actor has it, which may be none of its own.
    pub(crate) fn own(self) -> Option<Duration> {
        self.0
    }

    fn time(self) -> Option<Duration> {
        match (self.0, DEFAULT.load(Ordering::Relaxed)) {
            (Some(own), _) => Some(own),
            (None, u64::MAX) => None,
            (None, nanos) => Some(Duration::from_nanos(nanos)),
        }
    }
}

/// Watches one handler, over all its polls.
#[derive(Debug)]
pub(crate) struct Watchdog(Option<Box<Timed>>);

#[derive(Debug)]
struct Timed {
    since: Instant,
    after: Duration,
    /// `None` where that is beyond the clock's range.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Timed {
    fn new(shared: &Shared) -> Option<Box<Self>> {
        let (since, after) = (Instant::now(), shared.patience.time()?);
        let alarm = since.checked_add(after).map(|at| alarm::at(at, &shared.runtime));
        Some(Box::new(Timed { since, after, alarm }))
    }

    /// Whether its time has passed. The next time is twice as long.
    fn is_due(&mut self, cx: &mut task::Context<'_>) -> bool {
        let Some(alarm) = &mut self.alarm else { return false };
        if alarm.as_mut().poll(cx).is_pending() {
            return false;
        }
        while self.after <= self.since.elapsed() {
            self.after = self.after.saturating_mul(2);
        }
        match self.since.checked_add(self.after) {
            Some(at) => {
                alarm.as_mut().reset(at);
                // So that it wakes this task.
                let _ = alarm.as_mut().poll(cx);
            }
            None => self.alarm = None,
        }
        true
    }
}

impl Watchdog {
    pub(crate) const fn new() -> Self {
        Watchdog(None)
    }

    /// After a poll of the handler that pends, once its waits are noted.
    pub(crate) fn pends(
        &mut self,
        shared: &Shared,
        message: &'static str,
        run: &Run,
        depth: usize,
        cx: &mut task::Context<'_>,
    ) {
        if self.0.is_none() {
            self.0 = Timed::new(shared);
        }
        let Some(timed) = &mut self.0 else { return };
        if !timed.is_due(cx) {
            return;
        }
        let waits = run.targets(shared).into_iter().map(|(target, started)| Wait {
            actor: target.to.label(),
            message: target.message(),
            started,
        });
        tell(&Stuck {
            actor: shared.label(),
            message,
            waited: timed.since.elapsed(),
            serving: run.is_serving(shared, depth),
            waits: waits.collect(),
        });
    }
}
