//! What this thread is doing for which actor: a frame a handler, while it runs or is polled.
//!
//! From here requests inherit deadlines, `blocking` knows that it must not, a panic finds its message, and a reply that dies with
//! its actor knows that it does.

use crate::choice;
use crate::exit::{Panicked, Place};
use crate::id::ActorId;
use crate::limit::Limit;
use crate::orphans::Orphans;
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

/// The innermost frame, and how many there are: in one piece, which is cheap to put away and back.
#[derive(Clone, Copy)]
struct Innermost {
    /// `None` outside all handlers.
    actor: Option<(ActorId, runtime::Id)>,
    message: Option<&'static str>,
    limit: Limit,
    killed: bool,
    /// The actor is going down: replies dropped now go with it.
    ending: bool,
    depth: u8,
}

pub(crate) struct Scope {
    innermost: Cell<Innermost>,
    /// Who asked for what runs; none for a tell, and while a direct call has not been handed over.
    caller: Cell<Option<AnyCaller>>,
    /// Calls that went down with the actor within this frame, until it is known why.
    orphans: Cell<Orphans>,
    /// Of the last panic in a frame.
    place: RefCell<Option<Place>>,
    /// Of an actor that panicked in what a handler of its serves: that handler is to be cut off.
    broken: Cell<Option<(ActorId, Panicked)>>,
    watched: Watched,
}

impl Scope {
    /// The next message of a row of plain ones.
    #[inline]
    pub(crate) fn next_message(&self, message: Option<&'static str>, limit: Limit) {
        self.change(|innermost| (innermost.message, innermost.limit) = (message, limit));
    }

    #[inline]
    fn change(&self, change: impl FnOnce(&mut Innermost)) {
        let mut innermost = self.innermost.get();
        change(&mut innermost);
        self.innermost.set(innermost);
    }

    /// The frame's limit as it stands now: what was to count from the first look has been fixed by it.
    #[inline]
    pub(crate) fn limit(&self) -> Limit {
        self.innermost.get().limit
    }

    /// How many frames this thread is in.
    #[inline]
    pub(crate) fn depth(&self) -> u8 {
        self.innermost.get().depth
    }

    /// What is known of who waits here.
    #[inline]
    pub(crate) fn watched(&self) -> &Watched {
        &self.watched
    }

    /// Puts one in.
    #[inline]
    pub(crate) fn set_caller(&self, caller: AnyCaller) {
        self.caller.set(Some(caller));
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
            innermost: Cell::new(Innermost {
                actor: None,
                message: None,
                limit: Limit::Never,
                killed: false,
                ending: false,
                depth: 0,
            }),
            caller: Cell::new(None),
            orphans: Cell::new(Orphans::none()),
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
    /// Replies that went down with the handler.
    pub(crate) orphans: Orphans,
}

/// Runs `code` of an actor: catches its panic, and puts everything of this thread back as it was.
pub(crate) fn enter<T>(frame: Frame, caller: Option<AnyCaller>, code: impl FnOnce(&Scope) -> T) -> Ran<T> {
    SCOPE.with(|scope| {
        let outer = scope.begin(frame, caller);
        let result = panic::catch_unwind(AssertUnwindSafe(|| code(scope)));
        let result = result.map_err(|payload| describe(scope, payload));
        let (caller, orphans) = scope.end(outer);
        Ran { result, caller, orphans }
    })
}

/// The same for code that runs seldom, compiled once.
#[inline(never)]
pub(crate) fn enter_seldom(frame: Frame, caller: Option<AnyCaller>, code: &mut dyn FnMut(&Scope)) -> Ran<()> {
    enter(frame, caller, |scope| code(scope))
}

/// Drops something of an actor within `frame`. A panic in a destructor is returned.
pub(crate) fn drop_within<T>(frame: Frame, dead: T) -> Ran<()> {
    let mut dead = Some(dead);
    enter_seldom(frame, None, &mut |_| drop(dead.take()))
}

/// What a frame hides.
struct Outer {
    innermost: Innermost,
    caller: Option<AnyCaller>,
    orphans: Orphans,
}

impl Scope {
    #[inline]
    fn begin(&self, frame: Frame, caller: Option<AnyCaller>) -> Outer {
        let Frame { actor, message, limit, runtime, killed } = frame;
        let actor = Some((actor, runtime));
        let depth = self.depth() + 1;
        Outer {
            innermost: self.innermost.replace(Innermost {
                actor,
                message,
                limit,
                killed,
                ending: false,
                depth,
            }),
            caller: self.caller.replace(caller),
            orphans: self.orphans.take(),
        }
    }

    fn adopt(&self, orphans: Orphans) {
        let mut known = self.orphans.take();
        known.extend(orphans);
        self.orphans.set(known);
    }

