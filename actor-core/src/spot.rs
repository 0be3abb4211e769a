//! Where an idle actor lies, so that a caller can run a handler itself.
//!
//! ```text
//!                 rest                    take
//!   busy (task) <------> idle <--------------------------> taken (caller)
//!                 visit           put_back                    |  | visit: the task waits for it
//!     ^                                                       |  v
//!     |                 visit                    leave        | wanted --put_back--> idle, and the bell is knocked at
//!     '------------------------------- left <-----------------'
//! ```
//!
//! An engine that can be taken lies here only while the mailbox is empty and the task asleep; so whoever takes it overtakes nothing. What a
//! caller cannot finish, a handler that waits, an actor that ends or messages that lie aside, it leaves here for the task: a caller never owns
//! a handler across an await.
//!
//! The place is a [`Latch`], open while the actor is idle, whose owner is the task. A caller holds it from `take` to `put_back` or `leave`, and
//! the task while it runs its messages where the engine lies.

use crate::bare::{Guard, Latch, Look, Released};
use crate::bell::Bell;
use crate::engine::Engine;
use crate::exit::Panicked;
use crate::orphans::Orphans;
use crate::started::Started;
use std::mem;

pub(crate) struct Spot(Latch<State>);

enum State {
    /// With whoever has it: the task, or the caller who holds the place.
    Away,
    Idle(Box<dyn Engine>),
    /// A caller left it for the task alone.
    Left(Box<Leaving>),
}

/// Where a caller puts back what it has taken.
#[must_use]
pub(crate) struct Place<'a>(Guard<'a, State>);

/// What a caller leaves for the task.
pub(crate) enum Leaving {
    /// A handler that waits.
    Started(Started),
    /// It has asked for its end, or messages lie aside.
    Engine(Box<dyn Engine>),
    /// It was down, and its task is gone.
    Nothing,
    /// Its handler panicked.
    Broken(Option<Box<dyn Engine>>, Panicked, Orphans),
}

/// What a caller finds.
pub(crate) enum Took<'a> {
    /// Its own until it puts it back.
    Engine(Box<dyn Engine>, Place<'a>),
    Not,
    /// It was not to be taken, and has no task any more that would end it.
    Last(Box<dyn Engine>),
}

/// What the task finds.
pub(crate) enum Visited<T> {
    /// The engine, which stays.
    Rests,
    /// The engine, and what it is needed for.
    Engine(Box<dyn Engine>, T),
    Left(Box<Leaving>),
    /// A caller has it; the bell is knocked at when it is back.
    Later,
}

/// What there is when the task goes.
pub(crate) enum Found {
    Engine(Box<dyn Engine>),
    Left(Box<Leaving>),
    /// A caller has it.
    Later,
}

impl Spot {
    /// The task has it.
    pub(crate) fn busy() -> Self {
        Spot(Latch::new(State::Away))
    }

    /// The task has nothing to do. `Err` if a caller holds the place: none does, which is shut since the task took the engine from here, or
    /// since the beginning.
    pub(crate) fn rest(&self, engine: Box<dyn Engine>) -> Result<(), Box<dyn Engine>> {
        let Some(mut place) = self.0.hold() else { return Err(engine) };
        put(&mut place, State::Idle(engine));
        place.open();
        Ok(())
    }

    /// Whether a message of the actor runs, as far as whoever asks can see, who knows whether its task sleeps.
    pub(crate) fn is_at_work(&self, asleep: bool) -> bool {
        match self.0.look() {
            Look::Open => false,
            // With the task, which runs it or keeps it from callers.
            Look::Shut => !asleep,
            Look::Held => true,
        }
    }

    /// The task has something to do: `turn` does it in place, and says for what else the engine is needed.
    #[inline(always)]
    pub(crate) fn visit<T>(&self, turn: impl FnOnce(&mut dyn Engine) -> Option<T>) -> Visited<T> {
        let Some(mut place) = self.0.hold() else { return Visited::Later };
        if let State::Idle(engine) = &mut *place {
            let Some(need) = turn(&mut **engine) else {
                place.open();
                return Visited::Rests;
            };
            return match mem::replace(&mut *place, State::Away) {
                State::Idle(engine) => Visited::Engine(engine, need),
                // It was idle a moment ago, and nobody else holds it.
                State::Away | State::Left(_) => Visited::Later,
            };
        }
        match mem::replace(&mut *place, State::Away) {
            State::Left(left) => Visited::Left(left),
            State::Idle(_) | State::Away => Visited::Later,
        }
    }

    /// A caller takes it, if it lies here and `silent` says, while nobody else can take it, that nothing is to be overtaken.
    #[inline(always)]
    pub(crate) fn take(&self, bell: &Bell, silent: impl FnOnce() -> bool) -> Took<'_> {
        let Some(mut place) = self.0.try_hold() else { return Took::Not };
        if !silent() {
            return Self::not_now(place, bell);
        }
        match mem::replace(&mut *place, State::Away) {
            State::Idle(engine) => Took::Engine(engine, Place(place)),
            // It is open while an engine lies here.
            State::Away | State::Left(_) => Took::Not,
        }
    }

    #[cold]
    fn not_now<'a>(place: Guard<'a, State>, bell: &Bell) -> Took<'a> {
        match place.release(true) {
            Released::Quiet => {}
            Released::Wanted => bell.knock(),
            Released::Not(mut place) => {
                if let State::Idle(engine) = mem::replace(&mut *place, State::Away) {
                    return Took::Last(engine);
                }
            }
        }
        Took::Not
    }

    /// The task goes: what lies here, or `Later` if a caller has it, who ends it then.
    pub(crate) fn close(&self) -> Found {
        let Some(mut place) = self.0.close() else { return Found::Later };
        match mem::replace(&mut *place, State::Away) {
            State::Idle(engine) => Found::Engine(engine),
            State::Left(left) => Found::Left(left),
            State::Away => Found::Later,
        }
    }
}

impl<'a> Place<'a> {
    /// The caller is done. `Ok(true)`: the task waits for it. `Err`: the task is gone.
    #[inline(always)]
    pub(crate) fn put_back(self, engine: Box<dyn Engine>) -> Result<bool, Box<dyn Engine>> {
        let Place(mut place) = self;
        put(&mut place, State::Idle(engine));
        match place.release(true) {
            Released::Quiet => Ok(false),
            Released::Wanted => Ok(true),
            Released::Not(mut place) => match mem::replace(&mut *place, State::Away) {
                State::Idle(engine) => Err(engine),
                // It was put there, and nobody else holds it.
                State::Away | State::Left(_) => Ok(false),
            },
        }
    }

    /// The caller leaves it for the task, at whose bell it knocks then. `Err`: the task is gone.
    pub(crate) fn leave(self, left: Box<Leaving>) -> Result<(), Box<Leaving>> {
        let Place(mut place) = self;
        put(&mut place, State::Left(left));
        match place.release(false) {
            Released::Quiet | Released::Wanted => Ok(()),
            Released::Not(mut place) => match mem::replace(&mut *place, State::Away) {
                State::Left(left) => Err(left),
                State::Away | State::Idle(_) => Ok(()),
            },
        }
    }
}

/// Puts it there, where nothing lies that would have to be dropped.
#[inline(always)]
fn put(place: &mut State, state: State) {
    mem::forget(mem::replace(place, state));
}
