//! Which values to try at a place that refuses some.
//!
//! A value is made of choices: which number, which text, `Some` or `None`, how many elements. Choice 0 is what is taken when
//! nobody minds. First one choice is changed, then two, and so on; each choice that turns up only with another one counts too.

use std::collections::VecDeque;

/// How many values are tried.
const LIMIT: usize = 600;
/// How many choices of a value may be changed.
const CHOICES: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Search {
    /// How many values there have been and will be.
    values: usize,
    /// What to choose instead of 0, by the order in which the choices are come to. The last one is not 0.
    picks: Vec<u16>,
    queue: VecDeque<Vec<u16>>,
}

impl Search {
    pub(super) fn is_on(&self) -> bool {
        !self.picks.is_empty()
    }

    /// The choice at `at`, if the search has a say in it.
    pub(super) fn pick(&self, at: usize) -> Option<u16> {
        self.picks.get(at).copied().filter(|&pick| pick > 0)
    }

    /// The value was refused, at whose choices there were `ways`: goes on to the next. `false` if there is none.
    pub(super) fn next(&mut self, ways: &[u16]) -> bool {
        let further = &ways[..ways.len().min(CHOICES)];
        // Only behind the last change, so that no value comes twice.
        for (at, &ways) in further.iter().enumerate().skip(self.picks.len()).rev() {
            for pick in (1..ways).take(LIMIT.saturating_sub(self.values)) {
                self.values += 1;
                let mut picks = self.picks.clone();
                picks.resize(at, 0);
                picks.push(pick);
                self.queue.push_back(picks);
            }
        }
        self.picks = self.queue.pop_front().unwrap_or_default();
        self.is_on()
    }
}
