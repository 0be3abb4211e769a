//! What can become of a call or a tell.

use crate::cycle::Cycle;
use crate::exit::ExitReason;
use crate::mock_error::MockError;
use crate::remote_error::RemoteError;
use crate::reply::passed_on;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;

/// Why a call got no reply. `E` is the error type of the method, if it returns a `Result`.
///
/// Within a method with an error of its own, a call to one that cannot fail is `.map_err(CallError::widen)?`
/// ([`widen`](Self::widen)); with a `String` or the like as error, [`boxed`](Self::boxed) makes an [`Error`] of it. Where the method called fails with
/// a call that it made, [`flatten`](CallError::flatten) makes one error of both.
///
/// What is said is certain: [`never_ran`](Self::never_ran) is a promise. A caller that matches on it knows whether it is
/// safe to try again. Each call is one state machine, and each arrow one atomic step, on which the start, the deadline, a dropped
/// future, a kill and the actor's end race; exactly one of them wins:
///
/// ```text
///            the handler starts                a reply, or the end of actor or ReplyTo
///   queued ----------------------> started ------------------------------------------> answered
///     | |                             |         Ok, Handler, Interrupted, Dropped
///     | | the actor ends, NotRunning  | deadline: TimedOut { started: true }
///     | '---------> answered          v
///     |                            started, caller gone: the handler goes on, its reply is thrown away
///     | deadline, TimedOut { started: false }; a dropped future
///     '---------> cancelled: the message never runs
/// ```
///
/// A [`Deadlock`](Self::Deadlock) goes from queued to answered, as `NotRunning` does.
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Door { open: bool }
/// # #[derive(Debug, thiserror::Error)] #[error("it is shut")] pub struct Shut;
/// # #[actor] impl Door { pub fn pass(&mut self) -> Result<u32, Shut> { if self.open { Ok(1) } else { Err(Shut) } } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let door = Door { open: false }.spawn();
/// match door.pass().await {
///     Ok(n) => println!("{n} passed"),
///     Err(CallError::Handler(Shut)) => println!("the method said no"),
///     Err(error) if error.never_ran() => println!("safe to try again: {error}"),
///     Err(error) => println!("it may have had an effect: {error}"),
/// }
/// # }
/// ```
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum CallError<E = Infallible> {
    /// The method itself returned this error. The actor goes on.
    Handler(E),
    /// The actor had ended, or ended before it came to the message: the message never ran.
    NotRunning,
    /// The handler had started, and the actor ended before it replied.
    Interrupted(ExitReason),
    /// The deadline passed.
    TimedOut {
        /// Whether the handler had started; `false` is a promise that it never will.
        started: bool,
    },
    /// The handler let go of its [`ReplyTo`](crate::ReplyTo) without an answer.
    Dropped,
    /// The wait would never have ended: an actor that called itself, or a cycle of actors that wait for each other. The message never ran.
    ///
    /// It is told at once; [`Cycle`] says what is seen and what is not: no lock, no channel, no task or thread of one's own, no stream's
    /// handler that waits for its reader, no request that was first polled outside of handlers, nothing in another process.
    Deadlock(Cycle),
    /// The mailbox is full and the actor rejects what does not fit. The message never ran.
    Full,
    /// [`blocking`](crate::Request::blocking) on a thread of an async runtime. The message was never sent.
    WouldBlock,
    /// A mock stands behind the handle, and something is wrong with it: [`MockError`] says what.
    Mock(MockError),
    /// The actor is on another machine, and something went wrong between here and there: [`RemoteError`] says what, and what is known of it.
    Remote(RemoteError),
}

impl<E> CallError<E> {
    /// Whether it is certain that the message did not run and never will, so that it is safe to send it again.
    #[must_use]
    pub fn never_ran(&self) -> bool {
        match self {
            CallError::NotRunning
            | CallError::TimedOut { started: false }
            | CallError::Deadlock(_)
            | CallError::Full
            | CallError::WouldBlock => true,
            CallError::Mock(error) => error.never_ran(),
            CallError::Remote(error) => error.never_ran(),
            CallError::Handler(_)
            | CallError::Interrupted(_)
            | CallError::TimedOut { started: true }
            | CallError::Dropped => false,
        }
    }

