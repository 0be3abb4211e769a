//! How a request is sent, and what it waits for then.

use crate::actor::Message;
use crate::bare::Joint;
use crate::choice;
use crate::direct::{self, Direct};
use crate::error::CallError;
use crate::flight::{self, Flight, Unsent};
use crate::limit::Limit;
use crate::policy::Policy;
use crate::port::Port;
use crate::raw_handle::RawHandle;
use crate::route::Route;
use crate::shared::Shared;
use crate::slot::{Answer, Slot};
use crate::waits;
use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::task::coop;

/// The message is taken out where it lies: to move the whole of it at each poll would cost more than the poll.
pub(super) enum State<M: Message> {
    /// `None` when it is over.
    Unsent(Option<M>),
    Sent(Flight<M>),
}

/// Sending depends on the message type alone, so that an actor has it once and not once for each type of a result.
impl<M: Message> State<M> {
    #[inline(never)]
    pub(super) fn poll(
        &mut self,
        to: (&RawHandle, Option<&'static Route<M>>),
        limit: Option<Limit>,
        cx: &mut Context<'_>,
    ) -> Poll<Answer<M::Reply>> {
        match self {
            // Looked for before it is asked for, so that an answer goes straight to where it is returned.
            State::Sent(flight) if flight.is_answered() => self.land(),
            State::Sent(flight) => match flight.poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(answer) => {
                    *self = State::Unsent(None);
                    Poll::Ready(answer)
                }
            },
            State::Unsent(message) => match message.take() {
                Some(message) => self.send(to, message, limit, cx),
                None => Poll::Ready(Err(CallError::Dropped)),
            },
        }
    }

    /// It has been answered, and nothing is left of it.
    #[inline]
    fn land(&mut self) -> Poll<Answer<M::Reply>> {
        match mem::replace(self, State::Unsent(None)) {
            State::Sent(flight) => flight.land(),
            State::Unsent(_) => Poll::Pending,
        }
    }

    /// The first poll. If it is pending, `self` says what is waited for.
    fn send(
        &mut self,
        (to, route): (&RawHandle, Option<&'static Route<M>>),
        message: M,
        limit: Option<Limit>,
        cx: &mut Context<'_>,
    ) -> Poll<Answer<M::Reply>> {
        if choice::pauses(cx) {
            self.set(State::Unsent(Some(message)));
            waits::goes_on(to.shared());
            return Poll::Pending;
        }
        let (shared, port) = match Port::to(to.shared(), route, &message) {
            Ok(way) => way,
            Err(why) => return Poll::Ready(Err(why.into())),
        };
        let policy = port.policy(&message);
        let limit = flight::limit(limit, port.timeout(policy));
        if limit.has_passed() || limit.is_nothing() {
            return Poll::Ready(Err(CallError::TimedOut { started: false }));
        }
        let mut message = message;
        if port.is_direct() && direct::is_possible::<M>(shared, policy, cx.waker()) {
            // Such a call never waits, so it takes its share of the task's budget itself.
            let Poll::Ready(budget) = coop::poll_proceed(cx) else {
                self.set(State::Unsent(Some(message)));
                waits::goes_on(shared);
                return Poll::Pending;
            };
            match port.call(shared, policy, message, limit, cx.waker()) {
                Direct::Queue(back) => message = back,
                Direct::Done(answer) => {
                    budget.made_progress();
                    // Taken apart, like all answers: see `Request::poll`.
                    return match answer {
                        Ok(reply) => Poll::Ready(Ok(reply)),
                        Err(error) => Poll::Ready(Err(error)),
                    };
                }
                Direct::Waits(slot) => return self.fly(shared, policy, slot, cx),
            }
        }
        let limit = flight::begin_wait(limit);
        if let Some(error) = flight::refusal(shared, limit) {
            return Poll::Ready(Err(error));
        }
        // It is made where it stays.
        let (flight, call) = Flight::prepare(shared, policy, limit, Some(cx.waker()));
        self.set(State::Sent(flight));
        let State::Sent(flight) = self else { return Poll::Pending };
        let answer = match flight.depart(shared, &port, message, call, Route::hurries(route), true) {
            // The slot has the waker already.
            Ok(()) => match flight.poll_alarm(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(answer) => answer,
            },
            Err(Unsent::Failed(error)) => Err(error),
            // It was told to wait.
            Err(Unsent::NoRoom(_)) => Err(CallError::Full),
        };
        *self = State::Unsent(None);
        Poll::Ready(answer)
    }

    /// Once its message has been taken out there is nothing to be dropped, which the compiler need not find out.
    #[inline(always)]
    fn set(&mut self, state: Self) {
        mem::forget(mem::replace(self, state));
    }

    /// Waits for a handler that this call has started.
    #[inline(never)]
    fn fly(
        &mut self,
        shared: &Arc<Shared>,
        policy: &'static Policy,
        slot: Joint<Slot<M::Reply>>,
        cx: &mut Context<'_>,
    ) -> Poll<Answer<M::Reply>> {
        let mut flight = Flight::new(shared, policy, slot);
        let answer = flight.poll(cx);
        if answer.is_pending() {
            self.set(State::Sent(flight));
        }
        answer
    }
}
