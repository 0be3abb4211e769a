//! The handler that a thread polls, and what that has begun to wait for.
//!
//! Edges gather here while a handler is polled. Its run fetches them when the poll ends.

use super::edge::{Awaited, Edge, Target, What};
use super::{DETECTS, NOBODY};
use crate::bare::{Joint, WeakJoint};
use crate::frame;
use crate::inbox::KEPT;
use crate::shared::Shared;
use std::cell::{Cell, RefCell};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Of a thread that polls no handler.
const NOWHERE: u8 = u8::MAX;
/// Of one that does, but runs what is nobody's.
const UNWATCHED: u8 = NOWHERE - 1;

/// The handler that this thread polls, in the frame of this depth; those around it are kept where they are polled.
struct Polled {
    run: Cell<u64>,
    depth: Cell<u8>,
    /// How many edges have gathered, of all handlers that it polls: those of one begin where those of the ones around it end.
    edges: Cell<usize>,
}

/// What a handler hides while it is polled, and where its edges begin.
pub(super) struct Around {
    run: u64,
    depth: u8,
    pub(super) first_edge: usize,
}

thread_local! {
    static POLLED: Polled = const {
        Polled { run: Cell::new(NOBODY), depth: Cell::new(NOWHERE), edges: Cell::new(0) }
    };
    static EDGES: RefCell<Vec<Edge>> = const { RefCell::new(Vec::new()) };
}

/// The poll of `run` begins, in its own frame.
#[inline]
pub(super) fn begin(run: u64) -> Around {
    POLLED.with(|polled| {
        let around = Around {
            run: polled.run.replace(run),
            depth: polled.depth.replace(frame::depth()),
            first_edge: 0,
        };
        // What lies there of nobody's is nobody's.
        let first_edge = if around.depth == NOWHERE { 0 } else { polled.edges.get() };
        Around { first_edge, ..around }
    })
}

/// It ends: the number of the run that was polled.
#[inline]
pub(super) fn end(Around { run, depth, .. }: &Around) -> u64 {
    POLLED.with(|polled| {
        polled.depth.set(*depth);
        polled.run.replace(*run)
    })
}

/// Runs `code` as nobody's handler: whatever it waits for, the one that is being polled does not.
pub(crate) fn unwatched<T>(code: impl FnOnce() -> T) -> T {
    let replace = |run, depth| POLLED.with(|polled| (polled.run.replace(run), polled.depth.replace(depth)));
    let (run, depth) = replace(NOBODY, UNWATCHED);
    let result = code();
    replace(run, depth);
    result
}

/// Whether what pends here is waited for by a handler.
#[inline]
pub(crate) fn is_watched() -> bool {
    DETECTS && POLLED.with(|polled| polled.depth.get() == frame::depth())
}

/// The number of the handler that is being polled, which it gets here if it has none; `NOBODY` outside, also in a plain one, which
/// cannot wait.
#[inline]
pub(crate) fn current_run() -> u64 {
    POLLED.with(|polled| match polled.run.get() {
        _ if !is_watched() => NOBODY,
        NOBODY => {
            let run = next_number();
            polled.run.set(run);
            run
        }
        run => run,
    })
}

fn next_number() -> u64 {
    // Of the standard library under loom too: no interleaving depends on it.
    static NEXT: AtomicU64 = AtomicU64::new(NOBODY + 1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Something pends that was polled here. `noted` is the run that waits for it, as was noted before.
pub(crate) fn note<T: Awaited + 'static>(
    noted: &mut u64,
    awaited: &Joint<T>,
    target: impl FnOnce() -> Target,
) {
    if current_run() != *noted {
        awaited.wait_in(current_run());
    }
    if let Some(run) = begins(noted) {
        gather(run, Some(awaited.awaited()), target());
    }
}

/// The handler that begins to wait for it now.
#[inline]
pub(crate) fn begins(noted: &mut u64) -> Option<u64> {
    let run = current_run();
    let is_new = run != mem::replace(noted, run);
    (is_new && run != NOBODY).then_some(run)
}

/// Something to `to` was polled here that is polled again in any case: its handler goes on.
pub(crate) fn goes_on(to: &Arc<Shared>) {
    let run = current_run();
    if run != NOBODY {
        gather(run, None, Target { to: Arc::clone(to), what: What::Answer, policy: None });
    }
}

/// `run` waits for what is at `target`, which knows who waits for it; for `None` it does not, it goes on.
pub(crate) fn gather(run: u64, awaited: Option<WeakJoint<dyn Awaited>>, target: Target) {
    // Where the thread ends nobody waits any more.
    let _ = EDGES.try_with(|edges| {
        let mut edges = edges.borrow_mut();
        edges.push(Edge { number: next_number(), run, awaited, target });
        POLLED.with(|polled| polled.edges.set(edges.len()));
    });
}

/// Moves the edges of `run` to others of it, from `first` on, the newest first. A handler inside of it that was cut off may have left some,
/// which nobody waits for.
#[inline]
pub(super) fn fetch(run: u64, first: usize, to: &mut Vec<Edge>) {
    if POLLED.with(|polled| polled.edges.get()) > first {
        fetch_some(run, first, to);
    }
}

#[inline(never)]
fn fetch_some(run: u64, first: usize, to: &mut Vec<Edge>) {
    POLLED.with(|polled| polled.edges.set(first));
    // Dropped when the list can be used again: it may be the last that keeps an actor.
    let mut left = Vec::new();
    let _ = EDGES.try_with(|edges| {
        let mut edges = edges.borrow_mut();
        if let ([edge], []) = (&edges[..], &to[..])
            && edge.run == run
        {
            // The only one, as most are, is not moved.
            mem::swap(&mut *edges, to);
        }
        while edges.len() > first
            && let Some(edge) = edges.pop()
        {
            if edge.run == run { to.push(edge) } else { left.push(edge) }
        }
        if edges.is_empty() {
            edges.shrink_to(KEPT);
        }
    });
}
