//! The actor's end of its mailbox: what comes next.

use crate::actor::Message;
use crate::bell::Bell;
use crate::choice;
use crate::deque::Deque;
use crate::lane::Lane;
use crate::mailbox::{Envelope, Mailbox};
use crate::queue::put;
use crate::taken::{AnyTaken, Taken};

/// After so many messages without a pause the queue is taken out in one go.
const DRAIN_FROM: u32 = 8;

/// Room for so many is kept when they have been handled; that of a larger crowd goes back.
pub(crate) const KEPT: usize = 64;

/// The actor's end of its mailbox.
pub(crate) struct Inbox<'a, M: Message> {
    pub(crate) mailbox: &'a Mailbox<M>,
    pub(crate) bell: &'a Bell,
    taken: Place<'a, M>,
}

/// Where messages are that have been taken out.
enum Place<'a, M: Message> {
    Made(&'a mut Taken<M>),
    /// There are none.
    Unmade(Option<&'a mut AnyTaken>),
}

impl<'a, M: Message> Inbox<'a, M> {
    #[inline(always)]
    pub(crate) fn new(mailbox: &'a Mailbox<M>, bell: &'a Bell, taken: &'a mut AnyTaken) -> Self {
        let taken = if taken.is_made() {
            match taken.of() {
                Some(taken) => Place::Made(taken),
                None => Place::Unmade(None),
            }
        } else {
            Place::Unmade(Some(taken))
        };
        Inbox { mailbox, bell, taken }
    }

    #[inline(always)]
    fn taken(&mut self) -> Option<&mut Taken<M>> {
        match &mut self.taken {
            Place::Made(taken) => Some(taken),
            Place::Unmade(_) => None,
        }
    }

    /// The same, made if there was none.
    #[inline(never)]
    fn make_taken(&mut self) -> Option<&mut Taken<M>> {
        if let Place::Unmade(place) = &mut self.taken {
            self.taken = Place::Made(place.take()?.made()?);
        }
        self.taken()
    }

    /// At which a row ends: it starts next.
    #[inline(never)]
    pub(crate) fn keep_next(&mut self, next: Envelope<M>) {
        // Its handler may wait, and then it is not known what has come when it has ended.
        self.bell.wake_up();
        if let Some(taken) = self.make_taken() {
            taken.next = Some(next);
        }
    }

    /// It is not its turn yet.
    #[cold]
    #[inline(never)]
    pub(crate) fn put_back(&mut self, envelope: Envelope<M>) {
        if let Some(taken) = self.make_taken() {
            if taken.was_urgent { &mut taken.urgent } else { &mut taken.batch }.push_front(envelope);
        }
    }

    /// Puts what is to be handled next into `next`: one message, or the first of many that are taken out in one go where the mailbox's promise
    /// allows it and they come so fast that it pays. `false`: there is none, and the bell rings for the next.
    #[inline(always)]
    pub(crate) fn receive(&mut self, next: &mut Option<Envelope<M>>) -> bool {
        // Most mailboxes have nothing rare.
        if self.mailbox.has_rare() {
            self.take_out(next);
        } else if let Some(taken) = self.taken() {
            put(next, taken.batch.pop_front());
        }
        if next.is_some() {
            return true;
        }
        if self.sleeps_on() {
            return false;
        }
        let rhythm = self.mailbox.rhythm();
        // Most often one message comes at a time: after it, one look in sleep is enough.
        let mut asleep = rhythm.streak() == 1;
        loop {
            if asleep {
                self.bell.fall_asleep();
                if self.mailbox.is_quiet() {
                    self.pause();
                    return false;
                }
            }
            self.look(next);
            if next.is_some() {
                if asleep {
                    self.bell.wake_up();
                }
                rhythm.beat();
                return true;
            }
            if asleep {
                self.pause();
                return false;
            }
            asleep = true;
        }
    }

    /// Whether the actor fell asleep when it took the last one out.
    #[inline]
    pub(crate) fn dozes(&self) -> bool {
        self.mailbox.rhythm().dozes()
    }

    /// The same, and nobody has rung since.
    #[inline(always)]
    pub(crate) fn sleeps_on(&mut self) -> bool {
        let rhythm = self.mailbox.rhythm();
        let sleeps_on = rhythm.take_dozes() && self.bell.is_silent() && !self.mailbox.has_rare();
        if sleeps_on {
            rhythm.pause();
        }
        sleeps_on
    }

    /// There is nothing more, here and in the mailbox.
    #[inline]
    fn pause(&mut self) {
        self.mailbox.rhythm().pause();
        if let Some(taken) = self.taken()
            && taken.batch.capacity() > KEPT
        {
            taken.batch = Deque::new();
        }
    }

    /// The next of those that have been taken out, or an urgent one, which comes before them.
    #[inline(never)]
    fn take_out(&mut self, next: &mut Option<Envelope<M>>) {
        self.urgent(next);
        let mailbox = self.mailbox;
        let Some(taken) = self.taken() else { return };
        if next.is_none() {
            *next = taken.batch.next();
        }
        if next.is_some() {
            mailbox.note_taken(taken);
        }
    }

    /// The next that lies in the mailbox. In sleep the lane for urgent ones is looked for once more: see `urgent_lane`.
    #[inline(always)]
    fn look(&mut self, next: &mut Option<Envelope<M>>) {
        if self.mailbox.has_rare() {
            self.urgent(next);
        }
        if next.is_none() {
            self.ordinary(next);
        }
        if next.is_none() && self.mailbox.has_rare() {
            self.urgent(next);
        }
    }

    #[inline(never)]
    fn urgent(&mut self, next: &mut Option<Envelope<M>>) {
        let Some(lane) = self.mailbox.urgent() else { return };
        if let Some(taken) = self.taken() {
            put(next, taken.urgent.next());
        }
        if next.is_none() {
            self.next_urgent(lane, next);
        }
        if let Some(taken) = self.make_taken() {
            taken.was_urgent = next.is_some();
        }
    }

    #[inline(always)]
    fn ordinary(&mut self, next: &mut Option<Envelope<M>>) {
        let (lane, rhythm) = (self.mailbox.ordinary(), self.mailbox.rhythm());
        // Under a schedule one at a time, so that each can be the next.
        if rhythm.streak() >= DRAIN_FROM && !choice::is_on() {
            self.many_of(lane, next);
        } else if rhythm.expects_one() && !self.mailbox.has_rare() && !choice::is_on() {
            // Where one comes at a time, it falls asleep over it, and need not look whether there is another when it has been handled. Whoever
            // sends one meanwhile rings, which costs both of them more than a look; so it is not done where that has happened.
            if lane.take_last(next, self.bell) {
                rhythm.doze();
            }
        } else {
            self.next_of(lane, next);
        }
    }

    #[inline(never)]
    fn many_of(&mut self, lane: &Lane<M>, next: &mut Option<Envelope<M>>) {
        match self.make_taken() {
            Some(taken) => lane.take_many(&mut taken.batch, next),
            None => lane.take_seldom(next),
        }
    }

    fn next_urgent(&self, lane: &Lane<M>, next: &mut Option<Envelope<M>>) {
        #[cfg(feature = "test")]
        if choice::is_on() {
            return lane.take_any(next);
        }
        lane.take_seldom(next);
    }

    /// The first message of a lane; under a schedule any that could have come first.
    #[inline(always)]
    fn next_of(&self, lane: &Lane<M>, next: &mut Option<Envelope<M>>) {
        #[cfg(feature = "test")]
        if choice::is_on() {
            return lane.take_any(next);
        }
        lane.take(next);
    }
}
