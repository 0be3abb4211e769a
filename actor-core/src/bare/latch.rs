//! A lock for which nobody waits.
//!
//! ```text
//!           hold, try_hold                      hold: not now
//!   open <------------------> held ------------------------------> wanted --release: it is told--> open or shut
//!           release            ^ |                                   |
//!                              | | close: not now                    | close: not now
//!   shut <---------------------' '-----------> closing <-------------'
//!           hold, release                         '--release: it stays with its holder, who sees to the rest
//! ```
//!
//! It has an owner, one at a time, and guests. A guest only tries, and not while it is shut. Of an owner who finds it held, that is kept in
//! mind: whoever holds it hears of it when letting go. So a lock and an unlock of a mutex, and a flag beside it, are two changes of one byte.

use crate::sync::{AtomicU8, MutPtr, Ordering, UnsafeCell};
use std::ops::{Deref, DerefMut};

/// Free, for guests as well.
const OPEN: u8 = 0;
/// Free, for the owner alone.
const SHUT: u8 = 1;
const HELD: u8 = 2;
/// Held, and the owner has asked for it.
const WANTED: u8 = 3;
/// Held, and the owner is gone.
const CLOSING: u8 = 4;

pub(crate) struct Latch<T> {
    state: AtomicU8,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through a `Guard` alone, of which there is one at a time, so it is sent from thread to thread and never shared.
unsafe impl<T: Send> Sync for Latch<T> {}

/// The value, for the one who holds it: held until it is released, whatever becomes of the guard.
#[must_use]
pub(crate) struct Guard<'a, T> {
    latch: &'a Latch<T>,
    value: MutPtr<T>,
}

/// The value, for the owner. Shut when it goes, also where a panic takes it along, unless it is to be open.
#[must_use]
pub(crate) struct Own<'a, T> {
    // In this order: nobody reaches the value any more when others may.
    guard: Guard<'a, T>,
    release: Release<'a>,
}

struct Release<'a> {
    state: &'a AtomicU8,
    to: u8,
}

/// How a guest let go.
pub(crate) enum Released<'a, T> {
    Quiet,
    /// The owner has asked for it meanwhile.
    Wanted,
    /// The owner is gone: it stays held.
    Not(Guard<'a, T>),
}

pub(crate) enum Look {
    Open,
    Shut,
    Held,
}

impl<T> Latch<T> {
    /// Shut.
    pub(crate) fn new(value: T) -> Self {
        Latch { state: AtomicU8::new(SHUT), value: UnsafeCell::new(value) }
    }

    #[inline]
    fn change(&self, from: u8, to: u8) -> Result<u8, u8> {
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
    }

    /// Whoever changed the state from `OPEN` or `SHUT` to `HELD` makes one.
    #[inline]
    fn guard(&self) -> Guard<'_, T> {
        Guard { latch: self, value: self.value.get_mut() }
    }

    /// For a guest.
    #[inline]
    pub(crate) fn try_hold(&self) -> Option<Guard<'_, T>> {
        self.change(OPEN, HELD).ok().map(|_| self.guard())
    }

    /// For the owner. `None`: a guest holds it, and is told that it is wanted.
    #[inline]
    pub(crate) fn hold(&self) -> Option<Own<'_, T>> {
        let guard = self.hold_or(WANTED)?;
        Some(Own { guard, release: Release { state: &self.state, to: SHUT } })
    }

    /// For an owner who goes: nobody else holds it ever again. `None`: a guest holds it, and keeps it.
    pub(crate) fn close(&self) -> Option<Guard<'_, T>> {
        self.hold_or(CLOSING)
    }

    /// Where a guest holds it, `word` is left for that one, unless it has been left already, or a stronger one.
    #[inline(always)]
    fn hold_or(&self, word: u8) -> Option<Guard<'_, T>> {
        let mut state = OPEN;
        loop {
            let to = match state {
                OPEN | SHUT => HELD,
                _ if state < word => word,
                _ => return None,
            };
            match self.change(state, to) {
                Ok(_) => return (to == HELD).then(|| self.guard()),
                Err(now) => state = now,
            }
        }
    }

    /// How it was a moment ago.
    pub(crate) fn look(&self) -> Look {
        match self.state.load(Ordering::Acquire) {
            OPEN => Look::Open,
            SHUT => Look::Shut,
            _ => Look::Held,
        }
    }
}

impl<'a, T> Guard<'a, T> {
    /// Nobody reaches the value by this guard any more.
    #[inline(always)]
    fn latch(self) -> &'a Latch<T> {
        self.latch
    }

    /// A guest lets go.
    #[inline]
    pub(crate) fn release(self, open: bool) -> Released<'a, T> {
        let latch = self.latch();
        let to = if open { OPEN } else { SHUT };
        let mut state = HELD;
        loop {
            match latch.change(state, to) {
                Ok(WANTED) => return Released::Wanted,
                Ok(_) => return Released::Quiet,
                Err(WANTED) => state = WANTED,
                Err(_) => return Released::Not(latch.guard()),
            }
        }
    }
}

impl<T> Own<'_, T> {
    /// Lets go, and lets guests in.
    #[inline]
    pub(crate) fn open(mut self) {
        self.release.to = OPEN;
    }
}

impl Drop for Release<'_> {
    #[inline]
    fn drop(&mut self) {
        // Nobody but the owner itself asks anything of the owner, so nothing is overwritten.
        self.state.store(self.to, Ordering::Release);
    }
}

impl<T> Deref for Own<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for Own<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: as below; nothing but this guard, which is borrowed, gives a reference to it that may be written through.
        unsafe { &*self.value.with(|value| value) }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: a guard is made by whoever changes the state from `OPEN` or `SHUT` to `HELD`, and by `release` in place of the one that it has used
        // up. From `HELD`, `WANTED` and `CLOSING` nothing leads back to `OPEN` or `SHUT` but `release`, which uses the guard up, and the end
        // of an `Own`, which takes its guard along. So there is one, and while it is borrowed here mutably there is no other reference. The change to `HELD` acquires what the one back
        // released.
        unsafe { &mut *self.value.with(|value| value) }
    }
}
