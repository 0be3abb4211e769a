//! The actor's end of its mailbox: what comes next.

use crate::actor::Message;
use crate::bell::Bell;
use crate::choice;
use crate::lane::Lane;
use crate::mailbox::{Envelope, Mailbox};
use crate::queue::put;
use std::collections::VecDeque;

/// After so many messages without a pause the queue is taken out in one go.
const DRAIN_FROM: u32 = 8;

/// Room for so many is kept when they have been handled; that of a larger crowd goes back.
pub(crate) const KEPT: usize = 64;

/// Messages that the actor has taken out and not begun.
pub(crate) struct Taken<M: Message> {
    pub(crate) batch: VecDeque<Envelope<M>>,
    /// Before all others.
    pub(crate) urgent: VecDeque<Envelope<M>>,
    /// Whether what came last out of the mailbox is one of these.
    pub(crate) was_urgent: bool,
    /// At which a row has ended: it starts next.
    pub(crate) next: Option<Envelope<M>>,
    streak: u32,
}

impl<M: Message> Taken<M> {
    pub(crate) fn new() -> Self {
        Taken { batch: VecDeque::new(), urgent: VecDeque::new(), was_urgent: false, next: None, streak: 0 }
    }

    /// As it lies beside the mailbox: most actors are called by callers who run the handlers themselves, and never need it.
    pub(crate) fn made(place: &mut Option<Box<Self>>) -> &mut Self {
        place.get_or_insert_with(|| Box::new(Self::new()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.urgent.is_empty() && self.next.is_none()
    }

    /// There is nothing more, here and in the mailbox.
    #[inline]
    fn pause(&mut self) {
        self.streak = 0;
        if self.batch.capacity() > KEPT {
            self.batch = VecDeque::new();
        }
    }

    /// It is not its turn yet.
    pub(crate) fn put_back(&mut self, envelope: Envelope<M>) {
        if self.was_urgent { &mut self.urgent } else { &mut self.batch }.push_front(envelope);
    }

    /// All of them, when the actor ends.
    pub(crate) fn take_all(&mut self) -> VecDeque<Envelope<M>> {
        let mut all = std::mem::take(&mut self.urgent);
        all.append(&mut self.batch);
        if let Some(next) = self.next.take() {
            all.push_front(next);
        }
        all
    }
}

/// The actor's end of its mailbox.
pub(crate) struct Inbox<'a, M: Message> {
    pub(crate) mailbox: &'a Mailbox<M>,
    pub(crate) taken: &'a mut Taken<M>,
    pub(crate) bell: &'a Bell,
}

impl<M: Message> Inbox<'_, M> {
    /// Puts what is to be handled next into `next`: one message, or the first of many that are taken out in one go where the mailbox's promise
    /// allows it and they come so fast that it pays. `false`: there is none, and the bell rings for the next.
    #[inline(always)]
    pub(crate) fn receive(&mut self, next: &mut Option<Envelope<M>>) -> bool {
        // Most mailboxes have nothing rare.
        if self.mailbox.has_rare() {
            self.take_out(next);
        } else {
            put(next, self.taken.batch.pop_front());
        }
        if next.is_some() {
            return true;
        }
        // Most often one message comes at a time: after it, one look in sleep is enough.
        let mut asleep = self.taken.streak == 1;
        loop {
            if asleep {
                self.bell.fall_asleep();
                if self.mailbox.is_quiet() {
                    self.taken.pause();
                    return false;
                }
            }
            self.look(next);
            if next.is_some() {
                if asleep {
                    self.bell.wake_up();
                }
                self.taken.streak = self.taken.streak.saturating_add(1);
                return true;
            }
            if asleep {
                self.taken.pause();
                return false;
            }
            asleep = true;
        }
    }

    /// The next of those that have been taken out, or an urgent one, which comes before them.
    #[inline(never)]
    fn take_out(&mut self, next: &mut Option<Envelope<M>>) {
        self.urgent(next);
        if next.is_none() {
            *next = self.taken.batch.pop_front();
        }
        if next.is_some() {
            self.mailbox.note_taken(self.taken);
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
        *next = self.taken.urgent.pop_front();
        if next.is_none() {
            self.next_of(lane, next);
        }
        self.taken.was_urgent = next.is_some();
    }

    #[inline(always)]
    fn ordinary(&mut self, next: &mut Option<Envelope<M>>) {
        let lane = self.mailbox.ordinary();
        // Under a schedule one at a time, so that each can be the next.
        if self.taken.streak >= DRAIN_FROM && !choice::is_on() {
            lane.take_many(&mut self.taken.batch, next);
        } else {
            self.next_of(lane, next);
        }
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
