//! What is told of a run.

use crate::run::Outcome;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The distribution, then what must not be.
#[must_use]
pub fn whole(outcomes: &[Outcome]) -> String {
    format!("{}\n{}", distribution(outcomes), violations(outcomes))
}

/// How many mutants have no error, one, two, ..; a line a kind of mistake.
#[must_use]
pub fn distribution(outcomes: &[Outcome]) -> String {
    let mut rows: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for outcome in outcomes {
        let kind = outcome.name.rsplit(' ').nth(1).unwrap_or_default().to_owned();
        rows.entry(kind).or_default().push(outcome);
    }
    let mut text =
        format!("{:<28} {:>6} {:>6} {:>6} {:>6} {:>6} {:>6}\n", "errors", "0", "1", "2", "3", "more", "all");
    let mut row = |name: &str, all: &[&Outcome], errors: &dyn Fn(&Outcome) -> usize| {
        let count =
            |from: usize, to: usize| all.iter().filter(|one| (from..=to).contains(&errors(one))).count();
        let cells = [count(0, 0), count(1, 1), count(2, 2), count(3, 3), count(4, usize::MAX), all.len()];
        let _ = write!(text, "{name:<28}");
        for cell in cells {
            let _ = write!(text, " {cell:>6}");
        }
        text.push('\n');
    };
    for (kind, all) in &rows {
        row(kind, all, &|one| one.verdict.errors);
    }
    let all: Vec<&Outcome> = outcomes.iter().collect();
    row("all", &all, &|one| one.verdict.errors);
    row("all, different, of the macro", &all, &|one| one.verdict.own);
    let several: Vec<&Outcome> = outcomes.iter().filter(|one| one.verdict.errors > 1).collect();
    row("two or more", &several, &|one| one.verdict.errors);
    row("  without the macro", &several, &|one| one.verdict.baseline);
    row("  different, of the macro", &several, &|one| one.verdict.own);
    text
}

/// The mutants that must not be as they are, with what was said of them.
#[must_use]
pub fn violations(outcomes: &[Outcome]) -> String {
    outcomes.iter().filter(|outcome| !outcome.verdict.violations.is_empty()).map(one).collect()
}

/// A mutant, with all that was said of it.
#[must_use]
pub fn one(outcome: &Outcome) -> String {
    let mut text = format!("## {}\n   {}\n", outcome.name, outcome.line);
    let verdict = &outcome.verdict;
    let _ = write!(
        text,
        "   errors {}, without the macro {}, different {}",
        verdict.errors, verdict.baseline, verdict.own
    );
    for violation in &outcome.verdict.violations {
        let _ = write!(text, ", {violation}");
    }
    text.push('\n');
    for error in &outcome.said {
        let place =
            error.places.first().map(|(file, range)| format!("{file}:{}..{}", range.start, range.end));
        let code = error.code.as_deref().unwrap_or("error");
        let _ =
            writeln!(text, "   - {code} {}: {}", place.unwrap_or_default(), error.message.replace('\n', " "));
    }
    text
}
