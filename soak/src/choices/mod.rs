//! What every soak chooses by.

mod random;

pub use random::Random;

use clap::ValueEnum;

/// Whether callers may run handlers themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Direct {
    /// They may.
    On,
    /// They may not.
    Off,
    /// First they may, then they may not.
    Both,
}

impl Direct {
    /// One after the other.
    #[must_use]
    pub fn ways(self) -> &'static [bool] {
        match self {
            Direct::On => &[true],
            Direct::Off => &[false],
            Direct::Both => &[true, false],
        }
    }
}
