//! What this library wants to reach, as a share of the best peer's figure.

use crate::contestant::Threads;
use crate::scenario::Scenario;

/// The share of a rival's figure that is aimed at, and the one that still passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) goal: f64,
    pub(crate) floor: f64,
}

impl Target {
    const fn of(goal: f64) -> Self {
        Self { goal, floor: goal }
    }

    /// What has been reached, or passes at least.
    pub(crate) fn verdict(self, figure: f64) -> &'static str {
        if figure <= self.goal {
            "reached"
        } else if figure <= self.floor {
            "passes"
        } else {
            "missed"
        }
    }
}

/// Against the best peer, with direct calls.
pub(crate) fn peers(scenario: Scenario, threads: Threads) -> Option<Target> {
    let [one, two] = match scenario {
        Scenario::Tell => [0.6, 0.3].map(Target::of),
        Scenario::Ask => [0.25, 0.15].map(Target::of),
        Scenario::Ask64 => [0.4, 0.6].map(Target::of),
        Scenario::FanIn => [0.6, 0.6].map(Target::of),
        Scenario::Ring => [Target { goal: 1.0, floor: 1.3 }, Target::of(0.65)],
        Scenario::Life => [0.9, 0.6].map(Target::of),
        Scenario::Nested => [0.3, 0.2].map(Target::of),
        Scenario::Timeout => [0.2, 0.15].map(Target::of),
        Scenario::Idle => return None,
    };
    Some(match threads {
        Threads::One => one,
        Threads::Two => two,
    })
}

/// Against the best peer, without direct calls: a queued ask must not be slow either.
pub(crate) fn mailbox_only(scenario: Scenario) -> Option<Target> {
    (scenario == Scenario::Ask).then_some(Target { goal: 0.75, floor: 0.95 })
}

/// Against the better of the two by hand: never slower, but for the ring.
pub(crate) fn by_hand(scenario: Scenario) -> Option<Target> {
    match scenario {
        Scenario::Ring => Some(Target::of(1.1)),
        Scenario::Idle => None,
        _ => Some(Target::of(1.0)),
    }
}

/// Allocations an operation, or bytes an idle actor; not shares.
pub(crate) fn memory(scenario: Scenario, direct: bool) -> Option<Target> {
    match scenario {
        Scenario::Tell => Some(Target::of(0.0)),
        Scenario::Ask if direct => Some(Target::of(0.0)),
        Scenario::Ask => Some(Target::of(1.0)),
        Scenario::Idle => Some(Target { goal: 700.0, floor: 1000.0 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn between_goal_and_floor_it_passes_with_a_remark() {
        let target = Target { goal: 1.0, floor: 1.3 };
        assert_eq!([1.0, 1.3, 1.31].map(|share| target.verdict(share)), ["reached", "passes", "missed"]);
    }
}
