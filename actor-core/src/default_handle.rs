//! Handles of actors without the macro.

use crate::actor::Message;
use crate::handle::{ActorHandle, Handle};
use crate::raw_handle::RawHandle;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

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
