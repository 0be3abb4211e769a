//! What an actor waits for beside its mailbox: attached streams, and futures with a continuation.
//!
//! Its own task polls them, those that were woken, in turn with the mailbox: neither keeps the other waiting for more than a message. What
//! they give runs as any message does, so the next item of a stream is asked for when the one before has been handled. One whose guard says no
//! is held here, not in the mailbox: the stream waits with it, and both end with the incarnation that reads it.

use crate::actor::Actor;
use crate::boxed::Boxed;
use crate::context::Common;
use crate::context::Context;
use crate::frame;
use crate::limit::Limit;
use crate::parcel::{Guard, Parcel, Passed};
use crate::parked::Verdict;
use crate::policy::Policy;
use crate::pollset::{PollSet, Source};
use crate::scope;
use crate::shared::Shared;
use crate::timers;
use futures_core::Stream;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, ready};

static CONTINUATION: Policy = Policy::plain("then").hook();

struct Sources {
    streams: PollSet<'static, Parcel>,
    continuations: PollSet<'static, Parcel>,
    /// Whose turn is first.
    streams_first: bool,
}

pub(crate) struct Beside {
    /// Never locked: it is there so that a context can be shared, as streams need not be.
    sources: Mutex<Sources>,
    /// Whether there is a continuation to come, for which the actor lives on.
    awaits: bool,
    /// Whether an item is held by its guard.
    holds: bool,
    /// The mailbox had its turn.
    is_next: bool,
}

impl Beside {
    fn new(shared: &Arc<Shared>) -> Self {
        let sources = Sources {
            streams: PollSet::new(shared),
            continuations: PollSet::new(shared),
            streams_first: false,
        };
        Beside { sources: Mutex::new(sources), awaits: false, holds: false, is_next: false }
    }

    fn with<T>(&mut self, change: impl FnOnce(&mut Sources) -> T) -> T {
        let sources = self.sources.get_mut().unwrap_or_else(PoisonError::into_inner);
        let result = change(sources);
        self.awaits = !sources.continuations.is_empty();
        self.holds = sources.streams.holds();
        result
    }

    /// Whether it goes before the mailbox, which it does every other time.
    pub(crate) fn takes_turn(&mut self) -> bool {
        self.is_next = !self.is_next;
        self.is_next
    }

    pub(crate) fn awaits(&self) -> bool {
        self.awaits
    }

    /// Whether an item is to be tried again when something was handled.
    pub(crate) fn holds(&self) -> bool {
        self.holds
    }

    /// Whether nothing will come any more: for a test's context.
    #[cfg(feature = "test")]
    pub(crate) fn is_over(&mut self) -> bool {
        self.with(|sources| sources.streams.is_empty() && sources.continuations.is_empty())
    }

    /// Whether something may have come.
    pub(crate) fn is_ready(&mut self) -> bool {
        self.with(|sources| sources.streams.is_ready() || sources.continuations.is_ready())
    }

    /// What has come and passes its guard; of streams only while the actor is `open` for more.
    pub(crate) fn next(&mut self, open: bool, guard: Guard<'_>) -> Option<Passed> {
        let mut guard = unless_held(guard);
        self.with(|sources| {
            if !open {
                return sources.continuations.next_that(guard);
            }
            sources.streams_first = !sources.streams_first;
            let Sources { streams, continuations, streams_first } = sources;
            if *streams_first {
                streams.next_that(&mut guard).or_else(|| continuations.next_that(guard))
            } else {
                continuations.next_that(&mut guard).or_else(|| streams.next_that(guard))
            }
        })
    }

    /// The first item that was held and passes its guard now.
    pub(crate) fn take_held(&mut self, guard: Guard<'_>) -> Option<Passed> {
        self.with(|sources| sources.streams.take_held(unless_held(guard)))
    }
}

fn unless_held(guard: Guard<'_>) -> impl FnMut(&Parcel) -> Option<Verdict> {
    move |parcel| Some(guard(parcel)).filter(|verdict| !matches!(verdict, Ok(false)))
}

/// The items of `stream`, as messages.
pub(crate) fn attach<A: Actor, S>(
    ctx: &mut Context<A>,
    stream: S,
    mut make: impl FnMut(S::Item) -> A::Message + Send + 'static,
) where
    S: Stream + Send + 'static,
{
    let mut stream = Box::pin(stream);
    let source: Source<'static, Parcel> = Box::new(move |cx| {
        let item = ready!(stream.as_mut().poll_next(cx));
        Poll::Ready(item.map(|item| timers::tick(make(item))))
    });
    change(ctx, |sources| sources.streams.insert(source));
}

/// Goes on with `next` when `future` has ended.
pub(crate) fn then<A: Actor, F>(
    ctx: &mut Context<A>,
    future: F,
    next: impl FnOnce(&mut A, &mut Context<A>, F::Output) + Send + 'static,
) where
    F: Future + Send + 'static,
    F::Output: Send,
{
    // A call whose reply was kept is still being handled, within its caller's deadline.
    let limit = match scope::caller() {
        Some(caller) if caller.is_given() => frame::limit().fixed(),
        _ => Limit::Never,
    };
    let mut waits = Some((Box::pin(future), next));
    let source: Source<'static, Parcel> = Box::new(move |cx| {
        let Some((future, _)) = &mut waits else { return Poll::Ready(None) };
        let output = ready!(frame::with_limit(limit, || future.as_mut().poll(cx)));
        let next = waits.take().map(|(_, next)| next);
        Poll::Ready(next.map(|next| continuation(limit, output, next)))
    });
    change(ctx, |sources| sources.continuations.insert(source));
}

/// A message of its own, for the time that its future has ended.
fn continuation<A: Actor, T: Send + 'static>(
    limit: Limit,
    output: T,
    next: impl FnOnce(&mut A, &mut Context<A>, T) + Send + 'static,
) -> Parcel {
    let code = move |actor: &mut A, ctx: &mut Context<A>| {
        frame::set_limit(limit);
        next(actor, ctx, output);
        None::<()>
    };
    Parcel::new(Boxed::plain(&CONTINUATION, code).post())
}

fn change<A: Actor>(ctx: &mut Context<A>, change: impl FnOnce(&mut Sources)) {
    let shared = Arc::clone(ctx.shared());
    ctx.inner().with_common(|common| {
        let beside = common.beside.get_or_insert_with(|| Box::new(Beside::new(&shared)));
        beside.with(change);
    });
    // Whoever runs this handler may be a caller, and the task asleep.
    shared.bell.knock();
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").field("awaits", &self.awaits).finish_non_exhaustive()
    }
}

/// What comes before the next message of the mailbox, and whether it is to be asked after that: where it was not its turn.
pub(crate) fn first(shared: &Shared, common: &mut Common, guard: Guard<'_>) -> (Option<Passed>, bool) {
    match &mut common.beside {
        Some(beside) => match beside.takes_turn() {
            true => (next(shared, common, guard), false),
            false => (None, true),
        },
        None => (None, false),
    }
}

/// What comes where the mailbox has no message.
pub(crate) fn next(shared: &Shared, common: &mut Common, guard: Guard<'_>) -> Option<Passed> {
    // The user's code that is called here is no message's.
    frame::next_message(None, Limit::Never);
    common.beside.as_mut()?.next(shared.is_open() && !shared.is_deserted(), guard)
}
