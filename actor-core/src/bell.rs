//! The doorbell of an actor's task.

use crate::sync::{AtomicBool, OnceLock, Ordering};
use std::task::Waker;

/// Wakes the task: by senders only while it is asleep (`ring`), by whoever ends the actor at any time (`knock`).
///
/// The waker stays in its place from one message to the next. No fence is needed between a sender's push and its look at
/// `asleep`, nor between the task's `fall_asleep` and its last look into the mailbox: the mailbox's lock lies between either pair, so
/// one of the two sees the other. A task that expects one message at a time falls asleep under that lock, when it takes the message out; then
/// that was its last look, and if it is still asleep when it has handled the message nobody has rung.
#[derive(Debug)]
pub(crate) struct Bell {
    asleep: AtomicBool,
    /// Set once: a task has one waker for life.
    waker: OnceLock<Waker>,
}

impl Bell {
    /// A bell that nobody answers yet: a spawned task is polled once in any case.
    pub(crate) fn new(asleep: bool) -> Self {
        Bell { asleep: AtomicBool::new(asleep), waker: OnceLock::new() }
    }

    /// A message lies in the mailbox.
    #[inline]
    pub(crate) fn ring(&self) {
        if self.asleep.load(Ordering::Acquire) {
            // Not swapped, which costs more than a second sender that knocks in vain. A store that comes late, when the task has fallen
            // asleep again, is followed by a knock that makes it look once more.
            self.asleep.store(false, Ordering::Release);
            self.knock();
        }
    }

    /// Something else than a message is to be looked at.
    pub(crate) fn knock(&self) {
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }

    /// Where the task is reached from now on; whether it was not before.
    pub(crate) fn answer_with(&self, waker: &Waker) -> bool {
        let is_first = self.waker.get().is_none();
        if is_first {
            self.waker.get_or_init(|| waker.clone());
        }
        is_first
    }

    /// Whether it wakes the task that `waker` wakes.
    pub(crate) fn reaches(&self, waker: &Waker) -> bool {
        self.waker.get().is_some_and(|task| task.will_wake(waker))
    }

    pub(crate) fn fall_asleep(&self) {
        self.asleep.store(true, Ordering::Release);
    }

    pub(crate) fn wake_up(&self) {
        self.asleep.store(false, Ordering::Release);
    }

    /// Whether the task sleeps and no message came since it looked.
    #[inline]
    pub(crate) fn is_silent(&self) -> bool {
        self.asleep.load(Ordering::Acquire)
    }
}
