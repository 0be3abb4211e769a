//! Deadlocks: a walk along the waits of actors, from one whose handler pends.
//!
//! A handler is stuck if all that it waits for waits, in the end, for handlers that are stuck. So of all that can be reached, those are
//! struck out that may go on, until nothing changes; what is left waits for ever.
//!
//! Actors are looked at one after the other while others run, so a first look only suspects. A second one, under a lock
//! that all share, decides: if every actor in it is as the first saw it, by its version, then at the moment between the two all of it
//! held at once. Nobody is missed either: each handler that pends looks after its waits were noted, so of those who close a cycle together
//! the last sees all of it.

use crate::error::{Cycle, Step};
use crate::id::ActorId;
use crate::shared::Shared;
use crate::sync::Mutex;
use crate::waits::{self, Awaited, Edge, Level, Stage, Target, Waits, What, is_at};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
#[cfg(not(loom))]
use std::sync::LazyLock;
use tokio::time::Instant;

/// Held by whoever decides, so that two do not break one knot in two places.
#[cfg(not(loom))]
static DECIDING: LazyLock<Mutex<()>> = LazyLock::new(|| Mutex::new(()));
#[cfg(loom)]
loom::lazy_static! {
    static ref DECIDING: Mutex<()> = Mutex::new(());
}

/// The poll of this actor's handler has ended, and it pends. If its waits close a cycle, the newest call of it that is still queued is
/// refused.
pub(crate) fn look(shared: &Shared, first: First) {
    if let First::One(to) = first
        && leads_out(shared, to)
    {
        return;
    }
    let Some(mut suspicion) = Suspicion::of(shared) else { return };
    let deciding = DECIDING.lock();
    let waker = loop {
        let Some(sure) = Suspicion::of(shared) else { return };
        if sure.signature == suspicion.signature {
            match &sure.way_out {
                WayOut::Pass(call, at) => {
                    if call.let_pass() {
                        waits::let_pass(at);
                        break None;
                    }
                }
                WayOut::Refuse(victim) => {
                    if let Some(waker) = victim.refuse(&sure.cycle) {
                        break waker;
                    }
                }
            }
        }
        suspicion = sure;
    };
    // Whatever runs in a waker may come here.
    drop(deciding);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// What a handler waits for of which it is not certain that it comes, at first sight.
pub(crate) enum First {
    One(Arc<Shared>),
    Several,
}

impl First {
    /// `None`: it goes on some time. Of one that waits for several it is enough that one of them comes. Of one that waits for a single one it
    /// need not be known how that stands: if it is over, the handler waits for something that nobody knows.
    pub(crate) fn of(waits: &Waits) -> Option<Self> {
        let goes_on =
            |level: &Level| level.edges.is_empty() || level.edges.iter().rev().any(|edge| comes(edge, level));
        match (&waits.main.edges[..], &waits.served[..]) {
            ([edge], []) if edge.leads_out() => None,
            _ if waits.levels().all(goes_on) => None,
            ([edge], []) => Some(First::One(Arc::clone(&edge.target.to))),
            _ => Some(First::Several),
        }
    }
}

/// Whether what is waited for comes for sure, since nobody who waits himself keeps it waiting.
fn comes(edge: &Edge, level: &Level) -> bool {
    let (stage, awaited) = edge.sight();
    let target = &edge.target;
    match (stage, &awaited) {
        (Stage::Over, _) => false,
        (Stage::Queued | Stage::Started, Some(awaited)) => target.to.waits.surely(|waits| {
            let ahead = Ahead { target, awaited, queued: stage == Stage::Queued };
            let has_news = || !target.to.inlet().is_seen();
            !waits
                .levels()
                .any(|level| ahead.is(waits.serving, has_news, level.run, level.depth, level.caller))
        }),
        _ => !level.unswept,
    }
}

/// What a call waits for at its actor: this is where it stands.
struct Ahead<'a> {
    target: &'a Target,
    awaited: &'a Arc<dyn Awaited>,
    queued: bool,
}

