//! What the runtime says of an actor, written down.

use super::census::{Busy, Census, Own};
use super::diary::{Diary, Fate, Sender};
use crate::exit::ExitReason;
use crate::shared::Shared;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime;
use tokio::sync::Notify;

/// A lock that a panic does not poison: no code of users runs while one is held.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Of one actor.
pub(crate) struct Traces {
    pub(crate) own: Arc<Own>,
    diary: Mutex<Diary>,
    rises: AtomicU64,
    /// Told when it is made anew, falls or ends.
    pub(crate) news: Arc<Notify>,
}

impl Traces {
    pub(crate) fn new(runtime: &runtime::Handle) -> Self {
        Traces {
            own: Own::new(Census::of(runtime)),
            diary: Mutex::new(Diary::new()),
            rises: AtomicU64::new(0),
            news: Arc::new(Notify::new()),
        }
    }

    /// A new actor, from whom the others of its runtime can be told.
    pub(crate) fn introduce(shared: &Arc<Shared>) {
        shared.traces.own.census().add(shared);
    }

    /// A message begins.
    pub(crate) fn begins(&self, message: &'static str, from: Sender) {
        self.own.census().stir();
        lock(&self.diary).add(message, from, Fate::Running);
    }

    /// A message does not run: whoever sent it has left.
    pub(crate) fn skips(&self, message: &'static str, from: Sender) {
        self.own.census().stir();
        lock(&self.diary).add(message, from, Fate::Cancelled);
    }

    /// It has come back, and is `done`, or has left its answer to a `ReplyTo`.
    pub(crate) fn ends(&self, message: &'static str, done: bool) {
        let fate = if done { Fate::Handled } else { Fate::Later };
        lock(&self.diary).end(message, fate);
    }

    /// No handler has the actor any more: what it served and let go of will not come back.
    pub(crate) fn rests(&self) {
        lock(&self.diary).end_all(Fate::CutOff);
    }

    /// An incarnation is over.
    pub(crate) fn falls(&self, reason: &ExitReason) {
        let fate = if matches!(reason, ExitReason::Panicked(_)) { Fate::Panicked } else { Fate::CutOff };
        lock(&self.diary).end_all(fate);
        self.news.notify_waiters();
    }

    /// It has been made anew.
    pub(crate) fn rises(&self) {
        self.rises.fetch_add(1, Ordering::AcqRel);
        self.news.notify_waiters();
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.rises.load(Ordering::Acquire)
    }

    /// A caller runs a handler itself.
    pub(crate) fn works(&self) -> Busy {
        Busy::of(&self.own)
    }

    pub(crate) fn with_diary<T>(&self, read: impl FnOnce(&Diary) -> T) -> T {
        read(&lock(&self.diary))
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}
