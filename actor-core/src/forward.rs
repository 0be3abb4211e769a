//! Passing a call on to another actor, without a task that waits for it.

use crate::actor::Message;
use crate::error::CallError;
use crate::pending::Call;
use crate::reply::{FromReply, ReplyTo, passed_on};
use crate::waits::unwatched;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A call that was passed on. It is its own waker: the answer, the deadline and the caller's leaving each poll it.
struct Forward<T, M: Message, V, E>(Mutex<Option<Passed<T, M, V, E>>>);

struct Passed<T, M: Message, V, E> {
    reply: ReplyTo<T>,
    call: Call<M, V, E>,
}

pub(crate) fn forward<T, M, V, E>(reply: ReplyTo<T>, call: Call<M, V, E>)
where
    T: FromReply<V, E>,
    M: Message,
    V: Send + 'static,
    E: Send + 'static,
{
    in_turn(Arc::new(Forward(Mutex::new(Some(Passed { reply, call })))));
}

/// Gives the first caller what the one that was passed on was answered.
pub(crate) fn answer<T, V, E>(reply: ReplyTo<T>, answer: Result<V, CallError<E>>)
where
    T: FromReply<V, E>,
{
    match answer.map_err(passed_on) {
        // If it fails, the caller has gone.
        Ok(value) => drop(reply.send(T::from_reply(Ok(value)))),
        Err(Ok(error)) => drop(reply.send(T::from_reply(Err(error)))),
        Err(Err(failure)) => reply.fail(failure),
    }
}

impl<T, M, V, E> Wake for Forward<T, M, V, E>
where
    T: FromReply<V, E>,
    M: Message,
    V: Send + 'static,
    E: Send + 'static,
{
    fn wake(self: Arc<Self>) {
        in_turn(self);
    }
}

/// Something that goes on when it is woken.
trait Step {
    fn step(self: Arc<Self>);
}

thread_local! {
    /// Those that are woken while one goes on; `None` when none does.
    static DUE: RefCell<Option<VecDeque<Arc<dyn Step>>>> = const { RefCell::new(None) };
}

/// Lets `first` go on, and then those that it wakes: one after the other, so that a long chain of forwarded calls needs no deep stack,
/// and one that wakes itself finds its lock free.
fn in_turn(first: Arc<dyn Step>) {
    let waits = DUE.with_borrow_mut(|due| match due {
        Some(due) => {
            due.push_back(Arc::clone(&first));
            true
        }
        None => {
            *due = Some(VecDeque::new());
            false
        }
    });
    let mut next = (!waits).then_some(first);
    while let Some(step) = next {
        // Whoever wakes it waits for nothing here. A value that nobody wants any more may panic where it is dropped; that is nobody's.
        let _ = panic::catch_unwind(AssertUnwindSafe(|| unwatched(|| step.step())));
        next = DUE.with_borrow_mut(|due| {
            let next = due.as_mut().and_then(VecDeque::pop_front);
            if next.is_none() {
                *due = None;
            }
            next
        });
    }
}

impl<T, M, V, E> Step for Forward<T, M, V, E>
where
    T: FromReply<V, E>,
    M: Message,
    V: Send + 'static,
    E: Send + 'static,
{
    fn step(self: Arc<Self>) {
        let waker = Waker::from(Arc::clone(&self));
        let mut passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Passed { reply, call }) = &mut *passed else { return };
        let answered = match Pin::new(call).poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending if reply.poll_gone(&waker) => None,
            Poll::Pending => return,
        };
        let Some(Passed { reply, call }) = passed.take() else { return };
        drop(passed);
        // Out of the lock: both may wake others.
        drop(call);
        match answered {
            Some(answered) => answer(reply, answered),
            None => reply.fail(CallError::Dropped),
        }
    }
}