impl Ahead<'_> {
    /// Whether it is this handler, of an actor of whose handlers so many are in `serving`.
    fn is(
        &self,
        serving: usize,
        has_news: impl FnOnce() -> bool,
        run: u64,
        depth: usize,
        caller: Option<usize>,
    ) -> bool {
        let Ahead { target, awaited, queued } = self;
        if *queued {
            // Served at once, or after what is being served. One who serves, pends and has seen all that is in its mailbox serves nothing of it:
            // what still waits for room then waits for the handler, as others do.
            let stands = if target.goes_between() && serving > 0 && has_news() { serving } else { 0 };
            return depth == stands && !awaited.passes();
        }
        // If there is none, it has been given to a `ReplyTo` whose handler has returned, or its handler waits for nobody.
        match (&target.what, caller) {
            (What::Item(number), _) => run == *number,
            (_, Some(caller)) => is_at(awaited, caller),
            (_, None) => false,
        }
    }
}

/// So far single waits are followed, one after the other, before all that can be reached is looked at.
const FAR: usize = 64;

/// Whether a way of single waits, from one of `shared` on, ends at an actor that keeps nobody waiting. Then nobody on it is stuck.
fn leads_out(shared: &Shared, mut to: Arc<Shared>) -> bool {
    for _ in 0..FAR {
        match to.waits.look(|_, waits| First::of(waits)).flatten() {
            None => return true,
            Some(First::One(next)) if next.id != shared.id => to = next,
            Some(First::One(_) | First::Several) => return false,
        }
    }
    false
}

/// One who looks like being stuck.
struct Suspicion {
    /// Of all that is stuck: the same again means that nothing of it has changed.
    signature: Vec<u64>,
    way_out: WayOut,
    cycle: Cycle,
}

/// How a cycle is broken.
enum WayOut {
    /// A call that reads need not wait for writers while the actor reads already: it can pass them.
    Pass(Arc<dyn Awaited>, Arc<Shared>),
    Refuse(Arc<dyn Awaited>),
}

impl Suspicion {
    fn of(shared: &Shared) -> Option<Self> {
        let sight = Sight::from(shared);
        let stuck = sight.stuck();
        let first = (0..sight.actors.first()?.runs).find(|&run| stuck[run])?;
        let path = sight.cycle(first, &stuck);
        let at = path.iter().enumerate().filter_map(|(at, hop)| hop.queued().map(|wait| (at, wait)));
        // Where nothing is queued any more nothing can be refused.
        let (at, victim) = at.max_by_key(|(_, wait)| wait.number)?;
        if sight.ends_before(&path, &stuck, victim.target.until()) {
            return None;
        }
        let cycle = sight.tell(&path, at);
        let passes = path.iter().filter_map(Hop::queued).find(|wait| sight.can_pass(wait));
        let way_out = match passes {
            Some(wait) => WayOut::Pass(Arc::clone(&wait.awaited), Arc::clone(&wait.target.to)),
            None => WayOut::Refuse(Arc::clone(&victim.awaited)),
        };
        Some(Suspicion { signature: sight.signature(&stuck), way_out, cycle })
    }
}

/// All actors that one waits for, as far as it goes.
struct Sight {
    actors: Vec<Seen>,
    index: HashMap<ActorId, usize>,
    /// Of all actors, in their order.
    runs: Vec<Run>,
}

/// An actor.
struct Seen {
    id: ActorId,
    version: usize,
    /// How many of the runs are its own, and the first of them.
    runs: usize,
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
struct Wait {
    number: u64,
    awaited: Arc<dyn Awaited>,
    target: Target,
    queued: bool,
    ahead: Option<usize>,
}

/// A step on the way along the waits.
enum Hop<'a> {
    Wait(&'a Wait),
    /// To what the handler serves.
    Serves(usize),
}

impl Hop<'_> {
    fn queued(&self) -> Option<&Wait> {
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
    fn from(shared: &Shared) -> Self {
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
    fn can_pass(&self, wait: &Wait) -> bool {
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
    fn signature(&self, stuck: &[bool]) -> Vec<u64> {
        let mut signature = Vec::new();
        for (run, _) in self.runs.iter().zip(stuck).filter(|(_, stuck)| **stuck) {
            let Seen { id, version, .. } = self.actors[run.actor];
            signature.extend([id.number(), version as u64, run.number]);
            run.waits.iter().for_each(|wait| signature.extend([wait.number, u64::from(wait.queued)]));
        }
        signature
    }

    /// Which runs never go on.
    fn stuck(&self) -> Vec<bool> {
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
    fn cycle(&self, run: usize, stuck: &[bool]) -> Vec<Hop<'_>> {
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
    fn ends_before(&self, path: &[Hop<'_>], stuck: &[bool], until: Option<Instant>) -> bool {
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
    fn tell(&self, path: &[Hop<'_>], refused: usize) -> Cycle {
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
