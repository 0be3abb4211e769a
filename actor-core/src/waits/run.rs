//! One run of a handler that may wait: what it waits for is noted at its actor when a poll ends.

use super::level::Level;
use super::polled::{self, Around};
use super::{DETECTS, NOBODY};
use crate::graph;
use crate::shared::Shared;
use crate::slot::AnyCaller;

/// One run of a handler that may wait, over all its polls.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// `NOBODY` until it waits for another actor.
    number: u64,
    /// Where its edges begin among those of the thread that polls it.
    first_edge: usize,
    /// It waits for more than one, which are to be looked at before it is polled.
    has_several: bool,
}

/// Where a caller's slot is: it lives as long as the handler that is to answer it.
pub(super) fn place(caller: &AnyCaller) -> usize {
    caller.address()
}

impl Run {
    /// Polls it, in its own frame.
    #[inline]
    pub(crate) fn watch<T>(&mut self, code: impl FnOnce() -> T) -> T {
        /// Also where a destructor panics on the way out.
        struct Restore<'a> {
            run: &'a mut Run,
            around: Around,
        }
        impl Drop for Restore<'_> {
            #[inline]
            fn drop(&mut self) {
                self.run.number = polled::end(&self.around);
            }
        }
        if !DETECTS {
            return code();
        }
        let around = polled::begin(self.number);
        self.first_edge = around.first_edge;
        let _restore = Restore { run: self, around };
        code()
    }

    /// `NOBODY` if it has waited for no other actor.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Before a poll of the handler that has the actor.
    #[inline]
    pub(crate) fn resume(&self, shared: &Shared) {
        if self.number != NOBODY {
            resume(shared, self.has_several);
        }
    }

    /// After it. If it pends, this is where a deadlock is found.
    #[inline]
    pub(crate) fn pause(
        &mut self,
        shared: &Shared,
        message: &'static str,
        caller: Option<&AnyCaller>,
        pends: bool,
    ) {
        if self.number == NOBODY {
            return;
        }
        if pends {
            self.wait(shared, message, caller);
        } else {
            self.forget();
            end(shared);
            self.number = NOBODY;
        }
    }

    fn wait(&mut self, shared: &Shared, message: &'static str, caller: Option<&AnyCaller>) {
        pend(shared, |main| {
            let again = self.note(main, 0, message, caller.map(place));
            self.has_several = main.edges.len() > 1;
            again
        });
    }

    /// What is left of it in the poll in which it ended is not waited for.
    pub(super) fn forget(&self) {
        let mut left = Vec::new();
        polled::fetch(self.number, self.first_edge, &mut left);
    }

    /// Its new edges and what else is known of it. Whether it is to be polled again.
    #[inline]
    pub(super) fn note(
        &self,
        level: &mut Level,
        depth: usize,
        message: &'static str,
        caller: Option<usize>,
    ) -> bool {
        (level.run, level.depth, level.message, level.caller) = (self.number, depth, message, caller);
        level.pend(|edges| polled::fetch(self.number, self.first_edge, edges))
    }
}

/// A poll begins of a handler that has waited, perhaps for several.
#[inline]
pub(crate) fn resume(shared: &Shared, for_several: bool) {
    shared.waits.goes_on();
    if for_several {
        shared.waits.with(|waits| waits.main.resume());
    }
}

/// Its handler has returned.
pub(crate) fn end(shared: &Shared) {
    shared.waits.with(|waits| waits.main.clear());
}

/// A poll has ended, and its handler waits.
pub(crate) fn pend(shared: &Shared, note: impl FnOnce(&mut Level) -> bool) {
    let (again, first) = shared.waits.pend(note);
    if again {
        shared.bell.knock();
    }
    if let Some(first) = first {
        graph::look(shared, first);
    }
}

/// The caller of a direct call whose handler waits, from the moment it has one.
pub(crate) fn handed_over(shared: &Shared, run: &Run, caller: &AnyCaller) {
    if run.number != NOBODY {
        shared.waits.with(|waits| waits.main.caller = Some(place(caller)));
    }
}
