//! `graph::look`: the walk along the waits, step by step as others may come between.

use crate::state::{Call, Id, Level, Stage, State, Waits};
use crate::{Variant, truth};

/// What must not have changed: of all that is stuck, the actor with its version, the handler, and its calls with whether they are queued.
type Signature = Vec<(Id, u8, Id, Vec<(Id, bool)>)>;

/// A walk on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    step: Step,
    /// `Sight::actors`
    sight: Vec<Seen>,
    /// An actor whose waits are locked, and how many of the stages of its edges have been read.
    reading: Option<(Seen, usize)>,
    /// Of the look before.
    suspicion: Option<Signature>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// `may_be_stuck`
    Quick,
    /// `Suspicion::of`, without the lock.
    First,
    /// `DECIDING.lock()`
    Lock,
    /// `Suspicion::of`, under the lock.
    Second,
    /// `Awaited::refuse`
    Refuse(Id),
    /// `drop(deciding)`
    Unlock(Option<Id>),
    /// `Waker::wake`
    Wake(Id),
}

/// `Seen`, with its `Run`s.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seen {
    actor: Id,
    version: u8,
    has_news: bool,
    serving: bool,
    runs: Vec<Run>,
}

/// `Run`, with its `Wait`s.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Run {
    run: Id,
    depth: u8,
    /// And whether it is queued, once that was read.
    waits: Vec<(Id, bool)>,
    goes_on: bool,
}

fn call(state: &State, id: Id) -> &Call {
    &state.calls[usize::from(id)]
}

impl Seen {
    /// `Sight::see`, up to the stages of the edges.
    fn of(state: &State, actor: Id) -> Self {
        let at = &state.actors[usize::from(actor)];
        // `Waiting::look`
        let known: Option<&Waits> = Some(&at.waits).filter(|waits| waits.main.is_some() && !waits.polled);
        let run = |depth, level: &Level| Run {
            run: level.run,
            depth,
            waits: level.edges.iter().map(|&edge| (edge, false)).collect(),
            goes_on: false,
        };
        let runs = known.map_or(Vec::new(), |waits| {
            let main = waits.main.iter().map(|level| run(0, level));
            main.chain(waits.served.iter().map(|level| run(1, level))).collect()
        });
        let (version, serving) = known.map_or((0, false), |waits| (waits.version, waits.serving));
        Seen { actor, version, has_news: known.is_some() && !at.seen, serving, runs }
    }

    fn edges(&self) -> usize {
        self.runs.iter().map(|run| run.waits.len()).sum()
    }

    /// `Wait::of`, of the edge of this number.
    fn read(&mut self, number: usize, state: &State) {
        let mut before = 0;
        for run in &mut self.runs {
            let here = number.checked_sub(before);
            before += run.waits.len();
            if let Some((id, queued)) = here.and_then(|at| run.waits.get_mut(at)) {
                match call(state, *id).stage {
                    Stage::Queued => *queued = true,
                    Stage::Started => {}
                    Stage::Gone | Stage::Answered | Stage::Taken | Stage::Cancelled => run.goes_on = true,
                }
                return;
            }
        }
    }

    /// The waits of one that goes on are of no interest.
    fn whole(mut self) -> Self {
        for run in self.runs.iter_mut().filter(|run| run.goes_on) {
            run.waits.clear();
        }
        self
    }
}

/// The runs of all that was seen, and what keeps each waiting.
struct Sight<'a> {
    state: &'a State,
    runs: Vec<(&'a Seen, &'a Run)>,
}

impl<'a> Sight<'a> {
    fn of(sight: &'a [Seen], state: &'a State) -> Self {
        let runs = sight.iter().flat_map(|seen| seen.runs.iter().map(move |run| (seen, run)));
        Sight { state, runs: runs.collect() }
    }

    /// `Sight::ahead`
    fn ahead(&self, (id, queued): (Id, bool)) -> Option<usize> {
        let to = call(self.state, id).to;
        let mut here = self.runs.iter().enumerate().filter(|(_, (seen, _))| seen.actor == to);
        if !queued {
            return here.find(|(_, (_, run))| run.run == id).map(|(at, _)| at);
        }
        let between = call(self.state, id).between;
        here.find(|(_, (seen, run))| run.depth == u8::from(between && seen.has_news && seen.serving))
            .map(|(at, _)| at)
    }

