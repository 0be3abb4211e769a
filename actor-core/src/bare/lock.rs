//! A lock for a few instructions: of a queue, of a call's answer.
//!
//! A mutex costs two locked instructions, since whoever unlocks it has to learn whether somebody sleeps for it, and it looks for panics twice.
//! Here nobody sleeps for long, and to unlock is a plain store: whoever finds it taken looks again, lets others run, and at last, should the holder
//! be of a lower priority, naps. So nothing may be done under it that waits, nor any code of a user's but what
//! clones a waker.

use crate::sync::{AtomicBool, MutPtr, Ordering, UnsafeCell};
use std::fmt;
use std::ops::{Deref, DerefMut};

#[derive(Default)]
pub(crate) struct Lock<T> {
    is_held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through a `Held` alone, of which there is one at a time, so it is sent from thread to thread and never shared.
unsafe impl<T: Send> Sync for Lock<T> {}

/// The value, for the one who holds the lock, until it goes.
#[must_use]
pub(crate) struct Held<'a, T> {
    // Before its release: nobody reaches the value any more when others may.
    value: MutPtr<T>,
    _release: Release<'a>,
}

struct Release<'a>(&'a AtomicBool);

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Lock { is_held: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    #[inline]
    fn try_hold(&self) -> bool {
        self.is_held.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[inline]
    pub(crate) fn lock(&self) -> Held<'_, T> {
        if !self.try_hold() {
            self.wait();
        }
        Held { value: self.value.get_mut(), _release: Release(&self.is_held) }
    }

    /// Until it is held here.
    #[cold]
    #[inline(never)]
    fn wait(&self) {
        let mut looks = 0;
        loop {
            rest(looks);
            // loom would let it see for ever how it was once.
            let looks_free = cfg!(loom) || !self.is_held.load(Ordering::Relaxed);
            if looks_free && self.try_hold() {
                return;
            }
            looks = looks.saturating_add(1);
        }
    }

    /// For the only one who has it.
    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        // SAFETY: it is borrowed mutably, so nobody holds it, and nobody can while the reference lives.
        unsafe { &mut *self.value.get_mut().with(|value| value) }
    }
}

/// Between a look that found it taken, the first or a later one, and the next.
#[cfg(not(loom))]
fn rest(looks: u32) {
    use std::time::Duration;
    match looks {
        // For about as long as the holder takes.
        0..100 => std::hint::spin_loop(),
        // The holder, if others keep it from running.
        100..200 => std::thread::yield_now(),
        _ => std::thread::sleep(Duration::from_micros(50)),
    }
}

#[cfg(loom)]
fn rest(_: u32) {
    loom::thread::yield_now();
}

impl Drop for Release<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: as below; nothing but what is held, which is borrowed, gives a reference to it that may be written through.
        unsafe { &*self.value.with(|value| value) }
    }
}

impl<T> DerefMut for Held<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: whoever changes `is_held` to `true` makes one, and only its end changes that back, so there is one; while it is borrowed here
        // mutably there is no other reference. The change to `true` acquires what the one back released.
        unsafe { &mut *self.value.with(|value| value) }
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock")
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn many_threads_for_few_processors_all_get_it() {
        const THREADS: usize = 32;
        const TIMES: usize = if cfg!(miri) { 20 } else { 2000 };
        let lock = Lock::new(Vec::new());
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let lock = &lock;
                scope.spawn(move || (0..TIMES).for_each(|_| lock.lock().push(thread)));
            }
        });
        let mut lock = lock;
        let pushed = lock.get_mut();
        pushed.sort_unstable();
        let expected: Vec<_> = (0..THREADS).flat_map(|thread| [thread; TIMES]).collect();
        assert_eq!(*pushed, expected);
    }
}
