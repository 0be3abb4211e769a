//! Calls from plain threads.

use crate::actor::Message;
use crate::choice;
use crate::error::CallError;
use crate::flight::{Flight, Unsent};
use crate::frame;
use crate::limit::Limit;
use crate::port::Port;
use crate::shared::Shared;
use crate::slot::Answer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Instant;
use tokio::task::coop;

/// A task's turn is far shorter.
const MORE_THAN_A_TURN: u32 = 1024;

/// Whether blocking this thread would block a handler or a task.
///
/// Tokio does not tell a worker from a thread of `spawn_blocking`; but only a task's turn is limited, so if it can be used up, there
/// is a task.
pub(crate) fn would_block() -> bool {
    // Under a schedule all are tasks of one thread, and their turns are not limited.
    if frame::in_handler() || choice::is_on() {
        return true;
    }
    let mut cx = Context::from_waker(Waker::noop());
    (0..MORE_THAN_A_TURN).any(|_| match coop::poll_proceed(&mut cx) {
        Poll::Ready(turn) => {
            turn.made_progress();
            false
        }
        Poll::Pending => true,
    })
}

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Sends a call and parks this thread until it is answered.
pub(crate) fn call<M: Message>(
    shared: &Arc<Shared>,
    port: &Port<'_, M>,
    message: M,
    limit: Limit,
    urgent: bool,
) -> Answer<M::Reply> {
    let unpark = Arc::new(Unpark { thread: thread::current(), woken: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut flight = match Flight::send(shared, port, message, limit, Some(&waker), urgent, true) {
        Ok(flight) => flight,
        Err(Unsent::Failed(error)) => return Err(error),
        // It was told to wait.
        Err(Unsent::NoRoom(_)) => return Err(CallError::Full),
    };
    let until = flight.deadline().map(tokio::time::Instant::into_std);
    loop {
        if let Poll::Ready(answer) = flight.poll_answer(&waker) {
            return answer;
        }
        while !unpark.woken.swap(false, Ordering::Acquire) {
            match until {
                None => thread::park(),
                Some(until) => match until.checked_duration_since(Instant::now()) {
                    Some(left) if !left.is_zero() => thread::park_timeout(left),
                    _ => return flight.give_up(),
                },
            }
        }
    }
}
