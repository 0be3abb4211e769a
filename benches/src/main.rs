//! Side by side with peers: what a message costs, in one process.
//!
//! The contestants take turns, round by round, so that a busy machine is unfair to all of them alike, and medians are
//! compared. Ratios repeat; absolute figures do not.
//!
//! ```text
//! cargo run --release -p benches -- --quick
//! cargo run --release -p benches -- --write      puts the tables into docs/performance.md as well
//! cargo run --release -p benches -- --scenarios ask,ring --contestants ours,xtra --rounds 21
//! ```

mod allocator;
mod contestant;
mod contestants;
mod options;
mod report;
mod round;
mod scenario;
mod targets;

use std::io;

use bench_kit::pages;
use clap::Parser as _;

use crate::options::Options;

fn main() -> io::Result<()> {
    let options = Options::parse();
    let entries = options.entries();
    let mut page = String::new();
    let mut show = |table: String| {
        print!("{table}");
        page += &table;
    };
    for threads in options.threads() {
        let timed = round::time(&entries, &options, threads);
        show(report::times(threads, &entries, &timed));
    }
    let counted = round::count(&entries, &options);
    show(report::memory(&entries, &counted));
    if options.write {
        pages::write("messages", &page)?;
    }
    Ok(())
}
