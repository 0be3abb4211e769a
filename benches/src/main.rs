//! Side by side with peers: what a message costs, in one process.
//!
//! The contestants take turns, round by round, so that a busy machine is unfair to all of them alike, and medians are
//! compared. Ratios repeat; absolute figures do not.
//!
//! ```text
//! cargo run --release -p benches -- --quick
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

use clap::Parser as _;

use crate::options::Options;

fn main() {
    let options = Options::parse();
    let entries = options.entries();
    for threads in options.threads() {
        let timed = round::time(&entries, &options, threads);
        report::times(threads, &entries, &timed);
    }
    let counted = round::count(&entries, &options);
    report::memory(&entries, &counted);
}