    /// Replaces the handler's error by what `f` makes of it.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> CallError<F> {
        match self {
            CallError::Handler(error) => CallError::Handler(f(error)),
            CallError::NotRunning => CallError::NotRunning,
            CallError::Interrupted(reason) => CallError::Interrupted(reason),
            CallError::TimedOut { started } => CallError::TimedOut { started },
            CallError::Dropped => CallError::Dropped,
            CallError::Deadlock(cycle) => CallError::Deadlock(cycle),
            CallError::Full => CallError::Full,
            CallError::WouldBlock => CallError::WouldBlock,
            CallError::Mock(error) => CallError::Mock(error),
            CallError::Remote(error) => CallError::Remote(error),
        }
    }

    /// Boxes the handler's error, for error types such as `String` that are no [`Error`] themselves: the result is one.
    #[must_use]
    pub fn boxed(self) -> CallError<HandlerError>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.map(|error| HandlerError(error.into()))
    }
}

impl CallError {
    /// The same failure with any error type for the handler: a call to a method that cannot fail, within one that can.
    ///
    /// (A `From` would overlap with `From<T> for T`.)
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn widen<E>(self) -> CallError<E> {
        self.map(|never| match never {})
    }
}

impl<E> CallError<CallError<E>> {
    /// What became of a call within a call, as one error: for handlers that fail with a call that they made.
    ///
    /// The handler's own failure is [`Handler`](Self::Handler) as before. One of the call that it made is heard as by the caller of a message that was
    /// [passed on](crate::ReplyTo::forward): since the first handler has run, nothing that says [`never_ran`](Self::never_ran) of the second may be said
    /// of the whole, and becomes [`Dropped`](Self::Dropped), or [`TimedOut`](Self::TimedOut) with `started`. Without it an actor that calls one of
    /// its own kind has no error type that could be written down.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Sum;
    ///
    /// #[actor]
    /// impl Sum {
    ///     /// Halves the work until it is small, each half a child's.
    ///     pub async fn of(self, ctx: &mut Context<Self>, numbers: &[u64]) -> Result<u64, CallError> {
    ///         if numbers.len() < 2 {
    ///             return Ok(numbers.iter().sum());
    ///         }
    ///         let (left, right) = numbers.split_at(numbers.len() / 2);
    ///         let (one, other) = (ctx.spawn(Sum), ctx.spawn(Sum));
    ///         let sums = futures::try_join!(one.of(left), other.of(right));
    ///         let (one, other) = sums.map_err(CallError::flatten)?;
    ///         Ok(one + other)
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let sum = Sum.spawn().of(Vec::from_iter(1..=10)).await.map_err(CallError::flatten)?;
    /// assert_eq!(sum, 55);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn flatten(self) -> CallError<E> {
        match self.map(passed_on) {
            CallError::Handler(Ok(error)) => CallError::Handler(error),
            CallError::Handler(Err(failure)) => failure.widen(),
            CallError::NotRunning => CallError::NotRunning,
            CallError::Interrupted(reason) => CallError::Interrupted(reason),
            CallError::TimedOut { started } => CallError::TimedOut { started },
            CallError::Dropped => CallError::Dropped,
            CallError::Deadlock(cycle) => CallError::Deadlock(cycle),
            CallError::Full => CallError::Full,
            CallError::WouldBlock => CallError::WouldBlock,
            CallError::Mock(error) => CallError::Mock(error),
            CallError::Remote(error) => CallError::Remote(error),
        }
    }
}

