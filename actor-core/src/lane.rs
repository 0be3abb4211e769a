//! One lane of a mailbox: the queue, and the line of those for whom it has no room.
//!
//! A sender that finds no room leaves its message in the line and waits until the actor has moved it into the queue. So arrival
//! order is kept, nobody is woken in vain, and one that gives up takes its message back at once.

use crate::actor::Message;
#[cfg(feature = "test")]
use crate::choice;
use crate::error::Cycle;
use crate::mailbox::Envelope;
use crate::policy::Capacity;
use crate::queue::Queue;
use crate::sync::{AtomicUsize, Mutex, Ordering};
use crate::waits::{Awaited, Stage};
use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Poll, Waker};

/// A mailbox of fewer messages is exact: none is taken out before it starts.
const EXACT_BELOW: usize = 64;

pub(crate) struct Lane<M: Message> {
    queue: Queue<Envelope<M>>,
    drains: bool,
    /// How many stand in the line, and [`ASIDE`]; kept beside it so that a send need not lock it.
    waiting: AtomicUsize,
    line: Mutex<Line>,
    /// Only the actor comes here.
    aside: Mutex<Option<Box<Aside<M>>>>,
}

/// In `waiting`: messages may lie aside, and room is counted under the line's lock.
const ASIDE: usize = 1 << (usize::BITS - 1);

/// What lies at the head of a lane.
pub(crate) enum Next<M: Message> {
    Wanted(Envelope<M>),
    Other,
    Empty,
}

/// What has been taken out while a handler waits, which serves some and leaves the others for later. They go on taking room.
struct Aside<M: Message> {
    envelopes: VecDeque<Envelope<M>>,
    /// How many of them are known to be left for later.
    seen: usize,
}

struct Line {
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
    /// By number, so that the first is found and one in the middle leaves cheaply. Each is a [`Standing`]; the tree does not say so, so
    /// that it is compiled once and not for each actor.
    standing: BTreeMap<u64, Box<dyn Any + Send>>,
}

impl Line {
    fn used(&mut self) -> &mut Used {
        self.used.get_or_insert_default()
    }

    fn aside(&self) -> Option<usize> {
        self.used.as_ref()?.aside
    }
}

struct Standing<M: Message> {
    envelope: Envelope<M>,
    /// Of a tell, which learns here that it has been accepted; a call learns it by its answer.
    ticket: Option<Arc<Ticket>>,
}

impl<M: Message> Standing<M> {
    /// All that stand in a mailbox's line are of its messages.
    fn of(any: Box<dyn Any + Send>) -> Option<Self> {
        any.downcast().ok().map(|standing| *standing)
    }
}

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
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Ticket(Mutex::new(Turn::Waiting(None, 0))))
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
        match &mut *self.0.lock() {
            Turn::Accepted | Turn::Over => Poll::Ready(Ok(())),
            Turn::Refused(message) => Poll::Ready(Err(Refusal::Ended(message.take()))),
            Turn::Stuck(cycle) => Poll::Ready(Err(Refusal::Stuck(cycle.clone()))),
            Turn::Waiting(Some(known), _) => {
                known.clone_from(waker);
                Poll::Pending
            }
            Turn::Waiting(none, _) => {
                *none = Some(waker.clone());
                Poll::Pending
            }
        }
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

