//! Messages without a reply.

use crate::actor::Message;
use crate::alarm;
use crate::error::TellError;
use crate::flight::arrived;
use crate::handle::RawHandle;
use crate::lane::Ticket;
use crate::limit::Limit;
use crate::mailbox::Place;
use crate::policy::Overflow;
use crate::port::{self, Port};
use crate::route::Route;
use crate::shared::Shared;
use crate::slot::Queued;
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
    until: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

/// One that waits for room.
struct Waits {
    /// Where: at a worker, if it was sent to a pool.
    at: Arc<Shared>,
    place: Place,
    ticket: Arc<Ticket>,
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
        let to = Port::to(self.to.shared(), self.route, &message).filter(|(shared, _)| shared.is_open());
        let Some((shared, port)) = to else { return Some(Err(TellError::NotRunning(message))) };
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
                self.waits = Some(Waits { at: Arc::clone(shared), place, ticket });
                self.until = self.limit.instant();
                arrived(shared, &port);
                None
            }
            Err((message, _)) => Some(Err(TellError::NotRunning(message))),
        }
    }
}

impl Waits {
    fn poll<M: Message>(&self, waker: &Waker) -> Poll<Result<(), TellError<M>>> {
        self.ticket.poll(waker).map(|turn| match turn {
            Ok(()) => Ok(()),
            // The actor ended before there was room.
            Err(message) => {
                let message = message.and_then(port::reclaim);
                message.map_or(Ok(()), |message| Err(TellError::NotRunning(message)))
            }
        })
    }

    /// Out of the line: the message, unless it has been accepted.
    fn leave<M: Message>(&self) -> Option<M> {
        port::leave(&self.at, self.place)
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
        let Some(waits) = &this.waits else { return Poll::Ready(Ok(())) };
        if let Poll::Ready(turn) = waits.poll(cx.waker()) {
            this.waits = None;
            return Poll::Ready(turn);
        }
        let Some(until) = this.until else { return Poll::Pending };
        let alarm = this.alarm.get_or_insert_with(|| alarm::at(until, &this.to.shared().runtime));
        ready!(alarm.as_mut().poll(cx));
        let turn = match waits.leave() {
            Some(message) => Err(TellError::TimedOut(message)),
            // Accepted or refused at the last moment.
            None => match waits.poll(cx.waker()) {
                Poll::Ready(turn) => turn,
                Poll::Pending => Ok(()),
            },
        };
        this.waits = None;
        Poll::Ready(turn)
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
