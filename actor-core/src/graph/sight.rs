//! All that can be reached along waits, as it was seen, and who of it is stuck.

use super::Ahead;
use crate::bare::Joint;
use crate::cycle::{Cycle, Step};
use crate::id::ActorId;
use crate::shared::Shared;
use crate::waits::{Awaited, Level, Stage, Target};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use tokio::time::Instant;

/// All actors that one waits for, as far as it goes.
pub(super) struct Sight {
    pub(super) actors: Vec<Seen>,
    index: HashMap<ActorId, usize>,
    /// Of all actors, in their order.
    runs: Vec<Run>,
}

/// An actor.
pub(super) struct Seen {
    id: ActorId,
    version: usize,
    /// How many of the runs are its own, and the first of them.
    pub(super) runs: usize,
    first: usize,
    serving: usize,
    /// Whether there may be messages that it has yet to look at.
    has_news: bool,
    /// When its handler is cut off.
    until: Option<Instant>,
}

/// A handler that waits.
struct Run {
    actor: usize,
    number: u64,
    depth: usize,
    message: &'static str,
    caller: Option<usize>,
    waits: Vec<Wait>,
    /// Something that it waited for is over: it goes on.
    goes_on: bool,
}

/// A wait, and the run that it is for: `None` if nobody who waits himself keeps it waiting.
pub(super) struct Wait {
    pub(super) number: u64,
    pub(super) awaited: Joint<dyn Awaited>,
    pub(super) target: Target,
    queued: bool,
    ahead: Option<usize>,
}

/// A step on the way along the waits.
pub(super) enum Hop<'a> {
    Wait(&'a Wait),
    /// To what the handler serves.
    Serves(usize),
}

impl Hop<'_> {
    pub(super) fn queued(&self) -> Option<&Wait> {
        match self {
            Hop::Wait(wait) if wait.queued => Some(wait),
            _ => None,
        }
    }

    fn to(&self) -> Option<usize> {
        match self {
            Hop::Wait(wait) => wait.ahead,
            Hop::Serves(run) => Some(*run),
        }
    }
}

impl Sight {
    pub(super) fn from(shared: &Shared) -> Self {
        let mut sight = Sight { actors: Vec::new(), index: HashMap::new(), runs: Vec::new() };
        sight.see(shared);
        let mut seen = 0;
        while let Some(run) = sight.runs.get(seen) {
            let targets: Vec<_> = run.waits.iter().map(|wait| Arc::clone(&wait.target.to)).collect();
            targets.iter().for_each(|to| sight.see(to));
            seen += 1;
        }
        for run in 0..sight.runs.len() {
            for wait in 0..sight.runs[run].waits.len() {
                let ahead = sight.ahead(&sight.runs[run].waits[wait]);
                sight.runs[run].waits[wait].ahead = ahead;
            }
        }
        sight
    }

    fn see(&mut self, shared: &Shared) {
        let (actor, first) = (self.actors.len(), self.runs.len());
        match self.index.entry(shared.id) {
            Entry::Occupied(_) => return,
            Entry::Vacant(new) => new.insert(actor),
        };
        let seen = shared.waits.look(|version, waits| {
            self.runs.extend(waits.levels().map(|level| Run::of(level, actor)));
            (version, waits.serving, !shared.inlet().is_seen(), waits.main.asked.get())
        });
        let (version, serving, has_news, asked) = seen.unwrap_or_default();
        if asked {
            shared.bell.knock();
        }
        // One that is being killed is polled for the last time.
        if shared.cuts_off() {
            self.runs.truncate(first);
        }
        let runs = self.runs.len() - first;
        let (id, until) = (shared.id, shared.grace());
        self.actors.push(Seen { id, version, runs, first, serving, has_news, until });
    }

    /// Whether it waits at an actor that reads, for nothing but its turn.
    pub(super) fn can_pass(&self, wait: &Wait) -> bool {
        let Some(&actor) = self.index.get(&wait.target.to.id) else { return false };
        let Seen { first, runs, serving, .. } = self.actors[actor];
        // What is served stands as deep, but then the handler is in `serving`.
        let reads = serving == 0 && self.runs[first..first + runs].iter().any(|run| run.depth == 1);
        wait.queued && wait.target.reads() && reads
    }

    /// The run that must end before `wait` does.
    fn ahead(&self, wait: &Wait) -> Option<usize> {
        let actor = &self.actors[*self.index.get(&wait.target.to.id)?];
        let ahead = Ahead { target: &wait.target, awaited: &wait.awaited, queued: wait.queued };
        (actor.first..actor.first + actor.runs).find(|&run| {
            let Run { number, depth, caller, .. } = self.runs[run];
            ahead.is(actor.serving, || actor.has_news, number, depth, caller)
        })
    }

    /// What `run` serves, as far as that waits, one or several readers: it goes on only after them.
    fn served_by(&self, run: usize) -> impl Iterator<Item = usize> {
        let Run { actor, depth, .. } = self.runs[run];
        let Seen { first, runs, .. } = self.actors[actor];
        (first..first + runs).filter(move |&other| self.runs[other].depth == depth + 1)
    }