impl<M: Message> Lane<M> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        let drains = match capacity {
            Capacity::Bounded(capacity) => capacity >= EXACT_BELOW,
            Capacity::Unbounded => true,
        };
        let line = Line { closed: false, used: None };
        Lane {
            queue: Queue::new(capacity),
            drains,
            waiting: AtomicUsize::new(0),
            line: Mutex::new(line),
            aside: Mutex::new(None),
        }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.queue.capacity()
    }

    /// How many may lie here that have not started, in the queue and aside; the queue has a bound of its own.
    fn most(&self) -> usize {
        match self.capacity() {
            Capacity::Bounded(capacity) => capacity.saturating_mul(if self.drains { 2 } else { 1 }),
            Capacity::Unbounded => usize::MAX,
        }
    }

    /// One of the same size.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.capacity())
    }

    /// Nothing is taken out before it starts, however many it holds.
    pub(crate) fn exact(self) -> Self {
        Lane { drains: false, ..self }
    }

    /// How many wait here: in the queue, in the line and aside.
    pub(crate) fn load(&self) -> usize {
        let waiting = self.waiting.load(Ordering::Relaxed);
        let aside = if waiting & ASIDE == 0 { None } else { self.line.lock().aside() };
        self.queue.len() + (waiting & !ASIDE) + aside.unwrap_or(0)
    }

    /// Puts it in if there is room and nobody was here before.
    #[inline(always)]
    pub(crate) fn push(&self, envelope: Envelope<M>) -> Result<(), Envelope<M>> {
        match self.waiting.load(Ordering::Acquire) {
            0 => self.queue.push(envelope),
            ASIDE => self.push_beside(envelope),
            _ => Err(envelope),
        }
    }

    #[cold]
    fn push_beside(&self, envelope: Envelope<M>) -> Result<(), Envelope<M>> {
        self.push_counted(&self.line.lock(), envelope)
    }

    /// Where what lies aside takes room too.
    fn push_counted(&self, line: &Line, envelope: Envelope<M>) -> Result<(), Envelope<M>> {
        match line.aside() {
            Some(aside) if aside.saturating_add(self.queue.len()) >= self.most() => Err(envelope),
            _ => self.queue.push(envelope),
        }
    }

    /// Whoever changes the line says so before letting go of its lock.
    fn note(&self, line: &Line) {
        let waiting = line.used.as_ref().map_or(0, |used| {
            let aside = if used.aside.is_some() { ASIDE } else { 0 };
            used.standing.len() | aside
        });
        self.waiting.store(waiting, Ordering::Release);
    }

    /// Waits for room; hands it back if nobody may wait any more.
    pub(crate) fn join(
        &self,
        envelope: Envelope<M>,
        ticket: Option<Arc<Ticket>>,
    ) -> Result<u64, Envelope<M>> {
        let mut line = self.line.lock();
        if line.closed {
            return Err(envelope);
        }
        let used = line.used();
        let place = used.next;
        used.next += 1;
        used.standing.insert(place, Box::new(Standing { envelope, ticket }));
        self.note(&line);
        drop(line);
        // Room may have come since the sender looked, and then nobody else would notice.
        self.admit();
        Ok(place)
    }

    /// Gives up waiting: the message, unless it has been accepted meanwhile.
    pub(crate) fn leave(&self, place: u64) -> Option<Envelope<M>> {
        let mut line = self.line.lock();
        let standing = line.used.as_mut()?.standing.remove(&place);
        self.note(&line);
        standing.and_then(Standing::of).map(|standing| standing.envelope)
    }

    /// Moves those who wait into the queue, as far as there is room.
    ///
    /// The queue's lock lies between a pop and the look at `waiting` here, and between a joining sender's `waiting` and its own look
    /// for room: one of the two sees the other.
    fn admit(&self) {
        let mut wakers = Vec::new();
        let mut line = self.line.lock();
        while let Some((place, standing)) = line.used.as_mut().and_then(|used| used.standing.pop_first()) {
            let Some(Standing { envelope, ticket }) = Standing::of(standing) else { continue };
            match self.push_counted(&line, envelope) {
                Ok(()) => wakers.extend(ticket.and_then(|ticket| ticket.turn(Turn::Accepted))),
                Err(envelope) => {
                    line.used().standing.insert(place, Box::new(Standing { envelope, ticket }));
                    break;
                }
            }
        }
        self.note(&line);
        drop(line);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Puts the next message into `next`, which is empty.
    #[inline(always)]
    pub(crate) fn take(&self, next: &mut Option<Envelope<M>>) {
        self.queue.pop(next);
        self.admitted(next);
    }

    /// The same under a schedule: of those in the queue any that could have come first.
    #[cfg(feature = "test")]
    pub(crate) fn take_any(&self, next: &mut Option<Envelope<M>>) {
        if self.queue.len() < 2 {
            return self.take(next);
        }
        let mut all = VecDeque::new();
        self.queue.take_all(&mut all);
        let first = choice::next_of(all.iter().map(Envelope::stamp));
        *next = all.remove(first);
        for envelope in all {
            // A schedule has one thread: nobody has taken their room meanwhile.
            if let Err(envelope) = self.queue.push(envelope) {
                drop(self.join(envelope, None));
            }
        }
        self.admitted(next);
    }

    /// The same, and all that lie behind it into `batch`, where the promise of the lane allows it.
    #[inline(never)]
    pub(crate) fn take_many(&self, batch: &mut VecDeque<Envelope<M>>, next: &mut Option<Envelope<M>>) {
        if !self.drains {
            return self.take(next);
        }
        self.queue.take_all(batch);
        *next = batch.pop_front();
        self.admitted(next);
    }

    /// Something was taken out: whoever waits for room comes in.
    #[inline(always)]
    fn admitted(&self, next: &mut Option<Envelope<M>>) {
        if self.waiting.load(Ordering::Acquire) > 0 {
            self.admit_after(next);
        }
    }

    #[cold]
    fn admit_after(&self, next: &mut Option<Envelope<M>>) {
        self.admit();
        if next.is_none() {
            self.queue.pop(next);
        }
    }

    /// Whether it is empty and nobody waits; cheaper than a look for the next message.
    #[inline]
    pub(crate) fn is_quiet(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0 && self.queue.len() == 0
    }

    /// Whoever looks into this lane from now on sees what was done before; what was done before he looked is seen from now on.
    pub(crate) fn meet(&self) {
        self.queue.len();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queued() == 0
    }

    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether a handler that looks for messages to run meanwhile has seen all that are here.
    pub(crate) fn is_seen(&self) -> bool {
        let aside = self.aside.lock();
        self.is_empty() && aside.as_ref().is_none_or(|aside| aside.seen == aside.envelopes.len())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.line.lock().closed
    }

    /// Sends those who wait for room away, and lets nobody wait from now on.
    pub(crate) fn close_line(&self) {
        let mut line = self.line.lock();
        line.closed = true;
        let Some(used) = line.used.as_mut().filter(|used| !used.standing.is_empty()) else { return };
        let standing = std::mem::take(&mut used.standing);
        self.note(&line);
        drop(line);
        for Standing { envelope, ticket } in standing.into_values().filter_map(Standing::<M>::of) {
            match ticket {
                Some(ticket) => {
                    let waker = ticket.turn(Turn::Refused(Some(envelope.take_back())));
                    waker.into_iter().for_each(Waker::wake);
                }
                None => drop(envelope),
            }
        }
    }

    /// All that is left, to be thrown away one by one.
    pub(crate) fn remains(&self) -> VecDeque<Envelope<M>> {
        let mut remains = self.take_aside();
        self.queue.take_all(&mut remains);
        remains
    }

    /// Whether there may be something aside.
    #[inline]
    pub(crate) fn has_aside(&self) -> bool {
        self.waiting.load(Ordering::Acquire) & ASIDE != 0
    }

    /// A handler starts that may wait: what was taken out before lies aside meanwhile.
    pub(crate) fn put_aside(&self, envelopes: VecDeque<Envelope<M>>) {
        self.count_aside(Some(envelopes.len()));
        *self.aside.lock() = Some(Box::new(Aside { envelopes, seen: 0 }));
    }

    /// The handler has ended.
    pub(crate) fn take_aside(&self) -> VecDeque<Envelope<M>> {
        if !self.has_aside() {
            return VecDeque::new();
        }
        let aside = self.aside.lock().take();
        // In what is taken out they take no room that can be counted.
        self.count_aside(None);
        self.admit();
        aside.map(|aside| aside.envelopes).unwrap_or_default()
    }

    /// A handler has ended: whether something lies aside. If not, there is no such place any more.
    pub(crate) fn leaves_aside(&self) -> bool {
        if !self.has_aside() {
            return false;
        }
        let mut place = self.aside.lock();
        if place.as_ref().is_some_and(|aside| !aside.envelopes.is_empty()) {
            return true;
        }
        *place = None;
        self.count_aside(None);
        self.admit();
        false
    }

    fn count_aside(&self, count: Option<usize>) {
        let mut line = self.line.lock();
        line.used().aside = count;
        self.note(&line);
    }

    /// The next message, if `wants` does; else it stays where it is, and whatever comes behind it.
    pub(crate) fn next_if(&self, wants: impl Fn(&Envelope<M>) -> bool) -> Next<M> {
        let mut place = self.aside.lock();
        let aside = place.get_or_insert_with(|| Box::new(Aside { envelopes: VecDeque::new(), seen: 0 }));
        if aside.envelopes.is_empty() {
            self.count_aside(Some(0));
            self.queue.take_all(&mut aside.envelopes);
        }
        let next = match aside.envelopes.pop_front() {
            None => Next::Empty,
            Some(envelope) if wants(&envelope) => Next::Wanted(envelope),
            Some(other) => {
                aside.envelopes.push_front(other);
                Next::Other
            }
        };
        self.count_aside(Some(aside.envelopes.len()));
        self.admit();
        next
    }

    /// The first message that `passes`, wherever it is.
    pub(crate) fn take_first(&self, passes: impl Fn(&Envelope<M>) -> bool) -> Option<Envelope<M>> {
        let mut place = self.aside.lock();
        let aside = place.get_or_insert_with(|| Box::new(Aside { envelopes: VecDeque::new(), seen: 0 }));
        self.count_aside(Some(aside.envelopes.len()));
        self.queue.take_all(&mut aside.envelopes);
        let first = aside.envelopes.iter().position(&passes);
        let found = first.and_then(|first| aside.envelopes.remove(first));
        self.count_aside(Some(aside.envelopes.len()));
        self.admit();
        found.or_else(|| self.take_waiting(passes))
    }

    /// The first of those that wait for room.
    fn take_waiting(&self, passes: impl Fn(&Envelope<M>) -> bool) -> Option<Envelope<M>> {
        let mut line = self.line.lock();
        let passes = |any: &dyn Any| {
            any.downcast_ref().is_some_and(|standing: &Standing<M>| passes(&standing.envelope))
        };
        let used = line.used.as_mut()?;
        let (&place, _) = used.standing.iter().find(|(_, standing)| passes(&***standing))?;
        let standing = used.standing.remove(&place);
        self.note(&line);
        standing.and_then(Standing::of).map(|standing| standing.envelope)
    }

    /// The first message that `serves` wants, wherever it is.
    pub(crate) fn find(&self, serves: impl Fn(&Envelope<M>) -> bool) -> Option<Envelope<M>> {
        let mut place = self.aside.lock();
        let aside = place.get_or_insert_with(|| Box::new(Aside { envelopes: VecDeque::new(), seen: 0 }));
        loop {
            // First, so that whoever comes now counts what is about to be taken out.
            self.count_aside(Some(aside.envelopes.len()));
            let known = aside.envelopes.len();
            self.queue.take_all(&mut aside.envelopes);
            self.count_aside(Some(aside.envelopes.len()));
            let has_more = aside.envelopes.len() > known;
            while let Some(envelope) = aside.envelopes.get(aside.seen) {
                if serves(envelope) {
                    let found = aside.envelopes.remove(aside.seen);
                    self.count_aside(Some(aside.envelopes.len()));
                    self.admit();
                    return found;
                }
                aside.seen += 1;
            }
            self.admit();
            if !has_more && self.queue.len() == 0 {
                return None;
            }
        }
    }
}
