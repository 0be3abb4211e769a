//! What is run, and how much of it: as large as the suite has it, and as `examples/savina` has it with `--scale savina`.

use clap::ValueEnum;
use tokio::runtime::{Builder, Runtime};

pub(crate) const PINGS: u64 = 40_000;
pub(crate) const MESSAGES: u64 = 1_000_000;
/// Workers, and messages to each.
pub(crate) const THROUGHPUT: (usize, u64) = (60, 10_000);
pub(crate) const TASKS: usize = 40_000;
/// Actors, and hops.
pub(crate) const RING: (usize, usize) = (100, 100_000);
/// Creatures, and meetings.
pub(crate) const MALL: (usize, u64) = (100, 200_000);
/// Actors, and pings of each.
pub(crate) const BIG: (usize, u64) = (120, 20_000);
/// Workers, operations of each, keys of each; of a hundred operations ten write.
pub(crate) const DICTIONARY: (u64, u64, usize) = (20, 10_000, 500);
pub(crate) const WRITES: usize = 10;
/// Accounts, payments, and how many of them at a time.
pub(crate) const BANK: (usize, usize, usize) = (1000, 50_000, 1000);
/// Which one, and what it is.
pub(crate) const FIBONACCI: (u32, u64) = (25, 75_025);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Program {
    #[value(name = "pingpong")]
    PingPong,
    Count,
    #[value(name = "fjthrput")]
    Throughput,
    #[value(name = "fjcreate")]
    Creation,
    #[value(name = "threadring")]
    Ring,
    Chameneos,
    Big,
    #[value(name = "concdict")]
    Dictionary,
    Banking,
    #[value(name = "fib")]
    Fibonacci,
}

impl Program {
    pub(crate) const ALL: [Self; 10] = [
        Self::PingPong,
        Self::Count,
        Self::Throughput,
        Self::Creation,
        Self::Ring,
        Self::Chameneos,
        Self::Big,
        Self::Dictionary,
        Self::Banking,
        Self::Fibonacci,
    ];

    /// As the suite calls it.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::PingPong => "pingpong",
            Self::Count => "count",
            Self::Throughput => "fjthrput",
            Self::Creation => "fjcreate",
            Self::Ring => "threadring",
            Self::Chameneos => "chameneos",
            Self::Big => "big",
            Self::Dictionary => "concdict",
            Self::Banking => "banking",
            Self::Fibonacci => "fib",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::PingPong => "Ping Pong, 40,000 there and back",
            Self::Count => "Counting, 1,000,000 messages",
            Self::Throughput => "Fork Join (throughput), 60 × 10,000 messages",
            Self::Creation => "Fork Join (creation), 40,000 actors",
            Self::Ring => "Thread Ring, 100 actors, 100,000 hops",
            Self::Chameneos => "Chameneos, 100 creatures, 200,000 meetings",
            Self::Big => "Big, 120 actors × 20,000 pings",
            Self::Dictionary => "Concurrent Dictionary, 20 × 10,000 operations",
            Self::Banking => "Bank Transaction, 1,000 accounts, 50,000 payments",
            Self::Fibonacci => "Fibonacci, number 25 by 150,049 actors",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Threads {
    One,
    Two,
}

impl Threads {
    pub(crate) const ALL: [Self; 2] = [Self::One, Self::Two];

    pub(crate) fn count(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::One => "one thread",
            Self::Two => "two threads",
        }
    }

    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::One => "savina-one.svg",
            Self::Two => "savina-two.svg",
        }
    }

    pub(crate) fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::One => Builder::new_current_thread(),
            Self::Two => Builder::new_multi_thread(),
        };
        if self == Self::Two {
            builder.worker_threads(2);
        }
        builder.enable_time().build().expect("a runtime")
    }
}
