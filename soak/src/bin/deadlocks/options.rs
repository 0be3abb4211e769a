//! The command line.

use choices::Direct;
use clap::Parser;

/// Lets random graphs of actors call each other, and checks that nobody is told of a deadlock where there is none, that all of it ends, and
/// that each circle that is planted is told.
#[derive(Clone, Debug, Parser)]
#[command(version, after_help = "Exit code: 0 all is well; 1 something is not, and is named; 2 wrong usage.")]
pub(crate) struct Options {
    /// How many calls, each way
    #[arg(long, default_value_t = 10_000_000)]
    pub(crate) calls: u64,

    /// How many circles of actors that do nothing else, each way
    #[arg(long, default_value_t = 20_000)]
    pub(crate) circles: u64,

    /// The same choices for the same number; what threads make of them differs
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Only this graph, again and again, and the steps of it that never end
    #[arg(long)]
    pub(crate) only: Option<u64>,

    /// Whether callers may run handlers themselves
    #[arg(long, value_enum, default_value_t = Direct::Both)]
    pub(crate) direct: Direct,
}
