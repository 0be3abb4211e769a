//! The primitives whose interleavings are checked: loom's under `--cfg loom`, the standard library's otherwise.

#[cfg(loom)]
pub(crate) use loom::sync::{
    Mutex as RawMutex, MutexGuard,
    atomic::{AtomicBool, AtomicU8, AtomicUsize},
};
pub(crate) use std::sync::atomic::Ordering;
#[cfg(not(loom))]
pub(crate) use std::sync::{
    Mutex as RawMutex, MutexGuard, OnceLock,
    atomic::{AtomicBool, AtomicU8, AtomicUsize},
};

/// A mutex that a panic does not poison: no user code runs while one is held, and what it guards is whole at any time.
#[derive(Debug)]
pub(crate) struct Mutex<T>(RawMutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex(RawMutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}

/// loom has none: a lock does, and hands out a copy.
#[cfg(loom)]
#[derive(Debug)]
pub(crate) struct OnceLock<T>(Mutex<Option<T>>);

#[cfg(loom)]
impl<T: Clone> OnceLock<T> {
    pub(crate) fn new() -> Self {
        OnceLock(Mutex::new(None))
    }

    pub(crate) fn get(&self) -> Option<T> {
        self.0.lock().clone()
    }

    pub(crate) fn get_or_init(&self, init: impl FnOnce() -> T) -> T {
        self.0.lock().get_or_insert_with(init).clone()
    }
}
