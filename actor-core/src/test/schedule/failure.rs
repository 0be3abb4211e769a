//! What a failing run says.

use super::Trace;
use std::fmt;

/// So many events of a failing run are shown; all of one that is run alone.
const SHOWN: usize = 40;

/// A run that failed: what was wrong, under which seed, and what happened before. Its `Display` is what a test's panic says.
#[derive(Clone, Debug)]
pub struct Failure {
    seed: u64,
    text: String,
    trace: Trace,
    /// Where the second run with the same seed was another one.
    parts: Option<(String, String)>,
    name: Option<String>,
    shown: usize,
}

impl Failure {
    /// `parts`: where the second run with the same seed was another one.
    pub(super) fn new(
        seed: u64,
        text: String,
        trace: Trace,
        parts: Option<(String, String)>,
        name: Option<String>,
    ) -> Self {
        Failure { seed, text, trace, parts, name, shown: SHOWN }
    }

    /// The seed of the run.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What was wrong: the text of a panic, the error that the body returned, or who waits for whom.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What happened.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Whether a second run with the same seed was the same. If not, something decides that no seed does.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.parts.is_none()
    }

    pub(super) fn in_full(self) -> Self {
        Failure { shown: usize::MAX, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { seed, text, trace, parts, name, shown } = self;
        writeln!(f, "seed {seed} fails: {text}")?;
        let name = name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
        writeln!(f, "run it again with: ACTOR_SEED={seed} cargo test{name}")?;
        if let Some((one, two)) = parts {
            writeln!(f, "a second run with this seed was another one: something decides that no seed does")?;
            writeln!(
                f,
                "(a real clock, the order of a HashMap, another thread, `select!` without `biased`)"
            )?;
            writeln!(f, "  the first: {one}\n  the second: {two}")?;
        }
        let last = trace.last(*shown);
        if last.len() < trace.len() {
            writeln!(f, "the last {} of {} events:", last.len(), trace.len())?;
        }
        write!(f, "{last}")
    }
}

impl std::error::Error for Failure {}
