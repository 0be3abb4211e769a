//! Where messages wait: in a lane for ordinary ones, in one for urgent ones, and parked, until a guard lets them pass.

use crate::actor::Message;
use crate::bare::Joint;
use crate::bell::Bell;
use crate::lane::{Lane, Next};
use crate::letter::Letter;
use crate::line::Ticket;
use crate::parcel::Parcel;
use crate::policy::{Capacity, Overflow, Policy};
use crate::rare::{AnyLane, Rare};
use crate::rhythm::Rhythm;
use crate::slot::Queued;
use crate::taken::Taken;
use std::any::{Any, TypeId};
use std::fmt;
use std::task::Waker;

/// A message on its way, with the call that it belongs to.
pub(crate) enum Envelope<M: Message> {
    Own { message: M, call: Queued<M::Reply> },
    Boxed(Box<dyn Letter>),
}

impl<M: Message> Envelope<M> {
    /// The message goes back to its sender.
    #[inline(never)]
    pub(crate) fn take_back(self) -> Box<dyn Any + Send> {
        match self {
            Envelope::Own { message, call } => {
                call.take_back();
                Box::new(message)
            }
            Envelope::Boxed(letter) => letter.take_back(),
        }
    }

    /// The type of messages that it is one of.
    #[inline(never)]
    pub(crate) fn source(&self) -> TypeId {
        match self {
            Envelope::Own { .. } => TypeId::of::<M>(),
            Envelope::Boxed(letter) => {
                let letter: &dyn Any = &**letter;
                letter.type_id()
            }
        }
    }

    /// Whether it need not wait for those before it.
    fn passes(&self) -> bool {
        match self {
            Envelope::Own { call, .. } => call.passes(),
            Envelope::Boxed(letter) => letter.passes(),
        }
    }

    #[cfg(feature = "test")]
    pub(crate) fn stamp(&self) -> crate::stamp::Stamp {
        match self {
            Envelope::Own { call, .. } => call.stamp(),
            Envelope::Boxed(letter) => letter.stamp(),
        }
    }

    /// Whether the one who waits for it has left.
    pub(crate) fn is_left(&self) -> bool {
        match self {
            Envelope::Own { call, .. } => call.is_left(),
            Envelope::Boxed(letter) => letter.is_left(),
        }
    }
}

/// In this order: what each message looks at lies side by side.
#[repr(C)]
pub(crate) struct Mailbox<M: Message> {
    rhythm: Rhythm,
    rare: Rare,
    ordinary: Lane<M>,
    overflow: Overflow,
}

/// A place in the line of a lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(u64);

impl Place {
    /// Set in an urgent one's.
    const URGENT: u64 = 1 << 63;

    fn new(number: u64, urgent: bool) -> Self {
        Place(if urgent { number | Self::URGENT } else { number })
    }

    /// Where nobody stands.
    pub(crate) fn nowhere() -> Self {
        Place(Self::URGENT - 1)
    }
}

impl<M: Message> Mailbox<M> {
    pub(crate) fn new(capacity: Capacity, overflow: Overflow) -> Self {
        let (rhythm, rare) = (Rhythm::default(), Rare::new());
        Mailbox { ordinary: Lane::new(capacity), overflow, rhythm, rare }
    }

    /// From now on its [`load`](Self::load) is known: no more is taken out than begins.
    pub(crate) fn count(&mut self) {
        self.rare.count();
        self.ordinary.be_exact();
    }

    /// How many messages wait here, for room and for a guard too, and how many run besides the first.
    pub(crate) fn load(&self) -> usize {
        self.ordinary.load() + self.urgent().map_or(0, Lane::load) + self.rare.load()
    }

    #[inline]
    pub(crate) fn note_taken(&self, taken: &Taken<M>) {
        self.rare.note_taken(taken.batch.len() + taken.urgent.len());
    }

    #[inline]
    pub(crate) fn rhythm(&self) -> &Rhythm {
        &self.rhythm
    }

    /// The lane for ordinary messages.
    #[inline]
    pub(crate) fn ordinary(&self) -> &Lane<M> {
        &self.ordinary
    }

    /// Whether there is, or has been, anything that few mailboxes have: urgent messages, parked ones.
    #[inline]
    pub(crate) fn has_rare(&self) -> bool {
        self.rare.is_made()
    }

    /// What few mailboxes have.
    #[inline]
    pub(crate) fn rare(&self) -> &Rare {
        &self.rare
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.ordinary.capacity()
    }

    pub(crate) fn overflow(&self) -> Overflow {
        self.overflow
    }

    /// Whether there is nothing here, nor anything that a closer look would have to find; in this order: see `urgent_lane`.
    #[inline]
    pub(crate) fn is_quiet(&self) -> bool {
        self.ordinary.is_quiet() && !self.rare.is_made()
    }

