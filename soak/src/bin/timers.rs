//! A million timers in one process without a task each: how long they take to arm, what they hold, and how late they come.
//!
//! ```text
//! cargo run --release -p soak --bin timers
//! ```
//!
//! Once of one actor and once of a thousand. One in four is cancelled and must not be seen; each of the others comes once, and not early; at
//! the end nothing is left.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

use std::alloc::System;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use clap::Parser;
use futures::future::join_all;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::{Builder, Handle};
use tokio::sync::Semaphore;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Arms very many timers, and checks that each comes once and in time.
#[derive(Debug, Parser)]
#[command(version, after_help = "Exit code: 0 all is well; 1 something is not, and is named; 2 wrong usage.")]
struct Options {
    /// How many
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1000..))]
    timers: u32,

    /// Milliseconds over which they are spread
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..))]
    spread: u64,
}

#[actor]
struct Clock {
    /// When each is due; `None`: it has been seen, or is not to be.
    due: Vec<Option<Instant>>,
    open: usize,
    latest: Duration,
    done: Arc<Semaphore>,
    wrongs: Vec<String>,
}

#[actor]
impl Clock {
    /// The moments are scattered, as those of many who know nothing of each other are. How long it took to arm all and to cancel some.
    pub fn arm(&mut self, ctx: &mut Context<Self>, first: Duration, spread: Duration) -> [Duration; 2] {
        let begin = Instant::now();
        for n in 0..self.due.len() {
            let share = (n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44;
            let delay = first + spread.mul_f64(share as f64 / (1 << 20) as f64);
            self.due[n] = Some(Instant::now() + delay);
            ctx.after(n as u64, delay, ClockMessage::Tick { n });
        }
        let (armed, begin) = (begin.elapsed(), Instant::now());
        for n in (0..self.due.len()).step_by(4) {
            if !ctx.cancel(n as u64) {
                self.wrongs.push(format!("timer {n} cannot be cancelled"));
            }
            self.due[n] = None;
        }
        self.open = self.due.iter().flatten().count();
        [armed, begin.elapsed()]
    }
    #[message]
    fn tick(&mut self, n: usize) {
        let Some(due) = self.due[n].take() else {
            return self.wrongs.push(format!("timer {n} is seen twice or was cancelled"));
        };
        match Instant::now().checked_duration_since(due) {
            Some(late) => self.latest = self.latest.max(late),
            None => self.wrongs.push(format!("timer {n} is early")),
        }
        self.open -= 1;
        if self.open == 0 {
            self.done.add_permits(1);
        }
    }
    pub fn result(self) -> (Duration, Vec<String>) {
        (self.latest, self.wrongs)
    }
}

/// What is not given back by then never is.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let options = Options::parse();
    let Ok(runtime) = Builder::new_multi_thread().worker_threads(2).enable_all().build() else {
        println!("no runtime");
        return ExitCode::FAILURE;
    };
    let mut is_well = true;
    // The first line that is written makes the buffer for all.
    println!("{} timers, one in four of them cancelled", options.timers);
    for actors in [1, 1_000] {
        // What is made once and kept is made in the first run.
        runtime.block_on(run(runtime.handle(), actors, 10 * actors, Duration::from_millis(1), false));
        let before = live();
        let spread = Duration::from_millis(options.spread);
        is_well &= runtime.block_on(run(runtime.handle(), actors, options.timers as usize, spread, true));
        // A task that is over gives its memory back a moment later.
        let over = Instant::now();
        while (runtime.metrics().num_alive_tasks() > 0 || live() > before) && over.elapsed() < PATIENCE {
            std::thread::yield_now();
        }
        let left = live() - before;
        println!("  left at the end: {left} bytes");
        is_well &= left <= 0;
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether all was well.
async fn run(runtime: &Handle, actors: usize, timers: usize, spread: Duration, report: bool) -> bool {
    let done = Arc::new(Semaphore::new(0));
    let clocks: Vec<_> = (0..actors)
        .map(|_| Clock {
            due: vec![None; timers / actors],
            open: 0,
            latest: Duration::ZERO,
            done: Arc::clone(&done),
            wrongs: Vec::new(),
        })
        .map(Actor::spawn)
        .collect();
    let before = live();
    // None is due before all are armed.
    let first = Duration::from_micros(10 * timers as u64).max(Duration::from_millis(1));
    let (mut wrongs, mut armed, mut cancelled) = (Vec::new(), Duration::ZERO, Duration::ZERO);
    for answer in join_all(clocks.iter().map(|clock| clock.arm(first, spread))).await {
        match answer {
            Ok([more_armed, more_cancelled]) => {
                armed += more_armed;
                cancelled += more_cancelled;
            }
            Err(error) => wrongs.push(error.to_string()),
        }
    }
    let bytes = live() - before;
    let tasks = runtime.metrics().num_alive_tasks();
    let _ = done.acquire_many(actors as u32).await;
    let mut latest = Duration::ZERO;
    for clock in clocks {
        match clock.result().await {
            Ok((late, more)) => {
                latest = latest.max(late);
                wrongs.extend(more);
            }
            Err(error) => wrongs.push(error.to_string()),
        }
    }
    if tasks > actors {
        wrongs.push(format!("{tasks} tasks"));
    }
    if report {
        println!("{timers} timers of {actors} actors, {tasks} tasks");
        println!(
            "  armed in {armed:.0?} ({:.0} ns each), one in four cancelled in {cancelled:.0?}; {:.0} bytes each of the others",
            armed.as_nanos() as f64 / timers as f64,
            bytes as f64 / (timers - timers.div_ceil(4)) as f64
        );
        println!("  spread over {spread:?}, each came once and not early, the latest after {latest:.1?}");
    }
    wrongs.iter().take(20).for_each(|wrong| println!("  WRONG: {wrong}"));
    wrongs.is_empty()
}

/// Bytes that have not been given back.
fn live() -> i64 {
    let stats = ALLOCATOR.stats();
    let signed = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    signed(stats.bytes_allocated) - signed(stats.bytes_deallocated)
}