    #[inline]
    fn end(&self, outer: Outer) -> (Option<AnyCaller>, Orphans) {
        self.innermost.set(outer.innermost);
        (self.caller.replace(outer.caller), self.orphans.replace(outer.orphans))
    }
}

/// What is known of a panic that was caught within the innermost frame.
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Panicked {
    SCOPE.with(|scope| describe(scope, payload))
}

fn describe(scope: &Scope, payload: Box<dyn Any + Send>) -> Panicked {
    let panicked = Panicked::new(scope.innermost.get().message, text(&*payload), scope.place.take());
    // A payload whose destructor panics would end the thread.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(payload)));
    panicked
}

pub(crate) fn text(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a payload that is no text".to_owned(),
    }
}

/// Drops something of an actor that is going down. A panic in a destructor is returned.
pub(crate) fn bury<T>(frame: Frame, dead: T) -> Ran<()> {
    let mut dead = Some(dead);
    enter_seldom(frame, None, &mut |scope| {
        scope.change(|innermost| innermost.ending = true);
        drop(dead.take());
    })
}

/// Drops `dead` within the current frame, whose handler is being cut off.
pub(crate) fn cut(drop_it: impl FnOnce()) {
    SCOPE.with(|scope| scope.change(|innermost| innermost.ending = true));
    // A panic on the way out is the handler's last; the actor ends anyway, for the reason it was cut off for.
    let _ = panic::catch_unwind(AssertUnwindSafe(drop_it));
}

/// A reply of `actor` was dropped without an answer: whether it went down with its actor, and then it is told of the end later.
pub(crate) fn adopt(actor: ActorId, caller: AnyCaller) -> bool {
    let adopted = SCOPE.try_with(|scope| {
        let at_home = scope.innermost.get().actor.is_some_and(|(home, _)| home == actor);
        if !at_home || !(scope.innermost.get().ending || thread::panicking()) {
            return false;
        }
        scope.adopt(Orphans::of(caller));
        true
    });
    adopted.unwrap_or(false)
}

/// What went down inside a frame goes down with the frame around it.
#[inline]
pub(crate) fn hand_up(orphans: Orphans) {
    if !orphans.is_empty() {
        SCOPE.with(|scope| scope.adopt(orphans));
    }
}

/// What the running handler serves has panicked.
pub(crate) fn break_with(panicked: Panicked) {
    SCOPE.with(|scope| {
        match scope.innermost.get().actor {
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
        if scope.innermost.get().actor.is_some_and(|(actor, _)| actor == broken) {
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
        let is_its_own = match (&broken, scope.innermost.get().actor) {
            (Some((broken, _)), Some((actor, _))) => *broken == actor,
            _ => false,
        };
        scope.broken.set(broken);
        is_its_own
    })
}

/// The actor whose code this thread runs.
#[cfg(feature = "test")]
pub(crate) fn actor() -> Option<ActorId> {
    SCOPE.try_with(|scope| scope.innermost.get().actor).ok().flatten().map(|(actor, _)| actor)
}

/// Whether this thread runs a handler or is in one's poll.
#[inline]
pub(crate) fn in_handler() -> bool {
    SCOPE.try_with(|scope| scope.innermost.get().actor.is_some()).unwrap_or(false)
}

/// The runtime of the innermost handler.
#[inline]
pub(crate) fn runtime() -> Option<runtime::Id> {
    SCOPE.try_with(|scope| scope.innermost.get().actor).ok().flatten().map(|(_, runtime)| runtime)
}

/// The limit of the call that is being handled.
#[inline]
pub(crate) fn limit() -> Limit {
    SCOPE.try_with(|scope| scope.innermost.get().limit).unwrap_or(Limit::Never)
}

/// Fixes it.
#[inline]
pub(crate) fn set_limit(limit: Limit) {
    SCOPE.with(|scope| scope.change(|innermost| innermost.limit = limit));
}

/// Runs `code` as if a call with this limit was being handled.
pub(crate) fn with_limit<T>(limit: Limit, code: impl FnOnce() -> T) -> T {
    let outer = SCOPE.with(|scope| scope.innermost.get().limit);
    set_limit(limit);
    let result = code();
    set_limit(outer);
    result
}

/// Whether the handler that is polled is to be cut off.
#[inline]
pub(crate) fn is_killed() -> bool {
    SCOPE.with(|scope| scope.innermost.get().killed)
}

/// This thread's; `None` where the thread ends.
#[inline]
pub(crate) fn try_with<T>(look: impl FnOnce(&Scope) -> T) -> Option<T> {
    SCOPE.try_with(look).ok()
}

/// The name of the running message.
pub(crate) fn message() -> Option<&'static str> {
    SCOPE.with(|scope| scope.innermost.get().message)
}

/// Puts a caller into the innermost frame.
pub(crate) fn set_caller(caller: AnyCaller) {
    SCOPE.with(|scope| scope.set_caller(caller));
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
    SCOPE.try_with(|scope| scope.innermost.get().depth < deepest).unwrap_or(false)
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
                if scope.innermost.get().actor.is_some() {
                    scope.place.replace(info.location().map(Place::from));
                } else {
                    choice::panicked(info.location());
                }
            });
            if !choice::is_silent() {
                before(info);
            }
        }));
    });
}
