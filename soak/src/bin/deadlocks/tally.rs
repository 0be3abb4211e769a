//! What was seen.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counts of one way.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    calls: AtomicU64,
    late: AtomicU64,
    actors: AtomicU64,
    /// Calls that a planted circle took along: they waited for somebody in it.
    taken_along: AtomicU64,
    pub(crate) in_the_crowd: Spread,
    pub(crate) alone: Spread,
    pub(crate) crossing: Spread,
    wrongs: Mutex<Vec<String>>,
    /// Steps that have not ended, where they are to be named.
    open: Mutex<BTreeMap<u64, String>>,
    is_traced: bool,
}

impl Tally {
    /// One that can name the steps that never end.
    pub(crate) fn traced() -> Self {
        Tally { is_traced: true, ..Tally::default() }
    }

    /// A step begins, and ends when what is returned is dropped.
    pub(crate) fn open(&self, step: fmt::Arguments<'_>) -> Open<'_> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Relaxed);
        if self.is_traced {
            held(&self.open).insert(number, step.to_string());
        }
        Open { tally: self, number }
    }

    pub(crate) fn print_open(&self) {
        held(&self.open).values().for_each(|step| println!("  still open: {step}"));
    }

    /// One more is made.
    pub(crate) fn call(&self) {
        self.calls.fetch_add(1, Relaxed);
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    pub(crate) fn spawned(&self, actors: usize) {
        self.actors.fetch_add(actors as u64, Relaxed);
    }

    pub(crate) fn late(&self) {
        self.late.fetch_add(1, Relaxed);
    }

    pub(crate) fn taken_along(&self) {
        self.taken_along.fetch_add(1, Relaxed);
    }

    /// Something that must not be. A few are enough.
    pub(crate) fn wrong(&self, what: impl fmt::Display) {
        let mut wrongs = held(&self.wrongs);
        if wrongs.len() < 20 {
            wrongs.push(what.to_string());
        }
    }

    pub(crate) fn is_well(&self) -> bool {
        held(&self.wrongs).is_empty()
    }

    /// Prints it; whether all was well.
    pub(crate) fn report(&self) -> bool {
        let [calls, actors, late, along] =
            [&self.calls, &self.actors, &self.late, &self.taken_along].map(|n| n.load(Relaxed));
        println!("  {calls} calls of {actors} actors, {late} out of time; no deadlock where there is none");
        println!("  circles in the crowd: {} ({along} calls taken along)", self.in_the_crowd);
        println!("  circles alone:        {}", self.alone);
        println!("  closed by all at once: {}", self.crossing);
        let wrongs = held(&self.wrongs);
        wrongs.iter().for_each(|wrong| println!("  WRONG: {wrong}"));
        wrongs.is_empty()
    }
}

pub(crate) struct Open<'a> {
    tally: &'a Tally,
    number: u64,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if self.tally.is_traced {
            held(&self.tally.open).remove(&self.number);
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long it took from the call that closed a circle to the one who was told.
#[derive(Debug, Default)]
pub(crate) struct Spread(Mutex<Vec<Duration>>);

impl Spread {
    pub(crate) fn add(&self, time: Duration) {
        held(&self.0).push(time);
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut times = held(&self.0).clone();
        times.sort_unstable();
        let Some(most) = times.last() else { return f.write_str("none") };
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).unwrap_or(most);
        let slow = times.iter().filter(|time| **time > Duration::from_millis(1)).count();
        write!(
            f,
            "{} told, after p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, max {most:.1?}; {slow} after more than 1 ms",
            times.len(),
            at(0.5),
            at(0.99),
            at(0.999)
        )
    }
}
