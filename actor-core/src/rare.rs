//! What few mailboxes need: a lane for urgent messages, those that are parked, how full it is. Made when it is needed, and then it stays.
//!
//! Whose messages these are is not said, so that all of this is compiled once and not for each kind of actor.

use crate::beside;
use crate::context::Common;
use crate::frame;
use crate::limit::Limit;
use crate::parcel::{Guard, Parcel, Passed};
use crate::parked::Parked;
use crate::policy::Policy;
use crate::shared::Shared;
use crate::sync::{AtomicUsize, Mutex, OnceLock, Ordering};
use crate::timers::Round;
use crate::wakers;
use std::any::{Any, TypeId};
use std::task::Waker;

/// A lane, for messages that whoever asks for it knows.
pub(crate) type AnyLane = Box<dyn Any + Send + Sync>;

pub(crate) struct Rare(OnceLock<Box<Made>>);

struct Made {
    counted: OnceLock<Counts>,
    /// Made when the first urgent message comes.
    urgent: OnceLock<AnyLane>,
    /// Only the actor comes here.
    parked: Mutex<Parked>,
    parked_count: AtomicUsize,
    /// Of a handler that looks for messages to serve.
    server: Mutex<Option<Waker>>,
}

/// Where the actor's load is to be known. Elsewhere nothing is written that senders on other threads have to look past.
struct Counts {
    /// How many have been taken out and not begun, besides those aside.
    taken: AtomicUsize,
    /// How many run beside each other.
    readers: AtomicUsize,
}

impl Rare {
    pub(crate) fn new() -> Self {
        Rare(OnceLock::new())
    }

    #[inline]
    pub(crate) fn is_made(&self) -> bool {
        self.0.get().is_some()
    }

    #[cold]
    fn made(&self) -> &Made {
        self.0.get_or_init(|| {
            Box::new(Made {
                counted: OnceLock::new(),
                urgent: OnceLock::new(),
                parked: Mutex::new(Parked::new()),
                parked_count: AtomicUsize::new(0),
                server: Mutex::new(None),
            })
        })
    }

    // ---- how full it is ---------------------------------------------------------------------------------------------------

    /// From now on what is taken out is counted.
    pub(crate) fn count(&self) {
        self.made()
            .counted
            .get_or_init(|| Counts { taken: AtomicUsize::new(0), readers: AtomicUsize::new(0) });
    }

    #[inline]
    fn counts(&self) -> Option<&Counts> {
        self.0.get()?.counted.get()
    }

    #[inline]
    pub(crate) fn note_taken(&self, taken: usize) {
        if let Some(counts) = self.counts() {
            counts.taken.store(taken, Ordering::Relaxed);
        }
    }

    pub(crate) fn note_readers(&self, running: usize) {
        if let Some(counts) = self.counts() {
            counts.readers.store(running, Ordering::Relaxed);
        }
    }

    /// How many are parked, taken out and not begun, or run besides the first.
    pub(crate) fn load(&self) -> usize {
        let Some(made) = self.0.get() else { return 0 };
        let taken = made.counted.get().map_or(0, |counts| {
            let readers = counts.readers.load(Ordering::Relaxed);
            counts.taken.load(Ordering::Relaxed) + readers.saturating_sub(1)
        });
        taken + made.parked_count.load(Ordering::Relaxed)
    }

    // ---- urgent messages --------------------------------------------------------------------------------------------------

    #[inline]
    pub(crate) fn urgent(&self) -> Option<&AnyLane> {
        self.0.get()?.urgent.get()
    }

    pub(crate) fn urgent_or(&self, make: &dyn Fn() -> AnyLane) -> &AnyLane {
        self.made().urgent.get_or_init(make)
    }

    // ---- guards -----------------------------------------------------------------------------------------------------------

    #[inline]
    pub(crate) fn has_parked(&self) -> bool {
        self.0.get().is_some_and(|made| made.parked_count.load(Ordering::Relaxed) > 0)
    }

    fn with_parked<T>(&self, change: impl FnOnce(&mut Parked) -> T) -> T {
        let made = self.made();
        let mut parked = made.parked.lock();
        let result = change(&mut parked);
        made.parked_count.store(parked.len(), Ordering::Relaxed);
        result
    }

    pub(crate) fn park(&self, source: TypeId, policy: &'static Policy, parcel: Parcel) {
        self.with_parked(|parked| parked.add(source, policy, parcel));
    }

    pub(crate) fn unpark(&self, wanted: fn(&Policy) -> bool, guard: Guard<'_>) -> Option<Passed> {
        self.with_parked(|parked| parked.take(wanted, guard))
    }

    /// Takes all out, for `end`.
    pub(crate) fn take_parked(&self, end: &mut dyn FnMut(Parcel)) {
        self.with_parked(Parked::take_all).into_iter().for_each(end);
    }

    /// What has passed its guard and comes before the mailbox: of what was held back, if anything was handled since it was tried, the first that
    /// makes sense now; else a tick that is due; else what comes from beside the mailbox, if it is its turn: or whether that is to be asked after it.
    pub(crate) fn passed(
        &self,
        shared: &Shared,
        common: &mut Common,
        stirred: &mut bool,
        round: Option<Round>,
        guard: Guard<'_>,
    ) -> (Option<Passed>, bool) {
        match self.first(common, stirred, round, guard) {
            Some(found) => (Some(found), false),
            None => beside::first(shared, common, guard),
        }
    }

    fn first(
        &self,
        common: &mut Common,
        stirred: &mut bool,
        round: Option<Round>,
        guard: Guard<'_>,
    ) -> Option<Passed> {
        let Common { alarms, beside } = common;
        let mut alarms = alarms.as_deref_mut();
        let mut found = None;
        if *stirred {
            if self.has_parked() {
                found = self.unpark(|_| true, guard);
            }
            if let (None, Some(alarms)) = (&found, &mut alarms)
                && alarms.holds()
            {
                found = alarms.take_held(guard);
            }
            if let (None, Some(beside)) = (&found, beside)
                && beside.holds()
            {
                found = beside.take_held(guard);
            }
            *stirred = found.is_some();
        }
        if let (None, Some(alarms), Some(round)) = (&found, alarms, round) {
            // The user's code that is called here is no message's.
            frame::next_message(None, Limit::Never);
            found = alarms.take_due(round, guard);
        }
        found
    }

    // ---- who serves -------------------------------------------------------------------------------------------------------

    /// A handler looks for messages to serve, and has found none.
    pub(crate) fn serve(&self, waker: &Waker) {
        let before = wakers::leave(&mut self.made().server.lock(), waker);
        drop(before);
    }

    /// The task has been woken, and polls whoever waits with its own waker.
    pub(crate) fn wake_server(&self, task: &Waker) {
        let waker = self.0.get().and_then(|made| made.server.lock().take());
        if let Some(waker) = waker
            && !waker.will_wake(task)
        {
            waker.wake();
        }
    }
}
