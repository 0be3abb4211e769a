//! Messages without a reply.

use crate::actor::Message;
use crate::alarm;
use crate::bare::Joint;
use crate::choice::{self, Stage, Wait};
use crate::error::TellError;
use crate::flight::arrived;
use crate::limit::Limit;
use crate::line::{Refusal, Ticket};
use crate::mailbox::Place;
use crate::policy::{Overflow, Policy};
use crate::port::{self, Port};
use crate::raw_handle::RawHandle;
use crate::route::Route;
use crate::shared::Shared;
use crate::slot::Queued;
use crate::transport::{Delivery, Receipts};
use crate::waits::{self, Target, What};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use tokio::time::{Instant, Sleep};

/// A message on its way without a reply: see [`Request::tell`](crate::Request::tell).
///
/// # Errors
/// [`TellError`] hands the message back. Once it is in the mailbox the tell has succeeded, whatever becomes of the actor then.
///
/// # Cancel safety
/// Dropped while it waits for room, it takes the message out of the line.
#[must_use = "a tell does nothing until it is awaited; `try_tell` sends at once"]
pub struct Tell<'a, M: Message> {
    to: &'a RawHandle,
    route: Option<&'static Route<M>>,
    message: Option<M>,
    limit: Limit,
    waits: Option<Waits>,
    /// Of one to another machine.
    receipt: Option<Box<dyn Delivery<M> + Send>>,
    until: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// One that waits for room.
struct Waits {
    /// Where: at a worker, if it was sent to a pool.
    at: Arc<Shared>,
    place: Place,
    ticket: Joint<Ticket>,
    policy: &'static Policy,
    /// The handler that is known to wait for it.
    run: u64,
    wait: Wait,
}

// Nothing in it is pinned in place.
impl<M: Message> Unpin for Tell<'_, M> {}

impl<'a, M: Message> Tell<'a, M> {
    pub(crate) fn new(
        to: &'a RawHandle,
        route: Option<&'static Route<M>>,
        message: Option<M>,
        limit: Limit,
    ) -> Self {
        Tell { to, route, message, limit, waits: None, receipt: None, until: None, alarm: None }
    }

    /// Sends it, or stands in the line: `Some` when it is decided.
    fn send(&mut self, message: M) -> Option<Result<(), TellError<M>>> {
        let (shared, port) = match Port::to(self.to.shared(), self.route, &message) {
            Ok((shared, port)) if shared.is_open() => (shared, port),
            Ok(_) => return Some(Err(TellError::NotRunning(message))),
            Err(why) => return Some(Err(why.told(message))),
        };
        if self.limit.has_passed() {
            return Some(Err(TellError::TimedOut(message)));
        }
        if let Port::Own(body) = port
            && let Some(Receipts(deliver)) = body.receipts
        {
            let policy = port.policy(&message);
            self.receipt = Some(deliver(self.to, message, policy, self.limit));
            return None;
        }
        let message = match port.push(message, Queued::tell(), Route::hurries(self.route)) {
            Ok(()) => {
                arrived(shared, &port);
                return Some(Ok(()));
            }
            Err((message, _)) => message,
        };
        if port.overflow() == Overflow::Reject {
            return Some(Err(TellError::Full(message)));
        }
        let (ticket, policy) = (Ticket::new(), port.policy(&message));
        match port.join(message, Queued::tell(), Some(Joint::clone(&ticket)), Route::hurries(self.route)) {
            Ok(place) => {
                let wait = Wait::new(shared, policy.name, Stage::Room);
                self.waits = Some(Waits { at: Arc::clone(shared), place, ticket, policy, run: 0, wait });
                self.until = self.limit.instant();
                arrived(shared, &port);
                None
            }
            Err((message, _)) => Some(Err(TellError::NotRunning(message))),
        }
    }

    #[inline(never)]
    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TellError<M>>> {
        if self.message.is_some() && choice::pauses(cx) {
            waits::goes_on(self.to.shared());
            return Poll::Pending;
        }
        if let Some(message) = self.message.take()
            && let Some(result) = self.send(message)
        {
            return Poll::Ready(result);
        }
        if let Some(receipt) = &mut self.receipt {
            return receipt.poll(cx);
        }
        let poll = self.poll_room(cx);
        match &mut self.waits {
            Some(waits) if poll.is_pending() => waits.note(self.until),
            _ => self.waits = None,
        }
        poll
    }

    /// Waits for room until the deadline.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TellError<M>>> {
        let Some(waits) = &self.waits else { return Poll::Ready(Ok(())) };
        if let Poll::Ready(turn) = waits.poll(cx.waker()) {
            return Poll::Ready(turn);
        }
        let Some(until) = self.until else { return Poll::Pending };
        let alarm = self.alarm.get_or_insert_with(|| alarm::at(until, &self.to.shared().runtime));
        ready!(alarm.as_mut().poll(cx));
        waits.wait.gives_up();
        Poll::Ready(match waits.leave() {
            Some(message) => Err(TellError::TimedOut(message)),
            // Accepted or refused at the last moment.
            None => match waits.poll(cx.waker()) {
                Poll::Ready(turn) => turn,
                Poll::Pending => Ok(()),
            },
        })
    }
}

impl Waits {
    fn poll<M: Message>(&self, waker: &Waker) -> Poll<Result<(), TellError<M>>> {
        let refused = |why| match why {
            Refusal::Ended(message) => message.and_then(port::reclaim).map(TellError::NotRunning),
            Refusal::Stuck(cycle) => self.leave().map(|message| TellError::Deadlock(message, cycle)),
        };
        // Where there is no message to hand back, there was room at the last moment.
        self.ticket.poll(waker).map(|turn| turn.or_else(|why| refused(why).map_or(Ok(()), Err)))
    }

    /// Out of the line: the message, unless it has been accepted.
    fn leave<M: Message>(&self) -> Option<M> {
        port::leave(&self.at, self.place)
    }

    /// It pends: if it was polled in a handler, that one waits for room.
    fn note(&mut self, until: Option<Instant>) {
        let (to, policy) = (&self.at, self.policy);
        let target =
            || Target { to: Arc::clone(to), what: What::Room(until.map(Box::new)), policy: Some(policy) };
        waits::note(&mut self.run, &self.ticket, target);
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.ticket.let_go();
    }
}

#[cold]
#[inline(never)]
fn rare<T>(error: T) -> T {
    error
}

impl<M: Message> Future for Tell<'_, M> {
    type Output = Result<(), TellError<M>>;

    /// Inlined, and errors out of the way: they have room for the message, and where there is none that room is not to be moved.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut().advance(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(rare(error))),
        }
    }
}

impl<M: Message> Drop for Tell<'_, M> {
    fn drop(&mut self) {
        drop(self.waits.take().and_then(|waits| waits.leave::<M>()));
    }
}

impl<M: Message> fmt::Debug for Tell<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell").field("to", self.to).finish_non_exhaustive()
    }
}
