//! What a handler knows of its actor.

mod beside;
mod cancelled;
mod children;
mod timers;

use crate::actor::{Actor, HookError};
use crate::bare::Joint;
use crate::beside::Beside;
use crate::boxed::AnyReply;
use crate::exit::ExitReason;
use crate::frame;
use crate::handle::Handle;
use crate::id::ActorId;
use crate::limit::Limit;
use crate::pace::Pace;
use crate::raw_handle::RawHandle;
use crate::reply::ReplyTo;
use crate::scope;
use crate::serving;
use crate::shared::Shared;
use crate::slot::{AnyCaller, Slot};
use crate::sync::Mutex;
use crate::timers::Alarms;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use tokio::time::Instant;

pub use cancelled::Cancelled;

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

use note;

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

/// The part that is the same for all actors. In this order: what each message looks at lies side by side.
#[repr(C)]
pub(crate) struct Inner {
    shared: Arc<Shared>,
    /// Set by `stop` and `fail`; takes effect after the current message.
    pub(crate) ending: Option<Box<ExitReason>>,
    pub(crate) common: Common,
    /// A message was handled since the parked ones were tried.
    pub(crate) stirred: bool,
    pub(crate) pace: Pace,
    /// Of a reader, which shares it with the others.
    lent: Option<Arc<Mutex<Common>>>,
    /// Of a context that no actor has: what a test says and hears.
    #[cfg(feature = "test")]
    pub(crate) stage: Option<Box<crate::test::effect::Stage>>,
}

/// What an actor sends itself.
#[derive(Default)]
pub(crate) struct Common {
    pub(crate) alarms: Option<Box<Alarms>>,
    pub(crate) beside: Option<Box<Beside>>,
}

impl Inner {
    /// Whether anything of the user's may be in it.
    pub(crate) fn is_used(&self) -> bool {
        let Common { alarms, beside } = &self.common;
        #[cfg(feature = "test")]
        if self.stage.is_some() {
            return true;
        }
        self.ending.is_some() || alarms.is_some() || beside.is_some() || self.lent.is_some()
    }

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
            let limit = Limit::until(deadline);
            let slot =
                Slot::<<A::Message as crate::Message>::Reply>::started(self.id(), limit, None).untyped();
            scope::set_caller(Joint::clone(&slot));
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

    /// The reply of the running message, to be sent now or later; `wrap` makes it the actor's reply type. For
    /// implementations of [`Actor`]: a method of an `#[actor]` block has a parameter `reply: ReplyTo<T>` instead.
    pub fn reply_to<T: Send + 'static>(
        &mut self,
        wrap: fn(T) -> <A::Message as crate::Message>::Reply,
    ) -> ReplyTo<T> {
        self.reply_with(wrap)
    }

    /// The same for a [`Boxed`](crate::boxed::Boxed) message.
    pub fn reply_to_boxed<T: Send + 'static>(&mut self) -> ReplyTo<T> {
        self.reply_with(|value| Box::new(value) as AnyReply)
    }

    pub(crate) fn reply_with<T: Send + 'static, R: Send + 'static>(
        &mut self,
        wrap: fn(T) -> R,
    ) -> ReplyTo<T> {
        let slot = self.caller().and_then(Joint::downcast::<Slot<R>>);
        // A second one has no caller: the first answers.
        ReplyTo::new(slot.filter(|slot| slot.caller().keep(&self.inner.shared)), wrap)
    }
}

impl<A> fmt::Debug for Context<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("id", &self.id()).field("name", &self.name()).finish_non_exhaustive()
    }
}
