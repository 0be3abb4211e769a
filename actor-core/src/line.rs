//! The line of those for whom a lane has no room, and what is said in it of what lies aside.
//!
//! Few mailboxes ever have one. Whose messages stand here is not said, so that all of this is compiled once and not for each kind of actor.

use crate::bare::Joint;
use crate::cycle::Cycle;
use crate::parcel::Parcel;
use crate::sync::{AtomicUsize, Mutex, Ordering};
use crate::waits::{Awaited, Stage};
use crate::wakers;
use std::any::Any;
use std::collections::BTreeMap;
use std::task::{Poll, Waker};

/// In `waiting`: messages may lie aside, and room is counted under the line's lock.
const ASIDE: usize = 1 << (usize::BITS - 1);

pub(crate) struct Line {
    /// How many stand in it, and [`ASIDE`]; kept beside it so that a send need not lock it.
    waiting: AtomicUsize,
    state: Mutex<State>,
}

struct State {
    closed: bool,
    /// Made when it is needed, and then it stays.
    used: Option<Box<Used>>,
}

/// A line in which somebody has stood, or beside which something has lain.
#[derive(Default)]
struct Used {
    /// How many lie aside, if any may.
    aside: Option<usize>,
    next: u64,
    /// By number, so that the first is found and one in the middle leaves cheaply.
    standing: BTreeMap<u64, Standing>,
}

struct Standing {
    parcel: Parcel,
    /// Of a tell, which learns here that it has been accepted; a call learns it by its answer.
    ticket: Option<Joint<Ticket>>,
}

/// Who is to be looked past by one that wants to send.
pub(crate) enum Who {
    Nobody,
    /// Nobody stands here, but something may lie aside.
    Aside,
    Somebody,
}

impl State {
    fn used(&mut self) -> &mut Used {
        self.used.get_or_insert_default()
    }

    fn aside(&self) -> Option<usize> {
        self.used.as_ref()?.aside
    }
}

impl Line {
    pub(crate) fn new() -> Self {
        Line { waiting: AtomicUsize::new(0), state: Mutex::new(State { closed: false, used: None }) }
    }

    #[inline(always)]
    pub(crate) fn who(&self) -> Who {
        match self.waiting.load(Ordering::Acquire) {
            0 => Who::Nobody,
            ASIDE => Who::Aside,
            _ => Who::Somebody,
        }
    }

    /// Whether there may be something aside.
    #[inline]
    pub(crate) fn has_aside(&self) -> bool {
        self.waiting.load(Ordering::Acquire) & ASIDE != 0
    }

    /// How many stand here or lie aside.
    pub(crate) fn load(&self) -> usize {
        let waiting = self.waiting.load(Ordering::Relaxed);
        let aside = if waiting & ASIDE == 0 { None } else { self.state.lock().aside() };
        (waiting & !ASIDE) + aside.unwrap_or(0)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Whoever changes the line says so before letting go of its lock.
    fn note(&self, state: &State) {
        let waiting = state.used.as_ref().map_or(0, |used| {
            let aside = if used.aside.is_some() { ASIDE } else { 0 };
            used.standing.len() | aside
        });
        self.waiting.store(waiting, Ordering::Release);
    }

    /// Does something while nobody else can change what lies aside, and with how much that is.
    pub(crate) fn locked(&self, code: &mut dyn FnMut(Option<usize>)) {
        let state = self.state.lock();
        code(state.aside());
    }

    /// Says how many lie aside from now on.
    pub(crate) fn count_aside(&self, count: Option<usize>) {
        let mut state = self.state.lock();
        state.used().aside = count;
        self.note(&state);
    }

    /// Puts a message at its end: its place, or the message where nobody may wait any more.
    pub(crate) fn stand(&self, parcel: Parcel, ticket: Option<Joint<Ticket>>) -> Result<u64, Parcel> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(parcel);
        }
        let used = state.used();
        let place = used.next;
        used.next += 1;
        used.standing.insert(place, Standing { parcel, ticket });
        self.note(&state);
        Ok(place)
    }

    /// Takes a message out, unless it has been accepted meanwhile.
    pub(crate) fn leave(&self, place: u64) -> Option<Parcel> {
        let mut state = self.state.lock();
        let standing = state.used.as_mut()?.standing.remove(&place);
        self.note(&state);
        standing.map(|standing| standing.parcel)
    }

    /// Takes out the first that is wanted.
    pub(crate) fn take_first(&self, wanted: &dyn Fn(&Parcel) -> bool) -> Option<Parcel> {
        let mut state = self.state.lock();
        let used = state.used.as_mut()?;
        let (&place, _) = used.standing.iter().find(|(_, standing)| wanted(&standing.parcel))?;
        let standing = used.standing.remove(&place);
        self.note(&state);
        standing.map(|standing| standing.parcel)
    }

    /// Lets those in who wait, as far as `push` finds room.
    pub(crate) fn admit(&self, push: Push<'_>) {
        let mut wakers = Vec::new();
        let mut state = self.state.lock();
        let aside = state.aside();
        while let Some((place, standing)) = state.used.as_mut().and_then(|used| used.standing.pop_first()) {
            let Standing { parcel, ticket } = standing;
            match push(parcel, aside) {
                None => wakers.extend(ticket.and_then(|ticket| ticket.turn(Turn::Accepted))),
                Some(parcel) => {
                    state.used().standing.insert(place, Standing { parcel, ticket });
                    break;
                }
            }
        }
        self.note(&state);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Sends those who wait for room away, and lets nobody wait from now on.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let Some(used) = state.used.as_mut().filter(|used| !used.standing.is_empty()) else { return };
        let standing = std::mem::take(&mut used.standing);
        self.note(&state);
        drop(state);
        for Standing { parcel, ticket } in standing.into_values() {
            match ticket {
                Some(ticket) => {
                    let waker = ticket.turn(Turn::Refused(Some(parcel.take_back())));
                    waker.into_iter().for_each(Waker::wake);
                }
                None => drop(parcel),
            }
        }
    }
}

