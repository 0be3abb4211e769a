//! What a handler knows of its actor.

use crate::actor::{Actor, HookError};
use crate::alarm;
use crate::beside::{self, Beside};
use crate::boxed::{AnyReply, Boxed};
use crate::exit::ExitReason;
use crate::frame;
use crate::handle::{ActorHandle, Handle, RawHandle};
use crate::id::ActorId;
use crate::kin::{self, Child};
use crate::limit::Limit;
use crate::pace::Pace;
use crate::parcel::Parcel;
use crate::reply::ReplyTo;
use crate::scope;
use crate::serving;
use crate::shared::Shared;
use crate::slot::{AnyCaller, Slot};
use crate::spawn::{self, Spawn};
use crate::spawn_all;
use crate::supervise::Supervise;
use crate::sync::Mutex;
use crate::timers::{self, Alarms, TimerKey};
use futures_core::Stream;
use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};
use std::time::Duration;
use tokio::runtime;
use tokio::time::{Instant, MissedTickBehavior, Sleep};

/// A handler's view of its own actor: `ctx: &mut Context<Self>` in any method of an `#[actor]` block. It is no part of the
/// message.
///
/// ```
/// use actor_core::prelude::*;
///
/// #[actor]
/// struct Countdown(u32);
///
/// #[actor]
/// impl Countdown {
///     pub fn tick(&mut self, ctx: &mut Context<Self>) -> u32 {
///         self.0 -= 1;
///         if self.0 == 0 {
///             ctx.stop();
///         }
///         self.0
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let countdown = Countdown(2).spawn();
/// assert_eq!(countdown.tick().await.unwrap(), 1);
/// assert_eq!(countdown.tick().await.unwrap(), 0);
/// assert!(matches!(countdown.stopped().await, ExitReason::Stopped));
/// # }
/// ```
pub struct Context<A> {
    inner: Inner,
    actor: PhantomData<fn(A)>,
}

/// The part that is the same for all actors.
pub(crate) struct Inner {
    shared: Arc<Shared>,
    /// Set by `stop` and `fail`; takes effect after the current message.
    pub(crate) ending: Option<Box<ExitReason>>,
    pub(crate) pace: Pace,
    /// A message was handled since the parked ones were tried.
    pub(crate) stirred: bool,
    pub(crate) common: Common,
    /// Of a reader, which shares it with the others.
    lent: Option<Arc<Mutex<Common>>>,
    /// Of a context that no actor has: what a test says and hears.
    #[cfg(feature = "test")]
    pub(crate) stage: Option<Box<crate::test::effect::Stage>>,
}

/// In such a context, notes what a handler did.
macro_rules! note {
    ($ctx:expr, $effect:expr) => {
        #[cfg(feature = "test")]
        if let Some(stage) = &mut $ctx.inner.stage {
            use crate::test::effect::Effect;
            stage.note($effect);
        }
    };
}

/// What an actor sends itself.
#[derive(Default)]
pub(crate) struct Common {
    pub(crate) alarms: Option<Box<Alarms>>,
    pub(crate) beside: Option<Box<Beside>>,
}

impl Inner {
    pub(crate) fn with_common<T>(&mut self, change: impl FnOnce(&mut Common) -> T) -> T {
        match &self.lent {
            None => change(&mut self.common),
            Some(lent) => change(&mut lent.lock()),
        }
    }

    /// Readers overlap: each has a context of its own, and all of them this.
    pub(crate) fn lend_common(&mut self) -> Arc<Mutex<Common>> {
        Arc::new(Mutex::new(std::mem::take(&mut self.common)))
    }

    /// They have ended.
    pub(crate) fn take_common_back(&mut self, lent: &Mutex<Common>) {
        self.common = std::mem::take(&mut *lent.lock());
    }
}

/// The slot behind a caller.
pub(crate) fn typed<R: Send + 'static>(caller: AnyCaller) -> Option<Arc<Slot<R>>> {
    let any: Arc<dyn Any + Send + Sync> = caller;
    any.downcast().ok()
}

