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
//! The task runs its messages where the engine lies, with the spot locked. Nobody ever waits for that lock: a caller only tries
//! it, and whoever locks it to put something back has taken the engine before, so that the task is not in there.

use crate::engine::Engine;
use crate::exit::Panicked;
use crate::orphans::Orphans;
use crate::started::Started;
use crate::sync::Mutex;
use std::mem;

pub(crate) struct Spot(Mutex<State>);

enum State {
    /// The task has it.
    Busy,
    /// Whoever comes may take it.
    Idle(Box<dyn Engine>),
    /// A caller has it.
    Taken,
    /// A caller has it, and the task waits for it.
    Wanted,
    /// A caller left it for the task alone.
    Left(Box<Leaving>),
    /// The task is gone: whoever has it ends it.
    Closed,
}

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
    pub(crate) fn busy() -> Self {
        Spot(Mutex::new(State::Busy))
    }

    /// The task has nothing to do.
    pub(crate) fn rest(&self, engine: Box<dyn Engine>) {
        *self.0.lock() = State::Idle(engine);
    }

    /// Whether a message of the actor runs, as far as whoever asks can see, who knows whether its task sleeps.
    pub(crate) fn is_at_work(&self, asleep: bool) -> bool {
        match self.0.try_lock().as_deref() {
            Some(State::Idle(_)) => false,
            // With the task, which runs it or keeps it from callers.
            Some(State::Busy) => !asleep,
            _ => true,
        }
    }

    /// The task has something to do: `turn` does it in place, and says for what else the engine is needed.
    #[inline(always)]
    pub(crate) fn visit<T>(&self, turn: impl FnOnce(&mut dyn Engine) -> Option<T>) -> Visited<T> {
        let mut state = self.0.lock();
        if let State::Idle(engine) = &mut *state {
            let Some(need) = turn(&mut **engine) else { return Visited::Rests };
            return match mem::replace(&mut *state, State::Busy) {
                State::Idle(engine) => Visited::Engine(engine, need),
                // It was idle a moment ago, and the lock is held.
                _ => Visited::Later,
            };
        }
        match mem::replace(&mut *state, State::Wanted) {
            State::Left(left) => {
                *state = State::Busy;
                Visited::Left(left)
            }
            State::Closed => {
                *state = State::Closed;
                Visited::Later
            }
            State::Idle(_) | State::Taken | State::Wanted | State::Busy => Visited::Later,
        }
    }

    /// A caller takes it, if it lies here and `silent` says, while nobody else can take it, that nothing is to be overtaken.
    pub(crate) fn take(&self, silent: impl FnOnce() -> bool) -> Option<Box<dyn Engine>> {
        let mut state = self.0.try_lock()?;
        if !matches!(*state, State::Idle(_)) || !silent() {
            return None;
        }
        match mem::replace(&mut *state, State::Taken) {
            State::Idle(engine) => Some(engine),
            other => {
                *state = other;
                None
            }
        }
    }

    /// The caller is done. `Ok(true)`: the task waits for it. `Err`: the task is gone.
    #[inline(always)]
    pub(crate) fn put_back(&self, engine: Box<dyn Engine>) -> Result<bool, Box<dyn Engine>> {
        let mut state = self.0.lock();
        match *state {
            State::Closed => Err(engine),
            State::Wanted => {
                *state = State::Idle(engine);
                Ok(true)
            }
            _ => {
                *state = State::Idle(engine);
                Ok(false)
            }
        }
    }

    /// The caller leaves it for the task, at whose bell it knocks then. `Err`: the task is gone.
    pub(crate) fn leave(&self, left: Box<Leaving>) -> Result<(), Box<Leaving>> {
        let mut state = self.0.lock();
        if matches!(*state, State::Closed) {
            return Err(left);
        }
        *state = State::Left(left);
        Ok(())
    }

    /// The task goes: what lies here, or `Later` if a caller has it, who ends it then.
    pub(crate) fn close(&self) -> Found {
        match mem::replace(&mut *self.0.lock(), State::Closed) {
            State::Idle(engine) => Found::Engine(engine),
            State::Left(left) => Found::Left(left),
            State::Busy | State::Taken | State::Wanted | State::Closed => Found::Later,
        }
    }
}
