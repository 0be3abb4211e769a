//! Handles: how actors are reached.

use crate::actor::Message;
use crate::id::ActorId;
use crate::request::Request;
use crate::shared::{Shared, Stopped};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// What every handle wraps: a counted reference to an actor, one pointer wide, that knows nothing of its messages.
///
/// When the last one of an actor goes, the actor handles what is queued and ends.
pub struct RawHandle(Arc<Shared>);

impl RawHandle {
    /// The first of a new actor, which is counted already.
    pub(crate) fn first(shared: Arc<Shared>) -> Self {
        RawHandle(shared)
    }

    /// One more, also after the last has gone.
    pub(crate) fn one_more(shared: &Arc<Shared>) -> Self {
        shared.add_handle();
        RawHandle(Arc::clone(shared))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Formats a handle as `name` with the actor's identity and name.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct(name);
        text.field("id", &self.0.id);
        if let Some(name) = &self.0.name {
            text.field("name", name);
        }
        text.finish()
    }
}

impl Clone for RawHandle {
    fn clone(&self) -> Self {
        Self::one_more(&self.0)
    }
}

impl Drop for RawHandle {
    fn drop(&mut self) {
        self.0.drop_handle();
    }
}

impl fmt::Debug for RawHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_as("RawHandle", f)
    }
}

impl PartialEq for RawHandle {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for RawHandle {}

impl Hash for RawHandle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

/// A type around a [`RawHandle`]. `#[actor]` on a struct writes it; a handle by hand implements it and [`ActorHandle`].
pub trait Handle: Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static {
    /// The handle inside.
    fn raw(&self) -> &RawHandle;

    /// Wraps it. A handle around another kind of actor is one of an actor that does not run.
    fn from_raw(raw: RawHandle) -> Self;
}

/// What every handle can do besides sending its actor's messages.
///
/// All of it takes `&self`, so that a message of the same name wins: with a message `stop`, `handle.stop()` is that message and
/// `ActorHandle::stop(&handle)` the operation.
pub trait ActorHandle: Handle {
    /// The actor's messages.
    type Message: Message;

    /// The actor's identity, equal for all its handles.
    fn id(&self) -> ActorId {
        self.raw().0.id
    }

    /// The name it was spawned with: a label, not unique.
    fn name(&self) -> Option<&str> {
        self.raw().0.name.as_deref()
    }

    /// Whether it has not ended yet. One that was asked to end runs until it has.
    fn is_running(&self) -> bool {
        self.raw().0.is_running()
    }

    /// A request of any message, with the actor's reply type: what routers, recorders and tests are written with.
    fn ask(&self, message: Self::Message) -> Request<'_, Self::Message, <Self::Message as Message>::Reply> {
        Request::new(self.raw(), message, |reply| Some(Ok(reply)))
    }

    /// Asks it to end: what is queued is handled, those who wait for room and whatever comes later get `NotRunning`.
    ///
    /// Returns at once, from any thread; more than once is no different from once. [`stopped`](Self::stopped) waits for the end.
    fn stop(&self) {
        self.raw().0.stop();
    }

    /// Asks it to end, and kills it if it has not ended after `grace`. Of several the earliest counts; `Duration::MAX` is no limit.
    fn stop_within(&self, grace: Duration) {
        self.raw().0.stop_within(grace);
    }

    /// Ends it: an `async` handler is cut off at its next await, a plain one returns first; nothing that is queued runs, nor does `on_stop`.
    ///
    /// Returns at once, from any thread; more than once is no different from once.
    fn kill(&self) {
        self.raw().0.kill();
    }

    /// Resolves to the reason when it has ended: its state has been dropped and every caller answered. Also after the end.
    fn stopped(&self) -> Stopped {
        Stopped::new(Arc::clone(&self.raw().0))
    }

    /// A handle that does not keep it alive.
    fn downgrade(&self) -> WeakHandle<Self> {
        WeakHandle { shared: Arc::clone(&self.raw().0), handle: PhantomData }
    }
}

/// A handle that does not keep its actor alive: for an actor that stores its own, for caches and registries.
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) {} }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let lamp = Lamp.spawn();
/// let weak = lamp.downgrade();
/// assert_eq!(weak.upgrade().as_ref(), Some(&lamp));
/// drop(lamp);
/// assert!(weak.upgrade().is_none());
/// # }
/// ```
pub struct WeakHandle<H> {
    shared: Arc<Shared>,
    handle: PhantomData<fn() -> H>,
}

impl<H: Handle> WeakHandle<H> {
    /// A handle, unless the last one has gone.
    #[must_use]
    pub fn upgrade(&self) -> Option<H> {
        self.shared.try_add_handle().then(|| H::from_raw(RawHandle::first(Arc::clone(&self.shared))))
    }

    pub(crate) fn is_running(&self) -> bool {
        self.shared.is_running()
    }
}

impl<H> Clone for WeakHandle<H> {
    fn clone(&self) -> Self {
        WeakHandle { shared: Arc::clone(&self.shared), handle: PhantomData }
    }
}

impl<H> fmt::Debug for WeakHandle<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakHandle").field("id", &self.shared.id).finish()
    }
}

/// A handle for actors that are implemented by hand: it has no methods of its own, [`ask`](ActorHandle::ask) sends.
pub struct DefaultHandle<M> {
    raw: RawHandle,
    message: PhantomData<fn(M)>,
}

impl<M: Message> Handle for DefaultHandle<M> {
    fn raw(&self) -> &RawHandle {
        &self.raw
    }

    fn from_raw(raw: RawHandle) -> Self {
        DefaultHandle { raw, message: PhantomData }
    }
}

impl<M: Message> ActorHandle for DefaultHandle<M> {
    type Message = M;
}

impl<M> Clone for DefaultHandle<M> {
    fn clone(&self) -> Self {
        DefaultHandle { raw: self.raw.clone(), message: PhantomData }
    }
}

impl<M> fmt::Debug for DefaultHandle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt_as("DefaultHandle", f)
    }
}

impl<M> PartialEq for DefaultHandle<M> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<M> Eq for DefaultHandle<M> {}

impl<M> Hash for DefaultHandle<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}
