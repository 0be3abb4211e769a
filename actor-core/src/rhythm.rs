//! How messages come to an actor: one at a time, or many.

// Not those that are checked: nobody else comes here.
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// How messages have come so far. It lies beside them; the actor's task alone looks at it, so that it costs no more than a field.
#[derive(Debug, Default)]
pub(crate) struct Rhythm {
    /// So many have come since the actor slept.
    streak: AtomicU32,
    /// Whether one came at a time before.
    single: AtomicBool,
    /// Whether the actor fell asleep when it took the last one out.
    dozes: AtomicBool,
    /// Whether it has ever looked for one.
    begun: AtomicBool,
}

impl Rhythm {
    /// Whether the actor looks for a message for the first time; from here on it has.
    #[inline]
    pub(crate) fn begins(&self) -> bool {
        let begins = !self.begun.load(Relaxed);
        if begins {
            self.begun.store(true, Relaxed);
        }
        begins
    }

    #[inline]
    pub(crate) fn streak(&self) -> u32 {
        self.streak.load(Relaxed)
    }

    /// One more has come.
    #[inline]
    pub(crate) fn beat(&self) {
        self.streak.store(self.streak().saturating_add(1), Relaxed);
    }

    /// There is nothing more.
    #[inline]
    pub(crate) fn pause(&self) {
        self.single.store(self.streak() == 1, Relaxed);
        self.streak.store(0, Relaxed);
    }

    /// Whether the next one is to be expected alone.
    #[inline]
    pub(crate) fn expects_one(&self) -> bool {
        self.single.load(Relaxed) && self.streak() == 0
    }

    /// Whether the actor dozes.
    #[inline]
    pub(crate) fn dozes(&self) -> bool {
        self.dozes.load(Relaxed)
    }

    /// The same; it does not from here on.
    #[inline]
    pub(crate) fn take_dozes(&self) -> bool {
        let dozes = self.dozes();
        if dozes {
            self.dozes.store(false, Relaxed);
        }
        dozes
    }

    /// The actor fell asleep over the last one.
    #[inline]
    pub(crate) fn doze(&self) {
        self.dozes.store(true, Relaxed);
    }
}
