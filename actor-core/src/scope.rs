//! What this thread is doing for which actor: a frame a handler, while it runs or is polled.
//!
//! From here requests inherit deadlines, `blocking` knows that it must not, a panic finds its message, and a reply that dies with
//! its actor knows that it does.

use crate::exit::{ExitReason, Panicked, Place};
use crate::id::ActorId;
use crate::limit::Limit;
use crate::slot::AnyCaller;
use crate::waits::Watched;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::thread;
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
    pub(crate) message: Option<&'static str>,
    /// Of the call that is being handled: caps those that the handler makes.
    pub(crate) limit: Limit,
    pub(crate) runtime: runtime::Id,
    /// Whether the handler is to be cut off rather than polled.
    pub(crate) killed: bool,
}

/// The innermost frame in its parts, since most who look want one.
pub(crate) struct Scope {
    /// `None` outside all handlers.
    actor: Cell<Option<(ActorId, runtime::Id)>>,
    message: Cell<Option<&'static str>>,
    limit: Cell<Limit>,
    killed: Cell<bool>,
    /// The actor is going down: replies dropped now go with it.
    ending: Cell<bool>,
    depth: Cell<u8>,
    /// Who asked for what runs; none for a tell, and while a direct call has not been handed over.
    caller: Cell<Option<AnyCaller>>,
    /// Calls that went down with the actor, until it is known why; those of outer frames first.
    orphans: RefCell<Vec<AnyCaller>>,
    /// Of the last panic in a frame.
    place: RefCell<Option<Place>>,
    /// Of an actor that panicked in what a handler of its serves: that handler is to be cut off.
    broken: Cell<Option<(ActorId, Panicked)>>,
    watched: Watched,
}

impl Scope {
    /// The next message of a row of plain ones.
    #[inline]
    pub(crate) fn next_message(
        &self,
        message: Option<&'static str>,
        limit: Limit,
        caller: Option<AnyCaller>,
    ) {
        self.message.set(message);
        self.limit.set(limit);
        self.caller.set(caller);
    }

    /// How many frames this thread is in.
    #[inline]
    pub(crate) fn depth(&self) -> u8 {
        self.depth.get()
    }

    /// What is known of who waits here.
    #[inline]
    pub(crate) fn watched(&self) -> &Watched {
        &self.watched
    }

    /// Takes the caller out.
    #[inline]
    pub(crate) fn take_caller(&self) -> Option<AnyCaller> {
        self.caller.take()
    }
}

thread_local! {
    static SCOPE: Scope = const {
        Scope {
            actor: Cell::new(None),
            message: Cell::new(None),
            limit: Cell::new(Limit::Never),
            killed: Cell::new(false),
            ending: Cell::new(false),
            depth: Cell::new(0),
            caller: Cell::new(None),
            orphans: RefCell::new(Vec::new()),
            place: RefCell::new(None),
            broken: Cell::new(None),
            watched: Watched::new(),
        }
    };
}

/// How a piece of an actor's code came back.
pub(crate) struct Ran<T> {
    pub(crate) result: Result<T, Panicked>,
    /// The caller that was put in, unless it was taken out.
    pub(crate) caller: Option<AnyCaller>,
    /// The frame's limit as it stands now: what was to count from the first look has been fixed by it.
    pub(crate) limit: Limit,
    /// Replies that went down with the handler.
    pub(crate) orphans: Vec<AnyCaller>,
}

/// Runs `code` of an actor: catches its panic, and puts everything of this thread back as it was.
pub(crate) fn enter<T>(frame: Frame, caller: Option<AnyCaller>, code: impl FnOnce(&Scope) -> T) -> Ran<T> {
    SCOPE.with(|scope| {
        let actor = scope.actor.replace(Some((frame.actor, frame.runtime)));
        let message = scope.message.replace(frame.message);
        let limit = scope.limit.replace(frame.limit);
        let killed = scope.killed.replace(frame.killed);
        let ending = scope.ending.replace(false);
        let outer = scope.caller.replace(caller);
        let orphans = scope.orphans.borrow().len();
        scope.depth.set(scope.depth.get() + 1);
        let result = panic::catch_unwind(AssertUnwindSafe(|| code(scope)));
        scope.depth.set(scope.depth.get() - 1);
        let result = result.map_err(|payload| describe(scope, payload));
        let ran = Ran {
            result,
            caller: scope.caller.replace(outer),
            limit: scope.limit.replace(limit),
            orphans: if scope.orphans.borrow().len() == orphans {
                Vec::new()
            } else {
                scope.orphans.borrow_mut().split_off(orphans)
            },
        };
        scope.ending.set(ending);
        scope.killed.set(killed);
        scope.message.set(message);
        scope.actor.set(actor);
        ran
    })
}

/// What is known of a panic that was caught within the innermost frame.
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Panicked {
    SCOPE.with(|scope| describe(scope, payload))
}

