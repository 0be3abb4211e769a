//! A waker that stays while those who are woken change.

use super::traces::lock;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

/// Wakes whoever listens last.
#[derive(Debug, Default)]
pub(crate) struct Relay(Mutex<Option<Waker>>);

impl Relay {
    pub(crate) fn listen(&self, waker: &Waker) {
        let mut listener = lock(&self.0);
        if listener.as_ref().is_some_and(|known| known.will_wake(waker)) {
            return;
        }
        let before = listener.replace(waker.clone());
        drop(listener);
        // Out of the lock: it may hold a task.
        drop(before);
    }

    pub(crate) fn pass_on(&self) {
        let listener = lock(&self.0).clone();
        if let Some(listener) = listener {
            listener.wake();
        }
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.pass_on();
    }
}
