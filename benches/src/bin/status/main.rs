//! How soon an actor that waits for a slow call says how it is.
//!
//! ```text
//! cargo run --release -p benches --bin status
//! ```
//!
//! Each actor is asked to `work`, again and again: it asks another one that takes its time. While that call is out `status` is asked, one question after
//! the other. Who is deaf meanwhile answers when the slow call is over; such a one is asked less often, as each question takes that long.
//! Erlang takes part if `escript` is there.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

mod actix;
mod erlang;
mod kameo;
mod ours;
mod ractor;
mod slow;
mod times;

use std::time::Duration;

use clap::Parser;
use tokio::runtime::Builder;

use crate::slow::SlowCall;
use crate::times::Times;

/// Measures how soon an actor that waits for another one answers a third.
#[derive(Clone, Copy, Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// How often `status` is asked
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(10..))]
    asks: u32,

    /// How often where the actor is deaf
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(10..))]
    deaf_asks: u32,

    /// Milliseconds that the slow call takes
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    slow: u64,
}

impl Options {
    pub(crate) fn slow(self) -> SlowCall {
        SlowCall::new(Duration::from_millis(self.slow))
    }
}

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) who: &'static str,
    pub(crate) how: &'static str,
    pub(crate) times: Times,
}

fn main() -> std::io::Result<()> {
    let options = Options::parse();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut rows = Vec::new();
    rows.extend(runtime.block_on(async move { tokio::spawn(ours::rows(options)).await })?);
    rows.extend(runtime.block_on(async move { tokio::spawn(kameo::rows(options)).await })?);
    rows.extend(runtime.block_on(async move { tokio::spawn(ractor::rows(options)).await })?);
    rows.extend(actix::rows(options));
    rows.extend(erlang::rows(options));
    println!("`status` of an actor that waits for a call of {} ms\n", options.slow);
    println!("| | how it waits | asks | p50 | p99 | p99.9 | max |\n|---|---|---|---|---|---|---|");
    for Row { who, how, times } in rows {
        println!("| {who} | {how} | {times} |");
    }
    Ok(())
}
