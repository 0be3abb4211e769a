//! A call as those see it who do not know its reply, and all of it that does not depend on that: compiled once and not for each kind of actor.

use crate::bare::Joint;
use crate::error::CallError;
use crate::exit::ExitReason;
use crate::shared::Shared;
use crate::slot::Slot;
use crate::sync::{AtomicU8, Ordering};
use crate::waits::Stage;
use crate::wakers;
use std::any::Any;
use std::mem;
use std::sync::Arc;
use std::task::Waker;

pub(crate) const QUEUED: u8 = 0;
pub(crate) const STARTED: u8 = 1;
/// Started, and the caller has left: nobody waits for the answer.
pub(crate) const GONE: u8 = 2;
pub(crate) const ANSWERED: u8 = 3;
/// The caller left before the start: the message never runs.
pub(crate) const CANCELLED: u8 = 4;

/// What a slot knows besides the answer, under the same lock.
#[derive(Debug)]
pub(crate) struct Seat {
    /// The caller's; woken by an answer.
    pub(crate) waker: Option<Waker>,
    /// The run of a handler that waits for it.
    pub(crate) run: u64,
    /// What few calls need.
    pub(crate) rare: Option<Box<Rare>>,
}

#[derive(Debug, Default)]
pub(crate) struct Rare {
    watchers: Watchers,
    /// Whether a `ReplyTo` is to answer it.
    given: bool,
    /// Set while that makes the actor live on for this caller.
    kept: Option<Arc<Shared>>,
    /// The caller lets it run and waits for nothing.
    detached: bool,
    /// It need not wait for those before it: see [`Awaited::let_pass`](crate::waits::Awaited::let_pass).
    passes: bool,
}

/// Those who want to know that the caller has gone: most often one.
#[derive(Debug, Default)]
struct Watchers {
    first: Option<Waker>,
    others: Vec<Waker>,
}

impl Watchers {
    fn add(&mut self, waker: &Waker) {
        match &self.first {
            None => self.first = Some(waker.clone()),
            Some(first) if first.will_wake(waker) => {}
            Some(_) if self.others.iter().any(|known| known.will_wake(waker)) => {}
            Some(_) => self.others.push(waker.clone()),
        }
    }

    fn wake(self) {
        self.first.into_iter().chain(self.others).for_each(Waker::wake);
    }
}

impl Seat {
    /// Whether nobody sits here any more, and nothing is left to be dropped.
    #[inline]
    pub(crate) fn is_left(&self) -> bool {
        self.waker.is_none() && self.rare.is_none()
    }

    /// Drops what is here.
    #[cold]
    #[inline(never)]
    fn clear_all(&mut self) {
        (self.waker, self.rare) = (None, None);
    }

    /// The same; most often there is nothing.
    #[inline]
    pub(crate) fn clear(&mut self) {
        if !self.is_left() {
            self.clear_all();
        }
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    fn is_given(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.given)
    }

    /// The caller looks for its answer, which is not there yet; in a handler, which waits for it from now on. What woke it before is not to go under
    /// the lock.
    #[must_use]
    pub(crate) fn wait(&mut self, waker: &Waker, run: Option<u64>) -> Option<Waker> {
        if let Some(run) = run {
            self.run = run;
        }
        wakers::leave(&mut self.waker, waker)
    }
}

/// Once a call is settled: whom to tell that the caller has gone, and whom to let go.
pub(crate) struct Told {
    watchers: Watchers,
    kept: Option<Arc<Shared>>,
}

impl Told {
    pub(crate) fn of(rare: Option<&mut Rare>) -> Self {
        match rare {
            Some(rare) => Told { watchers: mem::take(&mut rare.watchers), kept: rare.kept.take() },
            None => Told { watchers: Watchers::default(), kept: None },
        }
    }

    /// The caller has its answer. Whoever selects on "the caller has gone" beside the answer would sleep on with a stale registration, so
    /// all are let go.
    #[cold]
    pub(crate) fn let_go(self) {
        release(self.kept);
        drop(self.watchers);
    }

    /// The caller has gone.
    fn wake(self) {
        release(self.kept);
        self.watchers.wake();
    }
}

fn release(kept: Option<Arc<Shared>>) {
    if let Some(shared) = kept {
        shared.release();
    }
}

/// How a caller left, if it could.
pub(crate) enum Leave {
    /// Before the start: the message never runs.
    NeverRan,
    /// After the start: the handler goes on, its answer is thrown away.
    Running,
    /// Too late, or before: an answer that is there is its own.
    Over,
}

/// A call, whatever the actor's replies are.
pub(crate) trait Caller: Any + Send + Sync {
    fn state(&self) -> &AtomicU8;

    /// Changes under the lock what does not depend on the reply, knowing whether an answer lies there. A failure that comes back becomes the
    /// answer.
    fn locked(&self, change: &mut dyn FnMut(&mut Seat, bool) -> Option<CallError>);
}

/// A caller, of whatever actor.
pub(crate) type AnyCaller = Joint<dyn Caller>;

