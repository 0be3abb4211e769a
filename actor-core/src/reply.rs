//! Answers that are given by hand, now or later.

use crate::Message;
use crate::bare::Joint;
use crate::caller::STARTED;
use crate::error::CallError;
use crate::forward;
use crate::frame;
use crate::limit::Limit;
use crate::request::Request;
use crate::scope;
use crate::slot::{self, Slot};
use std::convert::Infallible;
use std::fmt;
use std::task::Waker;

/// The reply of one call, to be sent when the answer is known: a parameter `reply: ReplyTo<T>` of a message.
///
/// It may be kept in the actor, moved to another task or thread, or passed on to another actor by [`forward`](Self::forward). While a
/// caller waits for it, it keeps its actor alive. Dropped, it answers [`CallError::Dropped`], or
/// [`CallError::Interrupted`] if it goes down with its actor. With `ReplyTo<Result<T, E>>` the call's error is `E`.
///
/// ```
/// use actor_core::prelude::*;
///
/// #[actor]
/// #[derive(Default)]
/// struct Meeting {
///     first: Option<ReplyTo<String>>,
///     name: String,
/// }
///
/// #[actor]
/// impl Meeting {
///     /// Answers when a second one has come, with the other's name.
///     pub fn come(&mut self, name: &str, reply: ReplyTo<String>) {
///         match self.first.take() {
///             None => (self.first, self.name) = (Some(reply), name.to_owned()),
///             Some(first) => {
///                 let _ = first.send(name.to_owned());
///                 let _ = reply.send(std::mem::take(&mut self.name));
///             }
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let meeting = Meeting::default().spawn();
/// let ann = meeting.come("ann").start();
/// assert_eq!(meeting.come("bob").await.unwrap(), "ann");
/// assert_eq!(ann.await.unwrap(), "bob");
/// # }
/// ```
#[must_use = "dropping it answers the caller with an error"]
pub struct ReplyTo<T>(Box<dyn Answers<T>>);

/// A way to answer, whatever the actor's replies are.
///
/// `Sync`, so that an actor that keeps some can have an `async fn` with `&self`.
trait Answers<T>: Send + Sync {
    fn send(&mut self, value: T) -> Result<(), T>;
    fn fail(&mut self, error: CallError);
    fn gone(&self) -> bool;
    fn limit(&self) -> Limit;
    fn poll_gone(&self, waker: &Waker) -> bool;
    #[cfg(feature = "test")]
    fn follow(&mut self, as_what: crate::test::reply::ForwardedAs);
    #[cfg(feature = "test")]
    fn forwarded(&self, message: &'static str);
}

impl<T: Send + 'static> ReplyTo<T> {
    /// `slot` is `None` for a tell.
    pub(crate) fn new<R: Send + 'static>(slot: Option<Joint<Slot<R>>>, wrap: fn(T) -> R) -> Self {
        let reply = Wrapped {
            slot,
            wrap,
            #[cfg(feature = "test")]
            forwarded_as: None,
        };
        ReplyTo(Box::new(reply))
    }

    /// Says where it is forwarded to.
    #[cfg(feature = "test")]
    pub(crate) fn followed(mut self, as_what: crate::test::reply::ForwardedAs) -> Self {
        self.0.follow(as_what);
        self
    }

    /// Answers the call. For a tell the value is thrown away.
    ///
    /// # Errors
    /// If the caller has gone: the value.
    pub fn send(mut self, value: T) -> Result<(), T> {
        self.0.send(value)
    }

    /// Passes the call on: the caller gets what `request` is answered, and the actor is free.
    ///
    /// The request is sent as by [`Request::start`], without a task of its own, and dropped when the caller goes. Its failures
    /// become the caller's, but `NotRunning` arrives as `Dropped`: this handler did run.
    pub fn forward<M, V, E>(self, request: Request<'_, M, V, E>)
    where
        M: Message,
        V: Send + 'static,
        E: Send + 'static,
        T: FromReply<V, E>,
    {
        #[cfg(feature = "test")]
        self.0.forwarded(request.message());
        // Its caller's deadline counts, also where another call's handler passes on a reply that was kept.
        match frame::with_limit(self.0.limit(), || request.launch()) {
            Ok(call) => forward::forward(self, call),
            Err(error) => forward::answer(self, Err(error.widen())),
        }
    }

    /// Whether the caller has given up: nobody waits for the answer.
    #[must_use]
    pub fn caller_gone(&self) -> bool {
        self.0.gone()
    }

    pub(crate) fn poll_gone(&self, waker: &Waker) -> bool {
        self.0.poll_gone(waker)
    }

    pub(crate) fn fail(mut self, error: CallError) {
        self.0.fail(error);
    }
}

