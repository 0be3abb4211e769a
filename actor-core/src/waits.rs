//! What an actor's handlers wait for.
//!
//! A request that is polled in a handler and pends is an [`Edge`]. Edges gather in the handler's thread while it is polled; when the poll
//! ends they are noted at its actor, and [`graph`] looks whether they close a cycle. Nothing unhooks an edge: what it leads
//! to says itself whether it is still waited for, and by whom.

use crate::error::Cycle;
use crate::frame;
use crate::graph::{self, First};
use crate::inbox::KEPT;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::sync::Mutex;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};
use tokio::time::Instant;

/// Off only to measure what it costs: `--cfg actor_no_detection`.
const DETECTS: bool = !cfg!(actor_no_detection);

/// Of no handler.
pub(crate) const NOBODY: u64 = 0;

/// Of a thread that polls no handler.
const NOWHERE: u8 = u8::MAX;
/// Of one that does, but runs what is nobody's.
const UNWATCHED: u8 = NOWHERE - 1;

/// Where something that is waited for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has not begun: it can be refused.
    Queued,
    Started,
    /// It is there for whoever waits, who has yet to take it: that one goes on.
    Ready,
    /// Taken, left, or awaited by another: whoever had this edge does not wait for it.
    Over,
}

/// A call, a tell without room, a stream: what a handler can wait for.
pub(crate) trait Awaited: Send + Sync {
    /// `run` waits for it from now on, and nobody else.
    fn wait_in(&self, run: u64);
    /// As `run` sees it.
    fn stage(&self, run: u64) -> Stage;
    /// Lets a call that reads pass those that wait before it; `false` if it cannot.
    fn let_pass(&self) -> bool {
        false
    }
    /// Whether it may.
    fn passes(&self) -> bool {
        false
    }
    /// Refuses it if it is still queued; the waker is of whoever waits for it.
    fn refuse(&self, cycle: &Cycle) -> Option<Option<Waker>>;
}

/// Whom a handler waits for, and with what.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) to: Arc<Shared>,
    pub(crate) message: &'static str,
    /// It may go on while the actor's handler is in `serving`.
    pub(crate) between: bool,
    /// It may go on beside other readers.
    pub(crate) reads: bool,
    pub(crate) until: Option<Instant>,
    /// The run that answers it; `None`: the one whose caller it is.
    pub(crate) by: Option<u64>,
}

/// That a handler waits.
pub(crate) struct Edge {
    /// In the order in which they were made.
    pub(crate) number: u64,
    pub(crate) run: u64,
    /// Not counted, so that no reply of a user's is dropped under a lock. `None`: nothing, the handler goes on.
    pub(crate) awaited: Option<Weak<dyn Awaited>>,
    pub(crate) target: Target,
}

impl Edge {
    /// How it stands, and what it leads to.
    pub(crate) fn sight(&self) -> (Stage, Option<Arc<dyn Awaited>>) {
        match self.awaited.as_ref().map(Weak::upgrade) {
            None => (Stage::Ready, None),
            Some(None) => (Stage::Over, None),
            Some(Some(awaited)) => (awaited.stage(self.run), Some(awaited)),
        }
    }
}

/// A handler that waits for others.
#[derive(Default)]
pub(crate) struct Level {
    /// Its number; `NOBODY` if there is none.
    pub(crate) run: u64,
    /// 0 is the handler that has the actor, 1 what it serves, 2 what that serves; readers are what a handler without a name serves.
    pub(crate) depth: usize,
    pub(crate) message: &'static str,
    /// Where the slot of its caller is.
    pub(crate) caller: Option<usize>,
    pub(crate) edges: Vec<Edge>,
    /// How many were left when all were last looked at.
    pub(crate) swept: usize,
    /// There are too many for a look at all in each poll. So one that is there, or was, may be one that the last poll has passed by.
    pub(crate) unswept: bool,
    /// Somebody has to know: the next poll begins with a look at all.
    pub(crate) asked: Cell<bool>,
}

/// So many are looked at in each poll: it costs less than to find out later what was passed by.
const FEW: usize = 2048;

impl Level {
    /// A poll begins: what is there by now is taken in it, or not waited for. Of a single one this is not asked, since it is most often taken;
    /// of many only when they have doubled, or somebody has asked, so that each costs the same however many there are.
    fn resume(&mut self) {
        let many = self.edges.len() > FEW && self.edges.len() < 2 * self.swept;
        if self.asked.take() || !many {
            self.sweep();
        } else {
            self.unswept = true;
        }
    }

    /// The same, where nobody could ask.
    fn sweep(&mut self) {
        if self.edges.len() > 1 {
            self.edges.retain(|edge| matches!(edge.sight().0, Stage::Queued | Stage::Started));
        }
        self.swept = self.edges.len();
        self.unswept = false;
    }

