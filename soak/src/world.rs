//! The actors of a round, each in its place, where another one takes it when it has ended.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use actor_core::prelude::*;
use actor_core::{Backoff, Overflow, Supervise, Supervisor, SupervisorHandle};
use choices::Random;
use tokio::runtime::Handle;

use crate::ledger::Ledger;
use crate::names::Names;
use crate::pool;
use crate::target::{Target, TargetHandle};

const SUPERVISORS: usize = 12;

/// One of so many that are made is a pool.
const POOLS: usize = 20;

pub(crate) struct World {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) names: Arc<Names>,
    /// Nothing new is begun any more.
    pub(crate) is_over: AtomicBool,
    /// The runtime may go from now on.
    pub(crate) is_doomed: AtomicBool,
    /// They crash and fail and are never ended, so they always come back, and nothing that waits for them is lost.
    faithful: Vec<TargetHandle>,
    runtime: Handle,
    direct: bool,
    places: Vec<Mutex<TargetHandle>>,
    supervisors: Vec<Mutex<SupervisorHandle>>,
}

impl World {
    pub(crate) fn new(
        runtime: &Handle,
        direct: bool,
        actors: u32,
        random: &mut Random,
        ledger: &Arc<Ledger>,
    ) -> Self {
        let _inside = runtime.enter();
        let supervisors: Vec<_> = (0..SUPERVISORS).map(|_| supervisor(random)).collect();
        let mut world = World {
            ledger: Arc::clone(ledger),
            names: Arc::default(),
            is_over: AtomicBool::new(false),
            is_doomed: AtomicBool::new(false),
            faithful: Vec::new(),
            runtime: runtime.clone(),
            direct,
            places: Vec::new(),
            supervisors: supervisors.into_iter().map(Mutex::new).collect(),
        };
        for kind in [Supervisor::one_for_one(), Supervisor::one_for_all(), Supervisor::rest_for_one()] {
            let supervisor = kind.intensity(u32::MAX, Duration::ZERO).spawn();
            for _ in 0..3 {
                world.faithful.push(supervisor.child(world.forever(), world.births(random)));
            }
            world.supervisors.push(Mutex::new(supervisor));
        }
        for _ in 0..3 {
            world.faithful.push(Target::supervised(world.forever(), world.births(random)));
        }
        for (n, faithful) in world.faithful.iter().enumerate() {
            world.names.keep(n, faithful, ledger);
        }
        world.places = (0..actors).map(|_| Mutex::new(world.make(random))).collect();
        world
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(SeqCst)
    }

    /// Any actor, and one before it, for what asks on: so nobody waits in a circle.
    pub(crate) fn pick(&self, random: &mut Random) -> (TargetHandle, Option<TargetHandle>) {
        let at = random.below(self.places.len());
        let before = at.checked_sub(1).map(|most| self.at(random.below(most + 1)));
        (self.at(at), before)
    }

    fn at(&self, place: usize) -> TargetHandle {
        held(&self.places[place]).clone()
    }

    /// Puts another one where one has ended, or in the place of any.
    pub(crate) fn replace(&self, random: &mut Random, also_running: bool) {
        let _inside = self.runtime.enter();
        let place = &self.places[random.below(self.places.len())];
        if also_running || !held(place).is_running() {
            let new = self.make(random);
            // Not while it is locked: the last handle of the old one may go.
            let old = std::mem::replace(&mut *held(place), new);
            drop(old);
        }
        let place = &self.supervisors[random.below(SUPERVISORS)];
        if !held(place).is_running() {
            let new = supervisor(random);
            let old = std::mem::replace(&mut *held(place), new);
            drop(old);
        }
    }

    pub(crate) fn supervisor(&self, random: &mut Random) -> SupervisorHandle {
        held(&self.supervisors[random.below(SUPERVISORS)]).clone()
    }

    pub(crate) fn pick_faithful(&self, random: &mut Random) -> &TargetHandle {
        &self.faithful[random.below(self.faithful.len())]
    }

    /// They have their names as long as they live, however often they fall.
    pub(crate) fn faithful_are_found(&self, random: &mut Random) {
        let n = random.below(self.faithful.len());
        self.names.is_kept(n, &self.faithful[n], &self.is_doomed, &self.ledger);
    }

    fn forever(&self) -> Supervise {
        let how = Spawn::new().unbounded().direct(self.direct).on(&self.runtime);
        Supervise::permanent().intensity(u32::MAX, Duration::ZERO).grace(Duration::from_millis(50)).with(how)
    }

    /// Some do not start.
    fn births(&self, random: &mut Random) -> impl FnMut() -> Target + Send + 'static + use<> {
        let (ledger, mut random) = (Arc::clone(&self.ledger), Random::new(random.draw(), 0));
        move || Target::new(&ledger, random.once_in(20))
    }

    fn make(&self, random: &mut Random) -> TargetHandle {
        self.ledger.actors.fetch_add(1, SeqCst);
        let capacity = [1, 4, 64, 1024][random.below(4)];
        let overflow = if random.once_in(2) { Overflow::Wait } else { Overflow::Reject };
        let how = Spawn::new()
            .name("target")
            .mailbox(capacity)
            .overflow(overflow)
            .direct(self.direct)
            .on(&self.runtime);
        if random.once_in(POOLS) {
            return pool::make(&self.ledger, how, random);
        }
        let make = self.births(random);
        match random.below(3) {
            0 => Target::new(&self.ledger, random.once_in(20)).spawn_with(how),
            1 => Target::supervised(policy(random).with(how), make),
            _ => self.supervisor(random).child(policy(random).with(how), make),
        }
    }

    /// All handles, to wait for the end of all.
    pub(crate) fn into_handles(self) -> (Vec<TargetHandle>, Vec<SupervisorHandle>) {
        let places = self.places.into_iter().map(|place| held(&place).clone()).chain(self.faithful);
        let supervisors = self.supervisors.into_iter().map(|place| held(&place).clone());
        (places.collect(), supervisors.collect())
    }
}

fn held<T>(place: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    place.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Some give up soon, some never.
fn supervisor(random: &mut Random) -> SupervisorHandle {
    let kind = match random.below(3) {
        0 => Supervisor::one_for_one(),
        1 => Supervisor::one_for_all(),
        _ => Supervisor::rest_for_one(),
    };
    let restarts = if random.once_in(3) { 20 } else { u32::MAX };
    let kind = kind.intensity(restarts, Duration::from_secs(1));
    if random.once_in(4) {
        // One above it. When the handle of that one goes, it is stopped, and this one with it; so it is the one that is kept.
        let above = Supervisor::one_for_one().intensity(u32::MAX, Duration::from_secs(1)).spawn();
        let below =
            above.supervisor(Supervise::permanent().intensity(u32::MAX, Duration::from_secs(1)), kind);
        drop(below);
        return above;
    }
    kind.spawn()
}

fn policy(random: &mut Random) -> Supervise {
    let policy = match random.below(4) {
        0 => Supervise::transient(),
        1 => Supervise::temporary(),
        _ => Supervise::permanent(),
    };
    let restarts = if random.once_in(3) { 3 } else { u32::MAX };
    let policy = policy.intensity(restarts, Duration::from_secs(1)).grace(Duration::from_millis(50));
    if random.once_in(2) {
        policy.backoff(Backoff::exponential(Duration::from_micros(100), Duration::from_millis(10)))
    } else {
        policy
    }
}