impl<T> fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyTo").finish_non_exhaustive()
    }
}

/// Replies that can be passed on: `T` of a method that cannot fail, `Result<T, E>` of one that can.
///
/// `ReplyTo<T>` takes a request of a method that returns `T`; `ReplyTo<Result<T, E>>` takes one of a method that returns that
/// `Result`.
pub trait FromReply<V, E>: Send + 'static {
    /// The reply that the first caller gets.
    fn from_reply(reply: Result<V, E>) -> Self;
}

impl<V: Send + 'static> FromReply<V, Infallible> for V {
    fn from_reply(reply: Result<V, Infallible>) -> Self {
        match reply {
            Ok(value) => value,
            Err(never) => match never {},
        }
    }
}

impl<V: Send + 'static, E: Send + 'static> FromReply<V, E> for Result<V, E> {
    fn from_reply(reply: Result<V, E>) -> Self {
        reply
    }
}

struct Wrapped<T, R: Send + 'static> {
    slot: Option<Joint<Slot<R>>>,
    wrap: fn(T) -> R,
    #[cfg(feature = "test")]
    forwarded_as: Option<crate::test::reply::ForwardedAs>,
}

impl<T, R: Send + 'static> Answers<T> for Wrapped<T, R> {
    fn send(&mut self, value: T) -> Result<(), T> {
        match &self.slot {
            Some(slot) => {
                slot.answer_with(value, self.wrap)?;
                self.slot = None;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn fail(&mut self, error: CallError) {
        if let Some(slot) = self.slot.take() {
            // If it fails, the caller has gone.
            slot.caller().fail(STARTED, error);
        }
    }

    fn gone(&self) -> bool {
        self.slot.as_deref().is_some_and(|slot| slot.caller().gone())
    }

    fn limit(&self) -> Limit {
        slot::limit(&self.slot)
    }

    fn poll_gone(&self, waker: &Waker) -> bool {
        self.slot.as_deref().is_some_and(|slot| slot.caller().poll_gone(waker))
    }

    #[cfg(feature = "test")]
    fn follow(&mut self, as_what: crate::test::reply::ForwardedAs) {
        self.forwarded_as = Some(as_what);
    }

    #[cfg(feature = "test")]
    fn forwarded(&self, message: &'static str) {
        if let Some(forwarded_as) = &self.forwarded_as {
            crate::test::traces::lock(forwarded_as).get_or_insert(message);
        }
    }
}

impl<T, R: Send + 'static> Drop for Wrapped<T, R> {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        if !scope::adopt(slot.actor(), Joint::clone(&slot).untyped()) {
            slot.caller().let_go();
        }
    }
}

/// The failure of a call that was passed on, as its first caller hears it.
pub(crate) fn passed_on<E>(error: CallError<E>) -> Result<E, CallError> {
    Err(match error {
        CallError::Handler(error) => return Ok(error),
        // The first handler has run.
        CallError::TimedOut { .. } => CallError::TimedOut { started: true },
        CallError::Interrupted(reason) => CallError::Interrupted(reason),
        CallError::Mock(error) => CallError::Mock(error.passed_on()),
        CallError::Remote(error) if error.never_ran() => CallError::Dropped,
        CallError::Remote(error) => CallError::Remote(error),
        CallError::NotRunning
        | CallError::Full
        | CallError::WouldBlock
        | CallError::Deadlock(_)
        | CallError::Dropped => CallError::Dropped,
    })
}
