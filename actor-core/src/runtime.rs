//! Which tokio runtime a piece of code runs on.

use crate::scope;
use std::cell::Cell;
use tokio::runtime::{Handle, Id};
use tokio::task;

/// The runtime of the current task; `None` outside.
///
/// Asking tokio costs two atomics of a counter that all its threads share. A task never changes its runtime, so the answer is
/// remembered by task, and a handler knows it from its frame.
#[inline]
pub(crate) fn current() -> Option<Id> {
    thread_local! {
        static KNOWN: Cell<Option<(task::Id, Id)>> = const { Cell::new(None) };
    }
    if let Some(runtime) = scope::runtime() {
        return Some(runtime);
    }
    let Some(task) = task::try_id() else { return ask() };
    match KNOWN.get() {
        Some((known, runtime)) if known == task => Some(runtime),
        _ => {
            let runtime = ask()?;
            KNOWN.set(Some((task, runtime)));
            Some(runtime)
        }
    }
}

fn ask() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}
