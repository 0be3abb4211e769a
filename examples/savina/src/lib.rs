//! The Savina benchmarks (Imam and Sarkar, AGERE 2014): what actors have been asked to do since, each as somebody would write it who has
//! this library, and each with a checked result.
//!
//! ```text
//! cargo run --release --bin savina                               all of them, small
//! cargo run --release --bin savina -- --scale savina pingpong    one, as large as the suite has it
//! cargo run --release --bin savina -- --list
//! ```
//!
//! A module a benchmark, called as in the suite. Each has a struct of its parameters, which is a [`Benchmark`]; [`ALL`] has them all. What was
//! awkward on the way stands in `NOTES.md`.

#![forbid(unsafe_code)]

mod pipeline;
mod random;

use actor_core::prelude::*;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::fmt;
use std::time::{Duration, Instant};

/// How much there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scale {
    /// For tests: all of it in seconds.
    Small,
    /// As the suite has it.
    Savina,
}

impl Scale {
    /// One of the two.
    fn of<T>(self, small: T, savina: T) -> T {
        match self {
            Scale::Small => small,
            Scale::Savina => savina,
        }
    }
}

/// Its parameters, what it does, and how to tell that it did it.
pub trait Benchmark: fmt::Debug + Sized + Send + Sync {
    /// As the paper calls it.
    const TITLE: &'static str;

    /// What comes of it.
    type Output: Send;

    /// With the parameters of `scale`.
    fn at(scale: Scale) -> Self;

    /// Runs it on the current runtime, with actors that are set up as `how` says. All of them end when it has.
    fn run(&self, how: &Spawn) -> impl Future<Output = Result<Self::Output, CallError>> + Send;

    /// What came of it in a few words, if it is what something else says that it should be.
    ///
    /// # Errors
    /// What is wrong.
    fn check(&self, output: Self::Output) -> Checked;
}

/// The result in a few words, or what is wrong with it.
pub type Checked = Result<String, String>;

/// A run of a benchmark.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it was asked to do.
    pub parameters: String,
    /// What came of it.
    pub result: String,
    /// How long that took, without the check.
    pub took: Duration,
}

/// A benchmark by name.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// As the suite calls it.
    pub name: &'static str,
    /// As the paper calls it.
    pub title: &'static str,
    play: fn(Scale, Spawn) -> BoxFuture<'static, Result<Report, String>>,
}

impl Entry {
    const fn of<B: Benchmark + 'static>(name: &'static str) -> Self {
        Entry { name, title: B::TITLE, play: |scale, how| play::<B>(scale, how).boxed() }
    }

    /// Runs and checks it.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn run(&self, scale: Scale, how: Spawn) -> Result<Report, String> {
        (self.play)(scale, how).await
    }
}

async fn play<B: Benchmark>(scale: Scale, how: Spawn) -> Result<Report, String> {
    let benchmark = B::at(scale);
    let start = Instant::now();
    let output = benchmark.run(&how).await.map_err(|error| error.to_string())?;
    let took = start.elapsed();
    Ok(Report { parameters: format!("{benchmark:?}"), result: benchmark.check(output)?, took })
}

/// Refuses what is not as it should be.
fn equal<T: PartialEq + fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

/// The same for what is too much to be shown.
fn ensure(what: &str, holds: bool) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("not so: {what}")) }
}

macro_rules! suite {
    ($($module:ident: $benchmark:ident,)*) => {
        $(pub mod $module;)*

        /// All of them, in the order of the paper.
        pub static ALL: &[Entry] = &[$(Entry::of::<$module::$benchmark>(stringify!($module))),*];
    };
}

suite! {
    pingpong: PingPong,
    count: Counting,
    fjthrput: ForkJoinThroughput,
    fjcreate: ForkJoinCreation,
    threadring: ThreadRing,
    chameneos: Chameneos,
    big: Big,
    concdict: ConcurrentDictionary,
    concsll: ConcurrentSortedList,
    bndbuffer: BoundedBuffer,
    philosopher: DiningPhilosophers,
    barber: SleepingBarber,
    cigsmok: CigaretteSmokers,
    logmap: LogisticMap,
    banking: BankTransaction,
    apsp: AllPairsShortestPath,
    astar: AStarSearch,
    nqueenk: NQueens,
    recmatmul: MatrixMultiplication,
    quicksort: Quicksort,
    radixsort: RadixSort,
    filterbank: FilterBank,
    sieve: Sieve,
    uct: CobwebbedTree,
    facloc: FacilityLocation,
    trapezoid: Trapezoid,
    piprecision: PrecisePi,
    sor: OverRelaxation,
    fib: Fibonacci,
    bitonicsort: BitonicSort,
}
