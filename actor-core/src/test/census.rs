//! Which actors of a runtime are awake.
//!
//! An actor is awake from the moment its task is woken to the end of a poll after which nobody has woken it again, and while a caller runs
//! one of its handlers. Both are counted, for itself and for its runtime, so that [`settle`](super::settle()) looks at one number.

use super::relay::Relay;
use super::traces::lock;
use crate::id::ActorId;
use crate::shared::Shared;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};
use tokio::runtime;

/// The actors of a runtime.
pub(crate) struct Census {
    awake: AtomicUsize,
    /// Counts whatever an actor does.
    stirred: AtomicUsize,
    actors: Mutex<Actors>,
}

#[derive(Default)]
struct Actors {
    known: Vec<Weak<Shared>>,
    /// Those that are no more are forgotten when there are so many.
    crowd: usize,
}

impl Census {
    pub(crate) fn of(runtime: &runtime::Handle) -> Arc<Census> {
        static ALL: Mutex<Option<HashMap<runtime::Id, Weak<Census>>>> = Mutex::new(None);
        let mut all = lock(&ALL);
        let all = all.get_or_insert_default();
        if let Some(census) = all.get(&runtime.id()).and_then(Weak::upgrade) {
            return census;
        }
        all.retain(|_, census| census.strong_count() > 0);
        let census = Arc::new(Census {
            awake: AtomicUsize::new(0),
            stirred: AtomicUsize::new(0),
            actors: Mutex::default(),
        });
        all.insert(runtime.id(), Arc::downgrade(&census));
        census
    }

    pub(crate) fn add(&self, shared: &Arc<Shared>) {
        let mut actors = lock(&self.actors);
        if actors.known.len() >= actors.crowd {
            actors.known.retain(|known| known.strong_count() > 0);
            actors.crowd = (actors.known.len() * 2).max(16);
        }
        actors.known.push(Arc::downgrade(shared));
    }

    /// In the order in which they were made.
    pub(crate) fn actors(&self) -> Vec<Arc<Shared>> {
        lock(&self.actors).known.iter().filter_map(Weak::upgrade).collect()
    }

    pub(crate) fn find(&self, id: ActorId) -> Option<Arc<Shared>> {
        self.actors().into_iter().find(|shared| shared.id == id)
    }

    pub(crate) fn stir(&self) {
        self.stirred.fetch_add(1, SeqCst);
    }

    pub(crate) fn stirred(&self) -> usize {
        self.stirred.load(SeqCst)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.awake.load(SeqCst) == 0
    }
}

/// What is counted of one actor.
pub(crate) struct Own {
    census: Arc<Census>,
    /// Of its tasks, those that are awake, and its callers that run a handler.
    awake: AtomicUsize,
}

impl Own {
    pub(crate) fn new(census: Arc<Census>) -> Arc<Self> {
        Arc::new(Own { census, awake: AtomicUsize::new(0) })
    }

    pub(crate) fn census(&self) -> &Arc<Census> {
        &self.census
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.awake.load(SeqCst) == 0
    }

    fn wakes(&self) {
        self.census.stir();
        self.census.awake.fetch_add(1, SeqCst);
        self.awake.fetch_add(1, SeqCst);
    }

    fn rests(&self) {
        self.awake.fetch_sub(1, SeqCst);
        self.census.awake.fetch_sub(1, SeqCst);
    }
}

/// Awake as long as it is there.
pub(crate) struct Busy(Arc<Own>);

impl Busy {
    pub(crate) fn of(own: &Arc<Own>) -> Self {
        own.wakes();
        Busy(Arc::clone(own))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.rests();
    }
}

/// It has been woken since its last poll began.
const WOKEN: u8 = 1;
/// It is being polled.
const POLLED: u8 = 2;

/// The waker of a task of an actor: it counts, and wakes the task.
struct Pulse {
    own: Arc<Own>,
    /// Counted as awake unless it is 0.
    state: AtomicU8,
    /// Of the task itself, from the first poll on; nobody can wake it before.
    task: Relay,
}

impl Pulse {
    fn new(own: &Arc<Own>) -> Arc<Self> {
        own.wakes();
        // A spawned task is polled once in any case.
        let state = AtomicU8::new(WOKEN);
        Arc::new(Pulse { own: Arc::clone(own), state, task: Relay::default() })
    }

    fn begin(&self, task: &Waker) {
        self.task.listen(task);
        if self.state.swap(POLLED, SeqCst) == 0 {
            self.own.wakes();
        }
        self.own.census.stir();
    }

    fn end(&self) {
        if self.state.fetch_and(!POLLED, SeqCst) == POLLED {
            self.own.rests();
        }
    }

    fn over(&self) {
        // It stays at `WOKEN`, so that nobody counts it again.
        if self.state.swap(WOKEN, SeqCst) != 0 {
            self.own.rests();
        }
    }
}

impl Wake for Pulse {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.fetch_or(WOKEN, SeqCst) == 0 {
            self.own.wakes();
        }
        self.task.pass_on();
    }
}

/// A task of an actor, under watch.
struct Watched<F> {
    future: Option<Pin<Box<F>>>,
    pulse: Arc<Pulse>,
    waker: Waker,
}

/// A task of an actor, whose being awake is counted.
pub(crate) fn watched<F>(shared: &Shared, future: F) -> impl Future<Output = ()> + Send + 'static
where
    F: Future<Output = ()> + Send + 'static,
{
    let pulse = Pulse::new(&shared.traces.own);
    let waker = Waker::from(Arc::clone(&pulse));
    Watched { future: Some(Box::pin(future)), pulse, waker }
}

impl<F: Future<Output = ()>> Future for Watched<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(future) = &mut this.future else { return Poll::Ready(()) };
        this.pulse.begin(cx.waker());
        let poll = future.as_mut().poll(&mut Context::from_waker(&this.waker));
        this.pulse.end();
        if poll.is_ready() {
            this.future = None;
        }
        poll
    }
}

impl<F> Drop for Watched<F> {
    fn drop(&mut self) {
        // Its end may be something that others hear of.
        self.future = None;
        self.pulse.over();
    }
}
