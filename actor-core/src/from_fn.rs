//! Actors that are a function from message to reply: mocks, and what stands in front of other actors.
//!
//! Such a mock is an actor like any other; that it ends, is watched, registered and asked like one needs no code. Its messages are
//! all `concurrent` ones, so that an answer that comes late keeps no other waiting.

use crate::actor::{Actor, Message};
use crate::context::{Cancelled, Context};
use crate::error::CallError;
use crate::handle::ActorHandle;
use crate::limit::Limit;
use crate::mock_error::MockError;
use crate::pending::PendingReply;
use crate::policy::{Config, Policy};
use crate::readers::Readers;
use crate::reply::ReplyTo;
use crate::reply_stream::{self, ReplyStream};
use crate::request::Request;
use crate::runtime;
use crate::scope;
use crate::shared::Shared;
use crate::slot::{AnyCaller, Slot};
use crate::spawn::{self, Spawn};
use crate::sync;
use futures_core::Stream;
use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::future::{self, Future, poll_fn};
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{self, Poll};
use std::time::Duration;
use tokio::time::Instant;

pub(crate) type ReplyOf<H> = <<H as ActorHandle>::Message as Message>::Reply;

/// What a mock answers: a reply, or any failure.
pub(crate) type Answer<H> = Result<ReplyOf<H>, CallError>;

/// Makes an actor of `answer`.
#[track_caller]
pub(crate) fn spawn<H, F, R>(how: Spawn, answer: F) -> H
where
    H: ActorHandle,
    F: FnMut(H::Message, Caller) -> R + Send + 'static,
    R: Future<Output = Answer<H>> + Send + 'static,
{
    let mock =
        Mock { answer: Mutex::new(answer), unanswered: sync::Mutex::new(Vec::new()), handle: PhantomData };
    spawn::spawn(mock, how.or_on(&runtime::current_or_own()))
}

pub(crate) struct Mock<H: ActorHandle, F, R> {
    answer: Mutex<F>,
    /// Calls that it never answers: they go down with it.
    unanswered: sync::Mutex<Vec<ReplyTo<ReplyOf<H>>>>,
    handle: PhantomData<fn() -> (H, R)>,
}

impl<H, F, R> Mock<H, F, R>
where
    H: ActorHandle,
    F: FnMut(H::Message, Caller) -> R + Send + 'static,
    R: Future<Output = Answer<H>> + Send + 'static,
{
    async fn answer(&self, ctx: &mut Context<Self>, message: H::Message) -> Option<ReplyOf<H>> {
        let name = message.name();
        let silence = Arc::new(AtomicBool::new(false));
        let caller = Caller::new(ctx, Arc::clone(&silence));
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner)(message, caller);
        let mut answer = pin!(answer);
        let answered = poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if silence.load(Ordering::Acquire) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        let failure = match answered.await {
            Some(Ok(reply)) => match H::Message::returned(&reply).method() {
                Some(other) if other != name => CallError::Mock(MockError::wrong_reply(name, other)),
                _ => return Some(reply),
            },
            Some(Err(failure)) => failure,
            None => {
                if scope::caller().is_some() {
                    let mut unanswered = self.unanswered.lock();
                    unanswered.retain(|reply| !reply.caller_gone());
                    unanswered.push(ctx.reply_to(|reply| reply));
                }
                return None;
            }
        };
        ctx.reply_to(|reply| reply).fail(failure);
        None
    }
}

impl<H, F, R> Actor for Mock<H, F, R>
where
    H: ActorHandle,
    F: FnMut(H::Message, Caller) -> R + Send + 'static,
    R: Future<Output = Answer<H>> + Send + 'static,
{
    type Message = H::Message;
    type Handle = H;

    fn config() -> Config {
        Config::new().mock()
    }

    fn policy(message: &H::Message) -> &'static Policy {
        policy::<Self>(message, Policy::concurrent)
    }

    const READS: bool = true;

    fn handle_concurrent<'a>(&'a self, readers: Readers<'a, Self>) -> impl Future<Output = ()> + Send + 'a {
        readers.run(self, |this, ctx, message| Box::pin(this.answer(ctx, message)))
    }
}