    /// Puts it in if there is room and nobody was here before.
    #[inline]
    pub(crate) fn push(&self, envelope: Envelope<M>, urgent: bool) -> Result<(), Envelope<M>> {
        self.lane(urgent).push(envelope)
    }

    /// Waits for room; hands it back if nobody may wait any more.
    #[inline(never)]
    pub(crate) fn join(
        &self,
        envelope: Envelope<M>,
        ticket: Option<Joint<Ticket>>,
        urgent: bool,
    ) -> Result<Place, Envelope<M>> {
        match self.lane(urgent).join(Parcel::new(envelope), ticket) {
            Ok(number) => Ok(Place::new(number, urgent)),
            // What comes back is what was put in.
            Err(parcel) => match parcel.open() {
                Some(envelope) => Err(envelope),
                None => Ok(Place::nowhere()),
            },
        }
    }

    /// Gives up waiting: the message, unless it has been accepted meanwhile.
    #[inline(never)]
    pub(crate) fn leave(&self, Place(place): Place) -> Option<Envelope<M>> {
        self.lane(place & Place::URGENT != 0).leave(place & !Place::URGENT)
    }

    /// The lane for messages that are `urgent`, or for those that are not.
    #[inline]
    pub(crate) fn lane(&self, urgent: bool) -> &Lane<M> {
        if urgent { self.urgent_lane() } else { &self.ordinary }
    }

    /// The lane for urgent messages, which is made here when it is first needed.
    ///
    /// A task that falls asleep may have looked for it too soon. So the ordinary lane's lock lies between this and the push, as it lies between
    /// the task's falling asleep and its last look for this lane: either the task finds it, or the sender finds the task asleep.
    #[cold]
    #[inline(never)]
    fn urgent_lane(&self) -> &Lane<M> {
        let lane = self.rare.urgent_or(&|| Box::new(self.ordinary.another()));
        let Some(lane) = lane.downcast_ref::<Lane<M>>() else { return &self.ordinary };
        self.ordinary.meet();
        // Whoever closes the lanes closes the ordinary one first, and finds this one or is seen here.
        if self.ordinary.is_closed() {
            lane.close_line();
        }
        lane
    }

    /// If there is one.
    #[inline]
    pub(crate) fn urgent(&self) -> Option<&Lane<M>> {
        self.rare.urgent().and_then(Self::lane_of)
    }

    #[inline(never)]
    fn lane_of(lane: &AnyLane) -> Option<&Lane<M>> {
        lane.downcast_ref()
    }

    /// The first that is found in a lane, the urgent one first, by somebody who looks for a message before he sleeps: see
    /// [`urgent_lane`](Self::urgent_lane).
    fn first<T>(&self, mut find: impl FnMut(&Lane<M>) -> Option<T>) -> Option<T> {
        for lane in [self.urgent(), Some(&self.ordinary)] {
            if let Some(found) = lane.and_then(&mut find) {
                return Some(found);
            }
        }
        self.urgent().and_then(find)
    }

    #[inline(never)]
    pub(crate) fn is_empty(&self) -> bool {
        self.urgent().is_none_or(Lane::is_empty) && self.ordinary.is_empty()
    }

    /// Whether a handler that looks for messages to serve has seen all that are here.
    #[inline(never)]
    pub(crate) fn is_seen(&self) -> bool {
        self.urgent().is_none_or(Lane::is_seen) && self.ordinary.is_seen()
    }

    /// Sends those who wait for room away, and lets nobody wait from now on.
    #[inline(never)]
    pub(crate) fn close_line(&self) {
        self.ordinary.close_line();
        if let Some(lane) = self.urgent() {
            lane.close_line();
        }
    }

    /// Takes all out that is left, for `end` to throw it away.
    #[inline(never)]
    pub(crate) fn clear(&self, end: &mut dyn FnMut(Envelope<M>)) {
        if self.is_quiet() {
            return;
        }
        if let Some(lane) = self.urgent() {
            lane.clear(end);
        }
        self.ordinary.clear(end);
        if self.has_parked() {
            self.rare.take_parked(&mut |parcel| {
                if let Some(envelope) = parcel.open() {
                    end(envelope);
                }
            });
        }
    }

    // ---- while a handler waits --------------------------------------------------------------------------------------------

    /// Whether there may be something aside.
    #[inline]
    pub(crate) fn has_aside(&self) -> bool {
        self.ordinary.has_aside() || self.urgent().is_some_and(Lane::has_aside)
    }

