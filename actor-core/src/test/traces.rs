//! What the runtime says of an actor, written down.

use super::census::{Busy, Census, Own};
use super::diary::{Diary, Fate};
use crate::actor::Message;
use crate::exit::ExitReason;
use crate::policy::Policy;
use crate::shared::Shared;
use crate::stamp::Stamp;
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
    pub(crate) fn begins(&self, message: &'static str, stamp: Stamp) {
        self.own.census().stir();
        lock(&self.diary).add(message, stamp.from, Fate::Running);
    }

    /// A message does not run: whoever sent it has left.
    pub(crate) fn skips(&self, message: &'static str, stamp: Stamp) {
        self.own.census().stir();
        lock(&self.diary).add(message, stamp.from, Fate::Cancelled);
    }

    /// The handler of a message has come back with a reply. With `None` it has left the answer to a `ReplyTo`, if it was called.
    pub(crate) fn ends<M: Message>(&self, message: &'static str, reply: Option<&M::Reply>, is_call: bool) {
        let fate = match reply.map(M::returned) {
            Some(returned) if returned.is_err() => Fate::Failed,
            None if is_call => Fate::Later,
            Some(_) | None => Fate::Handled,
        };
        lock(&self.diary).end(message, fate);
    }

    /// A hook has come back, `well` or with an `Err`.
    pub(crate) fn hook_ends(&self, hook: &'static str, well: bool) {
        let fate = if well { Fate::Handled } else { Fate::Failed };
        lock(&self.diary).end(hook, fate);
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

/// A message that runs, where whoever has its reply does not have the actor.
pub(crate) struct Underway(Arc<Shared>, &'static str);

impl Underway {
    pub(crate) fn new(shared: &Arc<Shared>, policy: &'static Policy) -> Self {
        Underway(Arc::clone(shared), policy.name)
    }

    /// As [`Traces::ends`].
    pub(crate) fn ends<M: Message>(self, reply: Option<&M::Reply>, is_call: bool) {
        self.0.traces.ends::<M>(self.1, reply, is_call);
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}