/// Puts a message into the queue, with so many aside, or hands it back.
pub(crate) type Push<'a> = &'a mut dyn FnMut(Parcel, Option<usize>) -> Option<Parcel>;

/// What a waiting tell holds.
pub(crate) struct Ticket(Mutex<Turn>);

enum Turn {
    /// With the run of the handler that waits for it, if one does.
    Waiting(Option<Waker>, u64),
    Accepted,
    /// The actor ended before: with the message, as [`reclaim`](crate::port::reclaim) knows it.
    Refused(Option<Box<dyn Any + Send>>),
    /// It would wait for ever; the message is still in the line.
    Stuck(Cycle),
    /// Its holder has let go of it. Whoever decided may have it for a moment longer.
    Over,
}

/// Why a tell is not to wait any longer.
pub(crate) enum Refusal {
    Ended(Option<Box<dyn Any + Send>>),
    Stuck(Cycle),
}

impl Ticket {
    pub(crate) fn new() -> Joint<Self> {
        Joint::new(Ticket(Mutex::new(Turn::Waiting(None, 0))))
    }

    fn turn(&self, turn: Turn) -> Option<Waker> {
        let mut now = self.0.lock();
        if matches!(*now, Turn::Over) {
            // A message in `turn` goes after the lock.
            drop(now);
            return None;
        }
        match std::mem::replace(&mut *now, turn) {
            Turn::Waiting(waker, _) => waker,
            Turn::Accepted | Turn::Refused(_) | Turn::Stuck(_) | Turn::Over => None,
        }
    }

    /// Nobody waits for it any more.
    pub(crate) fn let_go(&self) {
        let turn = std::mem::replace(&mut *self.0.lock(), Turn::Over);
        // With a message of the user's or a waker, which is not to go under the lock.
        drop(turn);
    }

    /// Ready when the message was accepted, or when it never will be.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Result<(), Refusal>> {
        let before = match &mut *self.0.lock() {
            Turn::Accepted | Turn::Over => return Poll::Ready(Ok(())),
            Turn::Refused(message) => return Poll::Ready(Err(Refusal::Ended(message.take()))),
            Turn::Stuck(cycle) => return Poll::Ready(Err(Refusal::Stuck(cycle.clone()))),
            Turn::Waiting(known, _) => wakers::leave(known, waker),
        };
        drop(before);
        Poll::Pending
    }
}

impl Awaited for Ticket {
    fn wait_in(&self, run: u64) {
        if let Turn::Waiting(_, known) = &mut *self.0.lock() {
            *known = run;
        }
    }

    fn stage(&self, run: u64) -> Stage {
        match &*self.0.lock() {
            Turn::Waiting(_, known) if *known == run => Stage::Queued,
            Turn::Waiting(..) | Turn::Over => Stage::Over,
            Turn::Accepted | Turn::Refused(_) | Turn::Stuck(_) => Stage::Ready,
        }
    }

    fn refuse(&self, cycle: &Cycle) -> Option<Option<Waker>> {
        let mut turn = self.0.lock();
        match &mut *turn {
            Turn::Waiting(waker, _) => {
                let waker = waker.take();
                *turn = Turn::Stuck(cycle.clone());
                Some(waker)
            }
            Turn::Accepted | Turn::Refused(_) | Turn::Stuck(_) | Turn::Over => None,
        }
    }
}
