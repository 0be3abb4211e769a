//! The actor's end of its mailbox: what comes next.

use crate::actor::Message;
use crate::bell::Bell;
use crate::choice;
use crate::engine::Broken;
use crate::lane::Lane;
use crate::mailbox::{Envelope, Mailbox};
use crate::queue::put;
use std::any::Any;
use std::collections::VecDeque;
use std::mem;
// Not those that are checked: nobody else comes here.
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

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
    was_urgent: bool,
    /// At which a row has ended: it starts next.
    pub(crate) next: Option<Envelope<M>>,
}

impl<M: Message> Taken<M> {
    pub(crate) fn new() -> Self {
        Taken { batch: VecDeque::new(), urgent: VecDeque::new(), was_urgent: false, next: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batch.is_empty() && self.urgent.is_empty() && self.next.is_none()
    }

    /// All of them, when the actor ends.
    pub(crate) fn take_all(&mut self) -> VecDeque<Envelope<M>> {
        let mut all = mem::take(&mut self.urgent);
        all.append(&mut self.batch);
        if let Some(next) = self.next.take() {
            all.push_front(next);
        }
        all
    }
}

/// The same, as the actor's task keeps it, which does not know the messages. Made when the first message is to be kept: to many actors they come
/// one at a time, or are run by their callers.
#[derive(Default)]
pub(crate) struct AnyTaken {
    messages: Option<Box<dyn Any + Send>>,
    /// Of a row that ended with a guard's panic.
    pub(crate) broken: Option<Box<Broken>>,
}

impl AnyTaken {
    pub(crate) fn is_made(&self) -> bool {
        self.messages.is_some()
    }

    /// `None` if it is not made.
    #[inline]
    pub(crate) fn of<M: Message>(&mut self) -> Option<&mut Taken<M>> {
        self.messages.as_deref_mut()?.downcast_mut()
    }

    /// Made if it is not. `None` if it is for other messages than the actor's, which are always the same.
    pub(crate) fn made<M: Message>(&mut self) -> Option<&mut Taken<M>> {
        self.messages.get_or_insert_with(|| Box::new(Taken::<M>::new())).downcast_mut()
    }
}

/// How messages have come so far. It lies beside them; the actor's task alone looks at it, so that it costs no more than a field.
#[derive(Debug, Default)]
pub(crate) struct Rhythm {
    /// So many have come since the actor slept.
    streak: AtomicU32,
    /// Whether one came at a time before.
    single: AtomicBool,
    /// Whether the actor fell asleep when it took the last one out.
    dozes: AtomicBool,
    /// Whether it has ever looked for one.
    begun: AtomicBool,
}

impl Rhythm {
    /// Whether the actor has ever looked for a message; it does now.
    #[inline]
    pub(crate) fn has_begun(&self) -> bool {
        let begun = self.begun.load(Relaxed);
        if !begun {
            self.begun.store(true, Relaxed);
        }
        begun
    }

    #[inline]
    fn streak(&self) -> u32 {
        self.streak.load(Relaxed)
    }

    /// One more has come.
    #[inline]
    fn beat(&self) {
        self.streak.store(self.streak().saturating_add(1), Relaxed);
    }

    /// There is nothing more.
    #[inline]
    fn pause(&self) {
        self.single.store(self.streak() == 1, Relaxed);
        self.streak.store(0, Relaxed);
    }

    /// Whether the next one is to be expected alone.
    #[inline]
    fn is_slow(&self) -> bool {
        self.single.load(Relaxed) && self.streak() == 0
    }

    /// Whether the actor dozed, which it does not from here on.
    #[inline]
    fn take_dozes(&self) -> bool {
        let dozes = self.dozes.load(Relaxed);
        if dozes {
            self.dozes.store(false, Relaxed);
        }
        dozes
    }
}

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
            taken.of().map_or(Place::Unmade(None), Place::Made)
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
        let rhythm = self.mailbox.rhythm();
        if rhythm.take_dozes() && self.bell.is_silent() && !self.mailbox.has_rare() {
            rhythm.pause();
            return false;
        }
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

    /// There is nothing more, here and in the mailbox.
    #[inline]
    fn pause(&mut self) {
        self.mailbox.rhythm().pause();
        if let Some(taken) = self.taken()
            && taken.batch.capacity() > KEPT
        {
            taken.batch = VecDeque::new();
        }
    }

    /// The next of those that have been taken out, or an urgent one, which comes before them.
    #[inline(never)]
    fn take_out(&mut self, next: &mut Option<Envelope<M>>) {
        self.urgent(next);
        let mailbox = self.mailbox;
        let Some(taken) = self.taken() else { return };
        if next.is_none() {
            *next = taken.batch.pop_front();
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
        *next = self.taken().and_then(|taken| taken.urgent.pop_front());
        if next.is_none() {
            self.next_of(lane, next);
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
        } else if rhythm.is_slow() && !self.mailbox.has_rare() && !choice::is_on() {
            // Where one comes at a time, it falls asleep over it, and need not look whether there is another when it has been handled. Whoever
            // sends one meanwhile rings, which costs both of them more than a look; so it is not done where that has happened.
            if lane.take_last(next, self.bell) {
                rhythm.dozes.store(true, Relaxed);
            }
        } else {
            self.next_of(lane, next);
        }
    }

    #[inline(never)]
    fn many_of(&mut self, lane: &Lane<M>, next: &mut Option<Envelope<M>>) {
        match self.make_taken() {
            Some(taken) => lane.take_many(&mut taken.batch, next),
            None => lane.take(next),
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
