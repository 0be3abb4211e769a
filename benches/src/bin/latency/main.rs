//! Whether one actor delays others, and whether an actor that is flooded still gets what must come through.
//!
//! ```text
//! cargo run --release -p benches --bin latency              prints, and fails where a promise breaks
//! cargo run --release -p benches --bin latency -- --write   writes the tables into docs/performance.md as well
//! ```
//!
//! Beside each kind of neighbour a task that is always ready measures how long it is until its next turn, and a task that another thread wakes
//! every 200 µs measures how late it is, and then how long an ask of an idle actor takes. Turns on a runtime of one thread are measured by the
//! processor time of that thread, which other programs cannot take; so the promise can be judged on a busy machine too. All else is by the clock.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

mod flooded;
mod neighbour;
mod options;
mod others;
mod report;
mod times;
mod yardstick;

use std::process::ExitCode;

use bench_kit::pages;
use clap::Parser as _;

use crate::options::{Options, Threads};

fn main() -> ExitCode {
    let options = Options::parse();
    let (mut text, mut broken) = (String::new(), Vec::new());
    for threads in [Threads::One, Threads::Two] {
        let seen = others::measure(&options, threads);
        broken.extend(report::broken_to_others(threads, &seen));
        text += &report::others(threads, &seen);
        let seen = flooded::measure(&options, threads);
        broken.extend(report::broken_to_flooded(threads, &seen));
        text += &report::flooded(threads, &seen);
    }
    print!("{text}");
    if options.write
        && let Err(error) = pages::write("latency", &text)
    {
        broken.push(format!("the page: {error}"));
    }
    for promise in &broken {
        println!("BROKEN: {promise}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
