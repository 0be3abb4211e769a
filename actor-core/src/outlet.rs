//! A mailbox as the actor's own task sees it, which does not know the messages: so it is compiled once, and not for each kind of actor.

use crate::actor::Message;
use crate::ending;
use crate::inbox::Taken;
use crate::shared::{Body, Shared};
use crate::spot::Spot;
use std::task::Waker;

pub(crate) trait Outlet: Send + Sync {
    fn spot(&self) -> &Spot;

    /// Whether callers may run handlers themselves.
    fn is_direct(&self) -> bool;

    /// Whether the task has ever taken something out.
    fn is_used(&self) -> bool;

    /// Whether nothing is in the mailbox.
    fn is_empty(&self) -> bool;

    /// The same, and nothing was taken out and not begun.
    fn is_drained(&self) -> bool;

    fn has_parked(&self) -> bool;

    /// Whether there may be something aside.
    fn has_aside(&self) -> bool;

    /// A handler has ended that its caller ran: whether something lies aside, for the actor's task to take up.
    fn leaves_aside(&self) -> bool;

    /// A handler or hook starts: it may serve messages while it waits.
    fn put_aside(&self);

    /// It has ended: what lies aside comes back.
    fn take_aside(&self);

    /// The task has been woken: a handler that looks for messages may wait under a waker of its own.
    fn wake_server(&self, task: &Waker);

    /// Throws away all that waits, in the mailbox and taken out.
    fn clear(&self, shared: &Shared);
}

impl<M: Message> Outlet for Body<M> {
    fn spot(&self) -> &Spot {
        &self.spot
    }

    fn is_direct(&self) -> bool {
        self.direct
    }

    fn is_used(&self) -> bool {
        self.taken.lock().is_some()
    }

    fn is_empty(&self) -> bool {
        self.mailbox.is_empty()
    }

    fn is_drained(&self) -> bool {
        match &*self.taken.lock() {
            Some(taken) if !taken.is_empty() => false,
            Some(_) | None => self.mailbox.is_empty(),
        }
    }

    fn has_parked(&self) -> bool {
        self.mailbox.has_parked()
    }

    fn has_aside(&self) -> bool {
        self.mailbox.has_aside()
    }

    fn leaves_aside(&self) -> bool {
        self.mailbox.leaves_aside()
    }

    fn put_aside(&self) {
        if let Some(taken) = &mut *self.taken.lock() {
            self.mailbox.put_aside(taken);
        }
    }

    fn take_aside(&self) {
        self.mailbox.take_aside(Taken::made(&mut self.taken.lock()));
    }

    fn wake_server(&self, task: &Waker) {
        self.mailbox.rare().wake_server(task);
    }

    fn clear(&self, shared: &Shared) {
        let taken = self.taken.lock().take();
        if let Some(mut taken) = taken {
            ending::discard(shared, taken.take_all());
        }
        ending::discard(shared, self.mailbox.remains());
    }
}
