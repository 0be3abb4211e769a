//! Where the library chooses: each place asks here, and under a schedule a seed answers.
//!
//! Without the feature `test` every function here is nothing, or what it always says. With it, outside a schedule, each is one look at
//! a thread-local.

use crate::exit::ExitReason;
use crate::id::ActorId;
use crate::shared::Shared;
use crate::stamp::Stamp;
#[cfg(feature = "test")]
use crate::test::schedule::hooks as on;
use crate::traces::watched;
use std::future::Future;
use std::panic::Location;
use std::task::Context;
use tokio::time::Instant;

/// Whether this thread runs a schedule.
#[inline]
pub(crate) fn is_on() -> bool {
    #[cfg(feature = "test")]
    if on::is_on() {
        return true;
    }
    false
}

/// How many messages an actor's task may run in a row: one by one under a schedule, so that others can come in between.
#[inline]
pub(crate) fn row(usual: u32) -> u32 {
    if is_on() { 1 } else { usual }
}

/// Whether a caller that can runs the handler itself.
#[inline]
pub(crate) fn runs_directly() -> bool {
    #[cfg(feature = "test")]
    if on::is_on() {
        return on::runs_directly();
    }
    true
}

/// Whether others go first here: the task has been woken again.
#[inline]
pub(crate) fn pauses(cx: &Context<'_>) -> bool {
    #[cfg(feature = "test")]
    if on::is_on() && on::pauses() {
        cx.waker().wake_by_ref();
        return true;
    }
    let _ = cx;
    false
}

/// A random number from the seed.
#[inline]
pub(crate) fn random() -> Option<u64> {
    #[cfg(feature = "test")]
    if on::is_on() {
        return on::random();
    }
    None
}

/// The next actor's number within the run.
#[inline]
pub(crate) fn next_actor() -> Option<u64> {
    #[cfg(feature = "test")]
    if on::is_on() {
        return on::next_actor();
    }
    None
}

/// What a task is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The actor itself.
    Actor,
    /// A stream that runs beside it.
    Stream,
}

/// Hands a task to the actor's runtime, or to the schedule that owns it.
pub(crate) fn spawn(shared: &Shared, purpose: Purpose, task: impl Future<Output = ()> + Send + 'static) {
    let task = watched(shared, task);
    #[cfg(feature = "test")]
    if on::owns(shared) {
        return on::spawn(shared, purpose, Box::pin(task));
    }
    let _ = purpose;
    // A runtime that has been shut down drops it at once, and with it the actor ends.
    drop(shared.runtime.spawn(task));
}

/// Code of this actor runs from here, in its task or in a caller.
#[inline]
pub(crate) fn enter(actor: ActorId) {
    #[cfg(feature = "test")]
    if on::is_on() {
        on::enter(actor);
    }
    let _ = actor;
}

/// A handler begins: of a message that was [received](Stamp::received), or one that the current caller runs itself.
#[inline]
pub(crate) fn handles(actor: &Shared, message: &'static str) {
    #[cfg(feature = "test")]
    if on::is_on() {
        on::handles(actor, message);
    }
    let _ = (actor, message);
}

/// The same of a plain message from the queue: all that its handler does comes of it and of the actor's state.
#[inline]
pub(crate) fn handles_plain(actor: &Shared, message: &'static str) {
    #[cfg(feature = "test")]
    if on::is_on() {
        on::handles(actor, message);
        on::knows_little();
    }
    let _ = (actor, message);
}

/// Something is to happen at this time.
#[inline]
pub(crate) fn is_due(at: Instant) {
    #[cfg(feature = "test")]
    if on::is_on() {
        on::is_due(at);
    }
    let _ = at;
}

/// Somebody asks the actor to `stop`, or does what `what` says to it.
#[inline]
pub(crate) fn told(actor: &Shared, what: &'static str) {
    #[cfg(feature = "test")]
    if on::is_on() {
        on::told(actor, what);
    }
    let _ = (actor, what);
}

/// The actor has ended, or fell and is made anew.
#[inline]
pub(crate) fn ended(actor: &Shared, reason: &ExitReason, for_good: bool) {
    #[cfg(feature = "test")]
    if on::is_on() {
        on::ended(actor, reason, for_good);
    }
    let _ = (actor, reason, for_good);
}

/// A panic that no actor catches.
pub(crate) fn panicked(place: Option<&Location<'_>>) {
    #[cfg(feature = "test")]
    if on::is_on() {
        on::panicked(place);
    }
    let _ = place;
}

/// Whether panics are not printed: of a thousand runs whoever reads wants one.
pub(crate) fn is_silent() -> bool {
    #[cfg(feature = "test")]
    if on::is_on() {
        return on::is_silent();
    }
    false
}

/// Which of the messages in a queue is next, of those that could have come first.
#[cfg(feature = "test")]
pub(crate) fn next_of(stamps: impl Iterator<Item = Stamp>) -> usize {
    on::next_of(stamps.map(|stamp| stamp.sent))
}

/// Somebody who waits for an actor, from the time that it does.
#[derive(Debug)]
pub(crate) struct Wait(#[cfg(feature = "test")] on::Waiting);

/// How far that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Room,
    Queued,
    Handled,
}

impl Wait {
    #[inline]
    pub(crate) fn new(whom: &Shared, message: &'static str, stage: Stage) -> Self {
        let _ = (whom, message, stage);
        Wait(
            #[cfg(feature = "test")]
            on::Waiting::new(whom, message, stage),
        )
    }

    /// Of its message, which has this stamp otherwise.
    #[inline]
    pub(crate) fn stamp(&self, stamp: Stamp) -> Stamp {
        #[cfg(feature = "test")]
        let stamp = Stamp { sent: self.0.sent(), ..stamp };
        stamp
    }

    /// Its time is up.
    #[inline]
    pub(crate) fn gives_up(&self) {
        #[cfg(feature = "test")]
        if on::is_on() {
            self.0.gives_up();
        }
    }
}
