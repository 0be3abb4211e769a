//! What an actor's task has taken out of the mailbox and not begun.

use crate::actor::Message;
use crate::deque::Deque;
use crate::engine::Broken;
use crate::mailbox::Envelope;
use std::any::Any;

/// Messages that the actor has taken out and not begun.
pub(crate) struct Taken<M: Message> {
    pub(crate) batch: Deque<Envelope<M>>,
    /// Before all others.
    pub(crate) urgent: Deque<Envelope<M>>,
    /// Whether what came last out of the mailbox is one of these.
    pub(crate) was_urgent: bool,
    /// At which a row has ended: it starts next.
    pub(crate) next: Option<Envelope<M>>,
}

impl<M: Message> Taken<M> {
    pub(crate) fn new() -> Self {
        Taken { batch: Deque::new(), urgent: Deque::new(), was_urgent: false, next: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.urgent.is_empty() && self.next.is_none()
    }

    /// Takes all out, in their order, for `end` to throw them away, when the actor ends.
    #[inline(never)]
    pub(crate) fn clear(&mut self, end: &mut dyn FnMut(Envelope<M>)) {
        if let Some(next) = self.next.take() {
            end(next);
        }
        self.urgent.empty(end);
        self.batch.empty(end);
    }
}

/// The same, as the actor's task keeps it, which does not know the messages. Made when the first message is to be kept: to many actors they come
/// one at a time, or are run by their callers.
#[derive(Default)]
pub(crate) struct AnyTaken {
    messages: Option<Box<dyn Any + Send>>,
    /// Of a row that ended with a guard's panic.
    pub(crate) broken: Option<Box<Broken>>,
}

impl AnyTaken {
    pub(crate) fn is_made(&self) -> bool {
        self.messages.is_some()
    }

    /// `None` if it is not made.
    #[inline]
    pub(crate) fn of<M: Message>(&mut self) -> Option<&mut Taken<M>> {
        self.messages.as_deref_mut()?.downcast_mut()
    }

    /// Made if it is not. `None` if it is for other messages than the actor's, which are always the same.
    #[inline(never)]
    pub(crate) fn made<M: Message>(&mut self) -> Option<&mut Taken<M>> {
        if self.messages.is_none() {
            self.messages = Some(Box::new(Taken::<M>::new()));
        }
        self.of()
    }
}
