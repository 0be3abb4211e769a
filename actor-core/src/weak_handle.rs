//! Handles that do not keep their actors alive.

use crate::handle::ActorHandle;
use crate::raw_handle::RawHandle;
use crate::route::AnyRoute;
use crate::shared::Shared;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

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
    route: Option<AnyRoute>,
    handle: PhantomData<fn() -> H>,
}

impl<H: ActorHandle> WeakHandle<H> {
    pub(crate) fn of(handle: &H) -> Self {
        WeakHandle { shared: Arc::clone(handle.raw().shared()), route: handle.first(), handle: PhantomData }
    }

    /// A handle, unless the last one has gone.
    #[must_use]
    pub fn upgrade(&self) -> Option<H> {
        let raw = self.shared.try_add_handle().then(|| RawHandle::first(Arc::clone(&self.shared)))?;
        Some(H::from_raw(raw).by_first(self.route))
    }

    pub(crate) fn is_running(&self) -> bool {
        self.shared.is_running()
    }
}

impl<H> Clone for WeakHandle<H> {
    fn clone(&self) -> Self {
        WeakHandle { shared: Arc::clone(&self.shared), route: self.route, handle: PhantomData }
    }
}

impl<H> fmt::Debug for WeakHandle<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakHandle").field("id", &self.shared.id).finish()
    }
}
