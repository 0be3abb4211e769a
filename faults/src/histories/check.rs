//! The search for an order.

use stateright::semantics::SequentialSpec;
use std::collections::HashSet;
use std::hash::Hash;

/// One operation: between `begin` and `end` it happened, if it has ended; otherwise it happens at any time after `begin`, or never.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done<Op, Ret> {
    /// What was asked for.
    pub op: Op,
    /// When it was asked for.
    pub begin: u64,
    /// When it was answered, and what; `None` if nobody knows.
    pub end: Option<(u64, Ret)>,
}

/// What callers saw.
#[derive(Clone, Debug)]
pub struct History<Op, Ret> {
    /// Those that were answered, by their beginnings.
    answered: Vec<Answered<Op, Ret>>,
    /// Those of which nobody knows.
    unknown: Vec<(u64, Op)>,
}

#[derive(Clone, Debug)]
struct Answered<Op, Ret> {
    op: Op,
    begin: u64,
    end: u64,
    ret: Ret,
}

/// What is said of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is an order.
    Linearizable,
    /// There is none: so many of those that were answered can be put in order, and this one cannot.
    Violation {
        /// How many fit.
        fitting: usize,
        /// The one that does not.
        stuck: String,
    },
    /// More was looked at than is allowed.
    Undecided,
}

/// Which operations have happened, and what the object is then.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Step<Spec> {
    /// All answered ones before this one.
    prefix: usize,
    /// Others that were answered.
    beyond: Vec<usize>,
    /// Of those that nobody knows of.
    unknown: Vec<usize>,
    object: Spec,
}