    /// `Sight::served_by`
    fn served_by(&self, at: usize) -> Option<usize> {
        let (seen, run) = self.runs[at];
        self.runs
            .iter()
            .position(|(other, served)| other.actor == seen.actor && served.depth == run.depth + 1)
    }

    /// `Sight::stuck`
    fn stuck(&self) -> Vec<bool> {
        let mut stuck = vec![true; self.runs.len()];
        loop {
            let before = stuck.clone();
            for at in (0..self.runs.len()).rev() {
                let (_, run) = self.runs[at];
                let waits = |&wait: &(Id, bool)| self.ahead(wait).is_some_and(|ahead| stuck[ahead]);
                let waits = !run.waits.is_empty() && run.waits.iter().all(waits);
                let serves = self.served_by(at).is_some_and(|served| stuck[served]);
                stuck[at] = stuck[at] && !run.goes_on && (waits || serves);
            }
            if stuck == before {
                return stuck;
            }
        }
    }

    /// `Sight::cycle`: its waits, and the runs that they and what is served lead to.
    fn cycle(&self, first: usize, stuck: &[bool]) -> (Vec<(Id, bool)>, Vec<usize>) {
        let (mut visited, mut hops) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(at) = next {
            if let Some(start) = visited.iter().position(|&known| known == at) {
                let hops: Vec<Hop> = hops.split_off(start);
                let to = hops.iter().filter_map(|(_, to)| *to).collect();
                return (hops.into_iter().filter_map(|(wait, _)| wait).collect(), to);
            }
            visited.push(at);
            let hop = match self.served_by(at).filter(|&served| stuck[served]) {
                Some(served) => (None, Some(served)),
                None => {
                    let newest =
                        self.runs[at].1.waits.iter().copied().max_by_key(|&(id, queued)| (queued, id));
                    (newest, newest.and_then(|wait| self.ahead(wait)))
                }
            };
            next = hop.1;
            hops.push(hop);
        }
        (hops.into_iter().filter_map(|(wait, _)| wait).collect(), Vec::new())
    }

    /// `Sight::ends_before`
    fn ends_before(&self, to: &[usize], stuck: &[bool], until: Option<u8>) -> bool {
        let is_before = |at: Option<u8>| at.is_some_and(|at| until.is_none_or(|until| at < until));
        let (mut within, mut next) = (vec![false; self.runs.len()], to.to_vec());
        while let Some(at) = next.pop() {
            if std::mem::replace(&mut within[at], true) {
                continue;
            }
            if let Some(served) = self.served_by(at).filter(|&served| stuck[served]) {
                next.push(served);
                continue;
            }
            let waits = &self.runs[at].1.waits;
            if waits.iter().any(|&(id, _)| is_before(call(self.state, id).until)) {
                return true;
            }
            next.extend(waits.iter().filter_map(|&wait| self.ahead(wait)));
        }
        false
    }

    /// `Suspicion::of`: the signature, and who is to be refused.
    fn suspicion(&self, me: Id) -> Option<(Signature, Id)> {
        let stuck = self.stuck();
        let first = (0..self.runs.len()).find(|&at| self.runs[at].0.actor == me && stuck[at])?;
        let (waits, to) = self.cycle(first, &stuck);
        let (victim, _) = waits.into_iter().filter(|(_, queued)| *queued).max()?;
        if self.ends_before(&to, &stuck, call(self.state, victim).until) {
            return None;
        }
        let stuck = self.runs.iter().zip(&stuck).filter(|(_, stuck)| **stuck);
        let signature = stuck.map(|((seen, run), _)| (seen.actor, seen.version, run.run, run.waits.clone()));
        Some((signature.collect(), victim))
    }
}

impl Look {
    /// At the end of a poll.
    pub(crate) fn new() -> Self {
        Look { step: Step::Quick, sight: Vec::new(), reading: None, suspicion: None }
    }

    /// Whose waits it holds the lock of.
    pub(crate) fn holds(&self) -> Option<Id> {
        self.reading.as_ref().map(|(seen, _)| seen.actor)
    }

    /// Whether it will compare the version of this actor's waits.
    pub(crate) fn knows(&self, actor: Id) -> bool {
        let mut seen = self.sight.iter().chain(self.reading.iter().map(|(seen, _)| seen));
        let mut suspected = self.suspicion.iter().flatten();
        seen.any(|seen| seen.actor == actor) || suspected.any(|(suspected, ..)| *suspected == actor)
    }

