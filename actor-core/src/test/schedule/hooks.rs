//! What the library asks the run of its thread, and tells it: see [`choice`](crate::choice).

pub(crate) use super::state::is_on;
use super::state::{Run, Task, Wait, who, with};
use super::trace::{What, Who};
use crate::choice::{Purpose, Stage};
use crate::exit::ExitReason;
use crate::id::ActorId;
use crate::shared::Shared;
use std::panic::Location;
use tokio::time::Instant;

/// Of a queue only so many are considered for the next place.
const NEAR: usize = 16;

pub(crate) fn runs_directly() -> bool {
    with(|run| run.draw.chance(run.manner.direct)).unwrap_or(true)
}

pub(crate) fn pauses() -> bool {
    with(|run| !run.closed && run.draw.chance(run.manner.pause)).unwrap_or(false)
}

pub(crate) fn random() -> Option<u64> {
    with(|run| run.draw.number())
}

pub(crate) fn next_actor() -> Option<u64> {
    with(|run| {
        run.actors += 1;
        run.last_run.push(0);
        run.actors
    })
}

/// Whether it is an actor of the run.
pub(crate) fn owns(shared: &Shared) -> bool {
    with(|run| run.runtime == shared.runtime.id()).unwrap_or(false)
}

pub(crate) fn spawn(shared: &Shared, purpose: Purpose, task: Task) {
    let label = shared.label();
    let actor = who(shared.id);
    let left = with(|run| {
        if run.closed {
            return Some(task);
        }
        let who = match purpose {
            Purpose::Actor => {
                run.trace.label(actor, label);
                actor
            }
            Purpose::Stream => {
                let stream = run.next_task();
                run.trace.label(stream, format!("a stream of {label}").into());
                stream
            }
        };
        run.note_of(who, What::Spawned);
        run.join(who, Some(task));
        None
    });
    // Whatever is dropped here may be the user's.
    drop(left);
}

/// A participant that is no actor.
pub(super) fn spawn_task(task: Task) {
    let left = with(|run| {
        if run.closed {
            return Some(task);
        }
        let who = run.next_task();
        run.note_of(who, What::Spawned);
        run.join(who, Some(task));
        None
    });
    drop(left);
}

pub(crate) fn enter(actor: ActorId) {
    with(|run| {
        let step = run.turn.step;
        // One of another runtime has none.
        let at = usize::try_from(actor.number()).ok().and_then(|at| run.last_run.get_mut(at));
        let last = at.map_or(0, |last| std::mem::replace(last, step));
        // What it did before in this turn is its own.
        run.turn.since = run.turn.since.max(if last == step { 0 } else { last });
    });
}

pub(crate) fn handles(actor: &Shared, message: &'static str) {
    let caller = with(|run| run.current());
    with(|run| {
        let direct = caller.is_some_and(|caller| caller != who(actor.id)) && run.turn.who != who(actor.id);
        let from = std::mem::take(&mut run.turn.from);
        let from = if direct { caller.unwrap_or_default() } else { from };
        run.note_of(who(actor.id), What::Handles { message, from, direct });
    });
}

pub(crate) fn told(actor: &Shared, what: &'static str) {
    with(|run| {
        let by = run.current();
        run.note_of(who(actor.id), What::Told { what, by });
    });
}

pub(crate) fn ended(actor: &Shared, reason: &ExitReason, for_good: bool) {
    let reason = reason.to_string();
    with(|run| {
        let what = if for_good { What::Ended(reason) } else { What::Fell(reason) };
        run.note_of(who(actor.id), what);
    });
}

/// For the rest of the turn, which is this handler's.
pub(crate) fn knows_little() {
    with(|run| run.turn.knows_little = true);
}

pub(crate) fn is_due(at: Instant) {
    with(|run| run.due.insert(at));
}

pub(crate) fn panicked(place: Option<&Location<'_>>) {
    let place = place.map(ToString::to_string);
    with(|run| run.place = place);
}

pub(crate) fn is_silent() -> bool {
    with(|run| run.silent).unwrap_or(false)
}

/// What is known of a message that was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent {
    /// In which step; 0 outside the run.
    step: u32,
    /// The last step that came before it in any case.
    since: u32,
    by: Who,
    /// Who waits for it.
    wait: u32,
}

impl Sent {
    pub(crate) fn now() -> Self {
        let now = |run: &mut Run| Sent {
            step: run.turn.step,
            since: if run.turn.knows_little { run.turn.since } else { run.turn.step },
            by: run.current(),
            wait: u32::MAX,
        };
        with(now).unwrap_or_default()
    }

    /// Whether `later`, which lies behind it, cannot come before it.
    fn precedes(self, later: Sent) -> bool {
        self.step == 0 || later.step == self.step || later.since >= self.step
    }
}

pub(crate) fn received(sent: Sent) {
    with(|run| {
        run.turn.since = run.turn.since.max(sent.step);
        run.turn.from = sent.by;
        if let Some(wait) = run.waits.get_mut(&sent.wait) {
            wait.stage = Stage::Handled;
        }
    });
}

pub(crate) fn next_of(sent: impl Iterator<Item = Sent>) -> usize {
    let sent: Vec<Sent> = sent.take(NEAR).collect();
    let can_be_next = |at: usize| sent[..at].iter().all(|before| !before.precedes(sent[at]));
    with(|run| {
        if !run.draw.chance(run.manner.overtake) {
            return 0;
        }
        let candidates: Vec<usize> = (0..sent.len()).filter(|&at| can_be_next(at)).collect();
        candidates.get(run.draw.below(candidates.len())).copied().unwrap_or(0)
    })
    .unwrap_or(0)
}

/// Kept by somebody who waits for an actor.
#[derive(Debug)]
pub(crate) struct Waiting {
    number: u32,
    sent: Sent,
}

impl Waiting {
    #[inline]
    pub(crate) fn new(whom: &Shared, message: &'static str, stage: Stage) -> Self {
        if !is_on() {
            return Waiting { number: 0, sent: Sent::default() };
        }
        let sent = Sent::now();
        let number = with(|run| {
            run.next_wait += 1;
            run.waits.insert(run.next_wait, Wait { who: sent.by, whom: who(whom.id), message, stage });
            run.next_wait
        });
        let number = number.unwrap_or(0);
        Waiting { number, sent: Sent { wait: number, ..sent } }
    }

    pub(crate) fn sent(&self) -> Sent {
        self.sent
    }

    pub(crate) fn gives_up(&self) {
        with(|run| {
            if let Some(Wait { who, whom, message, .. }) = run.waits.get(&self.number) {
                let (who, what) = (*who, What::TimedOut { message, of: *whom });
                run.note_of(who, what);
            }
        });
    }
}

impl Drop for Waiting {
    #[inline]
    fn drop(&mut self) {
        if self.number > 0 {
            with(|run| run.waits.remove(&self.number));
        }
    }
}
