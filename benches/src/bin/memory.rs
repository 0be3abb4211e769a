//! What actors and messages take, and that it is given back.
//!
//! ```text
//! cargo run --release -p benches --bin memory              prints, and fails where it is more than promised
//! cargo run --release -p benches --bin memory -- --write   writes the table into docs/performance.md as well
//! ```
//!
//! Allocations are counted on a runtime of one thread; the million is measured by what the system says of this process.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

use std::process::ExitCode;
use std::time::Duration;

use actor_core::prelude::*;
use allocation_counter::measure;
use bench_kit::clock::thread_time;
use bench_kit::pages;
use bench_kit::table::Table;
use clap::Parser;
use futures::future::join_all;
use tokio::runtime::{Builder, Runtime};

/// Measures what actors and messages take.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit code: 0 all is as promised; 1 something takes more, and is named; 2 wrong usage."
)]
struct Options {
    /// How many actors are alive at once at the end
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..))]
    actors: u32,

    /// Write the table into `docs/performance.md` too
    #[arg(long)]
    write: bool,
}

/// Actors of which one is the average.
const SOME: usize = 4_096;
/// Messages of a burst.
const BURST: usize = 100_000;

#[actor]
#[derive(Default)]
struct Counter {
    sum: u64,
    open: bool,
}

#[actor]
impl Counter {
    pub fn add(&mut self, n: u64) -> u64 {
        self.sum += n;
        self.sum
    }
    #[message(when = self.open)]
    pub fn enter(&mut self, n: u64) {
        self.sum += n;
    }
    pub fn open(&mut self, open: bool) {
        self.open = open;
    }
    pub fn arm(&mut self, timers: usize, ctx: &mut Context<Self>) {
        for key in 0..timers as u64 {
            ctx.after(key, Duration::from_secs(3600), CounterMessage::Open { open: false });
        }
        for key in 0..timers as u64 {
            ctx.cancel(key);
        }
    }
}

/// A line of the table: what, how much, and how much it may be.
struct Row {
    what: &'static str,
    found: f64,
    unit: &'static str,
    most: f64,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let mut rows = vec![idle(), queued(), parked()];
    rows.extend(bursts());
    rows.extend(alive(options.actors));
    let mut table = Table::new(["what", "found", "at most", ""]);
    for Row { what, found, unit, most } in &rows {
        table.push([
            (*what).to_owned(),
            format!("{} {unit}", number(*found)),
            format!("{} {unit}", number(*most)),
            if found <= most { "pass" } else { "FAIL" }.to_owned(),
        ]);
    }
    print!("{table}");
    let mut is_well = rows.iter().all(|row| row.found <= row.most);
    if options.write
        && let Err(error) = pages::write("memory", &table.to_string())
    {
        eprintln!("{error}");
        is_well = false;
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 || value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

/// Bytes that are there when `work` has ended and were not before.
fn kept(runtime: &Runtime, work: impl Future<Output = ()>) -> f64 {
    measure(|| runtime.block_on(work)).bytes_current as f64
}

async fn add(counter: &CounterHandle, n: u64) -> u64 {
    counter.add(n).await.expect("an answer")
}

fn idle() -> Row {
    let runtime = runtime();
    let mut all = Vec::with_capacity(SOME);
    let bytes = kept(&runtime, async {
        for _ in 0..SOME {
            let counter = Counter::default().spawn();
            add(&counter, 1).await;
            // It lies down.
            tokio::task::yield_now().await;
            all.push(counter);
        }
    });
    Row {
        what: "an idle actor that was asked once",
        found: bytes / SOME as f64,
        unit: "bytes",
        most: 1_000.0,
    }
}

fn some(runtime: &Runtime) -> CounterHandle {
    runtime.block_on(async {
        let counter = Counter::default().spawn_with(Spawn::new().unbounded());
        // It has grown what it grows.
        for _ in 0..1_000 {
            counter.add(1).try_tell().expect("it runs");
            counter.enter(1).try_tell().expect("it runs");
        }
        add(&counter, 1).await;
        counter.open(true).await.expect("an answer");
        counter.open(false).await.expect("an answer");
        counter
    })
}

fn queued() -> Row {
    let runtime = runtime();
    let counter = some(&runtime);
    // The actor has no turn: nothing here waits.
    let bytes = kept(&runtime, async {
        for _ in 0..BURST {
            counter.add(1).try_tell().expect("it runs");
        }
    });
    Row { what: "a queued tell of 8 bytes", found: bytes / BURST as f64, unit: "bytes", most: 64.0 }
}

fn parked() -> Row {
    let runtime = runtime();
    let counter = some(&runtime);
    let bytes = kept(&runtime, async {
        for _ in 0..BURST {
            counter.enter(1).tell().await.expect("it runs");
        }
        add(&counter, 1).await;
    });
    Row { what: "a parked tell of 8 bytes", found: bytes / BURST as f64, unit: "bytes", most: 256.0 }
}

/// What is left of very much.
fn bursts() -> [Row; 4] {
    let runtime = runtime();
    let counter = some(&runtime);
    let told = kept(&runtime, async {
        for _ in 0..BURST {
            counter.add(1).try_tell().expect("it runs");
        }
        add(&counter, 1).await;
        add(&counter, 1).await;
    });
    let asked = kept(&runtime, async {
        let asked: Vec<_> = (0..BURST).map(|_| counter.add(1).start()).collect();
        join_all(asked).await.into_iter().for_each(|answer| assert!(answer.is_ok()));
        add(&counter, 1).await;
    });
    let parked = kept(&runtime, async {
        for _ in 0..BURST {
            counter.enter(1).try_tell().expect("it runs");
        }
        add(&counter, 1).await;
        counter.open(true).await.expect("an answer");
        add(&counter, 1).await;
        counter.open(false).await.expect("an answer");
        add(&counter, 1).await;
    });
    let timers = kept(&runtime, async {
        counter.arm(BURST).await.expect("an answer");
        add(&counter, 1).await;
    });
    let row = |what, found| Row { what, found, unit: "bytes", most: 8_192.0 };
    [
        row("kept after 100,000 tells at once", told),
        row("kept after 100,000 asks at once", asked),
        row("kept after 100,000 parked messages", parked),
        row("kept after 100,000 timers", timers),
    ]
}

/// Very many at once, each asked once.
fn alive(actors: u32) -> Vec<Row> {
    let runtime = runtime();
    let begin = thread_time().unwrap_or_default();
    let all: Vec<_> = runtime.block_on(async {
        let all: Vec<_> = (0..actors).map(|_| Counter::default().spawn()).collect();
        for one in &all {
            assert_eq!(add(one, 1).await, 1);
        }
        all
    });
    let took = thread_time().unwrap_or_default().saturating_sub(begin);
    let share = f64::from(actors) / 1e6;
    let mut rows = vec![Row {
        what: "a million actors spawned and each asked once",
        found: took.as_secs_f64(),
        unit: "s",
        most: 10.0 * share,
    }];
    // Of the whole process, at its peak.
    if let Some(bytes) = peak() {
        rows.push(Row {
            what: "memory of the process with them",
            found: bytes / 1e6,
            unit: "MB",
            most: 1_200.0 * share,
        });
    }
    drop(all);
    rows
}

fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}
