//! Where somebody who waits leaves his waker.

use std::task::Waker;

/// Puts `waker` into its place; what lay there, unless it wakes the same task. That is to be dropped where no lock is held: it may hold a task, and
/// with it whatever that waits for.
#[must_use]
pub(crate) fn leave(place: &mut Option<Waker>, waker: &Waker) -> Option<Waker> {
    match place {
        Some(known) if known.will_wake(waker) => None,
        place => place.replace(waker.clone()),
    }
}