/// The same failure without the message, for functions that both call and tell. It never ran, unless it was sent to another machine
/// ([`RemoteError`] says what is known).
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Lamp(u32);
/// # #[actor] impl Lamp {
/// #     pub fn brighter(&mut self) { self.0 += 1; }
/// #     pub fn brightness(&self) -> u32 { self.0 }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// # let lamp = Lamp(6).spawn();
/// lamp.brighter().tell().await?;
/// assert_eq!(lamp.brightness().await?, 7);
/// # Ok(()) }
/// ```
impl<M, E> From<TellError<M>> for CallError<E> {
    fn from(error: TellError<M>) -> Self {
        match error {
            TellError::Full(_) => CallError::Full,
            TellError::NotRunning(_) => CallError::NotRunning,
            TellError::TimedOut(_) => CallError::TimedOut { started: false },
            TellError::Deadlock(_, cycle) => CallError::Deadlock(cycle),
            TellError::Mock(_, error) => CallError::Mock(error),
            TellError::Remote(_, error) => CallError::Remote(error),
        }
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Handler(error) => error.fmt(f),
            CallError::NotRunning => f.write_str("the actor is not running; the message never ran"),
            CallError::Interrupted(reason) => write!(f, "the actor ended before it replied: {reason}"),
            CallError::TimedOut { started: false } => f.write_str("timed out; the message never ran"),
            CallError::TimedOut { started: true } => f.write_str("timed out; the handler had started"),
            CallError::Dropped => f.write_str("the handler let go of the reply without an answer"),
            CallError::Deadlock(cycle) => {
                write!(f, "the wait would never end: {cycle}; the message never ran")
            }
            CallError::Full => f.write_str("the mailbox is full; the message never ran"),
            CallError::WouldBlock => {
                f.write_str("blocking call on a thread of an async runtime; the message was never sent")
            }
            CallError::Mock(error) => error.fmt(f),
            CallError::Remote(error) => error.fmt(f),
        }
    }
}

impl<E: Error + 'static> Error for CallError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            CallError::Handler(error) => Some(error),
            CallError::Interrupted(ExitReason::Failed(error)) => Some(&**error),
            CallError::Remote(error) => Some(error),
            _ => None,
        }
    }
}

/// A handler's error in a box: see [`CallError::boxed`].
pub struct HandlerError(Box<dyn Error + Send + Sync>);

impl HandlerError {
    /// The error in it.
    #[must_use]
    pub fn into_inner(self) -> Box<dyn Error + Send + Sync> {
        self.0
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for HandlerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// Why a message could not be told. It hands the message back.
#[non_exhaustive]
pub enum TellError<M> {
    /// The mailbox is full: of [`try_tell`](crate::Request::try_tell), or where the actor rejects what does not fit.
    Full(M),
    /// The actor has ended, or is about to.
    NotRunning(M),
    /// There was no room before the deadline.
    TimedOut(M),
    /// The wait for room would never have ended: see [`Cycle`].
    Deadlock(M, Cycle),
    /// A mock stands behind the handle, which cannot get it.
    Mock(M, MockError),
    /// The actor is on another machine, and there was no receipt: [`RemoteError`] says why, and whether it may have been delivered.
    Remote(M, RemoteError),
}

impl<M> TellError<M> {
    /// The message that was not sent.
    pub fn into_message(self) -> M {
        match self {
            TellError::Full(message)
            | TellError::NotRunning(message)
            | TellError::TimedOut(message)
            | TellError::Deadlock(message, _)
            | TellError::Mock(message, _)
            | TellError::Remote(message, _) => message,
        }
    }

    /// The same failure with another message in it.
    #[must_use]
    pub fn with<N>(self, message: N) -> TellError<N> {
        match self {
            TellError::Full(_) => TellError::Full(message),
            TellError::NotRunning(_) => TellError::NotRunning(message),
            TellError::TimedOut(_) => TellError::TimedOut(message),
            TellError::Deadlock(_, cycle) => TellError::Deadlock(message, cycle),
            TellError::Mock(_, error) => TellError::Mock(message, error),
            TellError::Remote(_, error) => TellError::Remote(message, error),
        }
    }
}

impl<M> fmt::Debug for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TellError::Full(_) => f.write_str("Full(..)"),
            TellError::NotRunning(_) => f.write_str("NotRunning(..)"),
            TellError::TimedOut(_) => f.write_str("TimedOut(..)"),
            TellError::Deadlock(_, cycle) => write!(f, "Deadlock(.., {cycle:?})"),
            TellError::Mock(_, error) => write!(f, "Mock(.., {error:?})"),
            TellError::Remote(_, error) => write!(f, "Remote(.., {error:?})"),
        }
    }
}

impl<M> fmt::Display for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TellError::Full(_) => f.write_str("the mailbox is full"),
            TellError::NotRunning(_) => f.write_str("the actor is not running"),
            TellError::TimedOut(_) => f.write_str("timed out waiting for room in the mailbox"),
            TellError::Deadlock(_, cycle) => write!(f, "the wait for room would never end: {cycle}"),
            TellError::Mock(_, error) => error.fmt(f),
            TellError::Remote(_, error) => error.fmt(f),
        }
    }
}

impl<M> Error for TellError<M> {}
