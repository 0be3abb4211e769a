//! What must not be, whatever the mistake.

use crate::compiler::Finding;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

/// How many errors one mistake may make.
pub const MOST: usize = 3;

/// What the compiler said of a mutant.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// How many errors there are.
    pub errors: usize,
    /// How many the same mistake makes without the macro.
    pub baseline: usize,
    /// How many different ones there are that it does not make without the macro. A name that is gone is one, however
    /// often it is used.
    pub own: usize,
    /// What must not be.
    pub violations: Vec<Violation>,
}

/// Something that must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Violation {
    /// The macro, or the compiler, panicked.
    Panic,
    /// More than [`MOST`] errors that are the macro's doing.
    Many,
    /// An error on nothing but `#[actor]`, where nothing is wrong.
    Blames,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Violation::Panic => "panic",
            Violation::Many => "many errors",
            Violation::Blames => "blames `#[actor]`",
        })
    }
}

/// Errors of the mutant, beyond those that the same mistake makes without the macro. `usual` are those that the program
/// without the macro has before any mistake.
#[must_use]
pub fn judge(
    said: &[Finding],
    without: &[Finding],
    usual: &[Finding],
    mutant: &str,
    file: &str,
    mutated: &Range<usize>,
) -> Verdict {
    let plain = beyond(without, usual);
    let own: BTreeSet<String> = beyond(said, without).into_iter().map(subject).collect();
    let mut violations = BTreeSet::new();
    if said
        .iter()
        .any(|error| error.message.contains("panicked") || error.message.contains("internal compiler"))
    {
        violations.insert(Violation::Panic);
    }
    if own.len() > MOST {
        violations.insert(Violation::Many);
    }
    if said.iter().any(|error| blames(error, mutant, file, mutated)) {
        violations.insert(Violation::Blames);
    }
    Verdict {
        errors: said.len(),
        baseline: plain.len(),
        own: own.len(),
        violations: violations.into_iter().collect(),
    }
}

fn name(error: &Finding) -> String {
    format!("{}: {}", error.code.as_deref().unwrap_or("error"), error.message)
}

/// What it is about: a method that is gone is one mistake, whatever it is called on.
fn subject(error: &Finding) -> String {
    let name = name(error);
    name.split(" found for ").next().unwrap_or_default().to_owned()
}

/// The errors that are not among others, as often as they are.
fn beyond<'a>(errors: &'a [Finding], others: &[Finding]) -> Vec<&'a Finding> {
    let mut known: HashMap<String, usize> = HashMap::new();
    for other in others {
        *known.entry(name(other)).or_default() += 1;
    }
    let is_new = |error: &&Finding| match known.get_mut(&name(error)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    errors.iter().filter(is_new).collect()
}

/// Whether all that an error points at is the attribute, and the mistake is not in it.
fn blames(error: &Finding, mutant: &str, file: &str, mutated: &Range<usize>) -> bool {
    // The compiler says this before any macro runs.
    const ITS_OWN: [&str; 2] =
        ["expected item after attributes", "custom attributes cannot be applied to statements"];
    !ITS_OWN.contains(&error.message.as_str())
        && !error.places.is_empty()
        && error.places.iter().all(|(place, range)| {
            let text = mutant.get(range.clone()).unwrap_or_default();
            let inner = text.strip_prefix("#[").and_then(|text| text.strip_suffix(']')).unwrap_or_default();
            let path = inner.split('(').next().unwrap_or_default();
            place == file
                && path.rsplit("::").next().is_some_and(|last| last.trim() == "actor")
                && (mutated.end < range.start || range.end < mutated.start)
        })
}
