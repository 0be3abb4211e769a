//! Messages that run while a handler has the actor: what it serves, and readers.

use super::level::Level;
use super::polled::current_run;
use super::run::{Run, place};
use super::{DETECTS, NOBODY};
use crate::shared::Shared;
use crate::slot::AnyCaller;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// That a handler is in `serving`: what may come in between does not wait for it.
pub(crate) struct Serves {
    shared: Arc<Shared>,
    serves: bool,
}

impl Serves {
    pub(crate) fn begin(shared: &Arc<Shared>) -> Self {
        if DETECTS {
            shared.waits.with(|waits| waits.serving += 1);
        }
        Serves { shared: Arc::clone(shared), serves: DETECTS }
    }

    /// It still waits, but nothing more is served.
    pub(crate) fn end(&mut self) {
        if std::mem::take(&mut self.serves) {
            self.shared.waits.with(|waits| waits.serving = waits.serving.saturating_sub(1));
        }
    }
}

impl Drop for Serves {
    fn drop(&mut self) {
        self.end();
    }
}

/// The run of a message that is served, in its handler's polls.
pub(crate) struct Served<'a> {
    shared: &'a Shared,
    run: Run,
    depth: usize,
}

impl<'a> Served<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        let depth = if DETECTS { shared.waits.with(|waits| waits.serving) } else { 0 };
        Served { shared, run: Run::default(), depth }
    }

    /// Of one reader of several.
    pub(crate) fn reader(shared: &'a Shared) -> Self {
        Served { shared, run: Run::default(), depth: 1 }
    }

    /// Polls it, in its own frame.
    pub(crate) fn watch<T>(&mut self, code: impl FnOnce() -> Poll<T>) -> Poll<T> {
        if self.run.number() != NOBODY {
            self.shared.waits.with(|waits| {
                let mut levels = waits.served.iter_mut();
                if let Some(level) = levels.find(|level| level.run == self.run.number()) {
                    // A poll of the actor is none of what it serves, so nobody could ask for one.
                    level.sweep();
                }
            });
        }
        let poll = self.run.watch(code);
        if poll.is_ready() {
            self.run.forget();
        }
        poll
    }

    /// With how deep it stands among what is served.
    pub(crate) fn run(&self) -> (&Run, usize) {
        (&self.run, self.depth)
    }

    /// After a poll that pends, in the frame of the handler that serves it, which looks when its own poll ends.
    pub(crate) fn pause(&self, message: &'static str, caller: Option<&AnyCaller>, waker: &Waker) {
        if self.run.number() == NOBODY {
            return;
        }
        // It is this that makes the handler around it known.
        current_run();
        let (run, caller) = (&self.run, caller.map(place));
        let again = self.shared.waits.with(|waits| {
            let known = waits.served.iter().position(|level| level.run == run.number());
            let at = known.unwrap_or_else(|| {
                waits.served.push(Level::default());
                waits.served.len() - 1
            });
            run.note(&mut waits.served[at], self.depth, message, caller)
        });
        if again {
            waker.wake_by_ref();
        }
    }
}

impl Drop for Served<'_> {
    fn drop(&mut self) {
        if self.run.number() != NOBODY {
            self.shared.waits.with(|waits| waits.served.retain(|level| level.run != self.run.number()));
        }
    }
}
