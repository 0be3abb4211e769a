//! The run of this thread, as the library and its participants reach it.

use super::draw::{Draw, Manner, Order};
use super::trace::{Trace, What, Who};
use super::wake::{Bells, Call};
use crate::choice::{Purpose, Stage};
use crate::exit::ExitReason;
use crate::id::ActorId;
use crate::scope;
use crate::shared::Shared;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;
use tokio::runtime::Id;
use tokio::sync::oneshot;
use tokio::time::Instant;

pub(super) type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Turns in a row that one may have before others get theirs, whatever its rank is.
const ROW: u32 = 100;
/// Of a queue only so many are considered for the next place.
const NEAR: usize = 16;

thread_local! {
    static ON: Cell<bool> = const { Cell::new(false) };
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// A run of one seed.
#[derive(Debug)]
pub(super) struct Run {
    runtime: Id,
    draw: Draw,
    manner: Manner,
    pub(super) trace: Trace,
    began: Instant,
    /// Virtual, since the beginning.
    now: Duration,
    pub(super) bells: Arc<Bells>,
    participants: Vec<Participant>,
    /// Those who can run, by number: so who was woken first decides nothing.
    ready: Vec<u32>,
    /// The lowest rank that was given away.
    lowest: i64,
    /// Who had its turn the last time, and how often in a row.
    row: (u32, u32),
    turn: Turn,
    actors: u64,
    /// When code of an actor last ran, by its number.
    last_run: Vec<u32>,
    /// When the library waits for, or waited; what has passed is forgotten sooner or later.
    due: BTreeSet<Instant>,
    waits: BTreeMap<u32, Wait>,
    next_wait: u32,
    settling: Vec<oneshot::Sender<()>>,
    /// Of the last panic outside all actors.
    pub(super) place: Option<String>,
    /// Its panics are not printed.
    silent: bool,
    /// Over: what is spawned from now on is dropped.
    closed: bool,
}

struct Participant {
    who: Who,
    task: Option<Task>,
    call: Arc<Call>,
    rank: i64,
}

impl std::fmt::Debug for Participant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Participant").field("who", &self.who).finish_non_exhaustive()
    }
}

/// One participant's turn.
#[derive(Debug, Default)]
struct Turn {
    step: u32,
    who: Who,
    /// The last step without which this turn would not be the same, as far as is known: it could have been had right after.
    since: u32,
    /// Whether what runs knows no more than that; anybody else may have looked at whatever there is.
    knows_little: bool,
    /// By whom the message that is received was sent.
    from: Who,
    /// Something has been noted.
    noted: bool,
}

/// Somebody waits for an actor.
#[derive(Debug)]
struct Wait {
    who: Who,
    whom: Who,
    message: &'static str,
    stage: Stage,
}

/// What is to be done next.
pub(super) enum Next {
    /// The body of the test has its turn.
    Body(Waker),
    Task(u32, Task, Waker),
    /// Time goes on so far, though somebody could run.
    Leap(Duration),
    /// Nobody can run.
    Nobody,
}

impl Run {
    pub(super) fn new(seed: u64, patient: bool, silent: bool, runtime: Id) -> Self {
        let mut draw = Draw::new(seed);
        let manner = Manner::new(&mut draw, patient);
        let mut run = Run {
            runtime,
            draw,
            manner,
            trace: Trace::default(),
            began: Instant::now(),
            now: Duration::ZERO,
            bells: Arc::new(Bells::default()),
            participants: Vec::new(),
            ready: Vec::new(),
            lowest: 0,
            row: (0, 0),
            turn: Turn::default(),
            actors: 0,
            last_run: vec![0],
            due: BTreeSet::new(),
            waits: BTreeMap::new(),
            next_wait: 0,
            settling: Vec::new(),
            place: None,
            silent,
            closed: false,
        };
        run.join(Who::Test, None);
        run
    }

    fn join(&mut self, who: Who, task: Option<Task>) {
        let number = u32::try_from(self.participants.len()).unwrap_or(u32::MAX);
        let call = Call::new(number, &self.bells);
        let rank = i64::try_from(self.draw.number() >> 2).unwrap_or(i64::MAX);
        self.participants.push(Participant { who, task, call: Arc::clone(&call), rank });
        Waker::from(call).wake();
    }

    pub(super) fn choose_below(&mut self, end: usize) -> usize {
        self.draw.below(end)
    }

    /// The clock is looked at when it may have gone on.
    pub(super) fn look_at_clock(&mut self) {
        self.now = Instant::now().duration_since(self.began);
    }

    pub(super) fn steps(&self) -> u32 {
        self.turn.step
    }

    /// Who has its turn.
    pub(super) fn next(&mut self) -> Next {
        self.bells.take(&mut self.ready);
        if self.ready.is_empty() {
            return Next::Nobody;
        }
        if self.manner.leap > 0 && self.draw.chance(self.manner.leap) {
            self.note_of(Who::Nobody, What::TimeLeaps);
            return Next::Leap(self.leap());
        }
        let step = self.turn.step + 1;
        let at = self.choose(step);
        let number = self.ready.remove(at);
        self.row = if self.row.0 == number { (number, self.row.1 + 1) } else { (number, 1) };
        let Some(participant) = self.participants.get_mut(number as usize) else { return Next::Nobody };
        let since = participant.call.answer();
        self.turn = Turn { step, who: participant.who, since, ..Turn::default() };
        self.bells.set_step(step);
        let waker = Waker::from(Arc::clone(&participant.call));
        match (number, participant.task.take()) {
            (0, _) => Next::Body(waker),
            (number, Some(task)) => Next::Task(number, task, waker),
            // It is over; somebody kept its waker.
            (_, None) => self.next(),
        }
    }

