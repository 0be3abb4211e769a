//! What is measured: each scenario once, for whoever takes part.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use tokio::sync::Notify;

use crate::contestant::{Contestant, Threads};

/// Tells between two answers: fewer than a mailbox holds, so that nobody waits and no unbounded one grows.
const BURST: u64 = 1000;
const SENDERS: u64 = 8;
const ASKING_TASKS: u64 = 64;
const RING: usize = 64;
const CHAIN: usize = 3;
/// A deadline that never passes.
const LONG: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Scenario {
    /// One sender tells one actor, in bursts that fit into the mailbox
    Tell,
    /// One caller, one ask after the other
    Ask,
    /// 64 tasks ask one actor
    #[value(name = "ask-64")]
    Ask64,
    /// Eight senders tell one actor, as fast as it takes them
    FanIn,
    /// One message goes round a ring of 64 actors
    Ring,
    /// Spawn, ask once, stop, wait for the end
    Life,
    /// An ask whose handler asks, whose handler asks
    Nested,
    /// An ask with a deadline
    Timeout,
    /// Bytes of an actor that waits for a message
    Idle,
}

impl Scenario {
    /// Operations of one round: about a hundredth of a second for the quick.
    pub(crate) fn operations(self) -> u64 {
        match self {
            Self::Tell | Self::FanIn => 200_000,
            Self::Ask | Self::Ask64 | Self::Ring | Self::Timeout => 50_000,
            Self::Nested => 20_000,
            Self::Life => 10_000,
            Self::Idle => 4_000,
        }
    }

    /// Runs `operations` of them on a runtime of their own and returns how long they took.
    pub(crate) fn time<C: Contestant>(self, threads: Threads, operations: u64) -> Duration {
        C::run(threads, move |contestant| async move {
            // The first ones find cold caches and grow what is kept.
            let warm_up = operations / 20;
            match self {
                Self::Tell => tell(&contestant, warm_up, operations).await,
                Self::Ask => ask(&contestant, warm_up, operations).await,
                Self::Ask64 => ask_64(&contestant, warm_up, operations).await,
                Self::FanIn => fan_in(&contestant, warm_up, operations).await,
                Self::Ring => ring(&contestant, warm_up, operations).await,
                Self::Life => life(&contestant, warm_up, operations).await,
                Self::Nested => nested(&contestant, warm_up, operations).await,
                Self::Timeout => timeout(&contestant, warm_up, operations).await,
                Self::Idle => idle(&contestant, operations).await,
            }
        })
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tell => "tell",
            Self::Ask => "ask, sequential",
            Self::Ask64 => "ask, 64 tasks",
            Self::FanIn => "fan-in of 8",
            Self::Ring => "ring hop",
            Self::Life => "spawn+ask+stop",
            Self::Nested => "ask in ask in ask",
            Self::Timeout => "ask with timeout",
            Self::Idle => "bytes, idle actor",
        })
    }
}

async fn tell<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let counter = contestant.counter().await;
    let mut start = Instant::now();
    let mut sum = 0;
    for tells in [warm_up, operations] {
        start = Instant::now();
        let mut left = tells;
        while left > 0 {
            let burst = left.min(BURST);
            for _ in 0..burst {
                C::tell(&counter, 1).await;
            }
            sum += burst;
            handled::<C>(&counter, sum).await;
            left -= burst;
        }
    }
    start.elapsed()
}

async fn ask<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let counter = contestant.counter().await;
    let mut start = Instant::now();
    for asks in [warm_up, operations] {
        start = Instant::now();
        for _ in 0..asks {
            C::ask(&counter, 1).await;
        }
    }
    let took = start.elapsed();
    assert_eq!(C::ask(&counter, 0).await, warm_up + operations);
    took
}

async fn ask_64<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let counter = contestant.counter().await;
    let mut start = Instant::now();
    for asks in [warm_up, operations] {
        start = Instant::now();
        let tasks: Vec<_> = (0..ASKING_TASKS)
            .map(|_| {
                let counter = counter.clone();
                tokio::spawn(async move {
                    for _ in 0..asks / ASKING_TASKS {
                        C::ask(&counter, 1).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
    }
    start.elapsed()
}

async fn fan_in<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let counter = contestant.counter().await;
    let mut start = Instant::now();
    let mut sum = 0;
    for tells in [warm_up, operations] {
        start = Instant::now();
        let tasks: Vec<_> = (0..SENDERS)
            .map(|_| {
                let counter = counter.clone();
                tokio::spawn(async move {
                    for tell in 0..tells / SENDERS {
                        C::tell(&counter, 1).await;
                        // For mailboxes without a bound, whose senders would go on until all is queued.
                        if tell % 64 == 63 {
                            tokio::task::yield_now().await;
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        sum += tells / SENDERS * SENDERS;
        handled::<C>(&counter, sum).await;
    }
    start.elapsed()
}

/// Asks until all that was told is in the sum: once, where messages keep their order.
async fn handled<C: Contestant>(counter: &C::Counter, sum: u64) {
    while C::ask(counter, 0).await != sum {}
}

async fn ring<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let done = Arc::new(Notify::new());
    let first = contestant.ring(RING, &done).await;
    let mut start = Instant::now();
    for hops in [warm_up, operations] {
        start = Instant::now();
        C::hop(&first, hops).await;
        done.notified().await;
    }
    start.elapsed()
}

async fn life<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let mut start = Instant::now();
    for lives in [warm_up, operations] {
        start = Instant::now();
        for _ in 0..lives {
            assert_eq!(contestant.life().await, 1);
        }
    }
    start.elapsed()
}

async fn nested<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let first = contestant.relays(CHAIN).await;
    let mut start = Instant::now();
    for asks in [warm_up, operations] {
        start = Instant::now();
        for number in 0..asks {
            assert_eq!(C::relay(&first, number).await, number + 1);
        }
    }
    start.elapsed()
}

async fn timeout<C: Contestant>(contestant: &C, warm_up: u64, operations: u64) -> Duration {
    let counter = contestant.counter().await;
    let mut start = Instant::now();
    for asks in [warm_up, operations] {
        start = Instant::now();
        for _ in 0..asks {
            C::ask_within(&counter, LONG, 1).await;
        }
    }
    start.elapsed()
}

/// Leaves its actors idle all at once, for whoever looks at the memory. Each is asked once, so that it has grown what
/// it grows, and before the next is spawned, so that no queue of the runtime's gets long.
async fn idle<C: Contestant>(contestant: &C, operations: u64) -> Duration {
    let start = Instant::now();
    let mut counters = Vec::with_capacity(usize::try_from(operations).expect("few enough"));
    for _ in 0..operations {
        let counter = contestant.counter().await;
        C::ask(&counter, 1).await;
        counters.push(counter);
    }
    start.elapsed()
}
