//! A job server: workers that crash and are made anew, and a shutdown that loses nothing.
//!
//! ```text
//! cargo run --bin supervised -- examples/data/jobs results
//! ```
//!
//! A job is a file `NAME.job` in a folder: a text whose words are counted. What comes of it is a file `NAME.result` in another folder, or
//! `NAME.failed` if it crashed its worker too often. A job that has neither is left, and the next run does it: so the folders say all that is
//! to be remembered, and no job is lost or done twice.
//!
//! Whoever wants to see how it is done reads, in this order, [`worker`], which does a job, and [`server`], which has the workers made anew,
//! tries jobs again and stops when it is told to; [`results`] is why a job is done once. `--slow 500` makes jobs long enough to press Ctrl-C
//! in the middle.

mod cli;
mod count;
mod error;
mod job;
mod results;
mod server;
mod signals;
mod summary;
mod worker;

fn main() -> std::process::ExitCode {
    cli::run()
}
