//! A run of one seed: who takes part, who can run, and who has the next turn.

use super::draw::{Draw, Manner, Order};
use super::trace::{Trace, What, Who};
use super::wake::{Bells, Call};
use crate::choice::Stage;
use crate::frame;
use crate::id::ActorId;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::future::Future;
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

/// Time leaps as often as it did at first so many times, then half as often so many times, a third, and so on.
const AS_OFTEN: u8 = 16;

thread_local! {
    static ON: Cell<bool> = const { Cell::new(false) };
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// A run of one seed.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) runtime: Id,
    pub(super) draw: Draw,
    pub(super) manner: Manner,
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
    pub(super) turn: Turn,
    /// How often time went on though somebody could run.
    leaps: u8,
    pub(super) actors: u64,
    /// When code of an actor last ran, by its number.
    pub(super) last_run: Vec<u32>,
    /// When the library waits for, or waited; what has passed is forgotten sooner or later.
    pub(super) due: BTreeSet<Instant>,
    pub(super) waits: BTreeMap<u32, Wait>,
    pub(super) next_wait: u32,
    settling: Vec<oneshot::Sender<()>>,
    /// Of the last panic outside all actors.
    pub(super) place: Option<String>,
    /// Its panics are not printed.
    pub(super) silent: bool,
    /// Over: what is spawned from now on is dropped.
    pub(super) closed: bool,
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
pub(super) struct Turn {
    pub(super) step: u32,
    pub(super) who: Who,
    /// The last step without which this turn would not be the same, as far as is known: it could have been had right after.
    pub(super) since: u32,
    /// Whether what runs knows no more than that; anybody else may have looked at whatever there is.
    pub(super) knows_little: bool,
    /// By whom the message that is received was sent.
    pub(super) from: Who,
    /// Something has been noted.
    pub(super) noted: bool,
}

/// Somebody waits for an actor.
#[derive(Debug)]
pub(super) struct Wait {
    pub(super) who: Who,
    pub(super) whom: Who,
    pub(super) message: &'static str,
    pub(super) stage: Stage,
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
            leaps: 0,
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

    pub(super) fn join(&mut self, who: Who, task: Option<Task>) {
        let number = u32::try_from(self.participants.len()).unwrap_or(u32::MAX);
        let call = Call::new(number, &self.bells);
        let rank = i64::try_from(self.draw.number() >> 2).unwrap_or(i64::MAX);
        self.participants.push(Participant { who, task, call: Arc::clone(&call), rank });
        Waker::from(call).wake();
    }

    pub(super) fn choose_below(&mut self, end: usize) -> usize {
        self.draw.below(end)
    }

    /// Who the next is that is no actor.
    pub(super) fn next_task(&self) -> Who {
        let tasks = self.participants.iter().filter(|participant| matches!(participant.who, Who::Task(_)));
        Who::Task(u32::try_from(tasks.count() + 1).unwrap_or(u32::MAX))
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
        if self.leaps() {
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

    /// Whether time goes on now. The more seldom, the more often it did: or it would run away from those who try again after a timeout,
    /// and whoever is to answer them would never be quick enough.
    fn leaps(&mut self) -> bool {
        let chance = self.manner.leap / self.leaps.saturating_div(AS_OFTEN).saturating_add(1);
        let leaps = chance > 0 && self.draw.chance(chance);
        self.leaps = self.leaps.saturating_add(u8::from(leaps));
        leaps
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

    pub(super) fn note_of(&mut self, who: Who, what: What) {
        if !self.closed {
            self.turn.noted = true;
            self.trace.note(self.turn.step, self.now, who, what);
        }
    }

    /// Whose code runs.
    pub(super) fn current(&self) -> Who {
        frame::actor().map_or(self.turn.who, who)
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

pub(super) fn who(actor: ActorId) -> Who {
    Who::Actor(actor.number())
}

/// Whether this thread has a run.
#[inline]
pub(crate) fn is_on() -> bool {
    ON.get()
}

/// Makes this thread's run.
pub(super) fn begin(run: Run) {
    RUN.set(Some(run));
    ON.set(true);
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
