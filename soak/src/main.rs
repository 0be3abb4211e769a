//! A thousand actors that are killed, crash, stop and are flooded, for as long as you like, while others call them in every way.
//!
//! ```text
//! cargo run --release -p soak -- --seconds 600 --seed 1
//! ```
//!
//! It runs in rounds, each with runtimes of its own and another way to end them all. After each it checks that every caller was told once
//! what became of its call and that this is what happened ([`ledger`]), that streams, continuations, names and pools kept what they
//! promise ([`target`], [`names`], [`pool`]), and that no task, message, state of an actor, name, allocation or byte is left ([`round`], and
//! below).

mod caller;
mod chaos;
mod ledger;
mod names;
mod options;
mod pool;
mod round;
mod target;
mod world;

use std::alloc::System;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use clap::Parser as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use crate::ledger::{Ledger, Told};
use crate::options::Options;
use crate::round::{End, Round};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Short enough that many are in a run, long enough that all that takes its time happens in each.
const ROUND: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let options = Options::parse();
    quiet_crashes();
    let mut is_well = true;
    for (direct, time) in options.ways() {
        is_well &= soak(&options, direct, time);
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether all was well.
fn soak(options: &Options, direct: bool, time: Duration) -> bool {
    let begin = Instant::now();
    let mut sum = Ledger::default();
    let (mut rounds, mut wrongs) = (0_u64, Vec::new());
    // Whether all was well.
    let mut run = |time, seed, end| {
        let ledger = Round { seed, actors: options.actors, direct, time, end }.run();
        wrongs.extend(ledger.wrongs().into_iter().map(|wrong| format!("round {seed}, {end:?}: {wrong}")));
        add(&mut sum, &ledger);
        wrongs.is_empty()
    };
    // What is made once and kept, here and in the libraries, is there after each way to end.
    let mut is_well = End::ALL.into_iter().all(|end| run(time.min(ROUND) / 10, options.seed, end));
    let before = live();
    while is_well && begin.elapsed() < time {
        rounds += 1;
        let end = End::ALL[usize::try_from(rounds).unwrap_or(0) % End::ALL.len()];
        let left = time.saturating_sub(begin.elapsed());
        is_well = run(left.min(ROUND), options.seed.wrapping_add(rounds), end);
    }
    let after = live();
    if after.0 > before.0 || after.1 > before.1 {
        wrongs.push(format!(
            "{} allocations of {} bytes more than before the first round",
            after.0 - before.0,
            after.1 - before.1
        ));
    }
    report(direct, begin.elapsed(), rounds, &sum, (after.0 - before.0, after.1 - before.1));
    wrongs.iter().for_each(|wrong| println!("  WRONG: {wrong}"));
    wrongs.is_empty()
}

/// Allocations and bytes that have not been given back.
fn live() -> (i64, i64) {
    let stats = ALLOCATOR.stats();
    let signed = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    (
        signed(stats.allocations) - signed(stats.deallocations),
        signed(stats.bytes_allocated) - signed(stats.bytes_deallocated),
    )
}

/// Crashes on purpose are not printed; mistakes are.
fn quiet_crashes() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(target::BOOM) {
            before(info);
        }
    }));
}

fn add(sum: &mut Ledger, ledger: &Ledger) {
    let plus = |to: &mut AtomicU64, more: &AtomicU64| *to.get_mut() += more.load(SeqCst);
    plus(&mut sum.calls, &ledger.calls);
    sum.told.iter_mut().zip(&ledger.told).for_each(|(to, more)| plus(to, more));
    plus(&mut sum.actors, &ledger.actors);
    plus(&mut sum.starts, &ledger.starts);
    plus(&mut sum.crashes, &ledger.crashes);
    plus(&mut sum.kills, &ledger.kills);
    plus(&mut sum.stops, &ledger.stops);
    plus(&mut sum.items, &ledger.items);
    plus(&mut sum.continuations, &ledger.continuations);
    plus(&mut sum.found, &ledger.found);
}

fn report(direct: bool, took: Duration, rounds: u64, sum: &Ledger, more: (i64, i64)) {
    let [calls, actors, starts, crashes, kills, stops] =
        [&sum.calls, &sum.actors, &sum.starts, &sum.crashes, &sum.kills, &sum.stops].map(|n| n.load(SeqCst));
    println!(
        "direct calls {}: {rounds} rounds in {:.1} s",
        if direct { "on" } else { "off" },
        took.as_secs_f64()
    );
    println!("  {actors} actors, started {starts} times; {crashes} crashes, {kills} kills, {stops} stops");
    let [items, continuations, found] = [&sum.items, &sum.continuations, &sum.found].map(|n| n.load(SeqCst));
    println!(
        "  {items} items of streams, {continuations} continuations, {found} actors found by their names"
    );
    let told: Vec<_> = Told::ALL
        .iter()
        .zip(&sum.told)
        .map(|(told, times)| format!("{} {told:?}", times.load(SeqCst)))
        .collect();
    println!("  {calls} calls: {}", told.join(", "));
    println!("  more at the end than before: {} allocations, {} bytes", more.0, more.1);
}
