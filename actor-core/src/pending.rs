//! Calls that have been started and are awaited later.

use crate::actor::Message;
use crate::error::CallError;
use crate::flight::{Flight, Unsent};
use crate::limit::Limit;
use crate::port::Port;
use crate::raw_handle::RawHandle;
use crate::request::{Extract, extracted};
use crate::route::Route;
use crate::slot::{Answer, AnyCaller, Queued};
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A call in flight: a future of its result, independent of the handle that it was made through.
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Echo;
/// # #[actor] impl Echo { pub fn say(&self, n: u32) -> u32 { n } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// # let echo = Echo.spawn();
/// let answers: Vec<PendingReply<u32>> = (0..3).map(|n| echo.say(n).start()).collect();
/// for (n, answer) in answers.into_iter().enumerate() {
///     assert_eq!(answer.await? as usize, n);
/// }
/// # Ok(()) }
/// ```
///
/// It keeps the actor alive only while its message waits to be sent for want of room; once sent, the message is handled in any case.
///
/// # Cancel safety
/// Dropping it cancels the call, as with [`Request`](crate::Request); [`detach`](Self::detach) lets it run. Polled again after
/// it was ready it is `Dropped`.
#[must_use = "dropping it cancels the call; `detach` lets it run"]
pub struct PendingReply<T, E = Infallible>(Box<dyn Pending<T, E> + Send>);

/// A started call, whatever its actor's messages are.
trait Pending<T, E> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, CallError<E>>>;
    fn detach(self: Box<Self>);
    fn progress(&self) -> Progress;
}

impl<T: 'static, E: 'static> PendingReply<T, E> {
    pub(crate) fn of<M: Message>(call: Call<M, T, E>) -> Self {
        PendingReply(Box::new(call))
    }
}

impl<T, E> PendingReply<T, E> {
    pub(crate) fn failed(error: CallError) -> Self {
        PendingReply(Box::new(Failed(Some(error))))
    }

    #[cfg(feature = "remote")]
    pub(crate) fn answered(answer: Result<T, CallError<E>>) -> Self
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        PendingReply(Box::new(Answered(Some(answer))))
    }

    /// To see from elsewhere how far it has come, while this one waits for the reply.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.0.progress()
    }

    /// Lets the call run without waiting for its reply. One that has not been sent for want of room is sent when there is some.
    pub fn detach(self) {
        self.0.detach();
    }
}

impl<T, E> Future for PendingReply<T, E> {
    type Output = Result<T, CallError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().0.poll(cx)
    }
}

impl<T, E> fmt::Debug for PendingReply<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingReply").finish_non_exhaustive()
    }
}

/// One of an actor whose messages are known.
pub(crate) struct Call<M: Message, T, E> {
    stage: Stage<M>,
    extract: Extract<M::Reply, T, E>,
}

impl<M: Message, T, E> Call<M, T, E> {
    pub(crate) fn sent(flight: Flight<M>, extract: Extract<M::Reply, T, E>) -> Self {
        Call { stage: Stage::Sent(flight), extract }
    }

    pub(crate) fn unsent(
        (to, route): (RawHandle, Option<&'static Route<M>>),
        message: M,
        limit: Limit,
        extract: Extract<M::Reply, T, E>,
    ) -> Self {
        Call { stage: Stage::Unsent(to, route, message, limit), extract }
    }
}

/// Nothing in it is pinned.
impl<M: Message, T, E> Unpin for Call<M, T, E> {}

impl<M: Message, T, E> Future for Call<M, T, E> {
    type Output = Result<T, CallError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Call { stage, extract } = self.get_mut();
        stage.poll(cx).map(|answer| extracted(answer, *extract))
    }
}

enum Stage<M: Message> {
    Unsent(RawHandle, Option<&'static Route<M>>, M, Limit),
    Sent(Flight<M>),
    Over,
}

impl<M: Message> Stage<M> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Answer<M::Reply>> {
        let stage = match std::mem::replace(self, Stage::Over) {
            Stage::Over => return Poll::Ready(Err(CallError::Dropped)),
            Stage::Unsent(to, route, message, limit) => {
                let (shared, port) = match Port::to(to.shared(), route, &message) {
                    Ok(way) => way,
                    Err(why) => return Poll::Ready(Err(why.into())),
                };
                match Flight::send(
                    shared,
                    &port,
                    message,
                    limit,
                    Some(cx.waker()),
                    Route::hurries(route),
                    true,
                ) {
                    Ok(flight) => Stage::Sent(flight),
                    Err(Unsent::Failed(error)) => return Poll::Ready(Err(error)),
                    // It was told to wait.
                    Err(Unsent::NoRoom(_)) => return Poll::Ready(Err(CallError::Full)),
                }
            }
            sent @ Stage::Sent(_) => sent,
        };
        let Stage::Sent(mut flight) = stage else { return Poll::Pending };
        let poll = flight.poll(cx);
        if poll.is_pending() {
            *self = Stage::Sent(flight);
        }
        poll
    }
}

impl<M: Message, T, E> Pending<T, E> for Call<M, T, E> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<T, CallError<E>>> {
        Future::poll(Pin::new(self), cx)
    }

    fn detach(self: Box<Self>) {
        match self.stage {
            Stage::Sent(mut flight) => flight.detach(),
            Stage::Unsent(to, route, message, _) => {
                if let Ok((shared, port)) = Port::to(to.shared(), route, &message) {
                    // Nobody is left to hear that the actor has ended.
                    drop(port.join(message, Queued::tell(), None, Route::hurries(route)));
                    crate::flight::arrived(shared, &port);
                }
            }
            Stage::Over => {}
        }
    }

    fn progress(&self) -> Progress {
        Progress(match &self.stage {
            Stage::Sent(flight) => flight.caller(),
            Stage::Unsent(..) | Stage::Over => None,
        })
    }
}

/// A call that was refused when it was started.
struct Failed(Option<CallError>);

impl<T, E> Pending<T, E> for Failed {
    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Result<T, CallError<E>>> {
        Poll::Ready(Err(self.0.take().unwrap_or(CallError::Dropped).widen()))
    }

    fn detach(self: Box<Self>) {}

    fn progress(&self) -> Progress {
        Progress(None)
    }
}

/// A call that was answered when it was started.
#[cfg(feature = "remote")]
struct Answered<T, E>(Option<Result<T, CallError<E>>>);

#[cfg(feature = "remote")]
impl<T, E> Pending<T, E> for Answered<T, E> {
    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Result<T, CallError<E>>> {
        Poll::Ready(self.0.take().unwrap_or(Err(CallError::Dropped)))
    }

    fn detach(self: Box<Self>) {}

    fn progress(&self) -> Progress {
        Progress(None)
    }
}

/// How far a started call has come: [`PendingReply::progress`].
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Oven;
/// # #[actor] impl Oven { pub async fn bake(&mut self) { std::future::pending().await } pub fn heat(&self) {} }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// # let oven = Oven.spawn();
/// let (bread, heat) = (oven.bake().start(), oven.heat().start());
/// while !bread.progress().is_running() {
///     tokio::task::yield_now().await;
/// }
/// assert!(!heat.progress().is_running()); // it waits for the bread
/// # Ok(()) }
/// ```
pub struct Progress(Option<AnyCaller>);

impl Progress {
    /// Whether its handler has started and has not answered. `false` says nothing of what was before or comes later: whether a call that
    /// failed ran is said by its [error](CallError::never_ran).
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.0.as_ref().is_some_and(|call| call.is_running())
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("is_running", &self.is_running()).finish()
    }
}
