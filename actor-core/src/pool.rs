//! Pools: several actors behind one handle.

use crate::actor::{Actor, Message};
use crate::alarm;
use crate::choice::{self, Purpose};
use crate::exit::ExitReason;
use crate::handle::Handle;
use crate::raw_handle::RawHandle;
use crate::router::{Choice, Router};
use crate::shared::Shared;
use crate::spawn::{self, Said, Spawn};
use crate::stopped::Stopped;
use crate::supervise::Supervise;
use crate::watchdog::Patience;
use std::fmt;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::runtime;
use tokio::time::Sleep;

/// Several actors of a kind behind one handle, which is of the same type as that of one actor.
///
/// Each message goes to one of the workers, chosen when it is sent: [in turn](Pool::round_robin), to the one with the
/// [least to do](Pool::least_loaded), or by its [key](Pool::hash). From there on the call is that worker's, with its mailbox, and whatever holds
/// of a call of an actor holds of it. Different workers handle messages at the same time; so messages keep their order only where they
/// have the same key.
///
/// Workers are permanent: one that falls, or stops by itself, is made anew with its place and its queue, as by
/// [`Actor::supervised`] with [`Supervise::permanent`]. In a worker, [`ctx.handle()`](crate::Context::handle) is a handle of its own, not of the pool.
///
/// # The life of a pool
/// `id`, `name` and `is_running` of the handle are the pool's.
/// - [`stop`](crate::ActorHandle::stop), `stop_within` and `kill` do to all workers at the same time what they do to one actor; the pool has
///   ended when all of them have. Its reason is theirs; if a worker panics while it stops, that.
/// - When its last handle is gone the workers handle what is queued, and the pool ends as [`Finished`](ExitReason::Finished).
/// - A worker that ends for good ends the pool. If it [ended as it should](ExitReason::is_normal), by a message by value or a `stop` through its
///   own handle, the others handle what is queued; otherwise, because it fell more than 3 times in 5 seconds or was killed, they are killed.
///   The pool's reason is that worker's: [`Failed`](ExitReason::Failed) with a [`TooManyRestarts`](crate::TooManyRestarts) for one that fell
///   too often.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::Pool;
///
/// #[actor]
/// struct Resizer {
///     worker: usize,
/// }
///
/// #[actor]
/// impl Resizer {
///     pub async fn resize(&mut self, image: String) -> String {
///         format!("{image}, small, by worker {}", self.worker)
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let resizers: ResizerHandle = Pool::new(4, |worker| Resizer { worker }).spawn();
/// let (cat, dog) = (resizers.resize("cat".into()).start(), resizers.resize("dog".into()).start());
/// assert_eq!(cat.await?, "cat, small, by worker 0");
/// assert_eq!(dog.await?, "dog, small, by worker 1");
/// # Ok(()) }
/// ```
#[must_use = "`spawn` makes actors of it"]
pub struct Pool<A: Actor> {
    size: usize,
    make: Box<dyn FnMut(usize) -> A + Send>,
    choice: Choice<A::Message>,
    how: Spawn,
}

impl<A: Actor> Pool<A> {
    /// A pool of `size` workers, each made by `make` of its place, from 0: in its own task, when it is spawned and whenever it is made anew.
    /// One is made at a time.
    ///
    /// # Panics
    /// If `size` is 0.
    #[track_caller]
    pub fn new(size: usize, make: impl FnMut(usize) -> A + Send + 'static) -> Self {
        assert!(size > 0, "a pool needs a worker");
        Pool { size, make: Box::new(make), choice: Choice::InTurn, how: Spawn::new() }
    }

    /// Messages go to the workers in turn, as they are sent: the default.
    pub fn round_robin(self) -> Self {
        Pool { choice: Choice::InTurn, ..self }
    }

