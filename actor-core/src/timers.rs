//! An actor's timers: messages that it sends itself later, in the order of their time.
//!
//! They cost no task: the actor's own task sleeps until the first of them is due. A tick is made when its turn comes, so one whose
//! key was armed anew or cancelled before is never seen, however late the actor is. One whose guard says no then is held here, not in the
//! mailbox: still armed, and gone with the incarnation that armed it.

use crate::actor::Message;
use crate::inbox::KEPT;
use crate::mailbox::Envelope;
use crate::parcel::{Guard, Parcel, Passed};
use crate::slot::Queued;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// What a timer is known by within its actor: arming a key that is armed replaces its timer. A text and a number are never the same.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TimerKey(Key);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Text(Arc<str>),
    Number(u64),
    /// Of a hook, which no user names.
    Hook(usize),
}

impl TimerKey {
    pub(crate) fn hook(number: usize) -> Self {
        TimerKey(Key::Hook(number))
    }
}

impl From<&'static str> for TimerKey {
    fn from(text: &'static str) -> Self {
        TimerKey(Key::Text(text.into()))
    }
}

impl From<String> for TimerKey {
    fn from(text: String) -> Self {
        TimerKey(Key::Text(text.into()))
    }
}

impl From<u64> for TimerKey {
    fn from(number: u64) -> Self {
        TimerKey(Key::Number(number))
    }
}

impl fmt::Debug for TimerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Key::Text(text) => text.fmt(f),
            Key::Number(number) => number.fmt(f),
            Key::Hook(number) => write!(f, "hook {number}"),
        }
    }
}

/// The timers that have their turn before the next message: those that were due when the mailbox had had its own. What is due later, or armed
/// later, waits for the next round; else ticks that take longer than their period would keep all else out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    at: Instant,
    /// The last that had been armed.
    last: u64,
}

struct Timers {
    armed: HashMap<TimerKey, Turn>,
    /// How many were armed at once, of late.
    most: usize,
    order: BTreeMap<Turn, Timer>,
    /// Due, and held back by their guards.
    held: BTreeMap<Turn, Timer>,
    next: u64,
}

/// When a timer is due; of two at the same time the one that was armed first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    at: Due,
    number: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    At(Instant),
    /// Beyond the clock's range.
    Never,
}

struct Timer {
    key: TimerKey,
    tick: Tick,
}

impl Timer {
    /// Of the tick that is due.
    fn message(&mut self) -> &Parcel {
        match &mut self.tick {
            Tick::Once(message) => message,
            Tick::Every(repeat) => repeat.made.get_or_insert_with(|| (repeat.make)()),
        }
    }
}

enum Tick {
    Once(Parcel),
    Every(Repeat),
}

struct Repeat {
    /// By its own beat; it may have its turn later.
    due: Option<Instant>,
    period: Duration,
    missed: MissedTickBehavior,
    make: Make,
    /// The message of the tick that is due.
    made: Option<Parcel>,
}

/// Makes the message of each tick.
pub(crate) type Make = Box<dyn FnMut() -> Parcel + Send>;

impl Repeat {
    /// When the tick after one that was due at `due` and came `now` is due.
    fn next(&self, due: Instant, now: Instant) -> Option<Instant> {
        match self.missed {
            MissedTickBehavior::Burst => due.checked_add(self.period),
            MissedTickBehavior::Delay => now.checked_add(self.period),
            // On the old beat, at the first time that is still to come.
            _ => {
                let late = now.duration_since(due).as_nanos() % self.period.as_nanos().max(1);
                let late = Duration::from_nanos(u64::try_from(late).unwrap_or(0));
                now.checked_add(self.period - late)
            }
        }
    }
}

impl Timers {
    fn arm(&mut self, key: TimerKey, at: Option<Instant>, tick: Tick) {
        self.next += 1;
        let turn = Turn { at: at.map_or(Due::Never, Due::At), number: self.next };
        if let Some(old) = self.armed.insert(key.clone(), turn) {
            self.remove(old);
        }
        self.order.insert(turn, Timer { key, tick });
        self.most = self.most.max(self.armed.len());
    }

