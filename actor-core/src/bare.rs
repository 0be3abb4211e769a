//! The one module with unsafe code: two locks, and a pointer that several own.

#![allow(unsafe_code)]

mod joint;
mod latch;
#[cfg(any(test, not(loom)))]
pub(crate) mod lock;

pub(crate) use joint::{Joint, WeakJoint};
pub(crate) use latch::{Guard, Latch, Look, Released};
#[cfg(not(loom))]
pub(crate) use lock::{Held, Lock};

/// One whose waiting loom knows; the lock itself has tests of its own.
#[cfg(loom)]
pub(crate) use crate::sync::{Mutex as Lock, MutexGuard as Held};