impl<A> Context<A> {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self::of(shared, None)
    }

    /// Of one reader of several.
    pub(crate) fn reader(shared: Arc<Shared>, lent: Arc<Mutex<Common>>) -> Self {
        Self::of(shared, Some(lent))
    }

    fn of(shared: Arc<Shared>, lent: Option<Arc<Mutex<Common>>>) -> Self {
        let inner = Inner {
            shared,
            ending: None,
            pace: Pace::default(),
            stirred: true,
            common: Common::default(),
            lent,
            #[cfg(feature = "test")]
            stage: None,
        };
        Context { inner, actor: PhantomData }
    }

    pub(crate) fn inner(&mut self) -> &mut Inner {
        &mut self.inner
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.shared
    }

    /// The actor's identity: equal to that of all its handles.
    #[must_use]
    pub fn id(&self) -> ActorId {
        self.inner.shared.id
    }

    /// The actor's name, if it was given one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.inner.shared.name.as_deref()
    }
}

impl<A: Actor> Context<A> {
    /// A handle of this actor, to give to others.
    ///
    /// An actor that stores its own handle keeps itself alive; it should store a
    /// [`WeakHandle`](crate::WeakHandle) instead.
    #[must_use]
    pub fn handle(&self) -> A::Handle {
        A::Handle::from_raw(RawHandle::one_more(&self.inner.shared))
    }

    /// The caller of the running message.
    fn caller(&self) -> Option<AnyCaller> {
        #[cfg(feature = "test")]
        if let Some(stage) = self.on_stage() {
            return stage.caller();
        }
        scope::caller()
    }

    /// A test's, where its handler is called as a plain method; what it runs as a message knows its caller as always.
    #[cfg(feature = "test")]
    fn on_stage(&self) -> Option<&crate::test::effect::Stage> {
        self.inner.stage.as_deref().filter(|_| frame::actor() != Some(self.id()))
    }

    /// Whether the caller of the running message has given up: nobody waits for the reply. `false` for a tell.
    #[must_use]
    pub fn caller_gone(&self) -> bool {
        self.caller().is_some_and(|caller| caller.gone())
    }

    /// Resolves when the caller of the running message has given up or is out of time: from then on nobody gets what the handler returns. For
    /// a tell it never does.
    pub fn cancelled(&self) -> Cancelled {
        let deadline = self.deadline();
        // A direct call has no slot until it is handed over, which is then this one; a tell's is left by nobody.
        let caller = self.caller().unwrap_or_else(|| {
            let slot: AnyCaller = Slot::<<A::Message as crate::Message>::Reply>::started(
                self.id(),
                Limit::until(deadline),
                None,
            );
            scope::set_caller(Arc::clone(&slot));
            slot
        });
        Cancelled::new(caller, deadline, &self.inner.shared.runtime)
    }

