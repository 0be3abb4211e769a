//! Which tokio runtime a piece of code runs on.

use crate::frame;
use std::cell::Cell;
use std::future;
use std::io;
use std::sync::OnceLock;
use std::task::Waker;
use std::thread;
use tokio::runtime::{Builder, Handle, Id};
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
    if let Some(runtime) = frame::runtime() {
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

/// The current runtime; outside of one a thread that all who ask so share.
#[track_caller]
pub(crate) fn current_or_own() -> Handle {
    static OWN: OnceLock<Handle> = OnceLock::new();
    if let Ok(current) = Handle::try_current() {
        return current;
    }
    let own = OWN.get_or_init(|| match make_own() {
        Ok(own) => own,
        Err(error) => panic!("outside a tokio runtime, and none can be made: {error}"),
    });
    own.clone()
}

fn make_own() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let handle = runtime.handle().clone();
    let forever = move || runtime.block_on(future::pending::<()>());
    thread::Builder::new().name("actor-core".to_owned()).spawn(forever)?;
    Ok(handle)
}