    /// To the next time that the library waits for, or a little.
    fn leap(&mut self) -> Duration {
        let now = self.began + self.now;
        self.due.retain(|at| *at > now);
        match self.due.first() {
            Some(first) if self.draw.chance(128) => first.duration_since(now),
            _ => Duration::from_millis(1 << self.draw.below(11)),
        }
    }

    /// One of those who are ready, by its place among them.
    fn choose(&mut self, step: u32) -> usize {
        let Order::Ranks(changes) = &self.manner.order else { return self.draw.below(self.ready.len()) };
        let rank = |run: &Self, number: u32| run.participants[number as usize].rank;
        let first = |run: &Self| (0..run.ready.len()).max_by_key(|&at| rank(run, run.ready[at])).unwrap_or(0);
        let at = first(self);
        let number = self.ready[at];
        if !changes.contains(&step) && self.row != (number, ROW) {
            return at;
        }
        self.lowest -= 1;
        self.participants[number as usize].rank = self.lowest;
        first(self)
    }

    /// The turn is over: `task` goes on later.
    pub(super) fn back(&mut self, number: u32, task: Option<Task>) {
        if !self.turn.noted {
            self.note_of(self.turn.who, What::GoesOn);
        }
        if let Some(participant) = self.participants.get_mut(number as usize) {
            participant.task = task;
        }
    }

    pub(super) fn note_panic(&mut self, text: String) {
        self.note_of(self.turn.who, What::Panicked(text));
    }

    fn note_of(&mut self, who: Who, what: What) {
        if !self.closed {
            self.turn.noted = true;
            self.trace.note(self.turn.step, self.now, who, what);
        }
    }

    /// Whose code runs.
    fn current(&self) -> Who {
        scope::actor().map_or(self.turn.who, who)
    }

    /// Those who wait until nobody can run.
    pub(super) fn take_settling(&mut self) -> Vec<oneshot::Sender<()>> {
        std::mem::take(&mut self.settling)
    }

    pub(super) fn has_settling(&self) -> bool {
        !self.settling.is_empty()
    }

    pub(super) fn settle(&mut self) -> oneshot::Receiver<()> {
        let (settled, wait) = oneshot::channel();
        self.settling.push(settled);
        wait
    }

    /// Nothing more is noted, and whatever is spawned is dropped: one of those who are left.
    pub(super) fn close(&mut self) -> Option<Task> {
        self.closed = true;
        self.participants.iter_mut().rev().find_map(|participant| participant.task.take())
    }

    /// Who waits for whom, where nobody can run.
    pub(super) fn told_who_waits(&self) -> String {
        let mut told = String::new();
        let name = |who| self.trace.name(who);
        for Wait { who, whom, message, stage } in self.waits.values() {
            let how = match stage {
                Stage::Room => "for whose room it stands in line",
                Stage::Queued => "which is queued",
                Stage::Handled => "which is being handled",
            };
            // Writing into a string never fails.
            let _ = write!(told, "\n  {} waits for `{message}` of {}, {how}", name(*who), name(*whom));
        }
        let waits = |whom| self.waits.values().any(|wait| wait.who == whom);
        let mut others: Vec<_> = self.waits.values().filter(|wait| wait.stage == Stage::Handled).collect();
        others.sort_unstable_by_key(|wait| wait.whom);
        others.dedup_by_key(|wait| wait.whom);
        for Wait { whom, message, .. } in others.into_iter().filter(|wait| !waits(wait.whom)) {
            let _ = write!(told, "\n  {} in `{message}` waits for something that is no call", name(*whom));
        }
        if !waits(Who::Test) {
            let _ = write!(told, "\n  {} waits for something that is no call", name(Who::Test));
        }
        told
    }
}

fn who(actor: ActorId) -> Who {
    Who::Actor(actor.number())
}

/// Makes this thread's run; `false` if it has one.
pub(super) fn begin(run: Run) -> bool {
    if ON.get() {
        return false;
    }
    RUN.set(Some(run));
    ON.set(true);
    true
}

pub(super) fn end() -> Option<Run> {
    ON.set(false);
    RUN.take()
}

/// Nothing of the user's is called in `look`.
pub(super) fn with<T>(look: impl FnOnce(&mut Run) -> T) -> Option<T> {
    if !ON.get() {
        return None;
    }
    RUN.with(|run| run.try_borrow_mut().ok()?.as_mut().map(look))
}

#[inline]
pub(crate) fn is_on() -> bool {
    ON.get()
}

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

impl Run {
    fn next_task(&self) -> Who {
        let tasks = self.participants.iter().filter(|participant| matches!(participant.who, Who::Task(_)));
        Who::Task(u32::try_from(tasks.count() + 1).unwrap_or(u32::MAX))
    }
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