    /// Forgets a key. The room of a crowd goes back when most of it has gone.
    fn forget(&mut self, key: &TimerKey) -> Option<Turn> {
        let turn = self.armed.remove(key)?;
        let left = self.armed.len();
        if self.most > KEPT && left < self.most / 8 {
            self.most = 2 * left;
            self.armed.shrink_to(self.most);
        }
        Some(turn)
    }

    fn cancel(&mut self, key: &TimerKey) -> bool {
        self.forget(key).and_then(|turn| self.remove(turn)).is_some()
    }

    fn remove(&mut self, turn: Turn) -> Option<Timer> {
        self.order.remove(&turn).or_else(|| self.held.remove(&turn))
    }

    /// When the first is due.
    fn due(&self) -> Option<Instant> {
        match self.order.first_key_value()?.0.at {
            Due::At(at) => Some(at),
            Due::Never => None,
        }
    }

    /// The message of the first of a round whose guard does not say no.
    fn take_due(&mut self, round: Round, guard: Guard<'_>) -> Option<Passed> {
        let last = Turn { at: Due::At(round.at), number: round.last };
        while let Some(first) = self.order.first_entry()
            && *first.key() <= last
        {
            let (turn, mut timer) = first.remove_entry();
            match guard(timer.message()) {
                Ok(false) => {
                    self.held.insert(turn, timer);
                }
                verdict => return Some((self.fire(turn, timer, round.at), verdict)),
            }
        }
        None
    }

    /// The same of those that are held.
    fn take_held(&mut self, guard: Guard<'_>) -> Option<Passed> {
        let (turn, verdict) =
            self.held.iter_mut().find_map(|(turn, timer)| match guard(timer.message()) {
                Ok(false) => None,
                verdict => Some((*turn, verdict)),
            })?;
        let timer = self.held.remove(&turn)?;
        Some((self.fire(turn, timer, Instant::now()), verdict))
    }

    /// Its message goes, and one that ticks again is armed for the next.
    fn fire(&mut self, turn: Turn, timer: Timer, now: Instant) -> Parcel {
        self.forget(&timer.key);
        let mut repeat = match timer.tick {
            Tick::Once(message) => return message,
            Tick::Every(repeat) => repeat,
        };
        let due = match turn.at {
            Due::At(at) => repeat.due.unwrap_or(at),
            Due::Never => now,
        };
        let message = match repeat.made.take() {
            Some(made) => made,
            None => (repeat.make)(),
        };
        repeat.due = repeat.next(due, Instant::now());
        // One that makes up for what was missed is late already, and has its turn in the next round.
        let next = repeat.due.map(|due| due.max(now));
        self.arm(timer.key, next, Tick::Every(repeat));
        message
    }
}

/// The timers of an actor.
pub(crate) struct Alarms {
    /// Never locked: it is there so that a context can be shared, as messages and their makers need not be.
    timers: Mutex<Timers>,
    /// When the first is due.
    due: Option<Instant>,
    /// Until when the actor's task sleeps, as far as it knows.
    sleeps: Option<Instant>,
    /// Until it is over.
    round: Option<Round>,
    /// Whether a tick is held by its guard.
    holds: bool,
}

impl Alarms {
    fn new() -> Self {
        let timers =
            Timers { armed: HashMap::new(), most: 0, order: BTreeMap::new(), held: BTreeMap::new(), next: 0 };
        Alarms { timers: Mutex::new(timers), due: None, sleeps: None, round: None, holds: false }
    }

    fn with<T>(&mut self, change: impl FnOnce(&mut Timers) -> T) -> T {
        let timers = self.timers.get_mut().unwrap_or_else(PoisonError::into_inner);
        let result = change(timers);
        self.due = timers.due();
        self.holds = !timers.held.is_empty();
        result
    }

