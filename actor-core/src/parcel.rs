//! An envelope of which nobody says for whose messages it is.
//!
//! What lies beside the mailbox, parked, armed as a timer, or given by a stream, is the business of few actors, and rarely. So it is kept in this
//! form, by code that is compiled once and not for each kind of actor.

use crate::actor::Message;
use crate::mailbox::Envelope;
use crate::parked::{self, Verdict};
use crate::shared::Shared;
use crate::slot::AnyCaller;
use std::any::Any;

pub(crate) struct Parcel(Box<dyn Content>);

trait Content: Any + Send {
    fn is_left(&self) -> bool;
    fn take_back(self: Box<Self>) -> Box<dyn Any + Send>;
    fn broken(self: Box<Self>, shared: &Shared) -> Option<AnyCaller>;
}

impl<M: Message> Content for Envelope<M> {
    fn is_left(&self) -> bool {
        Envelope::is_left(self)
    }

    fn take_back(self: Box<Self>) -> Box<dyn Any + Send> {
        Envelope::take_back(*self)
    }

    fn broken(self: Box<Self>, shared: &Shared) -> Option<AnyCaller> {
        parked::broken(shared, *self)
    }
}

/// Asks the guard of what is in a parcel.
pub(crate) type Guard<'a> = &'a mut dyn FnMut(&Parcel) -> Verdict;

/// One whose guard lets it pass, or panicked.
pub(crate) type Passed = (Parcel, Verdict);

impl Parcel {
    pub(crate) fn new<M: Message>(envelope: Envelope<M>) -> Self {
        Parcel(Box::new(envelope))
    }

    /// What an actor keeps is its own, so it is there.
    #[inline(never)]
    pub(crate) fn open<M: Message>(self) -> Option<Envelope<M>> {
        let content: Box<dyn Any> = self.0;
        match content.downcast() {
            Ok(envelope) => Some(*envelope),
            Err(_) => None,
        }
    }

    pub(crate) fn look<M: Message>(&self) -> Option<&Envelope<M>> {
        let content: &dyn Any = &*self.0;
        content.downcast_ref()
    }

    /// The message goes back to its sender.
    pub(crate) fn take_back(self) -> Box<dyn Any + Send> {
        self.0.take_back()
    }

    /// Its guard panicked: its caller.
    pub(crate) fn broken(self, shared: &Shared) -> Option<AnyCaller> {
        self.0.broken(shared)
    }

    /// Whether the one who waits for it has left.
    pub(crate) fn is_left(&self) -> bool {
        self.0.is_left()
    }
}