    /// The handler has returned.
    fn clear(&mut self) {
        self.edges.clear();
        self.edges.shrink_to(KEPT);
        (self.swept, self.unswept) = (0, false);
        self.asked.set(false);
    }

    /// It ends, and the handler waits, for new ones too. What came in the middle of it may not have been seen, and then the handler is
    /// polled again. Whether it is to be polled again in any case: a single one is there that was not taken, and came when nobody knows.
    /// Of the new ones this is not asked: one that was left or taken in the same poll is found out by whoever looks.
    pub(crate) fn pend(&mut self, take_new: impl FnOnce(&mut Vec<Edge>)) -> bool {
        if self.unswept {
            // The last ones are those that are looked at first.
            while self.edges.pop_if(|edge| edge.sight().0 == Stage::Over).is_some() {}
            take_new(&mut self.edges);
            return false;
        }
        let was_single = self.edges.len() == 1;
        let mut is_ready = false;
        self.edges.retain(|edge| match (edge.sight().0, &edge.awaited) {
            (Stage::Queued | Stage::Started, _) => true,
            (Stage::Ready, Some(_)) => {
                is_ready = true;
                true
            }
            // The poll that it stood for has come.
            (Stage::Ready, None) | (Stage::Over, _) => false,
        });
        let old = self.edges.len();
        take_new(&mut self.edges);
        was_single && is_ready && self.edges.len() > old
    }
}

/// What the handlers of one actor wait for.
#[derive(Default)]
pub(crate) struct Waits {
    /// Changes whenever anything here may have.
    pub(crate) version: u64,
    /// In the middle of a poll, at whose end it looks for itself.
    pub(crate) polled: bool,
    /// How many of its handlers, each served by the one before, are in `serving`.
    pub(crate) serving: usize,
    /// A call that waits here has been let pass.
    pub(crate) passes: bool,
    pub(crate) main: Level,
    pub(crate) served: Vec<Level>,
}

impl Waits {
    /// There is none that waits, or it goes on right now.
    fn keep_nobody(&self) -> bool {
        self.main.run == NOBODY || self.polled
    }
}

/// The same at an actor: few have any.
pub(crate) struct Waiting(Mutex<Option<Box<Waits>>>);

impl Waiting {
    pub(crate) fn new() -> Self {
        Waiting(Mutex::new(None))
    }

    fn with<T>(&self, change: impl FnOnce(&mut Waits) -> T) -> T {
        let mut waits = self.0.lock();
        let waits = waits.get_or_insert_default();
        waits.version += 1;
        change(waits)
    }

    /// Whether the actor's handlers keep nobody waiting, or not the one of whom `look` says so; `false` also where it cannot be known without
    /// waiting. For one who holds another lock like this one: who has noted what he waits for before he looks here misses nobody who does the same.
    pub(crate) fn surely(&self, look: impl FnOnce(&Waits) -> bool) -> bool {
        let waits = self.0.try_lock();
        waits.is_some_and(|waits| waits.as_deref().is_none_or(|waits| waits.keep_nobody() || look(waits)))
    }

    /// `None` where the actor's handlers keep nobody waiting: there are none that wait for others, or they go on right now.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Waits) -> T) -> Option<T> {
        let waits = self.0.lock();
        waits.as_deref().filter(|waits| !waits.keep_nobody()).map(look)
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
    DETECTS && at.waits.0.lock().as_deref_mut().is_some_and(|waits| std::mem::take(&mut waits.passes))
}

/// The handler that this thread polls, in the frame of this depth; those around it are kept where they are polled.
struct Polled {
    run: Cell<u64>,
    depth: Cell<u8>,
    /// How many edges have gathered.
    edges: Cell<usize>,
}

impl Polled {
    fn replace(&self, run: u64, depth: u8) -> (u64, u8) {
        (self.run.replace(run), self.depth.replace(depth))
    }
}

/// The edges of all handlers that this thread polls: those of one begin where those of the ones around it end.
struct Edges(RefCell<Vec<Edge>>);

thread_local! {
    static POLLED: Polled = const {
        Polled { run: Cell::new(NOBODY), depth: Cell::new(NOWHERE), edges: Cell::new(0) }
    };
    static EDGES: Edges = const { Edges(RefCell::new(Vec::new())) };
}

impl Edges {
    fn push(edge: Edge) {
        // Where the thread ends nobody waits any more.
        let _ = EDGES.try_with(|edges| {
            let mut edges = edges.0.borrow_mut();
            edges.push(edge);
            POLLED.with(|polled| polled.edges.set(edges.len()));
        });
    }

