//! Which handler this thread runs or polls: its frame.
//!
//! Nothing of it has to be dropped, so that a look at it is a look at an address, from any place and at any time of a thread's life. What has to
//! be is in the [`scope`](crate::scope).

use crate::id::ActorId;
use crate::limit::Limit;
use crate::policy::Policy;
use std::cell::Cell;
use tokio::runtime;

/// Handlers that may run inside each other in one thread, each called directly by the one before; a deeper one is queued. It
/// bounds the stack.
const DEEPEST: u8 = 16;
/// Messages of more bytes fill the stack faster: they do not run inside each other.
const LARGE: usize = 1024;

/// A handler, as its thread sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) actor: ActorId,
    /// Of the running message; `None` in a hook.
    pub(crate) policy: Option<&'static Policy>,
    /// Of the call that is being handled: caps those that the handler makes.
    pub(crate) limit: Limit,
    pub(crate) runtime: runtime::Id,
    /// Whether the handler is to be cut off rather than polled.
    pub(crate) killed: bool,
}

// The innermost frame, and how many there are. In this order: what is written in one width and read in another, as the compiler does with what lies
// side by side, keeps a processor waiting; so no two of the same width do.
#[repr(C)]
struct Innermost {
    /// `None` outside all handlers.
    actor: Cell<Option<ActorId>>,
    killed: Cell<bool>,
    runtime: Cell<Option<runtime::Id>>,
    /// The actor is going down: replies dropped now go with it.
    ending: Cell<bool>,
    policy: Cell<Option<&'static Policy>>,
    depth: Cell<u8>,
    limit: Cell<Limit>,
}

thread_local! {
    // In one, so that it has one address.
    static INNERMOST: Innermost = const {
        Innermost {
            actor: Cell::new(None),
            killed: Cell::new(false),
            runtime: Cell::new(None),
            ending: Cell::new(false),
            policy: Cell::new(None),
            depth: Cell::new(0),
            limit: Cell::new(Limit::Never),
        }
    };
}

/// What a frame hides.
pub(crate) struct Outer {
    actor: Option<ActorId>,
    runtime: Option<runtime::Id>,
    policy: Option<&'static Policy>,
    limit: Limit,
    killed: bool,
    ending: bool,
    depth: u8,
}

/// Puts `frame` in, one deeper; what was there.
#[inline(always)]
pub(crate) fn begin(Frame { actor, policy, limit, runtime, killed }: Frame) -> Outer {
    // One by one: several at a time would not be inlined.
    Outer {
        actor: INNERMOST.with(|it| it.actor.replace(Some(actor))),
        runtime: INNERMOST.with(|it| it.runtime.replace(Some(runtime))),
        policy: INNERMOST.with(|it| it.policy.replace(policy)),
        limit: INNERMOST.with(|it| it.limit.replace(limit)),
        killed: INNERMOST.with(|it| it.killed.replace(killed)),
        ending: INNERMOST.with(|it| it.ending.replace(false)),
        depth: INNERMOST.with(|it| it.depth.replace(it.depth.get() + 1)),
    }
}

/// Puts back what was there.
#[inline(always)]
pub(crate) fn end(outer: Outer) {
    let Outer { actor, runtime, policy, limit, killed, ending, depth } = outer;
    INNERMOST.with(|it| it.actor.set(actor));
    INNERMOST.with(|it| it.runtime.set(runtime));
    INNERMOST.with(|it| it.policy.set(policy));
    INNERMOST.with(|it| it.limit.set(limit));
    INNERMOST.with(|it| it.killed.set(killed));
    INNERMOST.with(|it| it.ending.set(ending));
    INNERMOST.with(|it| it.depth.set(depth));
}

/// The next message of a row of plain ones.
#[inline]
pub(crate) fn next_message(policy: Option<&'static Policy>, limit: Limit) {
    INNERMOST.with(|it| it.policy.set(policy));
    INNERMOST.with(|it| it.limit.set(limit));
}

/// The actor whose code this thread runs.
#[inline]
pub(crate) fn actor() -> Option<ActorId> {
    INNERMOST.with(|it| it.actor.get())
}

/// The runtime of the innermost handler.
#[inline]
pub(crate) fn runtime() -> Option<runtime::Id> {
    INNERMOST.with(|it| it.runtime.get())
}

/// Whether this thread runs a handler or is in one's poll.
#[inline]
pub(crate) fn in_handler() -> bool {
    actor().is_some()
}

/// Of the running message.
pub(crate) fn policy() -> Option<&'static Policy> {
    INNERMOST.with(|it| it.policy.get())
}

/// The name of the running message, as it is known to panics.
pub(crate) fn message() -> Option<&'static str> {
    policy().and_then(Policy::message)
}

/// The limit of the call that is being handled, as it stands now: what was to count from the first look has been fixed by it.
#[inline]
pub(crate) fn limit() -> Limit {
    INNERMOST.with(|it| it.limit.get())
}

/// Fixes it.
#[inline]
pub(crate) fn set_limit(limit: Limit) {
    INNERMOST.with(|it| it.limit.set(limit));
}

/// Runs `code` as if a call with this limit was being handled.
pub(crate) fn with_limit<T>(within: Limit, code: impl FnOnce() -> T) -> T {
    let outer = limit();
    set_limit(within);
    let result = code();
    set_limit(outer);
    result
}

/// Whether the handler that is polled is to be cut off.
#[inline]
pub(crate) fn is_killed() -> bool {
    INNERMOST.with(|it| it.killed.get())
}

/// Whether the actor is going down.
pub(crate) fn is_ending() -> bool {
    INNERMOST.with(|it| it.ending.get())
}

/// It is, from here to the end of the frame.
pub(crate) fn set_ending() {
    INNERMOST.with(|it| it.ending.set(true));
}

/// How many frames this thread is in.
#[inline]
pub(crate) fn depth() -> u8 {
    INNERMOST.with(|it| it.depth.get())
}

/// Whether one more handler may run on top of those that this thread is in, with a message of so many bytes.
#[inline]
pub(crate) fn has_depth(size: usize) -> bool {
    depth() < if size <= LARGE { DEEPEST } else { 1 }
}
