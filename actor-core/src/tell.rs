//! Messages without a reply.

use crate::actor::Message;
use crate::alarm;
use crate::error::TellError;
use crate::flight::arrived;
use crate::handle::RawHandle;
use crate::limit::Limit;
use crate::mailbox::{Place, Refusal, Ticket};
use crate::policy::{Overflow, Policy};
use crate::port::Port;
use crate::slot::Queued;
use crate::waits::{self, Target};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
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
    message: Option<M>,
    limit: Limit,
    waits: Option<(Place, Arc<Ticket>, &'static Policy)>,
    /// The handler that is known to wait for it.
    run: u64,
    until: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

// Nothing in it is pinned in place.
impl<M: Message> Unpin for Tell<'_, M> {}

impl<'a, M: Message> Tell<'a, M> {
    pub(crate) fn new(to: &'a RawHandle, message: Option<M>, limit: Limit) -> Self {
        Tell { to, message, limit, waits: None, run: 0, until: None, alarm: None }
    }

    /// Sends it, or stands in the line: `Some` when it is decided.
    fn send(&mut self, message: M) -> Option<Result<(), TellError<M>>> {
        let shared = self.to.shared();
        let Some(port) = Port::of(shared).filter(|_| shared.is_open()) else {
            return Some(Err(TellError::NotRunning(message)));
        };
        if self.limit.has_passed() {
            return Some(Err(TellError::TimedOut(message)));
        }
        let message = match port.push(message, Queued::tell()) {
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
        match port.join(message, Queued::tell(), Some(Arc::clone(&ticket))) {
            Ok(place) => {
                self.waits = Some((place, ticket, policy));
                self.until = self.limit.instant();
                arrived(shared, &port);
                None
            }
            Err((message, _)) => Some(Err(TellError::NotRunning(message))),
        }
    }

    /// Out of the line: the message, unless it has been accepted.
    fn leave(&mut self) -> Option<M> {
        let (place, ..) = self.waits.take()?;
        Port::of(self.to.shared())?.leave(place)
    }

    /// There never will be room; `None` if there was some at the last moment.
    fn refused(&mut self, why: Refusal) -> Option<TellError<M>> {
        match why {
            Refusal::Ended(message) => {
                self.waits = None;
                Port::of(self.to.shared())?.reclaim(message?).map(TellError::NotRunning)
            }
            Refusal::Stuck(cycle) => self.leave().map(|message| TellError::Deadlock(message, cycle)),
        }
    }

    /// Waits for room until the deadline.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TellError<M>>> {
        let Some((_, ticket, _)) = &self.waits else { return Poll::Ready(Ok(())) };
        let ticket = Arc::clone(ticket);
        if let Poll::Ready(turn) = ticket.poll(cx.waker()) {
            return Poll::Ready(match turn {
                Ok(()) => {
                    self.waits = None;
                    Ok(())
                }
                Err(why) => self.refused(why).map_or(Ok(()), Err),
            });
        }
        let Some(until) = self.until else { return Poll::Pending };
        let alarm = self.alarm.get_or_insert_with(|| alarm::at(until, &self.to.shared().runtime));
        ready!(alarm.as_mut().poll(cx));
        Poll::Ready(match self.leave() {
            Some(message) => Err(TellError::TimedOut(message)),
            // Accepted or refused at the last moment.
            None => match ticket.poll(cx.waker()) {
                Poll::Ready(Err(why)) => self.refused(why).map_or(Ok(()), Err),
                _ => Ok(()),
            },
        })
    }

    /// It pends: if it was polled in a handler, that one waits for room.
    fn note(&mut self) {
        let Some((_, ticket, policy)) = &self.waits else { return };
        let (to, until) = (self.to.shared(), self.until);
        let target = || Target {
            to: Arc::clone(to),
            message: policy.name,
            // Whatever is served makes room.
            between: true,
            until,
            by: None,
        };
        waits::note(&mut self.run, ticket, target);
    }
}

impl<M: Message> Future for Tell<'_, M> {
    type Output = Result<(), TellError<M>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Some(message) = this.message.take()
            && let Some(result) = this.send(message)
        {
            return Poll::Ready(result);
        }
        let poll = this.poll_room(cx);
        if poll.is_pending() {
            this.note();
        }
        poll
    }
}

impl<M: Message> Drop for Tell<'_, M> {
    fn drop(&mut self) {
        drop(self.leave());
    }
}

impl<M: Message> fmt::Debug for Tell<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tell").field("to", self.to).finish_non_exhaustive()
    }
}
