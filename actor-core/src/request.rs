//! Requests: what a handle's methods return.

mod state;

use crate::actor::Message;
use crate::blocking;
#[cfg(feature = "remote")]
use crate::direct::{self, Direct};
use crate::error::{CallError, TellError};
use crate::flight::{self, Flight, Unsent};
use crate::limit::Limit;
use crate::pending::{Call, PendingReply};
use crate::port::Port;
use crate::raw_handle::RawHandle;
use crate::route::Route;
use crate::slot::{Answer, Queued};
use crate::tell::Tell;
use state::State;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// Finds a method's result in the actor's reply; `None` if it is another method's.
pub(crate) type Extract<R, T, E> = fn(R) -> Option<Result<T, E>>;

pub(crate) fn extracted<R, T, E>(answer: Answer<R>, extract: Extract<R, T, E>) -> Result<T, CallError<E>> {
    match answer {
        Ok(reply) => match extract(reply) {
            Some(result) => result.map_err(CallError::Handler),
            None => Err(CallError::Dropped),
        },
        Err(error) => Err(error.widen()),
    }
}

/// A message to an actor that has not been sent: built by a handle's method, sent by how it is used.
///
/// | use | sends | gives |
/// |---|---|---|
/// | `.await` | now, waiting for room | `Result<T, CallError<E>>` |
/// | [`start`](Self::start) | now if there is room, else when polled | a [`PendingReply`], to be awaited later |
/// | [`tell`](Self::tell)`.await` | now, waiting for room | no reply |
/// | [`try_tell`](Self::try_tell) | now or never | no reply |
/// | [`blocking`](Self::blocking) | now, blocking the thread | `Result<T, CallError<E>>` |
/// | [`into_message`](Self::into_message) | never | the message |
///
/// ```
/// use actor_core::prelude::*;
/// use std::time::Duration;
///
/// #[actor]
/// struct Counter(u64);
///
/// #[actor]
/// impl Counter {
///     pub fn add(&mut self, n: u64) -> u64 {
///         self.0 += n;
///         self.0
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let counter = Counter(0).spawn();
/// assert_eq!(counter.add(1).await?, 1);
/// assert_eq!(counter.add(1).timeout(Duration::from_millis(50)).await?, 2);
/// let (two, three) = (counter.add(2).start(), counter.add(3).start());
/// assert_eq!((two.await?, three.await?), (4, 7));
/// # Ok(()) }
/// ```
///
/// # Who runs the handler
/// An awaited request that finds its actor idle runs the handler right here: a plain method to its end, an `async` one to its first
/// wait, from where the actor's own task goes on with it. So task-locals and tracing spans are the caller's until that first wait, and
/// meanwhile the other futures of its task stand still. Messages that take long are left to the actor's task; how that is known, and how
/// to switch it off, is at [`Spawn::direct`](crate::Spawn::direct). [`start`](Self::start), [`tell`](Self::tell) and
/// [`blocking`](Self::blocking) never run a handler.
///
/// # Cancel safety
/// Dropping it cancels the call: a message that is still queued never runs, a running handler goes on and its reply is thrown
/// away. Polled again after it was ready it is `Dropped`.
#[must_use = "a request does nothing until it is awaited, started or told"]
pub struct Request<'a, M: Message, T, E = Infallible> {
    to: &'a RawHandle,
    /// Of a message that is not the actor's own, or that is urgent this time.
    route: Option<&'static Route<M>>,
    limit: Option<Limit>,
    extract: Extract<M::Reply, T, E>,
    state: State<M>,
}

// Nothing in it is pinned in place.
impl<M: Message, T, E> Unpin for Request<'_, M, T, E> {}

impl<'a, M: Message, T, E> Request<'a, M, T, E> {
    /// A request of `message` to the actor behind `to`; `extract` finds the method's result in the actor's reply, and gives
    /// `None` if the reply is another method's. Called by the methods of a handle.
    pub fn new(to: &'a RawHandle, message: M, extract: fn(M::Reply) -> Option<Result<T, E>>) -> Self {
        Self::by(to, None, message, extract)
    }

    /// The same of a message that is not the actor's own, if there is a `route`.
    #[doc(hidden)]
    pub fn by(
        to: &'a RawHandle,
        route: Option<&'static Route<M>>,
        message: M,
        extract: fn(M::Reply) -> Option<Result<T, E>>,
    ) -> Self {
        Request { to, route, limit: None, extract, state: State::Unsent(Some(message)) }
    }

    /// Waits no longer than `within`, from the moment it is used: for room, in the queue and for the handler together. It replaces
    /// the default of the message or actor. `Duration::MAX` is no limit. A plain handler that the caller runs itself is not cut short: see
    /// "Who runs the handler".
    ///
    /// While a call is being handled, that call's deadline caps those that the handler makes.
    ///
    /// # Panics
    /// When it has to wait on a tokio runtime whose timers are not enabled, as [`tokio::time::timeout`] does.
    pub fn timeout(self, within: Duration) -> Self {
        Request { limit: Some(Limit::within(within)), ..self }
    }