    /// What must not change: who is stuck depends on nobody else.
    pub(super) fn signature(&self, stuck: &[bool]) -> Vec<u64> {
        let mut signature = Vec::new();
        for (run, _) in self.runs.iter().zip(stuck).filter(|(_, stuck)| **stuck) {
            let Seen { id, version, .. } = self.actors[run.actor];
            signature.extend([id.number(), version as u64, run.number]);
            run.waits.iter().for_each(|wait| signature.extend([wait.number, u64::from(wait.queued)]));
        }
        signature
    }

    /// Which runs never go on.
    pub(super) fn stuck(&self) -> Vec<bool> {
        let mut stuck = vec![true; self.runs.len()];
        loop {
            let mut changed = false;
            // Those who wait come before those whom they wait for.
            for run in (0..self.runs.len()).rev() {
                if stuck[run] && !self.is_stuck(run, &stuck) {
                    stuck[run] = false;
                    changed = true;
                }
            }
            if !changed {
                return stuck;
            }
        }
    }

    fn is_stuck(&self, run: usize, stuck: &[bool]) -> bool {
        let Run { waits, goes_on, .. } = &self.runs[run];
        let is_stuck = |ahead: Option<usize>| ahead.is_some_and(|run| stuck[run]);
        let waits = !waits.is_empty() && waits.iter().all(|wait| is_stuck(wait.ahead));
        !goes_on && (waits || self.served_by(run).any(|served| stuck[served]))
    }

    /// Where the way goes from one that is stuck: by its newest call that can be refused, if it has one.
    fn hop(&self, run: usize, stuck: &[bool]) -> Hop<'_> {
        match self.served_by(run).find(|&served| stuck[served]) {
            Some(served) => Hop::Serves(served),
            None => {
                let newest = self.runs[run].waits.iter().max_by_key(|wait| (wait.queued, wait.number));
                newest.map_or(Hop::Serves(run), Hop::Wait)
            }
        }
    }

    /// A cycle that the way from `run` leads into.
    pub(super) fn cycle(&self, run: usize, stuck: &[bool]) -> Vec<Hop<'_>> {
        let (mut visited, mut hops) = (Vec::new(), Vec::new());
        let mut next = Some(run);
        while let Some(run) = next {
            if let Some(start) = visited.iter().position(|&known| known == run) {
                return hops.split_off(start);
            }
            visited.push(run);
            let hop = self.hop(run, stuck);
            next = hop.to();
            hops.push(hop);
        }
        hops
    }

    /// Whether a wait of the cycle, or of those that it leads to, ends before `until` by itself.
    pub(super) fn ends_before(&self, path: &[Hop<'_>], stuck: &[bool], until: Option<Instant>) -> bool {
        let is_before = |at: Option<Instant>| at.is_some_and(|at| until.is_none_or(|until| at < until));
        let mut within = vec![false; self.runs.len()];
        let mut next: Vec<usize> = path.iter().filter_map(Hop::to).collect();
        while let Some(run) = next.pop() {
            if std::mem::replace(&mut within[run], true) {
                continue;
            }
            let Run { actor, waits, .. } = &self.runs[run];
            if is_before(self.actors[*actor].until) {
                return true;
            }
            let served = next.len();
            next.extend(self.served_by(run).filter(|&served| stuck[served]));
            if next.len() > served {
                // Whatever becomes of its own waits, it goes on only after that.
                continue;
            }
            if waits.iter().any(|wait| is_before(wait.target.until())) {
                return true;
            }
            next.extend(waits.iter().filter_map(|wait| wait.ahead));
        }
        false
    }

    /// The cycle in words, from the handler that the refused call waits for to that call.
    pub(super) fn tell(&self, path: &[Hop<'_>], refused: usize) -> Cycle {
        let mut steps: Vec<Step> = Vec::new();
        let mut actor: Arc<str> = "".into();
        for hop in path[refused..].iter().chain(&path[..refused]) {
            if let Hop::Wait(wait) = hop {
                actor = wait.target.to.label();
                if wait.queued {
                    steps.push(Step { actor: Arc::clone(&actor), message: wait.target.message() });
                }
            }
            if let Some(run) = hop.to().filter(|&run| !self.runs[run].message.is_empty()) {
                steps.push(Step { actor: Arc::clone(&actor), message: self.runs[run].message });
            }
        }
        // The refused call itself, which came first, is the last.
        steps.rotate_left(1);
        Cycle::new(steps)
    }
}

impl Run {
    fn of(level: &Level, actor: usize) -> Self {
        let Level { run, depth, message, caller, ref edges, unswept, ref asked, .. } = *level;
        let mut run = Run { actor, number: run, depth, message, caller, waits: Vec::new(), goes_on: false };
        for edge in edges {
            match edge.sight() {
                (Stage::Over, _) => {}
                (stage @ (Stage::Queued | Stage::Started), Some(awaited)) => {
                    let (number, target) = (edge.number, edge.target.clone());
                    run.waits.push(Wait {
                        number,
                        awaited,
                        target,
                        queued: stage == Stage::Queued,
                        ahead: None,
                    });
                }
                // Or it does not: if a poll has passed by what is there. Then the next one finds out, and looks again.
                _ => {
                    run.goes_on = true;
                    asked.set(asked.get() || unswept);
                }
            }
        }
        run
    }
}
