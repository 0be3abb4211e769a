//! One round: new runtimes, a world, callers and chaos in it, an end, and a look at what is left.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use choices::Random;
use futures::future::join_all;
use tokio::runtime::{Builder, Runtime};

use crate::caller::{LIMIT, blocking_calls, calls, faithful_calls};
use crate::chaos::spoil;
use crate::ledger::Ledger;
use crate::world::World;

const CALLERS: usize = 48;
const FAITHFUL: usize = 8;
const SPOILERS: usize = 4;
const THREADS: u64 = 2;

/// How all actors end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Their last handles go.
    Deserted,
    Stopped,
    Killed,
    /// Their runtime goes, in the middle of it all.
    Runtime,
}

impl End {
    pub(crate) const ALL: [Self; 4] = [Self::Deserted, Self::Stopped, Self::Killed, Self::Runtime];
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) seed: u64,
    pub(crate) actors: u32,
    pub(crate) direct: bool,
    pub(crate) time: Duration,
    pub(crate) end: End,
}

impl Round {
    /// What is wrong is in the ledger.
    pub(crate) fn run(self) -> Arc<Ledger> {
        let ledger = Arc::new(Ledger::default());
        let mut random = Random::new(self.seed, 0);
        let [theirs, others] = [1, 2].map(|n| {
            Builder::new_multi_thread()
                .worker_threads(1 + (self.seed as usize + n) % 3)
                .enable_all()
                .build()
                .map_err(|error| ledger.wrong(error))
        });
        let (Ok(theirs), Ok(others)) = (theirs, others) else { return ledger };
        let world = Arc::new(World::new(theirs.handle(), self.direct, self.actors, &mut random, &ledger));
        let mut tasks = Vec::new();
        for n in 0..CALLERS + FAITHFUL + SPOILERS {
            let (world, random) = (Arc::clone(&world), Random::new(self.seed, n as u64 + 1));
            // On the actors' runtime, where they may run handlers themselves, and on another one.
            let runtime = if n % 2 == 0 { &theirs } else { &others };
            tasks.push(if n < CALLERS {
                runtime.spawn(calls(world, random))
            } else if n < CALLERS + FAITHFUL {
                runtime.spawn(faithful_calls(world, random))
            } else {
                runtime.spawn(spoil(world, random))
            });
        }
        let threads: Vec<_> = (0..THREADS)
            .map(|n| {
                let (world, random) = (Arc::clone(&world), Random::new(self.seed, 1000 + n));
                std::thread::spawn(move || blocking_calls(&world, random))
            })
            .collect();
        std::thread::sleep(self.time);

        let theirs = if self.end == End::Runtime {
            world.is_doomed.store(true, SeqCst);
            theirs.shutdown_background();
            None
        } else {
            Some(theirs)
        };
        world.is_over.store(true, SeqCst);
        for thread in threads {
            if thread.join().is_err() {
                ledger.wrong("a caller's thread panicked");
            }
        }
        let ended = others.block_on(async { tokio::time::timeout(2 * LIMIT, join_all(tasks)).await });
        let Ok(ended) = ended else {
            ledger.wrong("callers did not end");
            return ledger;
        };
        for error in ended.into_iter().filter_map(Result::err).filter(tokio::task::JoinError::is_panic) {
            ledger.wrong(format_args!("a caller panicked: {error}"));
        }
        let names = Arc::clone(&world.names);
        others.block_on(self.finish(world, &ledger));
        if let Some(theirs) = &theirs {
            nobody_is_left(theirs, "the actors'", &ledger);
        }
        nobody_is_left(&others, "the other", &ledger);
        names.are_free(&ledger);
        drop((theirs, others));
        check(&ledger);
        ledger
    }

    /// Ends all actors and waits for it.
    async fn finish(self, world: Arc<World>, ledger: &Ledger) {
        let Some(world) = Arc::into_inner(world) else { return ledger.wrong("somebody keeps the world") };
        let (targets, supervisors) = world.into_handles();
        let mut ends: Vec<_> = targets.iter().map(ActorHandle::stopped).collect();
        ends.extend(supervisors.iter().map(ActorHandle::stopped));
        match self.end {
            End::Deserted | End::Runtime => {}
            End::Stopped => {
                targets.iter().for_each(ActorHandle::stop);
                supervisors.iter().for_each(ActorHandle::stop);
            }
            End::Killed => {
                supervisors.iter().for_each(ActorHandle::kill);
                targets.iter().for_each(ActorHandle::kill);
            }
        }
        drop((targets, supervisors));
        if tokio::time::timeout(LIMIT, join_all(ends)).await.is_err() {
            ledger.wrong(format_args!("actors have not ended for {LIMIT:?}, by {:?}", self.end));
        }
    }
}

/// An end is told shortly before its task is over, so this may take a moment.
fn nobody_is_left(runtime: &Runtime, whose: &str, ledger: &Ledger) {
    let begin = Instant::now();
    loop {
        let tasks = runtime.metrics().num_alive_tasks();
        if tasks == 0 {
            return;
        }
        if begin.elapsed() > Duration::from_secs(20) {
            return ledger.wrong(format_args!("{tasks} tasks are left on {whose} runtime"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn check(ledger: &Ledger) {
    let (tickets, states) = (ledger.tickets.load(SeqCst), ledger.states.load(SeqCst));
    if (tickets, states) != (0, 0) {
        ledger.wrong(format_args!("{tickets} messages and {states} states of actors are left"));
    }
    let (calls, told) =
        (ledger.calls.load(SeqCst), ledger.told.iter().map(|told| told.load(SeqCst)).sum::<u64>());
    if calls != told {
        ledger.wrong(format_args!("{calls} calls got {told} answers"));
    }
}
