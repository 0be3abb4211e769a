//! How a handler that waits looks for messages that may come in between, and what it leaves aside for later.
//!
//! What lies aside goes on taking room, and is counted in the line. As long as the next message is one that is wanted nothing is put there.

use super::Lane;
use crate::actor::Message;
use crate::bell::Bell;
use crate::deque::Deque;
use crate::inbox::KEPT;
use crate::mailbox::Envelope;
use crate::parcel::Parcel;
use std::any::Any;
use std::mem;

/// What has been taken out while a handler waits, which serves some and leaves the others for later.
struct Aside<M: Message> {
    envelopes: Deque<Envelope<M>>,
    /// How many of them are known to be left for later.
    seen: usize,
}

impl<M: Message> Aside<M> {
    fn new(envelopes: Deque<Envelope<M>>) -> Self {
        Aside { envelopes, seen: 0 }
    }
}

/// The same, as it lies there: with a lock that does not know the messages, which would be compiled for each kind of actor.
#[derive(Default)]
pub(super) struct AnyAside(Option<Box<dyn Any + Send>>);

impl AnyAside {
    fn new<M: Message>(envelopes: Deque<Envelope<M>>) -> Self {
        AnyAside(Some(Box::new(Aside::new(envelopes))))
    }

    /// `None` if nothing is there.
    fn of<M: Message>(&mut self) -> Option<&mut Aside<M>> {
        self.0.as_deref_mut()?.downcast_mut()
    }

    /// Made if it is not. `None` if it is for other messages than the lane's, which are always the same.
    fn made<M: Message>(&mut self) -> Option<&mut Aside<M>> {
        if self.0.is_none() {
            *self = Self::new::<M>(Deque::new());
        }
        self.of()
    }
}

/// What lies at the head of a lane.
pub(crate) enum Next<M: Message> {
    Wanted(Envelope<M>),
    Other,
    Empty,
}

impl<M: Message> Lane<M> {
    /// Whether there may be something aside.
    #[inline]
    pub(crate) fn has_aside(&self) -> bool {
        self.line.has_aside()
    }

    /// A handler starts that may wait: what was taken out before lies aside meanwhile.
    #[inline(never)]
    pub(crate) fn put_aside(&self, envelopes: Deque<Envelope<M>>) {
        self.line.count_aside(Some(envelopes.len()));
        *self.aside.lock() = AnyAside::new(envelopes);
    }

    /// The handler has ended.
    #[inline(never)]
    pub(crate) fn take_aside(&self) -> Deque<Envelope<M>> {
        if !self.has_aside() {
            return Deque::new();
        }
        let mut aside = mem::take(&mut *self.aside.lock());
        // In what is taken out they take no room that can be counted.
        self.line.count_aside(None);
        self.admit();
        match aside.of() {
            Some(aside) => mem::take(&mut aside.envelopes),
            None => Deque::new(),
        }
    }

    /// A handler has ended: whether something lies aside. If not, there is no such place any more.
    #[inline(never)]
    pub(crate) fn leaves_aside(&self) -> bool {
        if !self.has_aside() {
            return false;
        }
        let mut place = self.aside.lock();
        if let Some(aside) = place.of::<M>()
            && !aside.envelopes.is_empty()
        {
            return true;
        }
        *place = AnyAside::default();
        self.line.count_aside(None);
        self.admit();
        false
    }

    /// The next message, as long as nothing lies aside and `wants` does; then there is nothing to be counted. If there is none the actor is asleep, as
    /// far as whoever sends the next one can see. `None`: it must be looked for where something lies aside.
    #[inline]
    pub(crate) fn take_if(
        &self,
        wants: &impl Fn(&Envelope<M>) -> bool,
        bell: &Bell,
    ) -> Option<Option<Envelope<M>>> {
        // Where the promise of the lane is exact, none is taken out before it is counted.
        if !self.drains || self.has_aside() {
            return None;
        }
        let mut next = None;
        self.queue.pop_or(&mut next, || bell.fall_asleep());
        self.admitted(&mut next);
        match next {
            Some(other) if !wants(&other) => {
                self.lay_aside(other);
                None
            }
            next => Some(next),
        }
    }

