//! The figures that stand in the repository.

use std::collections::BTreeMap;
use std::error::Error;
use std::{fmt, fs};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/figures.txt");

/// So many hundredths more are too many, and so many fewer are worth writing down.
const TOLERANCE: u64 = 5;

/// Instructions, by operation.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<String, u64>);

impl Figures {
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(FILE).map_err(|error| format!("{FILE}: {error}"))?;
        let mut figures = Self::default();
        for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line)) {
            let figure =
                line.split_once(' ').and_then(|(name, figure)| Some((name, figure.trim().parse().ok()?)));
            let (name, figure) =
                figure.ok_or_else(|| format!("{FILE}:{number}: `{line}` is no name and figure"))?;
            figures.note(name, figure);
        }
        Ok(figures)
    }

    pub(crate) fn write(&self) -> Result<(), Box<dyn Error>> {
        let lines: String = self.0.iter().map(|(name, figure)| format!("{name} {figure}\n")).collect();
        print!("{lines}");
        Ok(fs::write(FILE, lines).map_err(|error| format!("{FILE}: {error}"))?)
    }

    pub(crate) fn note(&mut self, name: &str, figure: u64) {
        self.0.insert(name.to_owned(), figure);
    }

    pub(crate) fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name).copied()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    Better,
    Worse,
}

pub(crate) fn verdict(before: u64, now: u64) -> Verdict {
    match () {
        () if now * 100 > before * (100 + TOLERANCE) => Verdict::Worse,
        () if now * 100 < before * (100 - TOLERANCE) => Verdict::Better,
        () => Verdict::Same,
    }
}

impl Verdict {
    pub(crate) fn fails(self) -> bool {
        self == Verdict::Worse
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Same => "",
            Verdict::Better => "  better: worth writing down",
            Verdict::Worse => "  MORE THAN 5 % WORSE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twentieth_more_is_too_much() {
        assert_eq!(verdict(1_000, 1_050), Verdict::Same);
        assert_eq!(verdict(1_000, 1_051), Verdict::Worse);
        assert_eq!(verdict(1_000, 950), Verdict::Same);
        assert_eq!(verdict(1_000, 949), Verdict::Better);
    }
}
