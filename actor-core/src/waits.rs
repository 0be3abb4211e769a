//! What an actor's handlers wait for.
//!
//! A request that is polled in a handler and pends is an [`Edge`]. Edges gather in the handler's thread while it is [`polled`]; when the poll
//! ends its [`Run`] notes them at its actor, a [`Level`] for each handler that waits, and the [`graph`](crate::graph) looks whether they close a
//! cycle. Nothing unhooks an edge: what it leads to says itself whether it is still waited for, and by whom.

mod edge;
mod level;
mod polled;
mod run;
mod served;
#[cfg(debug_assertions)]
mod targets;

use crate::graph::First;
use crate::shared::Shared;
use crate::sync::{AtomicUsize, Mutex, MutexGuard, Ordering, load_in_order};

pub(crate) use edge::{Awaited, Edge, Stage, Target, What, is_at};
pub(crate) use level::Level;
pub(crate) use polled::{begins, current_run, gather, goes_on, is_watched, note, unwatched};
pub(crate) use run::{Run, handed_over};
#[cfg(all(loom, test))]
pub(crate) use run::{end, pend, resume};
pub(crate) use served::{Served, Serves};

/// Off only to measure what it costs: `--cfg actor_no_detection`.
const DETECTS: bool = !cfg!(actor_no_detection);

/// Of no handler.
pub(crate) const NOBODY: u64 = 0;

/// What the handlers of one actor wait for.
#[derive(Default)]
pub(crate) struct Waits {
    /// How many of its handlers, each served by the one before, are in `serving`.
    pub(crate) serving: usize,
    /// A call that waits here has been let pass.
    passes: bool,
    pub(crate) main: Level,
    pub(crate) served: Vec<Level>,
}

impl Waits {
    pub(crate) fn levels(&self) -> impl Iterator<Item = &Level> {
        std::iter::once(&self.main).chain(&self.served)
    }
}

/// The same at an actor: few have any.
pub(crate) struct Waiting {
    /// Odd while the handler that has the actor waits, and is not in the middle of a poll, at whose end it looks for itself. Only then it may
    /// keep others waiting. Grows whenever anything here may have changed.
    version: AtomicUsize,
    waits: Mutex<Option<Box<Waits>>>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Waiting { version: AtomicUsize::new(0), waits: Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<Waits>>> {
        self.waits.lock()
    }

    fn with<T>(&self, change: impl FnOnce(&mut Waits) -> T) -> T {
        let mut waits = self.lock();
        self.version.fetch_add(2, Ordering::Relaxed);
        change(waits.get_or_insert_default())
    }

    /// The handler waits, as `note` has it, from now on; and how that is at first sight.
    #[inline]
    fn pend<T>(&self, note: impl FnOnce(&mut Level) -> T) -> (T, Option<First>) {
        let mut waits = self.lock();
        let waits = waits.get_or_insert_default();
        let noted = note(&mut waits.main);
        let before = self.version.fetch_add(1, Ordering::SeqCst);
        debug_assert!(before.is_multiple_of(2), "it did not wait");
        (noted, First::of(waits))
    }

    /// It is polled, and keeps nobody waiting meanwhile.
    #[inline]
    fn goes_on(&self) {
        let before = self.version.fetch_add(1, Ordering::SeqCst);
        debug_assert!(!before.is_multiple_of(2), "it waited");
    }

    /// Whether it has no handler that waits for others, or that one goes on right now. For one who has noted before what he waits for
    /// himself: of two who ask this of each other at the same time, one at least is told of the other.
    #[inline]
    pub(crate) fn keeps_nobody(&self) -> bool {
        load_in_order(&self.version).is_multiple_of(2)
    }

    /// Whether the actor's handlers keep nobody waiting, or not the one of whom `look` says so; `false` also where it cannot be known without
    /// waiting, for one who holds another lock like this one.
    pub(crate) fn surely(&self, look: impl FnOnce(&Waits) -> bool) -> bool {
        if self.keeps_nobody() {
            return true;
        }
        let waits = self.waits.try_lock();
        waits.is_some_and(|waits| self.keeps_nobody() || waits.as_deref().is_none_or(look))
    }

    /// With its version. `None` where the actor's handlers keep nobody waiting: there are none that wait for others, or they go on right now.
    pub(crate) fn look<T>(&self, look: impl FnOnce(usize, &Waits) -> T) -> Option<T> {
        let waits = self.lock();
        let version = load_in_order(&self.version);
        waits.as_deref().filter(|_| !version.is_multiple_of(2)).map(|waits| look(version, waits))
    }
}

/// A call at this actor has been let pass: its readers are to look for it.
pub(crate) fn let_pass(at: &Shared) {
    more_may_pass(at);
    at.bell.knock();
}

/// The readers of this actor are to look once more.
pub(crate) fn more_may_pass(at: &Shared) {
    at.waits.with(|waits| waits.passes = true);
}

/// Whether there is one, for the readers.
pub(crate) fn take_passes(at: &Shared) -> bool {
    DETECTS && at.waits.lock().as_deref_mut().is_some_and(|waits| std::mem::take(&mut waits.passes))
}
