//! One lane of a mailbox: the queue, and the line of those for whom it has no room.
//!
//! A sender that finds no room leaves its message in the line and waits until the actor has moved it into the queue. So arrival
//! order is kept, nobody is woken in vain, and one that gives up takes its message back at once.

mod aside;

use crate::actor::Message;
use crate::bare::Joint;
use crate::bell::Bell;
#[cfg(feature = "test")]
use crate::choice;
use crate::deque::Deque;
use crate::line::{Line, Ticket, Who};
use crate::mailbox::Envelope;
use crate::parcel::Parcel;
use crate::policy::Capacity;
use crate::queue::{Queue, put};
use crate::sync::Mutex;
use aside::AnyAside;

pub(crate) use aside::Next;

/// A mailbox of fewer messages is exact: none is taken out before it starts.
const EXACT_BELOW: usize = 64;

/// In this order, as the mailbox.
#[repr(C)]
pub(crate) struct Lane<M: Message> {
    queue: Queue<Envelope<M>>,
    line: Line,
    drains: bool,
    /// What was taken out while a handler waits. Only the actor comes here.
    aside: Mutex<AnyAside>,
}

impl<M: Message> Lane<M> {
    pub(crate) fn new(capacity: Capacity) -> Self {
        // First what is compiled once and may, as far as is known here, panic: so nothing has to be dropped.
        let (line, drains) = (Line::new(), drains(capacity));
        Lane { queue: Queue::new(capacity), drains, line, aside: Mutex::new(AnyAside::default()) }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.queue.capacity()
    }

    /// One of the same size.
    pub(crate) fn another(&self) -> Self {
        Self::new(self.capacity())
    }

    /// From now on nothing is taken out before it starts, however many it holds.
    pub(crate) fn be_exact(&mut self) {
        self.drains = false;
    }

    /// How many wait here: in the queue, in the line and aside.
    pub(crate) fn load(&self) -> usize {
        self.queue.len() + self.line.load()
    }

    /// Puts it in if there is room and nobody was here before.
    #[inline(always)]
    pub(crate) fn push(&self, envelope: Envelope<M>) -> Result<(), Envelope<M>> {
        match self.line.who() {
            Who::Nobody => self.queue.push(envelope),
            Who::Aside => self.push_beside(envelope),
            Who::Somebody => Err(envelope),
        }
    }

    #[cold]
    #[inline(never)]
    fn push_beside(&self, envelope: Envelope<M>) -> Result<(), Envelope<M>> {
        let mut unsent = Some(envelope);
        self.line.locked(&mut |aside| self.push_counted(aside, &mut unsent));
        match unsent {
            None => Ok(()),
            Some(envelope) => Err(envelope),
        }
    }

    /// Puts it in, where what lies aside, so much, takes room too. It stays where it is if there is none.
    #[inline(never)]
    fn push_counted(&self, aside: Option<usize>, unsent: &mut Option<Envelope<M>>) {
        let is_full = aside.is_some_and(|aside| {
            aside.saturating_add(self.queue.len()) >= most(self.capacity(), self.drains)
        });
        if !is_full && let Some(envelope) = unsent.take() {
            put(unsent, self.queue.push(envelope).err());
        }
    }

    /// Waits for room; hands it back if nobody may wait any more.
    #[inline(never)]
    pub(crate) fn join(&self, parcel: Parcel, ticket: Option<Joint<Ticket>>) -> Result<u64, Parcel> {
        let place = self.line.stand(parcel, ticket)?;
        // Room may have come since the sender looked, and then nobody else would notice.
        self.admit();
        Ok(place)
    }

    /// Gives up waiting: the message, unless it has been accepted meanwhile.
    #[inline(never)]
    pub(crate) fn leave(&self, place: u64) -> Option<Envelope<M>> {
        self.line.leave(place).and_then(Parcel::open)
    }

    /// Moves those who wait into the queue, as far as there is room.
    ///
    /// The queue's lock lies between a pop and the look at who waits here, and between a joining sender's `waiting` and its own look
    /// for room: one of the two sees the other.
    fn admit(&self) {
        self.line.admit(&mut |parcel, aside| {
            // All that stand in a mailbox's line are of its messages.
            let mut unsent = parcel.open();
            self.push_counted(aside, &mut unsent);
            unsent.map(Parcel::new)
        });
    }