    /// The task is told when to look again.
    pub(crate) fn sleep_until(&mut self) -> Option<Instant> {
        self.sleeps = self.due;
        self.due
    }

    /// Whether a tick is to be tried again when something was handled.
    pub(crate) fn holds(&self) -> bool {
        self.holds
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// Whether the task would sleep too long.
    pub(crate) fn is_early(&self) -> bool {
        self.due.is_some_and(|due| self.sleeps.is_none_or(|sleeps| due < sleeps))
    }

    /// The round that is not over yet, or the next.
    pub(crate) fn round(&mut self) -> Round {
        if let Some(round) = self.round {
            return round;
        }
        let round = self.with(|timers| Round { at: Instant::now(), last: timers.next });
        *self.round.insert(round)
    }

    /// The message of the first of this round that passes its guard; `None`: it is over.
    pub(crate) fn take_due(&mut self, round: Round, guard: Guard<'_>) -> Option<Passed> {
        let tick = match self.due {
            Some(due) if due <= round.at => self.with(|timers| timers.take_due(round, guard)),
            _ => None,
        };
        if tick.is_none() {
            self.round = None;
        }
        tick
    }

    /// The message of the first that was held and passes its guard now.
    pub(crate) fn take_held(&mut self, guard: Guard<'_>) -> Option<Passed> {
        self.with(|timers| timers.take_held(guard))
    }
}

/// Nobody waits for what a timer sends.
pub(crate) fn tick<M: Message>(message: M) -> Parcel {
    Parcel::new(Envelope::Own { message, call: Queued::tick() })
}

/// Sends `message` after `delay`.
pub(crate) fn after(alarms: &mut Option<Box<Alarms>>, key: TimerKey, delay: Duration, message: Parcel) {
    let at = Instant::now().checked_add(delay);
    let alarms = alarms.get_or_insert_with(|| Box::new(Alarms::new()));
    alarms.with(|timers| timers.arm(key, at, Tick::Once(message)));
}

/// Sends what `make` makes after each `period`.
pub(crate) fn every(
    alarms: &mut Option<Box<Alarms>>,
    key: TimerKey,
    period: Duration,
    missed: MissedTickBehavior,
    make: Make,
) {
    let at = Instant::now().checked_add(period);
    let alarms = alarms.get_or_insert_with(|| Box::new(Alarms::new()));
    alarms.with(|timers| {
        timers.arm(key, at, Tick::Every(Repeat { due: at, period, missed, make, made: None }))
    });
}

/// Disarms a key; whether it was armed.
pub(crate) fn cancel(alarms: &mut Option<Box<Alarms>>, key: &TimerKey) -> bool {
    alarms.as_mut().is_some_and(|alarms| alarms.with(|timers| timers.cancel(key)))
}

/// Whether a key is armed: for a test's context.
#[cfg(feature = "test")]
pub(crate) fn is_armed(alarms: &mut Option<Box<Alarms>>, key: &TimerKey) -> bool {
    alarms.as_mut().is_some_and(|alarms| alarms.with(|timers| timers.armed.contains_key(key)))
}

/// The message of a timer, as if its time had come: for a test's context.
#[cfg(feature = "test")]
pub(crate) fn fire(alarms: &mut Option<Box<Alarms>>, key: &TimerKey) -> Option<Parcel> {
    let fire = |timers: &mut Timers| {
        let turn = timers.forget(key)?;
        match timers.order.remove(&turn)?.tick {
            Tick::Once(message) => Some(message),
            Tick::Every(mut repeat) => {
                let message = (repeat.make)();
                repeat.due = Instant::now().checked_add(repeat.period);
                timers.arm(key.clone(), repeat.due, Tick::Every(repeat));
                Some(message)
            }
        }
    };
    alarms.as_mut()?.with(fire)
}

impl fmt::Debug for Alarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alarms").field("due", &self.due).finish_non_exhaustive()
    }
}
