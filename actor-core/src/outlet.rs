//! A mailbox as the actor's own task sees it, which does not know the messages: so it is compiled once, and not for each kind of actor.

use crate::actor::Message;
use crate::ending;
use crate::shared::{Body, Shared};
use crate::spot::Spot;
use crate::taken::AnyTaken;
use std::task::Waker;

pub(crate) trait Outlet: Send + Sync {
    fn spot(&self) -> &Spot;

    /// Whether callers may run handlers themselves.
    fn is_direct(&self) -> bool;

    /// Whether nothing is in the mailbox.
    fn is_empty(&self) -> bool;

    /// The same, and nothing was taken out and not begun.
    fn is_drained(&self, taken: &mut AnyTaken) -> bool;

    fn has_parked(&self) -> bool;

    /// Whether there may be something aside.
    fn has_aside(&self) -> bool;

    /// A handler has ended that its caller ran: whether something lies aside, for the actor's task to take up.
    fn leaves_aside(&self) -> bool;

    /// A handler or hook starts: it may serve messages while it waits.
    fn put_aside(&self, taken: &mut AnyTaken);

    /// It has ended: what lies aside comes back.
    fn take_aside(&self, taken: &mut AnyTaken);

    /// The task has been woken: a handler that looks for messages may wait under a waker of its own.
    fn wake_server(&self, task: &Waker);

    /// Throws away all that waits, in the mailbox and taken out.
    fn clear(&self, shared: &Shared, taken: &mut AnyTaken);
}

impl<M: Message> Outlet for Body<M> {
    fn spot(&self) -> &Spot {
        &self.spot
    }

    fn is_direct(&self) -> bool {
        self.direct
    }

    fn is_empty(&self) -> bool {
        self.mailbox.is_empty()
    }

    fn is_drained(&self, taken: &mut AnyTaken) -> bool {
        taken.of::<M>().is_none_or(|taken| taken.is_empty()) && self.mailbox.is_empty()
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

    fn put_aside(&self, taken: &mut AnyTaken) {
        if let Some(taken) = taken.of() {
            self.mailbox.put_aside(taken);
        }
    }

    fn take_aside(&self, taken: &mut AnyTaken) {
        if let Some(taken) = taken.made() {
            self.mailbox.take_aside(taken);
        }
    }

    fn wake_server(&self, task: &Waker) {
        self.mailbox.rare().wake_server(task);
    }

    fn clear(&self, shared: &Shared, taken: &mut AnyTaken) {
        let end = &mut |envelope| ending::discard(shared, envelope);
        if let Some(taken) = taken.of::<M>() {
            taken.clear(end);
        }
        self.mailbox.clear(end);
    }
}