    /// The next actor to be seen, in the order in which those who wait for them were.
    fn next(&self, me: Id, state: &State) -> Option<Id> {
        let calls = self.sight.iter().flat_map(|seen| &seen.runs).flat_map(|run| &run.waits);
        let mut actors = std::iter::once(me).chain(calls.map(|(id, _)| call(state, *id).to));
        actors.find(|actor| !self.sight.iter().any(|seen| seen.actor == *actor))
    }

    /// Whether its next step can be taken now.
    pub(crate) fn can_step(&self, me: Id, state: &State) -> bool {
        match self.step {
            Step::Lock => state.deciding.is_none(),
            Step::First | Step::Second if self.reading.is_none() => {
                self.next(me, state).is_none_or(|actor| !is_locked(state, actor))
            }
            _ => true,
        }
    }

    /// A step of the look at all of them; true when all have been seen.
    fn see(&mut self, me: Id, state: &State) -> bool {
        let (mut seen, read) = match self.reading.take() {
            Some(reading) => reading,
            None => match self.next(me, state) {
                Some(actor) => (Seen::of(state, actor), 0),
                None => return true,
            },
        };
        // The first stage is read with the lock taken in the same step: nobody sees the lock alone.
        seen.read(read, state);
        if read + 1 < seen.edges() {
            self.reading = Some((seen, read + 1));
        } else {
            self.sight.push(seen.whole());
        }
        false
    }
}

/// Whether somebody who looks holds the lock of an actor's waits.
pub(crate) fn is_locked(state: &State, actor: Id) -> bool {
    state.actors.iter().any(|other| other.look.as_ref().and_then(Look::holds) == Some(actor))
}

/// `may_be_stuck`
fn may_be_stuck(state: &State, me: Id) -> bool {
    let waits = &state.actors[usize::from(me)].waits;
    match (waits.main.as_ref().map(|main| &main.edges[..]), &waits.served) {
        (None | Some([]), None) => false,
        (Some([first, ..]), None) => {
            let to = &state.actors[usize::from(call(state, *first).to)].waits;
            to.main.is_some() && !to.polled
        }
        (_, Some(_)) => true,
    }
}

/// The next step of the walk of this actor's task.
pub(crate) fn step(state: &mut State, me: Id, variant: Variant) {
    let Some(mut look) = state.actors[usize::from(me)].look.take() else { return };
    let has_seen = matches!(look.step, Step::First | Step::Second) && look.see(me, state);
    let next = match look.step {
        Step::Quick => may_be_stuck(state, me).then_some(Step::First),
        step @ (Step::First | Step::Second) if !has_seen => Some(step),
        Step::First => {
            let sight = std::mem::take(&mut look.sight);
            Sight::of(&sight, state).suspicion(me).map(|(signature, victim)| {
                look.suspicion = Some(signature);
                if variant.looks_twice { Step::Lock } else { Step::Refuse(victim) }
            })
        }
        Step::Lock => {
            state.deciding = Some(me);
            Some(Step::Second)
        }
        Step::Second => {
            let sight = std::mem::take(&mut look.sight);
            match Sight::of(&sight, state).suspicion(me) {
                None => Some(Step::Unlock(None)),
                Some((signature, victim)) => {
                    let is_sure = look.suspicion.replace(signature.clone()) == Some(signature);
                    Some(if is_sure { Step::Refuse(victim) } else { Step::Second })
                }
            }
        }
        Step::Refuse(victim) => {
            let id = usize::from(victim);
            if state.calls[id].stage == Stage::Queued {
                state.told = true;
                // One whose own time is up meanwhile hears that it never ran in either case.
                let is_late = state.calls[id].until.is_some_and(|until| until <= state.now);
                state.false_deadlock |= !is_late && !truth::is_deadlock(state, victim);
                state.calls[id].answer();
                Some(Step::Unlock(Some(victim)))
            } else {
                variant.looks_twice.then_some(Step::Second)
            }
        }
        Step::Unlock(refused) => {
            if state.deciding == Some(me) {
                state.deciding = None;
            }
            refused.map(Step::Wake)
        }
        Step::Wake(call) => {
            state.wake_caller(call);
            None
        }
    };
    if let Some(step) = next {
        look.step = step;
        if !matches!(step, Step::Lock | Step::Second) {
            look.suspicion = None;
        }
        state.actors[usize::from(me)].look = Some(look);
    }
}

/// A step of a walk: the wait, and the run that it or what is served leads to.
type Hop = (Option<(Id, bool)>, Option<usize>);