    #[cold]
    #[inline(never)]
    fn lay_aside(&self, envelope: Envelope<M>) {
        self.line.count_aside(Some(1));
        if let Some(aside) = self.aside.lock().made() {
            aside.envelopes.push_back(envelope);
        }
    }

    /// The next message, if `wants` does; else it stays where it is, and whatever comes behind it.
    pub(crate) fn next_if(&self, wants: impl Fn(&Envelope<M>) -> bool) -> Next<M> {
        let mut place = self.aside.lock();
        let Some(aside) = place.made::<M>() else { return Next::Empty };
        if aside.envelopes.is_empty() {
            self.line.count_aside(Some(0));
            self.queue.take_all(&mut aside.envelopes);
        }
        let next = match aside.envelopes.next() {
            None => Next::Empty,
            Some(envelope) if wants(&envelope) => Next::Wanted(envelope),
            Some(other) => {
                aside.envelopes.push_front(other);
                Next::Other
            }
        };
        self.settle(aside);
        next
    }

    /// Something may have been taken out of what lies aside: it is counted, and whoever waits for room comes in.
    fn settle(&self, aside: &mut Aside<M>) {
        let left = aside.envelopes.len();
        if left == 0 && self.drains {
            // From now on the next one is looked at in the queue; the room of a crowd goes back.
            aside.seen = 0;
            if aside.envelopes.capacity() > KEPT {
                *aside = Aside::new(Deque::new());
            }
            self.line.count_aside(None);
        } else {
            self.line.count_aside(Some(left));
        }
        self.admit();
    }

    /// The first message that `passes`, wherever it is.
    pub(crate) fn take_first(&self, passes: impl Fn(&Envelope<M>) -> bool) -> Option<Envelope<M>> {
        let mut place = self.aside.lock();
        let aside = place.made::<M>()?;
        self.line.count_aside(Some(aside.envelopes.len()));
        self.queue.take_all(&mut aside.envelopes);
        let first = aside.envelopes.iter().position(&passes);
        let found = first.and_then(|first| aside.envelopes.remove(first));
        self.settle(aside);
        found.or_else(|| self.take_waiting(passes))
    }

    /// The first of those that wait for room.
    fn take_waiting(&self, passes: impl Fn(&Envelope<M>) -> bool) -> Option<Envelope<M>> {
        self.line.take_first(&|parcel| parcel.look().is_some_and(&passes)).and_then(Parcel::open)
    }

    /// The first message that `serves` wants, wherever it is.
    pub(crate) fn find(&self, serves: impl Fn(&Envelope<M>) -> bool) -> Option<Envelope<M>> {
        let mut place = self.aside.lock();
        let aside = place.made::<M>()?;
        loop {
            // First, so that whoever comes now counts what is about to be taken out.
            let known = aside.envelopes.len();
            self.line.count_aside(Some(known));
            self.queue.take_all(&mut aside.envelopes);
            let has_more = aside.envelopes.len() > known;
            let wanted = (aside.seen..aside.envelopes.len()).find(|&at| serves(&aside.envelopes[at]));
            aside.seen = wanted.unwrap_or(aside.envelopes.len());
            let found = wanted.and_then(|at| aside.envelopes.remove(at));
            self.settle(aside);
            if found.is_some() || !has_more && self.queue.len() == 0 {
                return found;
            }
        }
    }

    /// Whether a handler that looks for messages to run meanwhile has seen all that are here.
    #[inline(never)]
    pub(crate) fn is_seen(&self) -> bool {
        if !self.has_aside() {
            return self.is_empty();
        }
        let mut place = self.aside.lock();
        let all_seen = match place.of::<M>() {
            Some(aside) => aside.seen == aside.envelopes.len(),
            None => true,
        };
        all_seen && self.is_empty()
    }
}