    /// A message goes to the worker with the fewest messages, queued and running; of several to the next in turn.
    ///
    /// For messages that take differently long. Each that is sent looks at all workers.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Pool;
    /// # #[actor] struct Worker(usize);
    /// # #[actor] impl Worker {
    /// #     pub async fn long(&mut self) { std::future::pending().await }
    /// #     pub fn short(&mut self) -> usize { self.0 }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let workers = Pool::new(2, Worker).least_loaded().spawn();
    /// let long = workers.long().start(); // keeps the first one busy
    /// assert_eq!(workers.short().await?, 1);
    /// assert_eq!(workers.short().await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn least_loaded(self) -> Self {
        Pool { choice: Choice::LeastLoaded, ..self }
    }

    /// Messages with the same `key` go to the same worker, in the order in which they are sent.
    ///
    /// Which one that is depends on the key and the size of the pool alone: it is the same after a restart and in every run of the program, as
    /// long as it is built with the same Rust release. `key` runs in the sender. A message without a key, because it is of a generic method or
    /// a protocol, or because `key` panics, goes to the next worker in turn.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use actor_core::Pool;
    /// use std::collections::HashMap;
    ///
    /// #[actor]
    /// #[derive(Default)]
    /// struct Sessions(HashMap<String, u32>);
    ///
    /// #[actor]
    /// impl Sessions {
    ///     pub fn visit(&mut self, user: String) -> u32 {
    ///         let visits = self.0.entry(user).or_default();
    ///         *visits += 1;
    ///         *visits
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let sessions = Pool::new(8, |_| Sessions::default())
    ///     .hash(|message| match message {
    ///         SessionsMessage::Visit { user } => user.clone(),
    ///     })
    ///     .spawn();
    /// assert_eq!(sessions.visit("ann".into()).await?, 1);
    /// assert_eq!(sessions.visit("bob".into()).await?, 1);
    /// assert_eq!(sessions.visit("ann".into()).await?, 2);
    /// # Ok(()) }
    /// ```
    pub fn hash<K: Hash>(self, key: impl Fn(&A::Message) -> K + Send + Sync + 'static) -> Self {
        let hash = move |message: &A::Message| {
            // Its keys are always the same, unlike those of a hash map's.
            let mut hasher = DefaultHasher::new();
            key(message).hash(&mut hasher);
            hasher.finish()
        };
        Pool { choice: Choice::Hash(Box::new(hash)), ..self }
    }

    /// How each of the workers is set up: a name is that of the pool and of them all, a mailbox is as large for each.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Pool;
    /// # #[actor] struct Worker(usize);
    /// # #[actor] impl Worker { pub async fn work(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let workers = Pool::new(2, Worker).with(Spawn::new().name("workers").mailbox(16)).spawn();
    /// assert_eq!(workers.name(), Some("workers"));
    /// # }
    /// ```
    pub fn with(self, how: Spawn) -> Self {
        Pool { how, ..self }
    }

    /// Makes the workers actors, on the current tokio runtime unless [`with`](Self::with) names one: a handle of them all.
    ///
    /// # Panics
    /// Outside a tokio runtime, if none was named.
    #[track_caller]
    pub fn spawn(self) -> A::Handle {
        let Pool { size, make, choice, how } = self;
        let Some(runtime) = how.runtime().or_else(|| runtime::Handle::try_current().ok()) else {
            panic!("a pool outside a tokio runtime; `Spawn::new().on(&runtime)` names one");
        };
        let name = how.label();
        let how = how.or_on(&runtime);
        let how = if matches!(choice, Choice::LeastLoaded) { how.counted() } else { how };
        let policy = Supervise::permanent().with(how);
        let make = Arc::new(Mutex::new(make));
        let workers = (0..size).map(|place| {
            let make = Arc::clone(&make);
            let make = move || make.lock().unwrap_or_else(PoisonError::into_inner)(place);
            spawn::supervised(policy.clone(), make).raw().clone()
        });
        A::Handle::from_raw(gather(name, &runtime, workers.collect(), choice))
    }
}

impl<A: Actor> fmt::Debug for Pool<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("size", &self.size).field("choice", &self.choice).finish_non_exhaustive()
    }
}

/// Makes a pool of workers.
fn gather<M: Message>(
    name: Option<Arc<str>>,
    runtime: &runtime::Handle,
    handles: Vec<RawHandle>,
    choice: Choice<M>,
) -> RawHandle {
    let workers: Vec<_> = handles.iter().map(|handle| Arc::clone(handle.shared())).collect();
    let left = workers.iter().map(|worker| (Arc::clone(worker), Stopped::new(Arc::clone(worker)))).collect();
    let pool = Shared::new(
        name,
        runtime.clone(),
        Said::default(),
        false,
        Patience::new(None),
        Box::new(Router::new(workers, choice)),
    );
    let life = Life { pool: Arc::clone(&pool), handles, left, alarm: None, reason: None };
    choice::spawn(&pool, Purpose::Actor, life);
    RawHandle::first(pool)
}

/// The task of a pool: passes on to the workers what is to end them, and waits for their ends.
struct Life {
    pool: Arc<Shared>,
    /// What keeps the workers alive, as long as somebody can send to the pool.
    handles: Vec<RawHandle>,
    /// The workers that have not ended.
    left: Vec<(Arc<Shared>, Stopped)>,
    alarm: Option<Pin<Box<Sleep>>>,
    /// Of the first worker that did not end as it should, else of the first that ended.
    reason: Option<ExitReason>,
}

impl Life {
    /// What the pool is asked to do, its workers are.
    fn pass_on(&mut self, cx: &mut Context<'_>) {
        if let Some(until) = self.pool.grace() {
            // It is looked at seldom; and the time may have been made shorter.
            let alarm = self.alarm.insert(alarm::at(until, &self.pool.runtime));
            if alarm.as_mut().poll(cx).is_ready() {
                self.pool.kill();
            }
        }
        if self.pool.is_killed() {
            self.left.iter().for_each(|(worker, _)| worker.kill());
        } else if self.pool.is_stopping() {
            self.left.iter().for_each(|(worker, _)| worker.stop());
        }
        if self.pool.is_deserted() {
            self.handles.clear();
        }
    }

    /// A worker has ended. If the pool ends with it, this knocks at the bell of this task, which passes it on then.
    fn lose(&mut self, reason: ExitReason) {
        if self.pool.is_stopping() {
            // It was to.
        } else if !reason.is_normal() {
            self.pool.kill();
        } else if !self.pool.is_deserted() {
            self.pool.stop();
        }
        if self.reason.as_ref().is_none_or(|known| known.is_normal() && !reason.is_normal()) {
            self.reason = Some(reason);
        }
    }

    fn end(&mut self) {
        self.pool.end();
        self.pool.announce(self.reason.take().unwrap_or(ExitReason::Killed));
    }
}

impl Future for Life {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        this.pool.answer_with(cx.waker());
        this.pass_on(cx);
        let mut ended = Vec::new();
        this.left.retain_mut(|(_, stopped)| match Pin::new(stopped).poll(cx) {
            Poll::Pending => true,
            Poll::Ready(reason) => {
                ended.push(reason);
                false
            }
        });
        ended.into_iter().for_each(|reason| this.lose(reason));
        if !this.left.is_empty() {
            return Poll::Pending;
        }
        this.end();
        Poll::Ready(())
    }
}

/// The runtime goes, and the pool with it.
impl Drop for Life {
    fn drop(&mut self) {
        if !self.pool.has_ended() {
            self.left.iter().for_each(|(worker, _)| worker.kill());
            self.reason = None;
            self.end();
        }
    }
}
