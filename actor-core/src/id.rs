//! Who an actor is.

use crate::choice;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

/// Identity of an actor: equal for all its handles, never used again within the process.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ActorId(NonZeroU64);

impl ActorId {
    pub(crate) fn next() -> Self {
        // Of the standard library under loom too: no interleaving depends on it.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = choice::next_actor().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
        ActorId(NonZeroU64::new(number).unwrap_or(NonZeroU64::MAX))
    }

    pub(crate) fn number(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Debug for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorId({})", self.0)
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}
