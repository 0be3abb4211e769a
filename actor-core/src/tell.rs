//! Messages without a reply.

use crate::actor::Message;
use crate::alarm;
use crate::error::TellError;
use crate::flight::arrived;
use crate::handle::RawHandle;
use crate::limit::Limit;
use crate::mailbox::{Place, Ticket};
use crate::policy::Overflow;
use crate::port::{self, Port};
use crate::route::Route;
use crate::slot::Queued;
use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
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
    waits: Option<(Place, Arc<Ticket>)>,
    until: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
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
        Tell { to, route, message, limit, waits: None, until: None, alarm: None }
    }

    /// Sends it, or stands in the line: `Some` when it is decided.
    fn send(&mut self, message: M) -> Option<Result<(), TellError<M>>> {
        let shared = self.to.shared();
        let Some(port) = Port::of(shared, self.route).filter(|_| shared.is_open()) else {
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
        let ticket = Ticket::new();
        match port.join(message, Queued::tell(), Some(Arc::clone(&ticket))) {
            Ok(place) => {
                self.waits = Some((place, ticket));
                self.until = self.limit.instant();
                arrived(shared, &port);
                None
            }
            Err((message, _)) => Some(Err(TellError::NotRunning(message))),
        }
    }

    /// Out of the line: the message, unless it has been accepted.
    fn leave(&mut self) -> Option<M> {
        let (place, _) = self.waits.take()?;
        port::leave(self.to.shared(), place)
    }

    /// The actor ended before there was room.
    fn refused(message: Option<Box<dyn Any + Send>>) -> Option<TellError<M>> {
        port::reclaim(message?).map(TellError::NotRunning)
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
        let Some((_, ticket)) = &this.waits else { return Poll::Ready(Ok(())) };
        if let Poll::Ready(turn) = ticket.poll(cx.waker()) {
            this.waits = None;
            return Poll::Ready(match turn {
                Ok(()) => Ok(()),
                Err(message) => Self::refused(message).map_or(Ok(()), Err),
            });
        }
        let ticket = Arc::clone(ticket);
        let Some(until) = this.until else { return Poll::Pending };
        let alarm = this.alarm.get_or_insert_with(|| alarm::at(until, &this.to.shared().runtime));
        if alarm.as_mut().poll(cx).is_ready() {
            return Poll::Ready(match this.leave() {
                Some(message) => Err(TellError::TimedOut(message)),
                // Accepted or refused at the last moment.
                None => match ticket.poll(cx.waker()) {
                    Poll::Ready(Err(message)) => Self::refused(message).map_or(Ok(()), Err),
                    _ => Ok(()),
                },
            });
        }
        Poll::Pending
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