    /// Waits no longer than until `at`; a time that has passed sends nothing.
    pub fn deadline(self, at: impl Into<Instant>) -> Self {
        Request { limit: Some(Limit::at(at.into())), ..self }
    }

    /// Sends it before all that wait in the mailbox and are not urgent, as if its message had `#[message(urgent)]`: in order among the urgent
    /// ones, in a lane of its own, which has room of its own.
    ///
    /// It does not interrupt what runs, and changes nothing where nobody waits. Of an actor on another machine it is before those that wait here: there, only a message that is
    /// `#[message(urgent)]` is before others.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// #[derive(Default)]
    /// struct Printer {
    ///     printed: Vec<String>,
    /// }
    ///
    /// #[actor]
    /// impl Printer {
    ///     pub fn print(&mut self, page: &str) -> usize {
    ///         self.printed.push(page.to_owned());
    ///         self.printed.len()
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let printer = Printer::default().spawn();
    /// let (one, two) = (printer.print("one").start(), printer.print("two").start());
    /// let ticket = printer.print("ticket").urgent().start();
    /// assert_eq!((one.await?, two.await?, ticket.await?), (2, 3, 1));
    /// # Ok(()) }
    /// ```
    pub fn urgent(self) -> Self {
        Request { route: Some(Route::hurried(self.route)), ..self }
    }

    /// Whether it says itself how long it waits.
    pub(crate) fn limited(self, limit: Limit) -> Self {
        Request { limit: Some(limit), ..self }
    }

    pub(crate) fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// Sends it now if there is room in the mailbox, else when the [`PendingReply`] is first polled. The handler never runs in the
    /// caller, so that several requests are in flight together.
    pub fn start(self) -> PendingReply<T, E>
    where
        T: 'static,
        E: 'static,
    {
        self.launch().map_or_else(PendingReply::failed, PendingReply::of)
    }

    /// The same, for those who know the message.
    pub(crate) fn launch(self) -> Result<Call<M, T, E>, CallError> {
        let Request { to, route, limit, extract, state } = self;
        let State::Unsent(Some(message)) = state else { return Err(CallError::Dropped) };
        let (shared, port) = Port::to(to.shared(), route, &message)?;
        let limit = flight::limit(limit, port.timeout(port.policy(&message)));
        match Flight::send(shared, &port, message, limit, None, Route::hurries(route), false) {
            Ok(flight) => Ok(Call::sent(flight, extract)),
            Err(Unsent::NoRoom(message)) => {
                Ok(Call::unsent((to.clone(), route), message, limit.fixed(), extract))
            }
            Err(Unsent::Failed(error)) => Err(error),
        }
    }