impl<Op, Ret> History<Op, Ret>
where
    Op: std::fmt::Debug,
    Ret: std::fmt::Debug + PartialEq,
{
    /// In any order.
    #[must_use]
    pub fn new(done: Vec<Done<Op, Ret>>) -> Self {
        let (mut answered, mut unknown) = (Vec::new(), Vec::new());
        for Done { op, begin, end } in done {
            match end {
                Some((end, ret)) => answered.push(Answered { op, begin, end, ret }),
                None => unknown.push((begin, op)),
            }
        }
        answered.sort_by_key(|done| done.begin);
        History { answered, unknown }
    }

    /// How many were answered, and of how many nobody knows.
    #[must_use]
    pub fn len(&self) -> (usize, usize) {
        (self.answered.len(), self.unknown.len())
    }

    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == (0, 0)
    }

    /// Looks for an order in which the object, beginning as `object`, answers all as it was answered. Looks at no more than `most` steps.
    #[must_use]
    pub fn check<Spec>(&self, object: Spec, most: usize) -> Verdict
    where
        Spec: SequentialSpec<Op = Op, Ret = Ret> + Clone + Eq + Hash,
    {
        let first = Step { prefix: 0, beyond: Vec::new(), unknown: Vec::new(), object };
        let (mut seen, mut open) = (HashSet::from([first.clone()]), vec![first]);
        let mut furthest = (0, 0);
        while let Some(step) = open.pop() {
            if step.prefix == self.answered.len() {
                return Verdict::Linearizable;
            }
            furthest = furthest.max((step.prefix + step.beyond.len(), step.prefix));
            // The last one that is put in is looked at first: what was answered, in the order of its beginnings.
            for next in self.after(&step) {
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
            if seen.len() > most {
                return Verdict::Undecided;
            }
        }
        let (fitting, prefix) = furthest;
        let stuck = self.answered.get(prefix).map(|done| format!("{done:?}")).unwrap_or_default();
        Verdict::Violation { fitting, stuck }
    }

    /// What can happen next.
    fn after<Spec>(&self, step: &Step<Spec>) -> Vec<Step<Spec>>
    where
        Spec: SequentialSpec<Op = Op, Ret = Ret> + Clone,
    {
        // Whatever begins after another one has ended comes after it.
        let mut ends = u64::MAX;
        let mut answered = Vec::new();
        for (number, done) in self.answered.iter().enumerate().skip(step.prefix) {
            if done.begin > ends {
                break;
            }
            if !step.beyond.contains(&number) {
                ends = ends.min(done.end);
                answered.push((number, done));
            }
        }
        let mut steps = Vec::new();
        for (number, (_, op)) in self.unknown.iter().enumerate().filter(|(_, (begin, _))| *begin <= ends) {
            if let Err(place) = step.unknown.binary_search(&number) {
                let mut next = step.clone();
                next.object.invoke(op);
                next.unknown.insert(place, number);
                steps.push(next);
            }
        }
        for (number, done) in answered.into_iter().rev().filter(|(_, done)| done.begin <= ends) {
            let mut next = step.clone();
            if next.object.is_valid_step(&done.op, &done.ret) {
                next.beyond.push(number);
                next.beyond.sort_unstable();
                while next.beyond.first() == Some(&next.prefix) {
                    next.beyond.remove(0);
                    next.prefix += 1;
                }
                steps.push(next);
            }
        }
        steps
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::objects::{Register, RegisterOp, RegisterRet};
    use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

    const MOST: usize = 1_000_000;

    fn verdict(done: Vec<Done<RegisterOp, RegisterRet>>) -> Verdict {
        History::new(done).check(Register(0), MOST)
    }

    fn write(value: u64, begin: u64, end: Option<u64>) -> Done<RegisterOp, RegisterRet> {
        Done { op: RegisterOp::Write(value), begin, end: end.map(|end| (end, RegisterRet::Written)) }
    }

    fn read(value: u64, begin: u64, end: u64) -> Done<RegisterOp, RegisterRet> {
        Done { op: RegisterOp::Read, begin, end: Some((end, RegisterRet::Value(value))) }
    }

    #[test]
    fn what_is_read_must_have_been_written_and_not_overwritten() {
        let is_fine = |done| verdict(done) == Verdict::Linearizable;
        assert!(is_fine(vec![write(1, 0, Some(1)), read(1, 2, 3)]));
        assert!(!is_fine(vec![write(1, 0, Some(1)), read(0, 2, 3)]));
        assert!(is_fine(vec![write(1, 0, Some(5)), read(0, 2, 3)]));
        assert!(!is_fine(vec![write(1, 0, Some(9)), read(1, 2, 3), read(0, 4, 5)]));
        // Of which nobody knows: it may happen late, or never, but only once.
        assert!(is_fine(vec![write(1, 0, None), read(0, 2, 3), read(1, 4, 5)]));
        assert!(is_fine(vec![write(1, 0, None), read(0, 2, 3), read(0, 4, 5)]));
        assert!(!is_fine(vec![write(1, 0, None), read(1, 2, 3), read(0, 4, 5)]));
        assert!(!is_fine(vec![write(1, 4, None), read(1, 2, 3)]));
        assert!(!is_fine(vec![write(1, 0, None), write(2, 0, Some(1)), read(1, 2, 3), read(2, 4, 5)]));
    }

    /// One event of a thread: it begins, or it ends what it has begun.
    fn random(random: &mut fastrand::Rng) -> Vec<Done<RegisterOp, RegisterRet>> {
        let mut under_way: [Option<usize>; 4] = [None; 4];
        let mut done: Vec<Done<RegisterOp, RegisterRet>> = Vec::new();
        for now in 0..random.u64(4..18) {
            let thread = random.usize(0..4);
            match under_way[thread].take() {
                None => {
                    let op = match random.u8(0..3) {
                        0 => RegisterOp::Read,
                        1 => RegisterOp::Write(random.u64(0..3)),
                        _ => RegisterOp::Swap(random.u64(0..3), random.u64(0..3)),
                    };
                    under_way[thread] = Some(done.len());
                    done.push(Done { op, begin: now, end: None });
                }
                Some(number) => {
                    let ret = match done[number].op {
                        RegisterOp::Read => RegisterRet::Value(random.u64(0..3)),
                        RegisterOp::Write(_) => RegisterRet::Written,
                        RegisterOp::Swap(..) => RegisterRet::Swapped(random.bool()),
                    };
                    done[number].end = Some((now, ret));
                }
            }
        }
        done
    }

    fn by_stateright(done: &[Done<RegisterOp, RegisterRet>]) -> bool {
        let mut events: Vec<(u64, usize, bool)> = Vec::new();
        for (number, one) in done.iter().enumerate() {
            events.push((one.begin, number, true));
            events.extend(one.end.as_ref().map(|(end, _)| (*end, number, false)));
        }
        events.sort_unstable();
        // A thread for each, which says the same: what orders them is when they begin and end.
        let mut tester = LinearizabilityTester::new(Register(0));
        for (_, number, begins) in events {
            match (begins, &done[number].end) {
                (false, Some((_, ret))) => drop(tester.on_return(number, ret.clone()).unwrap()),
                _ => drop(tester.on_invoke(number, done[number].op.clone()).unwrap()),
            }
        }
        tester.is_consistent()
    }

    #[test]
    fn it_says_what_stateright_says() {
        let mut numbers = fastrand::Rng::with_seed(1);
        let mut fine = 0;
        for _ in 0..2_000 {
            let done = random(&mut numbers);
            let ours = verdict(done.clone()) == Verdict::Linearizable;
            assert_eq!(ours, by_stateright(&done), "{done:?}");
            fine += u32::from(ours);
        }
        // Both kinds were there.
        assert!((200..1_800).contains(&fine), "{fine}");
    }
}
