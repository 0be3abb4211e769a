//! The command line.

use choices::Direct;
use clap::Parser;
use std::time::Duration;

/// Kills, crashes, stops, restarts and floods actors while others call them, and checks that everybody is answered once and that nothing
/// is left at the end.
#[derive(Clone, Debug, Parser)]
#[command(version, after_help = "Exit code: 0 all is well; 1 something is not, and is named; 2 wrong usage.")]
pub(crate) struct Options {
    /// How long, in both ways together
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    seconds: u64,

    /// The same choices for the same number; what threads make of them differs
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// How many actors at a time
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    pub(crate) actors: u32,

    /// Whether callers may run handlers themselves
    #[arg(long, value_enum, default_value_t = Direct::Both)]
    direct: Direct,
}

impl Options {
    /// Each way with its share of the time.
    pub(crate) fn ways(&self) -> Vec<(bool, Duration)> {
        let ways = self.direct.ways();
        let share = Duration::from_secs(self.seconds) / u32::try_from(ways.len()).unwrap_or(1);
        ways.iter().map(|&direct| (direct, share)).collect()
    }
}
