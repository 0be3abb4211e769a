//! How long handlers take: a caller runs a short one itself and leaves a long one to the actor's task.

use crate::choice;
use crate::policy::Policy;
use std::ptr;
use std::time::Duration;

/// A handler that takes longer is worth a task switch: it leaves its caller free to do other things meanwhile. It must do so twice in
/// a row: a cold cache or a busy machine makes a short one look long once.
const LONG: Duration = Duration::from_micros(20);
/// Longer than any accident.
const VERY_LONG: Duration = Duration::from_millis(1);
/// One direct call of so many is timed; the clock costs as much as half a call.
const SAMPLE: u32 = 16;

/// One entry a message that was called directly.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Beside the others, since many actors have one that matters.
    first: Option<Kind>,
    others: Option<Box<Others>>,
    slow: u32,
}

#[derive(Debug, Default)]
struct Others(Vec<Kind>);

#[derive(Debug)]
struct Kind {
    policy: &'static Policy,
    calls: u32,
    /// The last one that was measured took long.
    suspect: bool,
    slow: bool,
}

/// Whether and how to call directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    Run,
    /// Run and [`note`](Pace::note) how long it took.
    Measure,
    /// Takes long: leave it to the task.
    Leave,
}

impl Pace {
    fn kind(&mut self, policy: &'static Policy) -> &mut Kind {
        let new = || Kind { policy, calls: 0, suspect: false, slow: false };
        let first = self.first.get_or_insert_with(new);
        if ptr::eq(first.policy, policy) {
            return first;
        }
        let Others(others) = &mut **self.others.get_or_insert_default();
        let at = others.iter().position(|kind| ptr::eq(kind.policy, policy)).unwrap_or_else(|| {
            others.reserve_exact(1);
            others.push(new());
            others.len() - 1
        });
        &mut others[at]
    }

    /// Before a direct call. The first of each message is measured.
    #[inline]
    pub(crate) fn advise(&mut self, policy: &'static Policy) -> Advice {
        if choice::is_on() {
            // A schedule owns the time, and says itself who runs a handler.
            return Advice::Run;
        }
        let kind = self.kind(policy);
        if kind.slow {
            return Advice::Leave;
        }
        let due = kind.suspect || kind.calls.is_multiple_of(SAMPLE);
        kind.calls = kind.calls.wrapping_add(1);
        if due { Advice::Measure } else { Advice::Run }
    }

    /// Whether the message is known to take long; its queued runs are measured, so that it can become short again.
    #[inline]
    pub(crate) fn is_slow(&mut self, policy: &'static Policy) -> bool {
        self.slow > 0 && self.kind(policy).slow
    }

    #[inline]
    pub(crate) fn note(&mut self, policy: &'static Policy, took: Duration) {
        let kind = self.kind(policy);
        let long = took > LONG;
        let slow = took > VERY_LONG || long && kind.suspect;
        kind.suspect = long;
        if kind.slow != slow {
            kind.slow = slow;
            self.slow = if slow { self.slow + 1 } else { self.slow - 1 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SHORT: Policy = Policy::plain("short");
    static OTHER: Policy = Policy::plain("other");

    #[test]
    fn a_long_handler_is_left_to_the_task_until_it_is_short_again() {
        let mut pace = Pace::default();
        assert_eq!(pace.advise(&SHORT), Advice::Measure);
        pace.note(&SHORT, LONG * 2);
        assert_eq!(pace.advise(&SHORT), Advice::Measure, "once may be an accident");
        pace.note(&SHORT, LONG * 2);
        assert_eq!(pace.advise(&SHORT), Advice::Leave);
        assert!(pace.is_slow(&SHORT) && !pace.is_slow(&OTHER));
        pace.note(&SHORT, LONG / 2);
        assert!(!pace.is_slow(&SHORT));
        assert_ne!(pace.advise(&SHORT), Advice::Leave);
    }

    #[test]
    fn a_very_long_one_is_no_accident() {
        let mut pace = Pace::default();
        pace.note(&SHORT, VERY_LONG * 2);
        assert_eq!(pace.advise(&SHORT), Advice::Leave);
    }

    #[test]
    fn one_of_many_is_measured() {
        let mut pace = Pace::default();
        let measured = (0..SAMPLE * 3).filter(|_| pace.advise(&SHORT) == Advice::Measure).count();
        assert_eq!(measured, 3);
    }
}
