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

// The innermost frame, and how many there are. Each by itself: what is written in one width and read in another, as the compiler does with what lies
// side by side, keeps a processor waiting.
thread_local! {
    /// `None` outside all handlers.
    static ACTOR: Cell<Option<ActorId>> = const { Cell::new(None) };
    static RUNTIME: Cell<Option<runtime::Id>> = const { Cell::new(None) };
    static POLICY: Cell<Option<&'static Policy>> = const { Cell::new(None) };
    static LIMIT: Cell<Limit> = const { Cell::new(Limit::Never) };
    static KILLED: Cell<bool> = const { Cell::new(false) };
    /// The actor is going down: replies dropped now go with it.
    static ENDING: Cell<bool> = const { Cell::new(false) };
    static DEPTH: Cell<u8> = const { Cell::new(0) };
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
    Outer {
        actor: ACTOR.replace(Some(actor)),
        runtime: RUNTIME.replace(Some(runtime)),
        policy: POLICY.replace(policy),
        limit: LIMIT.replace(limit),
        killed: KILLED.replace(killed),
        ending: ENDING.replace(false),
        depth: DEPTH.replace(DEPTH.get() + 1),
    }
}

/// Puts back what was there. (`LocalKey::set` would look whether it is the first, each time.)
#[inline(always)]
pub(crate) fn end(outer: Outer) {
    let Outer { actor, runtime, policy, limit, killed, ending, depth } = outer;
    ACTOR.with(|it| it.set(actor));
    RUNTIME.with(|it| it.set(runtime));
    POLICY.with(|it| it.set(policy));
    LIMIT.with(|it| it.set(limit));
    KILLED.with(|it| it.set(killed));
    ENDING.with(|it| it.set(ending));
    DEPTH.with(|it| it.set(depth));
}

/// The next message of a row of plain ones.
#[inline]
pub(crate) fn next_message(policy: Option<&'static Policy>, limit: Limit) {
    POLICY.with(|it| it.set(policy));
    LIMIT.with(|it| it.set(limit));
}

/// The actor whose code this thread runs.
#[inline]
pub(crate) fn actor() -> Option<ActorId> {
    ACTOR.get()
}

/// The runtime of the innermost handler.
#[inline]
pub(crate) fn runtime() -> Option<runtime::Id> {
    RUNTIME.get()
}

/// Whether this thread runs a handler or is in one's poll.
#[inline]
pub(crate) fn in_handler() -> bool {
    actor().is_some()
}

/// Of the running message.
pub(crate) fn policy() -> Option<&'static Policy> {
    POLICY.get()
}

/// The name of the running message, as it is known to panics.
pub(crate) fn message() -> Option<&'static str> {
    policy().and_then(Policy::message)
}

/// The limit of the call that is being handled, as it stands now: what was to count from the first look has been fixed by it.
#[inline]
pub(crate) fn limit() -> Limit {
    LIMIT.get()
}

/// Fixes it.
#[inline]
pub(crate) fn set_limit(limit: Limit) {
    LIMIT.with(|it| it.set(limit));
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
    KILLED.get()
}

/// Whether the actor is going down.
pub(crate) fn is_ending() -> bool {
    ENDING.get()
}

/// It is, from here to the end of the frame.
pub(crate) fn set_ending() {
    ENDING.with(|it| it.set(true));
}

/// How many frames this thread is in.
#[inline]
pub(crate) fn depth() -> u8 {
    DEPTH.get()
}

/// Whether one more handler may run on top of those that this thread is in, with a message of so many bytes.
#[inline]
pub(crate) fn has_depth(size: usize) -> bool {
    depth() < if size <= LARGE { DEEPEST } else { 1 }
}