    /// The caller's deadline, which also bounds the calls that the handler makes.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        #[cfg(feature = "test")]
        if let Some(stage) = self.on_stage() {
            return stage.deadline();
        }
        let limit = frame::limit().fixed();
        frame::set_limit(limit);
        limit.instant()
    }

    /// Ends the actor after the current message, which is answered. What is queued behind it never runs.
    pub fn stop(&mut self) {
        self.inner.ending.get_or_insert_with(|| Box::new(ExitReason::Stopped));
        note!(self, Effect::Stop);
    }

    /// Ends the actor as failed after the current message, which is answered.
    pub fn fail(&mut self, error: impl Into<Box<dyn Error + Send + Sync>>) {
        let error = error.into();
        note!(self, Effect::Fail(error.to_string()));
        self.inner.ending.get_or_insert_with(|| Box::new(ExitReason::failed(error)));
    }

    /// Whether nobody waits for the running message, from its beginning.
    pub(crate) fn is_told(&self) -> bool {
        self.caller().is_none()
    }

    /// As [`fail`](Self::fail), with the error of the running message.
    pub(crate) fn fail_with_message(&mut self, error: HookError) {
        if let Some(message) = frame::message() {
            self.inner.shared.traces.hook_ends(message, false);
        }
        self.fail(error);
    }

    /// Waits for `future`, and meanwhile answers the messages with `#[message(interleave)]`.
    ///
    /// `actor` is the handler's own `self`, which is lent to them for that time, also mutably; they run one at a time, in order of arrival, past
    /// all others, which stay queued. It returns when the future has ended and nothing that it served runs any more. While an `async` message is
    /// served, the future is polled along with it. A message that panics ends the actor, and so the handler that serves. After
    /// [`stop`](Self::stop) or [`fail`](Self::fail) nothing more is served.
    ///
    /// A request through a handle that lies in `self` borrows it: [`start`](crate::Request::start) it first.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Downloads {
    ///     done: u32,
    /// }
    ///
    /// #[actor]
    /// impl Downloads {
    ///     pub async fn fetch(&mut self, ctx: &mut Context<Self>, arrival: tokio::sync::oneshot::Receiver<u32>) -> u32 {
    ///         let size = ctx.serving(self, arrival).await.unwrap_or(0);
    ///         self.done += 1;
    ///         size
    ///     }
    ///     #[message(interleave)]
    ///     pub fn status(&self) -> u32 {
    ///         self.done
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let downloads = Downloads { done: 0 }.spawn();
    /// let (arrived, arrival) = tokio::sync::oneshot::channel();
    /// let fetch = downloads.fetch(arrival).start();
    /// assert_eq!(downloads.status().await?, 0); // answered while `fetch` waits
    /// arrived.send(7).unwrap();
    /// assert_eq!(fetch.await?, 7);
    /// # Ok(()) }
    /// ```
    ///
    /// # Cancel safety
    /// Dropped, it cuts off what it serves, whose caller gets [`Dropped`](crate::CallError::Dropped); what it has not begun stays queued.
    pub fn serving<F: IntoFuture>(
        &mut self,
        actor: &mut A,
        future: F,
    ) -> impl Future<Output = F::Output> + Send
    where
        F::IntoFuture: Send,
        F::Output: Send,
    {
        serving::serving(self, actor, future.into_future())
    }

    /// Makes `child` an actor on this one's runtime, which ends with it.
    ///
    /// When this actor ends, its children end before [`stopped`](crate::ActorHandle::stopped) resolves, the last one first and one after
    /// the other: they are stopped if it ended as it should, else killed. Until then a child lives as any actor does; it is not watched unless
    /// [`watch`](Self::watch) says so.
    pub fn spawn<C: Actor>(&mut self, child: C) -> C::Handle {
        self.spawn_with(child, Spawn::new())
    }

    /// The same, set up as `how` says; as this actor itself by [`how`](Self::how).
    pub fn spawn_with<C: Actor>(&mut self, child: C, how: Spawn) -> C::Handle {
        let child = spawn::spawn(child, how.or_on(&self.inner.shared.runtime));
        self.adopt(&child, None);
        note!(self, Effect::spawn(child.raw()));
        child
    }

    /// Makes children that know each other: see [`Actor::spawn_all`]. Whatever keeps them alive, they end with this actor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Watchman {
    ///     relief: WatchmanHandle,
    /// }
    ///
    /// #[actor]
    /// impl Watchman {
    ///     pub fn relief(&self) -> Option<String> {
    ///         self.relief.name().map(str::to_owned)
    ///     }
    /// }
    ///
    /// #[actor]
    /// struct Captain;
    ///
    /// #[actor]
    /// impl Captain {
    ///     pub fn muster(&mut self, ctx: &mut Context<Self>) -> Vec<WatchmanHandle> {
    ///         ctx.spawn_all::<Watchman>(2, |place, all| Watchman { relief: all[1 - place].clone() })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let captain = Captain.spawn();
    /// let watch = captain.muster().await?;
    /// assert_eq!(watch[0].relief().await?, None);
    /// captain.stop();
    /// assert!(watch[1].stopped().await.is_normal());
    /// # Ok(()) }
    /// ```
    pub fn spawn_all<C: Actor>(
        &mut self,
        count: usize,
        make: impl FnMut(usize, &[C::Handle]) -> C,
    ) -> Vec<C::Handle> {
        self.spawn_all_with(Spawn::new(), count, make)
    }

    /// The same, each of them set up as `how` says.
    pub fn spawn_all_with<C: Actor>(
        &mut self,
        how: Spawn,
        count: usize,
        make: impl FnMut(usize, &[C::Handle]) -> C,
    ) -> Vec<C::Handle> {
        let children = spawn_all::spawn_all(&how.or_on(&self.inner.shared.runtime), count, make);
        for child in &children {
            self.adopt(child, None);
            note!(self, Effect::spawn(child.raw()));
        }
        children
    }

    /// How this actor was set up when it was spawned: mailbox, overflow, direct calls, watchdog and runtime, as far as that was said, and without
    /// its name. For children that are to be as their parent.
    ///
    /// What was not said is as the child's own kind says.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// /// Counts what is below it, with an actor for each node.
    /// #[actor]
    /// struct Node {
    ///     depth: u32,
    /// }
    ///
    /// #[actor]
    /// impl Node {
    ///     pub async fn count(&mut self, ctx: &mut Context<Self>) -> Result<u32, CallError> {
    ///         let Some(depth) = self.depth.checked_sub(1) else { return Ok(1) };
    ///         let child = ctx.spawn_with(Node { depth }, ctx.how());
    ///         Ok(1 + child.count().await.map_err(CallError::flatten)?)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// // The whole tree has small mailboxes, and no caller runs a handler itself.
    /// let root = Node { depth: 3 }.spawn_with(Spawn::new().name("root").mailbox(4).direct(false));
    /// assert_eq!(root.count().await.map_err(CallError::flatten)?, 4);
    /// # Ok(()) }
    /// ```
    pub fn how(&self) -> Spawn {
        Spawn::like(&self.inner.shared)
    }

    /// Makes a supervised child, which ends with this actor; see [`Actor::supervised`]. When this one ends as it should, the
    /// child has the grace time of its policy to end.
    pub fn supervised<C: Actor>(
        &mut self,
        policy: Supervise,
        make: impl FnMut() -> C + Send + 'static,
    ) -> C::Handle {
        let grace = policy.grace;
        let Supervise { how, .. } = policy.clone();
        let policy = policy.with(how.or_on(&self.inner.shared.runtime));
        let child = spawn::supervised(policy, make);
        self.adopt(&child, Some(grace));
        note!(self, Effect::spawn(child.raw()));
        child
    }

    fn adopt(&self, child: &impl Handle, grace: Option<Duration>) {
        kin::adopt(&self.inner.shared, Child { shared: Arc::clone(child.raw().shared()), grace });
    }

    /// Calls this actor's `#[on_exit]` when `whom` ends; soon, if it has. More than once is no different from once, and it says it once.
    pub fn watch(&mut self, whom: &impl ActorHandle) {
        kin::watch(&self.inner.shared, whom.raw().shared());
        note!(self, Effect::Watch(whom.id()));
    }

    /// From here on the end of `whom` is not told.
    pub fn unwatch(&mut self, whom: &impl ActorHandle) {
        kin::unwatch(&self.inner.shared, whom.raw().shared());
        note!(self, Effect::Unwatch(whom.id()));
    }

    /// Sends this actor `message` after `delay`; a timer of the same key is replaced. At `Duration::MAX` it never comes.
    ///
    /// From here on the old tick of the key is not seen, also if it was due already. Timers do not wait for room in the mailbox: the ticks that
    /// are due come before the messages in it, and those that become due meanwhile after at least one of these: so neither keeps the other out.
    /// They keep no actor alive, and end with it. A tick whose message has a guard (`when`) that says no waits for it, still armed; one that comes
    /// again has no other meanwhile, and is late then.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use std::time::Duration;
    ///
    /// /// Forgets what nobody asked for in a while.
    /// #[actor]
    /// struct Cache(Option<u32>);
    ///
    /// #[actor]
    /// impl Cache {
    ///     pub fn put(&mut self, ctx: &mut Context<Self>, value: u32) {
    ///         self.0 = Some(value);
    ///         ctx.after("idle", Duration::from_secs(60), CacheMessage::Forget);
    ///     }
    ///     pub fn get(&mut self, ctx: &mut Context<Self>) -> Option<u32> {
    ///         ctx.after("idle", Duration::from_secs(60), CacheMessage::Forget);
    ///         self.0
    ///     }
    ///     #[message]
    ///     fn forget(&mut self) {
    ///         self.0 = None;
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> Result<(), CallError> {
    /// let cache = Cache(None).spawn();
    /// cache.put(1).await?;
    /// tokio::time::sleep(Duration::from_secs(59)).await;
    /// assert_eq!(cache.get().await?, Some(1));
    /// tokio::time::sleep(Duration::from_secs(61)).await;
    /// assert_eq!(cache.get().await?, None);
    /// # Ok(()) }
    /// ```
    pub fn after(&mut self, key: impl Into<TimerKey>, delay: Duration, message: A::Message) {
        let key = key.into();
        note!(self, Effect::After { key: key.clone(), delay, message: crate::Message::name(&message) });
        self.inner.with_common(|common| timers::after(&mut common.alarms, key, delay, timers::tick(message)));
    }

    /// Sends this actor what `make` makes after each `period`, the first after one; a timer of the same key is replaced. Ticks that
    /// were missed because the actor was busy are skipped. See [`after`](Self::after).
    ///
    /// # Panics
    /// If `period` is zero.
    #[track_caller]
    pub fn every(
        &mut self,
        key: impl Into<TimerKey>,
        period: Duration,
        make: impl FnMut() -> A::Message + Send + 'static,
    ) {
        self.every_with(key, period, MissedTickBehavior::Skip, make);
    }

    /// The same, with a choice of what becomes of missed ticks: `Burst` makes up for them at once, `Delay` begins a new period with the
    /// late tick, `Skip` keeps the beat and leaves them out.
    ///
    /// # Panics
    /// If `period` is zero.
    #[track_caller]
    pub fn every_with(
        &mut self,
        key: impl Into<TimerKey>,
        period: Duration,
        missed: MissedTickBehavior,
        mut make: impl FnMut() -> A::Message + Send + 'static,
    ) {
        assert!(!period.is_zero(), "a timer needs a period of some length");
        self.arm_every(key.into(), period, missed, Box::new(move || timers::tick(make())));
    }

    /// Runs what `make` makes after each `period`: a hook that is called again and again.
    #[track_caller]
    pub(crate) fn every_hook(
        &mut self,
        number: usize,
        period: Duration,
        mut make: impl FnMut() -> Boxed<A> + Send + 'static,
    ) {
        assert!(!period.is_zero(), "a timer needs a period of some length");
        let tick = move || Parcel::new(make().post());
        self.arm_every(TimerKey::hook(number), period, MissedTickBehavior::Skip, Box::new(tick));
    }

    fn arm_every(&mut self, key: TimerKey, period: Duration, missed: MissedTickBehavior, make: timers::Make) {
        note!(self, Effect::Every { key: key.clone(), period });
        self.inner.with_common(|common| timers::every(&mut common.alarms, key, period, missed, make));
    }

    /// Disarms a timer: from here on its tick is not seen, also if it was due already, or held by its guard. Whether there was one.
    pub fn cancel(&mut self, key: impl Into<TimerKey>) -> bool {
        let key = key.into();
        let was_armed = self.inner.with_common(|common| timers::cancel(&mut common.alarms, &key));
        note!(self, Effect::Cancel { key, was_armed });
        was_armed
    }

    /// Makes messages of the items of `stream`, until it ends.
    ///
    /// The actor's own task polls it. The next item is asked for when the one before has been handled: whoever sends them waits for a slow
    /// actor, and for a guard (`when`) that says no, and no mailbox is needed in between. Streams and mailbox take turns, so that neither starves the other. A stream keeps no actor
    /// alive and ends with it, half read; on [`stop`](crate::ActorHandle::stop) nothing more is read. One that ends says nothing: where that matters,
    /// chain a last item to it. A panic of the stream or of `message` ends the actor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use futures::stream;
    ///
    /// #[actor]
    /// #[derive(Default)]
    /// struct Total(u32);
    ///
    /// #[actor]
    /// impl Total {
    ///     #[on_start]
    ///     fn listen(&mut self, ctx: &mut Context<Self>) {
    ///         ctx.attach(stream::iter([1, 2, 3]), |n| TotalMessage::Add { n });
    ///     }
    ///     #[message]
    ///     fn add(&mut self, n: u32) {
    ///         self.0 += n;
    ///     }
    ///     pub fn get(&self) -> u32 {
    ///         self.0
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let total = Total::default().spawn();
    /// while total.get().await? < 6 {
    ///     tokio::task::yield_now().await;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn attach<S>(&mut self, stream: S, message: impl FnMut(S::Item) -> A::Message + Send + 'static)
    where
        S: Stream + Send + 'static,
        S::Item: Send,
    {
        beside::attach(self, stream, message);
        note!(self, Effect::Attach);
    }

    /// Waits for `future` beside other messages, and then goes on with `next`: the handler returns at once.
    ///
    /// The actor's own task polls the future; `next` runs as a message of its own, with the state as it is then. Any number may be under way; they
    /// go on in the order in which their futures end. The actor lives on for them though its last handle has gone, but not beyond
    /// [`stop`](crate::ActorHandle::stop), and one that was made anew knows nothing of them: then `next` never runs. A panic in either ends the
    /// actor.
    ///
    /// Where the handler has a parameter `reply: ReplyTo<T>`, the future and `next` are within the deadline of that call; else they have none.
    ///
    /// A request borrows the handle that it goes through, and the future outlives the handler: [`start`](crate::Request::start) it first.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Cache {
    ///     value: Option<u32>,
    ///     source: SourceHandle,
    /// }
    ///
    /// #[actor]
    /// impl Cache {
    ///     pub fn get(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u32>) {
    ///         let answer = self.source.fetch().start();
    ///         ctx.then(answer, |this, _, fetched| {
    ///             this.value = fetched.ok();
    ///             reply.send(this.value.unwrap_or_default()).ok(); // an error: the caller has gone
    ///         });
    ///     }
    /// }
    ///
    /// #[actor]
    /// struct Source;
    ///
    /// #[actor]
    /// impl Source {
    ///     pub async fn fetch(&self) -> u32 {
    ///         7
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let cache = Cache { value: None, source: Source.spawn() }.spawn();
    /// assert_eq!(cache.get().await?, 7);
    /// # Ok(()) }
    /// ```
    pub fn then<F>(
        &mut self,
        future: F,
        next: impl FnOnce(&mut A, &mut Context<A>, F::Output) + Send + 'static,
    ) where
        F: Future + Send + 'static,
        F::Output: Send,
    {
        beside::then(self, future, next);
        note!(self, Effect::Then);
    }

    /// The reply of the running message, to be sent now or later; `wrap` makes it the actor's reply type. For
    /// implementations of [`Actor`]: a method of an `#[actor]` block has a parameter `reply: ReplyTo<T>` instead.
    pub fn reply_to<T: Send + 'static>(
        &mut self,
        wrap: fn(T) -> <A::Message as crate::Message>::Reply,
    ) -> ReplyTo<T> {
        self.reply_with(wrap)
    }

    /// The same for a [`Boxed`] message.
    pub fn reply_to_boxed<T: Send + 'static>(&mut self) -> ReplyTo<T> {
        self.reply_with(|value| Box::new(value) as AnyReply)
    }

    pub(crate) fn reply_with<T: Send + 'static, R: Send + 'static>(
        &mut self,
        wrap: fn(T) -> R,
    ) -> ReplyTo<T> {
        let slot = self.caller().and_then(typed::<R>);
        // A second one has no caller: the first answers.
        ReplyTo::new(slot.filter(|slot| slot.caller().keep(&self.inner.shared)), wrap)
    }
}

impl<A> fmt::Debug for Context<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("id", &self.id()).field("name", &self.name()).finish_non_exhaustive()
    }
}

/// See [`Context::cancelled`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Cancelled {
    caller: AnyCaller,
    /// The caller's own need not be polled: it may wait for something else.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Cancelled {
    pub(crate) fn new(caller: AnyCaller, deadline: Option<Instant>, runtime: &runtime::Handle) -> Self {
        Cancelled { caller, alarm: deadline.map(|at| alarm::at(at, runtime)) }
    }
}

impl Future for Cancelled {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if this.caller.poll_gone(cx.waker()) {
            return Poll::Ready(());
        }
        let Some(alarm) = &mut this.alarm else { return Poll::Pending };
        ready!(alarm.as_mut().poll(cx));
        // Its own alarm may come later.
        this.caller.time_out();
        Poll::Ready(())
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled").finish_non_exhaustive()
    }
}
