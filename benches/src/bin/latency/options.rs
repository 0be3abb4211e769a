//! The command line, and the runtimes.

use std::time::Duration;

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

/// Measures how much actors delay others, and what a flooded one still gets.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    after_help = "Exit code: 0 all promises hold; 1 one is broken, and is named; 2 wrong usage."
)]
pub(crate) struct Options {
    /// Milliseconds for each measurement
    #[arg(long, default_value_t = 1_200, value_parser = clap::value_parser!(u64).range(20..))]
    time: u64,

    /// A tenth of that
    #[arg(long)]
    quick: bool,

    /// Only neighbours and floods in whose name this occurs
    #[arg(long)]
    only: Option<String>,

    /// Write the tables into `docs/performance.md` too
    #[arg(long)]
    pub(crate) write: bool,
}

impl Options {
    pub(crate) fn time(&self) -> Duration {
        Duration::from_millis(if self.quick { self.time / 10 } else { self.time })
    }

    pub(crate) fn is_chosen(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    One,
    Two,
}

impl Threads {
    pub(crate) fn runtime(self) -> Runtime {
        let mut builder = match self {
            Threads::One => Builder::new_current_thread(),
            Threads::Two => Builder::new_multi_thread(),
        };
        if self == Threads::Two {
            builder.worker_threads(2);
        }
        builder.enable_time().build().expect("a runtime")
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Threads::One => "one thread",
            Threads::Two => "two threads",
        }
    }
}
