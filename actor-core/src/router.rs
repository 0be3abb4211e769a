//! Which worker of a pool gets a message.

use crate::actor::Message;
use crate::mailbox::Place;
use crate::policy::{Capacity, Overflow};
use crate::port::{self, Inlet, Receiver};
use crate::shared::Shared;
use crate::sync::{AtomicUsize, Ordering};
use std::any::{Any, TypeId};
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::time::Duration;

/// What lies behind a pool's handle instead of a mailbox. It names a worker for each message when that is sent, and from there on the call is
/// the worker's; so nothing waits in a pool, and a call through it is in all else what it would be without.
pub(crate) struct Router<M> {
    workers: Vec<Arc<Shared>>,
    choice: Choice<M>,
    /// Whose turn it is, counted on and on.
    next: AtomicUsize,
}

pub(crate) enum Choice<M> {
    InTurn,
    LeastLoaded,
    /// By the hash of a message's key.
    Hash(Box<dyn Fn(&M) -> u64 + Send + Sync>),
}

impl<M> fmt::Debug for Choice<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Choice::InTurn => "InTurn",
            Choice::LeastLoaded => "LeastLoaded",
            Choice::Hash(_) => "Hash",
        })
    }
}

impl<M: Message> Router<M> {
    pub(crate) fn new(workers: Vec<Arc<Shared>>, choice: Choice<M>) -> Self {
        Router { workers, choice, next: AtomicUsize::new(0) }
    }

    /// Those of the workers that follow in turn, from the next one on.
    fn in_turn(&self) -> impl Iterator<Item = &Arc<Shared>> {
        let first = self.next.fetch_add(1, Ordering::Relaxed) % self.workers.len().max(1);
        let (before, from) = self.workers.split_at(first);
        from.iter().chain(before)
    }

    /// Of those with the least to do the next in turn.
    fn least_loaded(&self) -> Option<&Arc<Shared>> {
        let mut least = None;
        for worker in self.in_turn() {
            let load = load::<M>(worker);
            if load == 0 {
                return Some(worker);
            }
            if least.is_none_or(|(_, least)| load < least) {
                least = Some((worker, load));
            }
        }
        least.map(|(worker, _)| worker)
    }

    fn hashed(&self, hash: &dyn Fn(&M) -> u64, message: &dyn Any) -> Option<&Arc<Shared>> {
        // A message that is not the actors' own has no key, nor has one whose key panics: whoever sends it can do nothing about that.
        let message = message.downcast_ref()?;
        let hash = panic::catch_unwind(AssertUnwindSafe(|| hash(message))).ok()?;
        let place = hash % u64::try_from(self.workers.len()).ok()?;
        self.workers.get(usize::try_from(place).ok()?)
    }
}

/// How many messages a worker has, the running one too, as far as a sender can see.
fn load<M: Message>(worker: &Shared) -> usize {
    let Some(body) = worker.body::<M>() else { return usize::MAX };
    body.mailbox.load() + usize::from(body.spot.is_at_work(worker.bell.is_silent()))
}

impl<M: Message> Inlet for Router<M> {
    fn receiver(&self, message: &dyn Any) -> Receiver<'_> {
        let chosen = match &self.choice {
            Choice::InTurn => None,
            Choice::LeastLoaded => self.least_loaded(),
            Choice::Hash(hash) => self.hashed(hash, message),
        };
        // A pool has workers.
        chosen.or_else(|| self.in_turn().next()).map_or(Receiver::Itself, Receiver::Worker)
    }

    fn messages(&self) -> TypeId {
        TypeId::of::<M>()
    }

    fn close_line(&self) {
        self.workers.iter().for_each(|worker| worker.inlet().close_line());
    }

    // Nothing is sent to the pool itself.

    fn timeout(&self) -> Option<fn() -> Duration> {
        None
    }

    fn capacity(&self) -> Capacity {
        Capacity::Unbounded
    }

    fn overflow(&self) -> Overflow {
        Overflow::Reject
    }

    fn is_direct(&self) -> bool {
        true
    }

    fn leave(&self, _: Place) -> Option<Box<dyn Any + Send>> {
        None
    }

    fn is_seen(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        port::kind::<M>()
    }

    fn discard(&self, _: &Shared) {}
}