    /// A handler starts that may wait: what was taken out before lies aside meanwhile.
    #[inline(never)]
    pub(crate) fn put_aside(&self, taken: &mut Taken<M>) {
        if !taken.batch.is_empty() {
            self.ordinary.put_aside(std::mem::take(&mut taken.batch));
        }
        if !taken.urgent.is_empty()
            && let Some(lane) = self.urgent()
        {
            lane.put_aside(std::mem::take(&mut taken.urgent));
        }
        self.note_taken(taken);
    }

    /// The handler has ended.
    #[inline(never)]
    pub(crate) fn take_aside(&self, taken: &mut Taken<M>) {
        taken.batch.append(&mut self.ordinary.take_aside());
        if let Some(lane) = self.urgent() {
            taken.urgent.append(&mut lane.take_aside());
        }
        self.note_taken(taken);
    }

    /// A handler has ended that its caller ran: whether something lies aside, for the actor's task to take up.
    #[inline]
    pub(crate) fn leaves_aside(&self) -> bool {
        self.has_aside() && self.left_aside()
    }

    #[cold]
    #[inline(never)]
    fn left_aside(&self) -> bool {
        // Both are asked: each clears its place if nothing is in it.
        self.urgent().is_some_and(Lane::leaves_aside) | self.ordinary.leaves_aside()
    }

    /// The first message that `serves` wants, wherever it is. `None`: there is none now, the bell rings for the next, and `waker` is woken when the
    /// task is.
    pub(crate) fn find(
        &self,
        serves: impl Fn(&Envelope<M>) -> bool,
        bell: &Bell,
        waker: &Waker,
    ) -> Option<Envelope<M>> {
        let find = || self.first(|lane| lane.find(&serves));
        let found = match self.take_if(&serves, bell) {
            Some(found) => found,
            None => find().or_else(|| {
                bell.fall_asleep();
                find()
            }),
        };
        match &found {
            Some(_) => bell.wake_up(),
            None if bell.reaches(waker) => {}
            None => self.rare.serve(waker),
        }
        found
    }

    /// The next message, if `wants` does. Empty: the bell rings for the next.
    pub(crate) fn next_if(&self, wants: impl Fn(&Envelope<M>) -> bool, bell: &Bell) -> Next<M> {
        let look = || {
            self.first(|lane| match lane.next_if(&wants) {
                Next::Empty => None,
                next => Some(next),
            })
        };
        let next = match self.take_if(&wants, bell) {
            Some(next) => next.map(Next::Wanted),
            None => look().or_else(|| {
                bell.fall_asleep();
                look()
            }),
        };
        if let Some(Next::Wanted(_)) = next {
            bell.wake_up();
        }
        next.unwrap_or(Next::Empty)
    }

    /// As most often: the only lane is asked, and nothing lies aside. `None`: a closer look has to be taken.
    #[inline]
    fn take_if(&self, wants: &impl Fn(&Envelope<M>) -> bool, bell: &Bell) -> Option<Option<Envelope<M>>> {
        if self.urgent().is_some() {
            return None;
        }
        let found = self.ordinary.take_if(wants, bell)?;
        // One that has come to be meanwhile: see `urgent_lane`.
        if found.is_none() && self.urgent().is_some() { None } else { Some(found) }
    }

    /// The first message that need not wait for those before it.
    pub(crate) fn take_passing(&self) -> Option<Envelope<M>> {
        self.first(|lane| lane.take_first(Envelope::passes))
    }

    // ---- for a test's context ---------------------------------------------------------------------------------------------

    /// What `see` makes of all that lie here, in their order.
    #[cfg(feature = "test")]
    pub(crate) fn look<T>(&self, see: impl Fn(&Envelope<M>) -> T) -> Vec<T> {
        let mut taken = Taken::new();
        self.clear(&mut |envelope| taken.batch.push_back(envelope));
        let seen = taken.batch.iter().map(see).collect();
        self.put_aside(&mut taken);
        seen
    }

    /// The first that `wants` wants, wherever it is.
    #[cfg(feature = "test")]
    pub(crate) fn take_first(&self, wants: impl Fn(&Envelope<M>) -> bool) -> Option<Envelope<M>> {
        self.first(|lane| lane.take_first(&wants))
    }

    // ---- guards -----------------------------------------------------------------------------------------------------------

    #[inline]
    pub(crate) fn has_parked(&self) -> bool {
        self.rare.has_parked()
    }

    /// A message waits until its guard lets it pass. It takes no room.
    pub(crate) fn park(&self, policy: &'static Policy, envelope: Envelope<M>) {
        self.rare.park(envelope.source(), policy, Parcel::new(envelope));
    }
}

impl<M: Message> fmt::Debug for Mailbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("queued", &(self.ordinary.queued() + self.urgent().map_or(0, Lane::queued)))
            .field("overflow", &self.overflow)
            .finish()
    }
}
