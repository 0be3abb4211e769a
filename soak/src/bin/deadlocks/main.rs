//! Calls over random graphs of actors, where each waits for those below alone: whatever they do, nobody is told of a deadlock and all of it
//! ends. And circles planted into them, and into actors that do nothing else, which are told, and how soon.
//!
//! ```text
//! cargo run --release -p soak --bin deadlocks -- --calls 10000000 --seed 1
//! ```

mod circle;
mod errand;
mod graph;
mod node;
mod options;
mod tally;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use choices::Random;
use clap::Parser as _;
use futures::future::join_all;
use tokio::runtime::{Builder, Runtime};

use crate::graph::Graph;
use crate::options::Options;
use crate::tally::Tally;

/// Graphs at a time where two threads run them.
const TOGETHER: u64 = 8;
/// No graph takes so long, whatever else the machine does.
const PATIENCE: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let options = Options::parse();
    let (Ok(leaping), Ok(busy)) = (leaping(), two_threads()) else {
        println!("no runtime");
        return ExitCode::FAILURE;
    };
    let mut is_well = true;
    for &direct in options.direct.ways() {
        let tally = Arc::new(if options.only.is_some() { Tally::traced() } else { Tally::default() });
        let begin = Instant::now();
        let graphs = graphs(&options, direct, &leaping, &busy, &tally);
        let took = begin.elapsed();
        busy.block_on(circle::alone(direct, options.circles, Random::new(options.seed, 1), &tally));
        println!(
            "direct calls {}, seed {}: {graphs} graphs in {:.1} s",
            if direct { "on" } else { "off" },
            options.seed,
            took.as_secs_f64()
        );
        is_well &= tally.report();
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many there were.
fn graphs(options: &Options, direct: bool, leaping: &Runtime, busy: &Runtime, tally: &Arc<Tally>) -> u64 {
    let progress = Arc::new(AtomicU64::new(0));
    watch(&progress, options.seed);
    let mut next = 0;
    while tally.calls() < options.calls && tally.is_well() {
        let graph = |number| Graph::new(options.seed, options.only.unwrap_or(number), direct, tally).run();
        // A clock that leaps when all wait lets none hang for want of time; two threads meet in the middle of everything.
        if options.only.is_none_or(|only| only.is_multiple_of(1 + TOGETHER)) {
            leaping.block_on(graph(next));
        }
        busy.block_on(join_all((1..=TOGETHER).map(|more| busy.spawn(graph(next + more)))));
        next += 1 + TOGETHER;
        progress.store(next, SeqCst);
    }
    progress.store(u64::MAX, SeqCst);
    next
}

/// Ends the program when the graphs do not go on: a thread that spins or blocks lets no timer fire.
fn watch(progress: &Arc<AtomicU64>, seed: u64) {
    let progress = Arc::clone(progress);
    std::thread::spawn(move || {
        let mut before = 0;
        loop {
            std::thread::sleep(PATIENCE);
            match progress.load(SeqCst) {
                u64::MAX => return,
                now if now == before => {
                    println!("WRONG: seed {seed}: one of the graphs {now}.. hangs");
                    std::process::exit(1);
                }
                now => before = now,
            }
        }
    });
}

fn leaping() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().start_paused(true).build()
}

fn two_threads() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}