    /// Sends it without asking for a reply; the future waits for room in the mailbox. What the method returns is thrown away, also an
    /// error.
    ///
    /// A deadline of its own bounds the wait for room; defaults and an inherited one do not.
    pub fn tell(self) -> Tell<'a, M> {
        let message = match self.state {
            State::Unsent(message) => message,
            State::Sent(_) => None,
        };
        Tell::new(self.to, self.route, message, self.limit.unwrap_or(Limit::Never))
    }

    /// Sends it now, or fails at once: [`start`](Self::start) for those who must not wait for room, as a server that has other requests to read.
    ///
    /// # Errors
    /// [`TellError::Full`] if there is no room or others wait for it, [`TellError::NotRunning`] if the actor has ended or is asked to,
    /// [`TellError::TimedOut`] if its deadline has passed; each hands the message back.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # #[actor(mailbox = 1)] struct Echo;
    /// # #[actor] impl Echo { pub fn say(&self, n: u32) -> u32 { n } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// # let echo = Echo.spawn();
    /// let first = echo.say(1).try_start()?;
    /// assert!(matches!(echo.say(2).try_start(), Err(TellError::Full(EchoMessage::Say { n: 2 }))));
    /// assert_eq!(first.await?, 1);
    /// # Ok(()) }
    /// ```
    pub fn try_start(self) -> Result<PendingReply<T, E>, TellError<M>>
    where
        T: 'static,
        E: 'static,
    {
        let Request { to, route, limit, extract, state } = self;
        let State::Unsent(Some(message)) = state else { return Ok(PendingReply::failed(CallError::Dropped)) };
        let (shared, port) = match Port::to(to.shared(), route, &message) {
            Ok((shared, port)) if shared.is_open() => (shared, port),
            Ok(_) => return Err(TellError::NotRunning(message)),
            Err(why) => return Err(why.told(message)),
        };
        let limit = flight::limit(limit, port.timeout(port.policy(&message))).fixed();
        if limit.has_passed() {
            return Err(TellError::TimedOut(message));
        }
        Flight::try_send(shared, &port, message, limit, Route::hurries(route))
            .map(|flight| PendingReply::of(Call::sent(flight, extract)))
            .map_err(TellError::Full)
    }

    /// The same, but where the actor is idle and the handler known to be short it runs here, and the answer is there at once. For servers: what else they
    /// are asked would wait for a long one.
    #[cfg(feature = "remote")]
    pub(crate) fn try_run(mut self) -> Result<PendingReply<T, E>, TellError<M>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let State::Unsent(unsent) = &mut self.state else { return self.try_start() };
        let Some(message) = unsent.take() else { return self.try_start() };
        let back = match Port::to(self.to.shared(), self.route, &message) {
            Ok((shared, Port::Own(body))) if shared.is_open() && body.direct => {
                let port = Port::Own(body);
                let policy = port.policy(&message);
                let limit = flight::limit(self.limit, port.timeout(policy));
                if limit.has_passed() || !direct::is_possible::<M>(shared, policy, std::task::Waker::noop()) {
                    message
                } else {
                    match direct::call_with_care(shared, body, policy, message, limit) {
                        Direct::Queue(back) => back,
                        Direct::Done(answer) => {
                            return Ok(PendingReply::answered(extracted(answer, self.extract)));
                        }
                        Direct::Waits(slot) => {
                            let flight = Flight::<M>::new(shared, policy, slot);
                            return Ok(PendingReply::of(Call::sent(flight, self.extract)));
                        }
                    }
                }
            }
            _ => message,
        };
        *unsent = Some(back);
        self.try_start()
    }

    /// Sends it without asking for a reply, or fails at once.
    ///
    /// # Errors
    /// [`TellError::Full`] if there is no room or others wait for it, [`TellError::NotRunning`] if the actor has ended or is asked to;
    /// either hands the message back.
    pub fn try_tell(self) -> Result<(), TellError<M>> {
        let State::Unsent(Some(message)) = self.state else { return Ok(()) };
        let (shared, port) = match Port::to(self.to.shared(), self.route, &message) {
            Ok((shared, port)) if shared.is_open() => (shared, port),
            Ok(_) => return Err(TellError::NotRunning(message)),
            Err(why) => return Err(why.told(message)),
        };
        port.push(message, Queued::tell(), Route::hurries(self.route))
            .map_err(|(message, _)| TellError::Full(message))?;
        flight::arrived(shared, &port);
        Ok(())
    }

    /// Sends it and blocks this thread until there is an answer: for plain threads and `spawn_blocking`.
    ///
    /// # Errors
    /// [`CallError::WouldBlock`], and nothing is sent, in a handler and in a task of a tokio runtime, where it could block the very actor
    /// that it waits for. A task inside [`unconstrained`](tokio::task::unconstrained) and executors other than tokio's are not recognised: there it blocks.
    pub fn blocking(self) -> Result<T, CallError<E>> {
        let Request { to, route, limit, extract, state } = self;
        let State::Unsent(Some(message)) = state else { return Err(CallError::Dropped) };
        if blocking::would_block() {
            return Err(CallError::WouldBlock);
        }
        let (shared, port) = match Port::to(to.shared(), route, &message) {
            Ok(way) => way,
            Err(why) => return Err(CallError::from(why).widen()),
        };
        let limit = flight::limit(limit, port.timeout(port.policy(&message)));
        extracted(blocking::call(shared, &port, message, limit, Route::hurries(route)), extract)
    }

    /// The name of the message, while it has not been sent.
    #[cfg(feature = "test")]
    pub(crate) fn message(&self) -> &'static str {
        match &self.state {
            State::Unsent(Some(message)) => message.name(),
            State::Unsent(None) | State::Sent(_) => "sent",
        }
    }

    /// The message that would have been sent: for a timer, a log, another actor.
    ///
    /// # Panics
    /// If the request was polled by reference before: then the message is on its way.
    #[track_caller]
    pub fn into_message(self) -> M {
        match self.state {
            State::Unsent(Some(message)) => message,
            State::Unsent(None) | State::Sent(_) => {
                panic!("the message of a request that was polled is on its way")
            }
        }
    }
}

impl<M: Message, T, E> Future for Request<'_, M, T, E> {
    type Output = Result<T, CallError<E>>;

    /// Inlined: what is written here and read by whoever awaits it would keep the processor waiting in memory.
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match this.state.poll((this.to, this.route), this.limit, cx) {
            Poll::Pending => Poll::Pending,
            // Taken apart at once: to move an answer as a whole costs more than to look into it.
            Poll::Ready(Ok(reply)) => Poll::Ready(match (this.extract)(reply) {
                Some(Ok(value)) => Ok(value),
                Some(Err(error)) => Err(CallError::Handler(error)),
                None => Err(CallError::Dropped),
            }),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error.widen())),
        }
    }
}

impl<M: Message, T, E> fmt::Debug for Request<'_, M, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = match &self.state {
            State::Unsent(Some(message)) => message.name(),
            State::Sent(_) => "sent",
            State::Unsent(None) => "answered",
        };
        f.debug_struct("Request").field("to", self.to).field("message", &message).finish_non_exhaustive()
    }
}