fn describe(scope: &Scope, payload: Box<dyn Any + Send>) -> Panicked {
    let panicked = Panicked::new(scope.message.get(), text(&*payload), scope.place.take());
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
    enter(frame, None, |scope| {
        scope.ending.set(true);
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
        let at_home = scope.actor.get().is_some_and(|(home, _)| home == actor);
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

/// What went down inside a frame goes down with the frame around it.
pub(crate) fn hand_up(orphans: Vec<AnyCaller>) {
    SCOPE.with(|scope| scope.orphans.borrow_mut().extend(orphans));
}

/// What the running handler serves has panicked.
pub(crate) fn break_with(panicked: Panicked) {
    SCOPE.with(|scope| {
        match scope.actor.get() {
            Some((actor, _)) => scope.broken.set(Some((actor, panicked))),
            // A test that calls a handler as a plain method.
            None => panic!("{panicked}"),
        }
    });
}

/// Whether that happened to the handler that was polled.
#[inline]
pub(crate) fn take_broken() -> Option<Panicked> {
    SCOPE.with(|scope| {
        let (broken, panicked) = scope.broken.take()?;
        if scope.actor.get().is_some_and(|(actor, _)| actor == broken) {
            return Some(panicked);
        }
        scope.broken.set(Some((broken, panicked)));
        None
    })
}

/// Whether that has happened to the handler that is being polled.
#[inline]
pub(crate) fn is_broken() -> bool {
    SCOPE.with(|scope| {
        let broken = scope.broken.take();
        let is_its_own = match (&broken, scope.actor.get()) {
            (Some((broken, _)), Some((actor, _))) => *broken == actor,
            _ => false,
        };
        scope.broken.set(broken);
        is_its_own
    })
}

/// Tells `orphans` what their actor ended of.
pub(crate) fn console(orphans: Vec<AnyCaller>, reason: &ExitReason) {
    orphans.into_iter().for_each(|orphan| orphan.orphan(reason));
}

/// Whether this thread runs a handler or is in one's poll.
#[inline]
pub(crate) fn in_handler() -> bool {
    SCOPE.try_with(|scope| scope.actor.get().is_some()).unwrap_or(false)
}

/// The actor of the innermost handler.
#[cfg(feature = "test")]
pub(crate) fn actor() -> Option<ActorId> {
    SCOPE.try_with(|scope| scope.actor.get()).ok().flatten().map(|(actor, _)| actor)
}

/// The runtime of the innermost handler.
#[inline]
pub(crate) fn runtime() -> Option<runtime::Id> {
    SCOPE.try_with(|scope| scope.actor.get()).ok().flatten().map(|(_, runtime)| runtime)
}

/// The limit of the call that is being handled.
#[inline]
pub(crate) fn limit() -> Limit {
    SCOPE.try_with(|scope| scope.limit.get()).unwrap_or(Limit::Never)
}

/// Fixes it.
#[inline]
pub(crate) fn set_limit(limit: Limit) {
    SCOPE.with(|scope| scope.limit.set(limit));
}

/// Runs `code` as if a call with this limit was being handled.
pub(crate) fn with_limit<T>(limit: Limit, code: impl FnOnce() -> T) -> T {
    let outer = SCOPE.with(|scope| scope.limit.replace(limit));
    let result = code();
    set_limit(outer);
    result
}

/// Whether the handler that is polled is to be cut off.
#[inline]
pub(crate) fn is_killed() -> bool {
    SCOPE.with(|scope| scope.killed.get())
}

/// This thread's; `None` where the thread ends.
#[inline]
pub(crate) fn try_with<T>(look: impl FnOnce(&Scope) -> T) -> Option<T> {
    SCOPE.try_with(look).ok()
}

/// The name of the running message.
pub(crate) fn message() -> Option<&'static str> {
    SCOPE.with(|scope| scope.message.get())
}

/// Puts a caller into the innermost frame.
pub(crate) fn set_caller(caller: AnyCaller) {
    SCOPE.with(|scope| scope.caller.set(Some(caller)));
}

/// Takes the caller out of the innermost frame.
pub(crate) fn take_caller() -> Option<AnyCaller> {
    SCOPE.with(Scope::take_caller)
}

/// The caller of what runs.
pub(crate) fn caller() -> Option<AnyCaller> {
    SCOPE.with(|scope| {
        let caller = scope.caller.take();
        scope.caller.set(caller.clone());
        caller
    })
}

/// Whether one more handler may run on top of those that this thread is in, with a message of so many bytes.
#[inline]
pub(crate) fn has_depth(size: usize) -> bool {
    let deepest = if size <= LARGE { DEEPEST } else { 1 };
    SCOPE.try_with(|scope| scope.depth.get() < deepest).unwrap_or(false)
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
                if scope.actor.get().is_some() {
                    scope.place.replace(info.location().map(Place::from));
                }
            });
            before(info);
        }));
    });
}
