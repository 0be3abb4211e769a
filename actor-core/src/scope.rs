//! What this thread is doing for which actor: a frame a handler, while it runs or is polled.
//!
//! From here requests inherit deadlines, `blocking` knows that it must not, a panic finds its message, and a reply that dies with
//! its actor knows that it does.

use crate::exit::{ExitReason, Panicked, Place};
use crate::id::ActorId;
use crate::limit::Limit;
use crate::slot::AnyCaller;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::thread;
use tokio::runtime;

/// Handlers that may run inside each other in one thread, each called directly by the one before; a deeper one is queued. It
/// bounds the stack.
const DEEPEST: u8 = 16;

/// A handler, as its thread sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    pub(crate) actor: ActorId,
    /// Of the running message; `None` in a hook.
    pub(crate) message: Option<&'static str>,
    /// Of the call that is being handled: caps those that the handler makes.
    pub(crate) limit: Limit,
    pub(crate) runtime: runtime::Id,
}

#[derive(Default)]
struct Scope {
    frame: Cell<Option<Frame>>,
    depth: Cell<u8>,
    /// Who asked for what runs; none for a tell, and while a direct call has not been handed over.
    caller: RefCell<Option<AnyCaller>>,
    /// The actor is going down: replies dropped now go with it.
    ending: Cell<bool>,
    /// Calls that went down with the actor, until it is known why.
    orphans: RefCell<Vec<AnyCaller>>,
    /// Of the last panic in a frame.
    place: RefCell<Option<Place>>,
}

thread_local! {
    static SCOPE: Scope = Scope::default();
}

/// How a piece of an actor's code came back.
pub(crate) struct Ran<T> {
    pub(crate) result: Result<T, Panicked>,
    /// The caller that was put in, unless a panic or a reply took it.
    pub(crate) caller: Option<AnyCaller>,
    /// The frame's limit as it stands now: what was to count from the first look has been fixed by it.
    pub(crate) limit: Limit,
    /// Replies that went down with the handler.
    pub(crate) orphans: Vec<AnyCaller>,
}

/// Runs `code` of an actor: catches its panic, and puts everything of this thread back as it was.
pub(crate) fn enter<T>(frame: Frame, caller: Option<AnyCaller>, code: impl FnOnce() -> T) -> Ran<T> {
    SCOPE.with(|scope| {
        let outer = scope.frame.replace(Some(frame));
        let outer_caller = scope.caller.replace(caller);
        let outer_orphans = scope.orphans.take();
        let outer_ending = scope.ending.replace(false);
        scope.depth.set(scope.depth.get() + 1);
        let result = panic::catch_unwind(AssertUnwindSafe(code));
        scope.depth.set(scope.depth.get() - 1);
        scope.ending.set(outer_ending);
        let orphans = scope.orphans.replace(outer_orphans);
        let caller = scope.caller.replace(outer_caller);
        let inner = scope.frame.replace(outer).unwrap_or(frame);
        let result = result.map_err(|payload| describe(scope, inner.message, payload));
        Ran { result, caller, limit: inner.limit, orphans }
    })
}

/// What is known of a panic that was caught within the innermost frame.
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Panicked {
    SCOPE.with(|scope| describe(scope, scope.frame.get().and_then(|frame| frame.message), payload))
}

fn describe(scope: &Scope, message: Option<&'static str>, payload: Box<dyn Any + Send>) -> Panicked {
    let panicked = Panicked::new(message, text(&*payload), scope.place.take());
    // A payload whose destructor panics would end the thread.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    panicked
}

fn text(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a payload that is no text".to_owned(),
    }
}

/// Drops something of an actor that is going down. A panic in a destructor is returned.
pub(crate) fn bury<T>(frame: Frame, dead: T) -> Ran<()> {
    enter(frame, None, || {
        SCOPE.with(|scope| scope.ending.set(true));
        drop(dead);
    })
}

/// Drops `dead` within the current frame, whose handler is being cut off.
pub(crate) fn cut(drop_it: impl FnOnce()) {
    SCOPE.with(|scope| scope.ending.set(true));
    // A panic on the way out is the handler's last; the actor ends anyway, for the reason it was cut off for.
    let _ = panic::catch_unwind(AssertUnwindSafe(drop_it));
}

/// A reply of `actor` was dropped without an answer: whether it went down with its actor, and then it is told of the end later.
pub(crate) fn adopt(actor: ActorId, caller: AnyCaller) -> bool {
    let adopted = SCOPE.try_with(|scope| {
        let at_home = scope.frame.get().is_some_and(|frame| frame.actor == actor);
        if !at_home || !(scope.ending.get() || thread::panicking()) {
            return false;
        }
        match scope.orphans.try_borrow_mut() {
            Ok(mut orphans) => {
                orphans.push(caller);
                true
            }
            Err(_) => false,
        }
    });
    adopted.unwrap_or(false)
}

/// Tells `orphans` what their actor ended of.
pub(crate) fn console(orphans: Vec<AnyCaller>, reason: &ExitReason) {
    orphans.into_iter().for_each(|orphan| orphan.orphan(reason));
}

/// The innermost handler that this thread runs.
pub(crate) fn frame() -> Option<Frame> {
    SCOPE.try_with(|scope| scope.frame.get()).ok().flatten()
}

/// Whether this thread runs a handler or is in one's poll.
pub(crate) fn in_handler() -> bool {
    frame().is_some()
}

/// Fixes the limit of the innermost frame.
pub(crate) fn set_limit(limit: Limit) {
    SCOPE.with(|scope| scope.frame.set(scope.frame.get().map(|frame| Frame { limit, ..frame })));
}

/// The next message of a row of plain ones.
pub(crate) fn next_message(message: &'static str, limit: Limit, caller: Option<AnyCaller>) {
    SCOPE.with(|scope| {
        scope.frame.set(scope.frame.get().map(|frame| Frame { message: Some(message), limit, ..frame }));
        scope.caller.replace(caller);
    });
}

/// Takes the caller out of the innermost frame.
pub(crate) fn take_caller() -> Option<AnyCaller> {
    SCOPE.with(|scope| scope.caller.take())
}

/// The caller of what runs.
pub(crate) fn caller() -> Option<AnyCaller> {
    SCOPE.try_with(|scope| scope.caller.borrow().clone()).ok().flatten()
}

/// Whether one more handler may run on top of those that this thread is in.
pub(crate) fn has_depth() -> bool {
    SCOPE.try_with(|scope| scope.depth.get() < DEEPEST).unwrap_or(false)
}

/// Notes where a panic in a frame happened, before the hook that the program has.
pub(crate) fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    if thread::panicking() {
        // Setting a hook would abort; the next spawn does it.
        return;
    }
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            let _ = SCOPE.try_with(|scope| {
                if scope.frame.get().is_some() {
                    scope.place.replace(info.location().map(Place::from));
                }
            });
            before(info);
        }));
    });
}
