//! Which tokio runtime a piece of code runs on.

use crate::scope;
use std::cell::Cell;
use std::task::Waker;
use tokio::runtime::{Handle, Id};
use tokio::task;

/// The runtime that polls whoever holds `waker`; `None` outside.
///
/// Asking tokio costs two atomics of a counter that all its threads share, so the answer is remembered by task, and a handler knows it
/// from its frame. A task never changes its runtime, but a thread of `spawn_blocking` keeps its task's identity while it drives another
/// runtime; that one polls with another waker.
#[inline]
pub(crate) fn current(waker: &Waker) -> Option<Id> {
    thread_local! {
        static KNOWN: Cell<Option<(task::Id, usize, Id)>> = const { Cell::new(None) };
    }
    if let Some(runtime) = scope::runtime() {
        return Some(runtime);
    }
    let Some(task) = task::try_id() else { return ask() };
    let waker = waker.data().addr();
    match KNOWN.get() {
        Some((known, by, runtime)) if known == task && by == waker => Some(runtime),
        _ => {
            let runtime = ask()?;
            KNOWN.set(Some((task, waker, runtime)));
            Some(runtime)
        }
    }
}

fn ask() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}