/// How `A`, which stands in for an actor, handles `message`: as `make` has it, with the deadline that callers of the actor have. There are as
/// many of these as the program has messages that are mocked by an `A`, and they stay.
pub(crate) fn policy<A: Actor>(
    message: &A::Message,
    make: impl FnOnce(&'static str) -> Policy,
) -> &'static Policy {
    type Known = HashMap<(TypeId, &'static str), &'static Policy>;
    static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
    let name = message.name();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.get_or_insert_default().entry((TypeId::of::<A>(), name)).or_insert_with(|| {
        let policy = make(name);
        Box::leak(Box::new(match A::Handle::timeout_of(message) {
            Some(timeout) => policy.timeout(timeout),
            None => policy,
        }))
    })
}

/// Who asks a mock: what [`from_calls`](ActorHandle::from_calls) gives beside the message.
pub struct Caller {
    /// `None` of a tell.
    call: Option<AnyCaller>,
    deadline: Option<Instant>,
    shared: Arc<Shared>,
    silence: Arc<AtomicBool>,
}

impl Caller {
    /// Who asks an actor whose handler runs.
    pub(crate) fn of<A: Actor>(ctx: &Context<A>) -> Self {
        Self::new(ctx, Arc::default())
    }

    fn new<A: Actor>(ctx: &Context<A>, silence: Arc<AtomicBool>) -> Self {
        Caller { call: scope::caller(), deadline: ctx.deadline(), shared: Arc::clone(ctx.shared()), silence }
    }

    /// Whether nobody waits for the answer because the message was told.
    #[must_use]
    pub fn is_tell(&self) -> bool {
        self.call.is_none()
    }

    /// Until when it waits.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether it has given up; `false` for a tell.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.gone())
    }

    /// Resolves when it has given up or is out of time; for a tell it never does.
    pub fn cancelled(&self) -> Cancelled {
        let nobody = || Slot::<()>::started(self.shared.id, Limit::Never, None).untyped();
        Cancelled::new(self.call.clone().unwrap_or_else(nobody), self.deadline, &self.shared.runtime)
    }

    /// Never answers: it waits until it gives up, or until the mock ends. What comes behind this is not reached.
    ///
    /// Unlike with [`pending`](future::pending) the mock does not wait for this answer when it is asked to stop.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use std::time::Duration;
    /// # #[actor] struct Bank;
    /// # #[actor] impl Bank { pub fn note(&mut self, amount: u64) {} }
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
    /// let bank = BankHandle::from_calls(|_, caller| async move { caller.never().await });
    /// let note = bank.note(5).timeout(Duration::from_secs(60)).await;
    /// assert!(matches!(note, Err(CallError::TimedOut { started: true })));
    /// # }
    /// ```
    pub async fn never<T>(&self) -> T {
        self.silence.store(true, Ordering::Release);
        future::pending().await
    }

    /// The answer to a message whose reply is a stream: it runs beside the mock, which lives on for its reader.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use futures::{Stream, stream};
    ///
    /// #[actor]
    /// struct Shelf(Vec<u32>);
    ///
    /// #[actor]
    /// impl Shelf {
    ///     pub fn books(&self) -> impl Stream<Item = u32> {
    ///         stream::iter(self.0.iter().copied())
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let shelf = ShelfHandle::from_calls(|_, caller| async move {
    ///     Ok(ShelfReply::Books(caller.stream(stream::iter([1, 2]))))
    /// });
    /// let mut books = shelf.books().await?;
    /// assert_eq!(books.next().await.transpose()?, Some(1));
    /// assert_eq!(books.next().await.transpose()?, Some(2));
    /// assert_eq!(books.next().await.transpose()?, None);
    /// # Ok(()) }
    /// ```
    pub fn stream<T: Send + 'static>(
        &self,
        stream: impl Stream<Item = T> + Send + 'static,
    ) -> ReplyStream<T> {
        reply_stream::beside_of(&self.shared, stream)
    }

    /// Asks another actor on its behalf: within its deadline, and only as long as it waits. When it gives up, the other call is cancelled.
    ///
    /// The request is sent at once, as by [`start`](Request::start), so that what is passed on stays in order. The caller's deadline stands in for
    /// the defaults of the other actor, and what was told has none.
    ///
    /// ```
    /// use actor_core::prelude::*;
    ///
    /// #[actor]
    /// struct Bank(u64);
    ///
    /// #[actor]
    /// impl Bank {
    ///     pub fn note(&mut self, amount: u64) -> u64 {
    ///         self.0 += amount;
    ///         self.0
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
    /// let bank = Bank(0).spawn();
    /// let in_front = BankHandle::from_calls(move |message, caller| {
    ///     let bank = bank.clone();
    ///     async move { caller.pass(bank.ask(message)).await }
    /// });
    /// assert_eq!(in_front.note(5).await?, 5);
    /// # Ok(()) }
    /// ```
    pub fn pass<M, T, E>(
        &self,
        request: Request<'_, M, T, E>,
    ) -> impl Future<Output = Result<T, CallError<E>>> + Send + Unpin + use<M, T, E>
    where
        M: Message,
        T: Send + 'static,
        E: Send + 'static,
    {
        let request = match self.deadline {
            _ if request.is_limited() => request,
            Some(deadline) => request.deadline(deadline),
            None if self.is_tell() => request.timeout(Duration::MAX),
            None => request,
        };
        let answer = if self.is_gone() { PendingReply::failed(CallError::Dropped) } else { request.start() };
        Passed { answer, cancelled: (!self.is_tell()).then(|| self.cancelled()) }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("is_tell", &self.is_tell())
            .field("is_gone", &self.is_gone())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// A call on another caller's behalf.
struct Passed<T, E> {
    answer: PendingReply<T, E>,
    cancelled: Option<Cancelled>,
}

impl<T, E> Future for Passed<T, E> {
    type Output = Result<T, CallError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let Passed { answer, cancelled } = self.get_mut();
        // First, since it knows more: whether the message ran at all.
        if let Poll::Ready(answer) = Pin::new(answer).poll(cx) {
            return Poll::Ready(answer);
        }
        match cancelled.as_mut().map(|cancelled| Pin::new(cancelled).poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(CallError::Dropped)),
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }
}
