//! The command line.

use clap::Parser;
use clap::builder::PossibleValuesParser;

use crate::contestant::Threads;
use crate::round::Entry;
use crate::scenario::Scenario;

/// Measures what messages cost in this library, in its peers and by hand, side by side.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// Only these; all unless given
    #[arg(long, value_delimiter = ',', value_parser = PossibleValuesParser::new(Entry::all().map(|entry| entry.name)))]
    contestants: Vec<String>,

    /// Only these; all unless given
    #[arg(long, value_delimiter = ',', value_enum)]
    scenarios: Vec<Scenario>,

    /// Only one thread, or only two; both unless given
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=2))]
    threads: Option<u8>,

    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    /// The fastest round instead of the median: for a machine that is busy with other things
    #[arg(long)]
    fastest: bool,

    /// A tenth of the operations, in 3 rounds: to see that it runs, not to compare
    #[arg(long)]
    quick: bool,

    /// Write the tables into `docs/performance.md` too
    #[arg(long)]
    pub(crate) write: bool,
}

impl Options {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let chosen = |entry: &Entry| {
            self.contestants.is_empty() || self.contestants.iter().any(|name| name == entry.name)
        };
        Entry::all().into_iter().filter(chosen).collect()
    }

    /// In the order of the table, whatever the order on the command line.
    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        let chosen = |scenario: &Scenario| self.scenarios.is_empty() || self.scenarios.contains(scenario);
        <Scenario as clap::ValueEnum>::value_variants().iter().copied().filter(chosen).collect()
    }

    pub(crate) fn threads(&self) -> Vec<Threads> {
        match self.threads {
            Some(1) => vec![Threads::One],
            Some(_) => vec![Threads::Two],
            None => vec![Threads::One, Threads::Two],
        }
    }

    pub(crate) fn rounds(&self) -> u16 {
        if self.quick { 3 } else { self.rounds }
    }

    /// The round that counts, of those sorted from fast to slow.
    pub(crate) fn counts(&self) -> usize {
        if self.fastest { 0 } else { usize::from(self.rounds() / 2) }
    }

    /// Whether contestants are compared round by round.
    pub(crate) fn compares_rounds(&self) -> bool {
        !self.fastest
    }

    pub(crate) fn operations(&self, scenario: Scenario) -> u64 {
        if self.quick { scenario.operations() / 10 } else { scenario.operations() }
    }
}
