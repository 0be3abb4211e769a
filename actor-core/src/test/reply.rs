//! A reply that a test waits for, for a handler that is called as a plain method.

use super::traces::lock;
use crate::bare::Joint;
use crate::error::CallError;
use crate::id::ActorId;
use crate::limit::Limit;
use crate::reply::ReplyTo;
use crate::slot::{AnyCaller, Slot};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

impl<T: Send + 'static> ReplyTo<T> {
    /// A reply to call a handler with in a test (feature `test`), and what becomes of it.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// #[derive(Default)]
    /// struct Door {
    ///     waiting: Vec<ReplyTo<u32>>,
    /// }
    ///
    /// #[actor]
    /// impl Door {
    ///     pub fn wait(&mut self, reply: ReplyTo<u32>) {
    ///         self.waiting.push(reply);
    ///     }
    ///     pub fn open(&mut self) {
    ///         for (n, reply) in (1..).zip(self.waiting.drain(..)) {
    ///             reply.send(n).ok();
    ///         }
    ///     }
    /// }
    ///
    /// let mut door = Door::default();
    /// let (reply, mut answer) = ReplyTo::test();
    /// door.wait(reply);
    /// assert!(answer.is_open());
    /// door.open();
    /// assert_eq!(answer.take().unwrap().unwrap(), 1);
    /// ```
    pub fn test() -> (Self, TestReply<T>) {
        Self::test_until(None)
    }

    /// The same of a call whose caller waits until `at`: what caps a call that it is [forwarded](Self::forward) as.
    pub fn test_deadline(at: impl Into<Instant>) -> (Self, TestReply<T>) {
        Self::test_until(Some(at.into()))
    }

    fn test_until(deadline: Option<Instant>) -> (Self, TestReply<T>) {
        let slot = Slot::started(ActorId::next(), Limit::until(deadline), None);
        let forwarded_as = Arc::new(Mutex::new(None));
        let reply =
            ReplyTo::new(Some(Joint::clone(&slot)), |value| value).followed(Arc::clone(&forwarded_as));
        (
            reply,
            TestReply { caller: Asked(Joint::clone(&slot).untyped()), slot, forwarded_as, answered: None },
        )
    }
}

/// The name of the message that a call was forwarded as.
pub(crate) type ForwardedAs = Arc<Mutex<Option<&'static str>>>;

/// The test, as the one who waits.
struct Asked(AnyCaller);

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asked").finish_non_exhaustive()
    }
}

/// What becomes of a reply that a test made by [`ReplyTo::test()`](crate::ReplyTo::test). As a future it waits for the answer.
///
/// Dropped, it is a caller that has gone.
#[derive(Debug)]
pub struct TestReply<T> {
    caller: Asked,
    slot: Joint<Slot<T>>,
    forwarded_as: ForwardedAs,
    answered: Option<Result<T, CallError>>,
}

impl<T: Send + 'static> TestReply<T> {
    fn look(&mut self) {
        if let Poll::Ready(answer) = self.slot.poll(Waker::noop()) {
            self.answered = Some(answer);
        }
    }

    /// Whether it has neither been answered nor dropped. One that was forwarded is open until it is answered there.
    #[must_use]
    pub fn is_open(&mut self) -> bool {
        self.look();
        self.answered.is_none() && !self.slot.caller().gone()
    }

    /// Whether it was let go of without an answer.
    #[must_use]
    pub fn is_dropped(&mut self) -> bool {
        self.look();
        matches!(self.answered, Some(Err(CallError::Dropped)))
    }

    /// The name of the message that it was forwarded as, if it was.
    #[must_use]
    pub fn forwarded(&self) -> Option<&'static str> {
        *lock(&self.forwarded_as)
    }

    /// Takes the answer, or [`CallError::Dropped`]; `None` while there is none.
    #[must_use = "it takes the answer"]
    pub fn take(&mut self) -> Option<Result<T, CallError>> {
        self.look();
        self.answered.take()
    }

    /// The caller gives up: [`ReplyTo::caller_gone`](crate::ReplyTo::caller_gone) says so from now on.
    pub fn caller_leaves(&mut self) {
        self.look();
        self.caller.0.leave();
    }
}

impl<T: Send + 'static> Future for TestReply<T> {
    type Output = Result<T, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match this.answered.take() {
            Some(answer) => Poll::Ready(answer),
            None => this.slot.poll(cx.waker()),
        }
    }
}

// Nothing in it is pinned in place.
impl<T> Unpin for TestReply<T> {}

impl<T> Drop for TestReply<T> {
    fn drop(&mut self) {
        self.caller.0.leave();
    }
}