impl dyn Caller {
    /// As whoever knows the reply sees it.
    pub(crate) fn typed<R: Send + 'static>(&self) -> Option<&Slot<R>> {
        let any: &dyn Any = self;
        any.downcast_ref()
    }

    fn look(&self) -> u8 {
        self.state().load(Ordering::Acquire)
    }

    fn swap(&self, from: u8, to: u8) -> bool {
        self.state().compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// What `read` makes of what lies under the lock.
    fn seen<T: Default>(&self, read: impl Fn(&mut Seat) -> T) -> T {
        let mut seen = T::default();
        self.locked(&mut |seat, _| {
            seen = read(seat);
            None
        });
        seen
    }

    /// Answers it with a failure, where it stands at `from`; `false` if it does not, and so has its answer, or nobody waits for one.
    pub(crate) fn fail(&self, from: u8, error: CallError) -> bool {
        let (mut error, mut settled) = (Some(error), None);
        self.locked(&mut |seat, _| {
            if !self.swap(from, ANSWERED) {
                return None;
            }
            settled = Some((seat.waker.take(), Told::of(seat.rare.as_deref_mut())));
            error.take()
        });
        let Some((waker, told)) = settled else { return false };
        told.let_go();
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Answers a call whose message will never run.
    pub(crate) fn never_runs(&self, error: CallError) {
        // If it fails, the caller has left or somebody else refused it: it has its answer either way.
        self.fail(QUEUED, error);
    }

    /// Its handler came back without a reply: it has given the call to a `ReplyTo`, or it forgot it.
    pub(crate) fn no_reply(&self) {
        if !self.is_given() {
            self.fail(STARTED, CallError::Dropped);
        }
    }

    pub(crate) fn leave(&self) -> Leave {
        if self.swap(QUEUED, CANCELLED) {
            return Leave::NeverRan;
        }
        let mut told = None;
        self.locked(&mut |seat, _| {
            told = self.swap(STARTED, GONE).then(|| Told::of(seat.rare.as_deref_mut()));
            None
        });
        match told {
            Some(told) => {
                told.wake();
                Leave::Running
            }
            None => Leave::Over,
        }
    }

    /// Gives the call to a `ReplyTo`: from now on the actor lives on for this caller, until it is answered or leaves. `false` if it
    /// has been given away before.
    pub(crate) fn keep(&self, shared: &Arc<Shared>) -> bool {
        self.seen(|seat| {
            let rare = seat.rare();
            if rare.given {
                return false;
            }
            rare.given = true;
            if self.look() == STARTED && !rare.detached {
                shared.keep();
                rare.kept = Some(Arc::clone(shared));
            }
            true
        })
    }

    /// The caller lets it run and waits for nothing: a kept `ReplyTo` does not make the actor live on for it.
    pub(crate) fn detach(&self) {
        release(self.seen(|seat| {
            let rare = seat.rare();
            rare.detached = true;
            rare.kept.take()
        }));
    }

    #[cold]
    pub(crate) fn is_detached(&self) -> bool {
        self.seen(|seat| seat.rare.as_ref().is_some_and(|rare| rare.detached))
    }

    pub(crate) fn gone(&self) -> bool {
        self.look() == GONE
    }

    /// Whether the caller has gone; if not, `waker` is woken when it goes.
    pub(crate) fn poll_gone(&self, waker: &Waker) -> bool {
        self.seen(|seat| match self.look() {
            GONE => true,
            STARTED => {
                seat.rare().watchers.add(waker);
                false
            }
            _ => false,
        })
    }

    /// Its deadline has come, as its handler knows: whatever that returns now is no answer.
    pub(crate) fn time_out(&self) {
        let mut settled = None;
        self.locked(&mut |seat, _| {
            if !self.swap(STARTED, GONE) {
                return None;
            }
            settled = Some((seat.waker.take(), Told::of(seat.rare.as_deref_mut())));
            Some(CallError::TimedOut { started: true })
        });
        let Some((waker, told)) = settled else { return };
        if let Some(waker) = waker {
            waker.wake();
        }
        told.wake();
    }

    /// Whether its handler has started, and has not answered.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.look(), STARTED | GONE)
    }

    /// The actor ended before its handler answered the call; one that was given to a `ReplyTo` is that one's to answer.
    pub(crate) fn interrupt(&self, reason: &ExitReason) {
        if !self.is_given() {
            self.orphan(reason);
        }
    }

    /// Whether a `ReplyTo` is to answer it.
    pub(crate) fn is_given(&self) -> bool {
        self.seen(|seat| seat.is_given())
    }

    /// Its actor was killed before the handler, which had been made, was polled for the first time.
    pub(crate) fn never_began(&self) {
        self.fail(STARTED, CallError::NotRunning);
    }

    /// Its handler was dropped before it returned.
    pub(crate) fn let_go(&self) {
        self.fail(STARTED, CallError::Dropped);
    }

    /// The `ReplyTo` that was to answer it went down with the actor.
    pub(crate) fn orphan(&self, reason: &ExitReason) {
        self.fail(STARTED, CallError::Interrupted(reason.clone()));
    }

    // ---- as a handler waits for it ----------------------------------------------------------------------------------------

    /// Lets it pass those that wait before it; `false` if it has begun.
    pub(crate) fn let_pass(&self) -> bool {
        self.seen(|seat| {
            let can = self.look() == QUEUED;
            if can {
                seat.rare().passes = true;
            }
            can
        })
    }

    /// As the handler `run` sees it.
    pub(crate) fn stage(&self, run: u64) -> Stage {
        let mut stage = Stage::Over;
        self.locked(&mut |seat, is_answered| {
            stage = match self.look() {
                _ if seat.run != run => Stage::Over,
                QUEUED => Stage::Queued,
                STARTED => Stage::Started,
                _ if is_answered => Stage::Ready,
                _ => Stage::Over,
            };
            None
        });
        stage
    }

    pub(crate) fn passes(&self) -> bool {
        self.seen(|seat| seat.rare.as_ref().is_some_and(|rare| rare.passes))
    }

    /// Refuses it if it is still queued; the waker is of whoever waits for it.
    pub(crate) fn refuse(&self, error: CallError) -> Option<Option<Waker>> {
        let (mut error, mut waker) = (Some(error), None);
        self.locked(&mut |seat, _| {
            if !self.swap(QUEUED, ANSWERED) {
                return None;
            }
            waker = Some(seat.waker.take());
            error.take()
        });
        waker
    }
}
