//! What lies aside of a lane.

use crate::actor::Message;
use crate::deque::Deque;
use crate::mailbox::Envelope;
use std::any::Any;

/// What has been taken out while a handler waits, which serves some and leaves the others for later. They go on taking room.
pub(super) struct Aside<M: Message> {
    pub(super) envelopes: Deque<Envelope<M>>,
    /// How many of them are known to be left for later.
    pub(super) seen: usize,
}

impl<M: Message> Aside<M> {
    pub(super) fn new(envelopes: Deque<Envelope<M>>) -> Self {
        Aside { envelopes, seen: 0 }
    }
}

/// The same, as it lies there: with a lock that does not know the messages, which would be compiled for each kind of actor.
#[derive(Default)]
pub(super) struct AnyAside(Option<Box<dyn Any + Send>>);

impl AnyAside {
    pub(super) fn new<M: Message>(envelopes: Deque<Envelope<M>>) -> Self {
        AnyAside(Some(Box::new(Aside::new(envelopes))))
    }

    /// `None` if nothing is there.
    pub(super) fn of<M: Message>(&mut self) -> Option<&mut Aside<M>> {
        self.0.as_deref_mut()?.downcast_mut()
    }

    /// Made if it is not. `None` if it is for other messages than the lane's, which are always the same.
    pub(super) fn made<M: Message>(&mut self) -> Option<&mut Aside<M>> {
        if self.0.is_none() {
            *self = Self::new::<M>(Deque::new());
        }
        self.of()
    }
}
