//! Who takes part, and the rounds in which they take turns.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::allocator;
use crate::contestant::{Contestant, Threads};
use crate::contestants::{
    actix::Actix, hand_flume::HandFlume, hand_tokio::HandTokio, kameo::Kameo, ours::Ours, ractor::Ractor,
    rsactor::Rsactor, xtra::Xtra,
};
use crate::options::Options;
use crate::scenario::Scenario;

/// What a contestant is to its figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    /// Ours without direct calls: shown, and held against a target of its own.
    MailboxOnly,
    ByHand,
    Peer,
}

/// A contestant whose type is forgotten.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    time: fn(Scenario, Threads, u64) -> Duration,
    allocations: fn(Scenario, u64) -> f64,
    idle_bytes: fn(NonZeroU64) -> u64,
}

impl Entry {
    pub(crate) fn all() -> [Self; 9] {
        [
            Self::of::<HandTokio>(Kind::ByHand),
            Self::of::<HandFlume>(Kind::ByHand),
            Self::of::<Kameo>(Kind::Peer),
            Self::of::<Ractor>(Kind::Peer),
            Self::of::<Actix>(Kind::Peer),
            Self::of::<Xtra>(Kind::Peer),
            Self::of::<Rsactor>(Kind::Peer),
            Self::of::<Ours<false>>(Kind::MailboxOnly),
            Self::of::<Ours<true>>(Kind::Ours),
        ]
    }

    fn of<C: Contestant>(kind: Kind) -> Self {
        Self {
            name: C::NAME,
            kind,
            time: |scenario, threads, operations| scenario.time::<C>(threads, operations),
            allocations: allocator::allocations::<C>,
            idle_bytes: allocator::idle_bytes::<C>,
        }
    }
}

/// A scenario's figures, one a contestant, in the order of the entries.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) scenario: Scenario,
    pub(crate) figures: Vec<f64>,
    /// What each contestant took in each round, where rounds are compared with each other.
    rounds: Vec<Vec<f64>>,
}

impl Row {
    fn of(scenario: Scenario, figures: Vec<f64>) -> Self {
        Self { scenario, figures, rounds: Vec::new() }
    }

    /// The figure of one contestant as a share of another's: the median of what it is in each round, in which both have the machine as it is
    /// just then.
    pub(crate) fn share(&self, one: usize, other: usize) -> f64 {
        let (Some(one_by_one), Some(other_by_one)) = (self.rounds.get(one), self.rounds.get(other)) else {
            return self.figures[one] / self.figures[other];
        };
        let mut shares: Vec<_> =
            one_by_one.iter().zip(other_by_one).map(|(one, other)| one / other).collect();
        shares.sort_unstable_by(f64::total_cmp);
        shares[shares.len() / 2]
    }
}

/// Nanoseconds an operation.
pub(crate) fn time(entries: &[Entry], options: &Options, threads: Threads) -> Vec<Row> {
    let timed = options.scenarios().into_iter().filter(|scenario| *scenario != Scenario::Idle);
    timed
        .map(|scenario| {
            eprintln!("{scenario}, {threads:?}");
            let operations = options.operations(scenario);
            let mut rounds = vec![Vec::new(); entries.len()];
            for _ in 0..options.rounds() {
                for (entry, rounds) in entries.iter().zip(&mut rounds) {
                    rounds.push((entry.time)(scenario, threads, operations));
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            let each = |took: &Duration| took.as_nanos() as f64 / operations as f64;
            let rounds: Vec<Vec<_>> = rounds.iter().map(|rounds| rounds.iter().map(each).collect()).collect();
            let counts = |rounds: &Vec<f64>| {
                let mut sorted = rounds.clone();
                sorted.sort_unstable_by(f64::total_cmp);
                sorted[options.counts()]
            };
            let mut row = Row::of(scenario, rounds.iter().map(counts).collect());
            if options.compares_rounds() {
                row.rounds = rounds;
            }
            row
        })
        .collect()
}

/// Allocations an operation, and bytes an idle actor.
pub(crate) fn count(entries: &[Entry], options: &Options) -> Vec<Row> {
    let count = |scenario: Scenario| {
        eprintln!("{scenario}, allocations");
        // They do not vary as times do.
        let operations = NonZeroU64::new(scenario.operations() / 10).expect("enough operations");
        #[expect(clippy::cast_precision_loss, reason = "bytes of one actor")]
        let figure = |entry: &Entry| match scenario {
            Scenario::Idle => (entry.idle_bytes)(operations) as f64,
            _ => (entry.allocations)(scenario, operations.get()),
        };
        Row::of(scenario, entries.iter().map(figure).collect())
    };
    options.scenarios().into_iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    /// That every figure can be had, not what it is.
    #[test]
    fn everyone_does_everything() {
        for entry in Entry::all() {
            for scenario in Scenario::value_variants() {
                for threads in [Threads::One, Threads::Two] {
                    assert!(!(entry.time)(*scenario, threads, 640).is_zero(), "{} {scenario}", entry.name);
                }
            }
        }
    }

    /// Known by looking: a oneshot, and with flume what it waits with.
    #[test]
    fn allocations_are_counted() {
        let asks = |name| {
            let entry = Entry::all().into_iter().find(|entry| entry.name == name).expect("it takes part");
            (entry.allocations)(Scenario::Ask, 1000).round()
        };
        assert_eq!([asks("by-hand-tokio"), asks("by-hand-flume")], [1.0, 2.0]);
    }

    #[test]
    fn an_idle_actor_has_a_size() {
        for entry in Entry::all() {
            let bytes = (entry.idle_bytes)(NonZeroU64::new(100).expect("not zero"));
            assert!((200..20_000).contains(&bytes), "{}: {bytes}", entry.name);
        }
    }
}
