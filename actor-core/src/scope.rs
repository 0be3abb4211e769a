//! What an actor's code runs in: its [`frame`], and what goes with that and has to be dropped.
//!
//! From here a panic finds its message, and a reply that dies with its actor knows that it does.

use crate::choice;
use crate::exit::{Panicked, Place};
use crate::frame::{self, Frame};
use crate::id::ActorId;
use crate::orphans::Orphans;
use crate::slot::AnyCaller;
use std::any::Any;
use std::cell::Cell;
use std::mem;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::thread;

thread_local! {
    /// Who asked for what runs; none for a tell, and while a direct call has not been handed over.
    static CALLER: Cell<Option<AnyCaller>> = const { Cell::new(None) };
    /// Whether there is one: most frames need not look.
    static HAS_CALLER: Cell<bool> = const { Cell::new(false) };
    /// Calls that went down with the actor within this frame, until it is known why.
    static ORPHANS: Cell<Orphans> = const { Cell::new(Orphans::none()) };
    /// Whether there are any.
    static HAS_ORPHANS: Cell<bool> = const { Cell::new(false) };
    /// Of the last panic in a frame.
    static PLACE: Cell<Option<Place>> = const { Cell::new(None) };
    /// Of an actor that panicked in what a handler of its serves: that handler is to be cut off.
    static BROKEN: Cell<Option<(ActorId, Panicked)>> = const { Cell::new(None) };
    /// Whether there is one.
    static HAS_BROKEN: Cell<bool> = const { Cell::new(false) };
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
#[inline(always)]
pub(crate) fn enter<T>(frame: Frame, caller: Option<AnyCaller>, code: impl FnOnce() -> T) -> Ran<T> {
    let outer = frame::begin(frame);
    let outer_caller = replace_caller(caller);
    let outer_orphans = take_orphans();
    let result = panic::catch_unwind(AssertUnwindSafe(code)).map_err(panicked);
    let orphans = take_orphans();
    hand_up(outer_orphans);
    let caller = replace_caller(outer_caller);
    frame::end(outer);
    Ran { result, caller, orphans }
}

#[inline(always)]
fn replace_caller(caller: Option<AnyCaller>) -> Option<AnyCaller> {
    if HAS_CALLER.get() || caller.is_some() { swap_caller(caller) } else { None }
}

/// Compiled once, and not for each kind of actor.
#[inline(never)]
fn swap_caller(caller: Option<AnyCaller>) -> Option<AnyCaller> {
    HAS_CALLER.with(|it| it.set(caller.is_some()));
    CALLER.replace(caller)
}

#[inline(always)]
fn take_orphans() -> Orphans {
    if HAS_ORPHANS.get() { take_those() } else { Orphans::none() }
}

#[cold]
fn take_those() -> Orphans {
    HAS_ORPHANS.with(|it| it.set(false));
    ORPHANS.take()
}

/// Puts a caller into the innermost frame, which has none.
#[inline]
pub(crate) fn set_caller(caller: AnyCaller) {
    HAS_CALLER.with(|it| it.set(true));
    // There is none to be dropped.
    mem::forget(CALLER.replace(Some(caller)));
}

/// Takes the caller out of the innermost frame.
#[inline]
pub(crate) fn take_caller() -> Option<AnyCaller> {
    HAS_CALLER.with(|it| it.set(false));
    CALLER.take()
}

/// The caller of what runs.
pub(crate) fn caller() -> Option<AnyCaller> {
    let caller = CALLER.take();
    CALLER.with(|it| it.set(caller.clone()));
    caller
}

/// The same for code that runs seldom, compiled once.
#[inline(never)]
pub(crate) fn enter_seldom(frame: Frame, caller: Option<AnyCaller>, code: &mut dyn FnMut()) -> Ran<()> {
    enter(frame, caller, code)
}

/// Drops something of an actor within `frame`. A panic in a destructor is returned.
#[inline(never)]
pub(crate) fn drop_within<T>(frame: Frame, dead: T) -> Ran<()> {
    let mut dead = Some(dead);
    enter_seldom(frame, None, &mut || drop(dead.take()))
}

/// What is known of a panic that was caught within the innermost frame.
#[cold]
pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Panicked {
    let panicked = Panicked::new(frame::message(), text(&*payload), PLACE.take());
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
    enter_seldom(frame, None, &mut || {
        frame::set_ending();
        drop(dead.take());
    })
}

/// Drops `dead` within the current frame, whose handler is being cut off.
pub(crate) fn cut(drop_it: impl FnOnce()) {
    frame::set_ending();
    // A panic on the way out is the handler's last; the actor ends anyway, for the reason it was cut off for.
    let _ = panic::catch_unwind(AssertUnwindSafe(drop_it));
}

/// A reply of `actor` was dropped without an answer: whether it went down with its actor, and then it is told of the end later.
pub(crate) fn adopt(actor: ActorId, caller: AnyCaller) -> bool {
    if frame::actor() != Some(actor) || !(frame::is_ending() || thread::panicking()) {
        return false;
    }
    add(Orphans::of(caller))
}

/// What went down inside a frame goes down with the frame around it.
#[inline]
pub(crate) fn hand_up(orphans: Orphans) {
    if !orphans.is_empty() {
        add(orphans);
    }
}

/// Whether they could be kept: not where the thread ends.
#[cold]
fn add(orphans: Orphans) -> bool {
    let is_kept = ORPHANS.try_with(|to| {
        let mut known = to.take();
        known.extend(orphans);
        to.set(known);
    });
    HAS_ORPHANS.with(|it| it.set(is_kept.is_ok()));
    is_kept.is_ok()
}

/// What the running handler serves has panicked.
pub(crate) fn break_with(panicked: Panicked) {
    match frame::actor() {
        Some(actor) => set_broken(Some((actor, panicked))),
        // A test that calls a handler as a plain method.
        None => panic!("{panicked}"),
    }
}

fn set_broken(broken: Option<(ActorId, Panicked)>) {
    HAS_BROKEN.with(|it| it.set(broken.is_some()));
    BROKEN.with(|it| it.set(broken));
}

/// Whether that happened to the handler that was polled.
#[inline]
pub(crate) fn take_broken() -> Option<Panicked> {
    if HAS_BROKEN.get() { take_own() } else { None }
}

#[cold]
fn take_own() -> Option<Panicked> {
    let (broken, panicked) = BROKEN.take()?;
    if frame::actor() == Some(broken) {
        HAS_BROKEN.with(|it| it.set(false));
        return Some(panicked);
    }
    set_broken(Some((broken, panicked)));
    None
}

/// Whether that has happened to the handler that is being polled.
#[inline]
pub(crate) fn is_broken() -> bool {
    HAS_BROKEN.get() && is_own()
}

#[cold]
fn is_own() -> bool {
    let broken = BROKEN.take();
    let is_its_own = broken.as_ref().is_some_and(|(broken, _)| frame::actor() == Some(*broken));
    set_broken(broken);
    is_its_own
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
            if frame::in_handler() {
                // Not where the thread ends.
                let _ = PLACE.try_with(|place| place.set(info.location().map(Place::from)));
            } else {
                choice::panicked(info.location());
            }
            if !choice::is_silent() {
                before(info);
            }
        }));
    });
}