    /// Puts the next message into `next`, which is empty.
    #[inline(always)]
    pub(crate) fn take(&self, next: &mut Option<Envelope<M>>) {
        self.queue.pop(next);
        self.admitted(next);
    }

    /// The same, where it is not so often done.
    #[inline(never)]
    pub(crate) fn take_seldom(&self, next: &mut Option<Envelope<M>>) {
        self.take(next);
    }

    /// The same, and whether it was the only one. Then the actor is asleep, as far as whoever sends the next one can see.
    #[inline(always)]
    pub(crate) fn take_last(&self, next: &mut Option<Envelope<M>>, bell: &Bell) -> bool {
        let mut was_last = false;
        self.queue.pop_and(next, || {
            bell.fall_asleep();
            was_last = true;
        });
        // As after any pop: whoever comes to stand there from now on finds room himself, and rings.
        let stands_alone = matches!(self.line.who(), Who::Nobody);
        if !stands_alone {
            bell.wake_up();
            self.admit_after(next);
        }
        was_last && stands_alone
    }

    /// The same under a schedule: of those in the queue any that could have come first.
    #[cfg(feature = "test")]
    pub(crate) fn take_any(&self, next: &mut Option<Envelope<M>>) {
        if self.queue.len() < 2 {
            return self.take(next);
        }
        let mut all = Deque::new();
        self.queue.take_all(&mut all);
        let first = choice::next_of(all.iter().map(Envelope::stamp));
        *next = all.remove(first);
        while let Some(envelope) = all.next() {
            // A schedule has one thread: nobody has taken their room meanwhile.
            if let Err(envelope) = self.queue.push(envelope) {
                drop(self.join(Parcel::new(envelope), None));
            }
        }
        self.admitted(next);
    }

    /// The same, and all that lie behind it into `batch`, where the promise of the lane allows it.
    #[inline(never)]
    pub(crate) fn take_many(&self, batch: &mut Deque<Envelope<M>>, next: &mut Option<Envelope<M>>) {
        if !self.drains {
            return self.take_seldom(next);
        }
        self.queue.take_all(batch);
        *next = batch.next();
        self.admitted(next);
    }

    /// Something was taken out: whoever waits for room comes in.
    #[inline(always)]
    fn admitted(&self, next: &mut Option<Envelope<M>>) {
        if !matches!(self.line.who(), Who::Nobody) {
            self.admit_after(next);
        }
    }

    #[cold]
    #[inline(never)]
    fn admit_after(&self, next: &mut Option<Envelope<M>>) {
        self.admit();
        if next.is_none() {
            self.queue.pop(next);
        }
    }

    /// Whether it is empty and nobody waits; cheaper than a look for the next message.
    #[inline]
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(self.line.who(), Who::Nobody) && self.queue.is_quiet()
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

    pub(crate) fn is_closed(&self) -> bool {
        self.line.is_closed()
    }

    /// Sends those who wait for room away, and lets nobody wait from now on.
    #[inline(never)]
    pub(crate) fn close_line(&self) {
        self.line.close();
    }

    /// Takes all out that is left, for `end`.
    #[inline(never)]
    pub(crate) fn clear(&self, end: &mut dyn FnMut(Envelope<M>)) {
        let mut remains = self.take_aside();
        self.queue.take_all(&mut remains);
        remains.empty(end);
    }
}

/// Whether all of a mailbox of this size may be taken out at once.
fn drains(capacity: Capacity) -> bool {
    match capacity {
        Capacity::Bounded(capacity) => capacity >= EXACT_BELOW,
        Capacity::Unbounded => true,
    }
}

/// How many may lie here that have not started, in the queue and aside; the queue has a bound of its own.
fn most(capacity: Capacity, drains: bool) -> usize {
    match capacity {
        Capacity::Bounded(capacity) => capacity.saturating_mul(if drains { 2 } else { 1 }),
        Capacity::Unbounded => usize::MAX,
    }
}