    /// Takes all from `first` on, the newest first, and moves those of `run` to others of it. A handler inside of it that was cut off may have
    /// left some, which nobody waits for.
    fn take(run: u64, first: usize, to: &mut Vec<Edge>) {
        if POLLED.with(|polled| polled.edges.get()) <= first {
            return;
        }
        // Dropped when the list can be used again: it may be the last that keeps an actor.
        let mut left = Vec::new();
        let _ = EDGES.try_with(|edges| {
            let mut edges = edges.0.borrow_mut();
            while edges.len() > first
                && let Some(edge) = edges.pop()
            {
                if edge.run == run { to.push(edge) } else { left.push(edge) }
            }
            POLLED.with(|polled| polled.edges.set(first));
            if edges.is_empty() {
                edges.shrink_to(KEPT);
            }
        });
    }
}

fn next_number() -> u64 {
    // Of the standard library under loom too: no interleaving depends on it.
    static NEXT: AtomicU64 = AtomicU64::new(NOBODY + 1);
    NEXT.fetch_add(1, Ordering::Relaxed)
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

/// Whether what pends here is waited for by a handler.
#[inline]
pub(crate) fn is_watched() -> bool {
    DETECTS && POLLED.with(|polled| polled.depth.get() == frame::depth())
}

/// Something pends that was polled here. `noted` is the run that waits for it, as was noted before.
pub(crate) fn note<T: Awaited + 'static>(noted: &mut u64, awaited: &Arc<T>, target: impl FnOnce() -> Target) {
    let run = current_run();
    if run != *noted {
        awaited.wait_in(run);
        note_edge(noted, &|| Arc::downgrade(awaited) as Weak<dyn Awaited>, target);
    }
}

/// The same of something that knows already who waits for it.
pub(crate) fn note_edge(
    noted: &mut u64,
    awaited: &dyn Fn() -> Weak<dyn Awaited>,
    target: impl FnOnce() -> Target,
) {
    let run = current_run();
    if run == *noted {
        return;
    }
    *noted = run;
    if run == NOBODY {
        return;
    }
    let edge = Edge { number: next_number(), run, awaited: Some(awaited()), target: target() };
    Edges::push(edge);
}

/// Something to `to` was polled here that is polled again in any case: its handler goes on.
pub(crate) fn goes_on(to: &Arc<Shared>) {
    let run = current_run();
    if run != NOBODY {
        let target =
            Target { to: Arc::clone(to), message: "", between: false, reads: false, until: None, by: None };
        let edge = Edge { number: next_number(), run, awaited: None, target };
        Edges::push(edge);
    }
}

/// Runs `code` as nobody's handler: whatever it waits for, the one that is being polled does not.
pub(crate) fn unwatched<T>(code: impl FnOnce() -> T) -> T {
    let (run, depth) = POLLED.with(|polled| polled.replace(NOBODY, UNWATCHED));
    let result = code();
    POLLED.with(|polled| polled.replace(run, depth));
    result
}

/// One run of a handler that may wait, over all its polls.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// `NOBODY` until it waits for another actor.
    number: u64,
    /// Where its edges begin among those of the thread that polls it.
    first_edge: usize,
}

/// Where a caller's slot is: it lives as long as the handler that is to answer it.
fn place(caller: &AnyCaller) -> usize {
    Arc::as_ptr(caller).cast::<()>().addr()
}

/// Whether `caller` is the place of what is awaited.
pub(crate) fn is_at(awaited: &Arc<dyn Awaited>, caller: usize) -> bool {
    Arc::as_ptr(awaited).cast::<()>().addr() == caller
}

