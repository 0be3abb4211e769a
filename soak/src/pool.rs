//! Pools in the places of single actors, and whether the same key always comes to the same worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use actor_core::Pool;
use actor_core::prelude::*;
use choices::Random;

use crate::ledger::Ledger;
use crate::target::{Target, TargetHandle, TargetMessage};

const KEYS: usize = 8;

/// Nobody yet.
const NOBODY: usize = usize::MAX;

/// A worker's, in a pool that chooses by a key; it stays when the worker is made anew.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    place: usize,
    /// Who has each key.
    keys: Arc<[AtomicUsize; KEYS]>,
}

/// Of a `nap`; others have none.
fn key(micros: u64) -> usize {
    usize::try_from(micros).unwrap_or(0) % KEYS
}

impl Seat {
    /// A message with a key has come.
    pub(crate) fn takes(&self, micros: u64, ledger: &Ledger) {
        let key = key(micros);
        let who =
            self.keys[key].compare_exchange(NOBODY, self.place, SeqCst, SeqCst).unwrap_or_else(|who| who);
        if who != NOBODY && who != self.place {
            ledger.wrong(format_args!("key {key} came to worker {}, and before to {who}", self.place));
        }
    }
}

/// A pool of a few workers.
pub(crate) fn make(ledger: &Arc<Ledger>, how: Spawn, random: &mut Random) -> TargetHandle {
    let size = 1 + random.below(4);
    let by_key = random.once_in(3);
    let keys: Arc<[AtomicUsize; KEYS]> = Arc::new([(); KEYS].map(|()| AtomicUsize::new(NOBODY)));
    let (ledger, mut random) = (Arc::clone(ledger), Random::new(random.draw(), 0));
    let least_loaded = random.once_in(2);
    let pool = Pool::new(size, move |place| {
        let worker = Target::new(&ledger, random.once_in(20));
        if by_key { worker.at(Seat { place, keys: Arc::clone(&keys) }) } else { worker }
    });
    let pool = match () {
        () if by_key => pool.hash(|message| match message {
            TargetMessage::Nap { micros, .. } => key(*micros),
            _ => KEYS,
        }),
        () if least_loaded => pool.least_loaded(),
        () => pool.round_robin(),
    };
    pool.with(how).spawn()
}