impl Run {
    /// Polls it, in its own frame.
    #[inline]
    pub(crate) fn watch<T>(&mut self, code: impl FnOnce() -> T) -> T {
        /// Also where a destructor panics on the way out.
        struct Restore<'a> {
            run: &'a mut Run,
            outer: (u64, u8),
        }
        impl Drop for Restore<'_> {
            #[inline]
            fn drop(&mut self) {
                let (run, depth) = self.outer;
                self.run.number = POLLED.with(|polled| polled.replace(run, depth)).0;
            }
        }
        if !DETECTS {
            return code();
        }
        let outer = POLLED.with(|polled| {
            let outer = polled.replace(self.number, frame::depth());
            self.first_edge = if outer.1 == NOWHERE { 0 } else { polled.edges.get() };
            outer
        });
        let _restore = Restore { run: self, outer };
        code()
    }

    /// What it waits for now, in the order in which that began, and whether its handler has begun.
    #[cfg(debug_assertions)]
    pub(crate) fn targets(&self, shared: &Shared) -> Vec<(Target, bool)> {
        let waits = shared.waits.0.lock();
        let levels = waits.iter().flat_map(|waits| graph::levels(waits));
        let own = levels.filter(|level| level.run != NOBODY && level.run == self.number);
        let mut edges: Vec<_> = own
            .flat_map(|level| &level.edges)
            .filter_map(|edge| Some((edge.number, Weak::clone(edge.awaited.as_ref()?), edge.target.clone())))
            .collect();
        drop(waits);
        edges.sort_by_key(|(number, ..)| *number);
        let target = |(_, awaited, target): (u64, Weak<dyn Awaited>, Target)| match awaited
            .upgrade()?
            .stage(self.number)
        {
            Stage::Queued => Some((target, false)),
            Stage::Started => Some((target, true)),
            Stage::Ready | Stage::Over => None,
        };
        edges.into_iter().filter_map(target).collect()
    }

    /// Whether it answers others meanwhile; it stands `depth` deep among those that one serves the other.
    #[cfg(debug_assertions)]
    pub(crate) fn is_serving(&self, shared: &Shared, depth: usize) -> bool {
        shared.waits.0.lock().as_ref().is_some_and(|waits| waits.serving > depth)
    }

    /// Before a poll of the handler that has the actor.
    #[inline]
    pub(crate) fn resume(&self, shared: &Shared) {
        if self.number != NOBODY {
            resume(shared);
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
            self.end(shared);
        }
    }

    fn wait(&self, shared: &Shared, message: &'static str, caller: Option<&AnyCaller>) {
        pend(shared, |main| self.note(main, 0, message, caller.map(place)));
    }

    fn end(&mut self, shared: &Shared) {
        self.forget();
        end(shared);
        self.number = NOBODY;
    }

    /// What is left of it in the poll in which it ended is not waited for.
    fn forget(&self) {
        let mut left = Vec::new();
        Edges::take(self.number, self.first_edge, &mut left);
    }

    /// Its new edges and what else is known of it. Whether it is to be polled again.
    fn note(&self, level: &mut Level, depth: usize, message: &'static str, caller: Option<usize>) -> bool {
        (level.run, level.depth, level.message, level.caller) = (self.number, depth, message, caller);
        level.pend(|edges| Edges::take(self.number, self.first_edge, edges))
    }
}

/// A poll begins of a handler that has waited.
pub(crate) fn resume(shared: &Shared) {
    shared.waits.with(|waits| {
        waits.polled = true;
        waits.main.resume();
    });
}

/// Its handler has returned.
pub(crate) fn end(shared: &Shared) {
    shared.waits.with(|waits| {
        waits.polled = false;
        waits.main.run = NOBODY;
        waits.main.clear();
    });
}

/// A poll has ended, and its handler waits.
pub(crate) fn pend(shared: &Shared, note: impl FnOnce(&mut Level) -> bool) {
    let (again, first) = shared.waits.with(|waits| {
        waits.polled = false;
        (note(&mut waits.main), First::of(waits))
    });
    if again {
        shared.bell.knock();
    }
    graph::look(shared, first);
}

/// The caller of a direct call whose handler waits, from the moment it has one.
pub(crate) fn handed_over(shared: &Shared, run: &Run, caller: &AnyCaller) {
    if run.number != NOBODY {
        shared.waits.with(|waits| waits.main.caller = Some(place(caller)));
    }
}

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
pub(crate) struct Served {
    shared: Arc<Shared>,
    run: Run,
    depth: usize,
}

impl Served {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let depth = if DETECTS { shared.waits.with(|waits| waits.serving) } else { 0 };
        Served { shared: Arc::clone(shared), run: Run::default(), depth }
    }

    /// Of one reader of several.
    pub(crate) fn reader(shared: &Arc<Shared>) -> Self {
        Served { shared: Arc::clone(shared), run: Run::default(), depth: 1 }
    }

    /// Polls it, in its own frame.
    pub(crate) fn watch<T>(&mut self, code: impl FnOnce() -> Poll<T>) -> Poll<T> {
        if self.run.number != NOBODY {
            self.shared.waits.with(|waits| {
                let mut levels = waits.served.iter_mut();
                if let Some(level) = levels.find(|level| level.run == self.run.number) {
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
        if self.run.number == NOBODY {
            return;
        }
        // It is this that makes the handler around it known.
        current_run();
        let (run, caller) = (&self.run, caller.map(place));
        let again = self.shared.waits.with(|waits| {
            let known = waits.served.iter().position(|level| level.run == run.number);
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

impl Drop for Served {
    fn drop(&mut self) {
        if self.run.number != NOBODY {
            self.shared.waits.with(|waits| waits.served.retain(|level| level.run != self.run.number));
        }
    }
}
