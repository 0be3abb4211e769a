//! A call's state machine: the one place where it is decided whether a message runs and what its caller gets.
//!
//! ```text
//!             begin                    answer
//!   queued ----------> started ----------------------> answered
//!     |  \                |                                ^
//!     |   \ refuse        | leave                          |
//!     |    `--------------|--------------------------------'
//!     | leave             v
//!     v                started, caller gone  (an answer is thrown away)
//!   cancelled (the message never runs)
//! ```
//!
//! Every arrow out of `queued` is one compare-and-swap on one byte, those out of `started` are taken under the answer's lock; so exactly one of a start, a timeout, a dropped
//! future, a kill and an actor's end wins, and the losers see who did. `never_ran()` rests on this alone.

use crate::choice::Wait;
use crate::error::{CallError, Cycle};
use crate::exit::ExitReason;
use crate::id::ActorId;
use crate::limit::Limit;
use crate::shared::Shared;
use crate::stamp::Stamp;
use crate::sync::{AtomicU8, Mutex, Ordering};
use crate::traces::Traces;
use crate::waits::{Awaited, Stage};
use std::any::Any;
use std::mem::{self, ManuallyDrop};
use std::sync::Arc;
use std::task::{Poll, Waker};
use tokio::time::Instant;

const QUEUED: u8 = 0;
const STARTED: u8 = 1;
/// Started, and the caller has left: nobody waits for the answer.
const GONE: u8 = 2;
const ANSWERED: u8 = 3;
/// The caller left before the start: the message never runs.
const CANCELLED: u8 = 4;

/// What a caller gets: the actor's reply, or why there is none.
pub(crate) type Answer<R> = Result<R, CallError>;

/// One call, shared by its caller and whoever answers it.
#[derive(Debug)]
pub(crate) struct Slot<R> {
    state: AtomicU8,
    /// The actor that was called: a reply that goes down with it is interrupted, elsewhere it is dropped.
    actor: ActorId,
    /// Inherited by the calls that the handler makes.
    deadline: Limit,
    inner: Mutex<Inner<R>>,
}

#[derive(Debug)]
struct Inner<R> {
    answer: Option<Answer<R>>,
    /// The caller's; woken by an answer.
    waker: Option<Waker>,
    /// The run of a handler that waits for it.
    run: u64,
    /// What few calls need.
    rare: Option<Box<Rare>>,
}

#[derive(Debug, Default)]
struct Rare {
    /// Of those who want to know that the caller has gone.
    watchers: Vec<Waker>,
    /// Whether a `ReplyTo` is to answer it.
    given: bool,
    /// Set while that makes the actor live on for this caller.
    kept: Option<Arc<Shared>>,
    /// The caller lets it run and waits for nothing.
    detached: bool,
    /// It need not wait for those before it: see [`Awaited::let_pass`].
    passes: bool,
}

impl Rare {
    fn watch(&mut self, waker: &Waker) {
        if !self.watchers.iter().any(|known| known.will_wake(waker)) {
            self.watchers.push(waker.clone());
        }
    }
}

impl<R> Inner<R> {
    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    fn is_given(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.given)
    }
}

/// Once a call is settled: whom to tell that the caller has gone, and whom to let go.
struct Told {
    watchers: Vec<Waker>,
    kept: Option<Arc<Shared>>,
}

impl Told {
    fn of(rare: Option<&mut Rare>) -> Self {
        match rare {
            Some(rare) => Told { watchers: mem::take(&mut rare.watchers), kept: rare.kept.take() },
            None => Told { watchers: Vec::new(), kept: None },
        }
    }

    /// The caller has its answer. Whoever selects on "the caller has gone" beside the answer would sleep on with a stale registration, so
    /// all are let go.
    #[cold]
    fn let_go(self) {
        release(self.kept);
        drop(self.watchers);
    }

    /// The caller has gone.
    fn wake(self) {
        release(self.kept);
        self.watchers.into_iter().for_each(Waker::wake);
    }
}

/// How a caller left.
#[derive(Debug)]
pub(crate) enum Left<R> {
    /// Before the start: the message never runs.
    NeverRan,
    /// After the start: the handler goes on, its answer is thrown away.
    Running,
    /// Too late: it had been answered.
    Answered(Answer<R>),
}

impl<R> Slot<R> {
    /// A call in a queue, for which `run` waits until a `deadline` that is fixed.
    pub(crate) fn queued(actor: ActorId, deadline: Limit, waker: Option<Waker>, run: u64) -> Arc<Self> {
        Self::new(QUEUED, actor, deadline, waker, run)
    }

    /// A call whose handler runs already.
    pub(crate) fn started(actor: ActorId, deadline: Limit, waker: Option<Waker>) -> Arc<Self> {
        Self::new(STARTED, actor, deadline, waker, 0)
    }

    fn new(state: u8, actor: ActorId, deadline: Limit, waker: Option<Waker>, run: u64) -> Arc<Self> {
        let inner = Inner { answer: None, waker, run, rare: None };
        Arc::new(Slot { state: AtomicU8::new(state), actor, deadline, inner: Mutex::new(inner) })
    }

    pub(crate) fn actor(&self) -> ActorId {
        self.actor
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline.instant()
    }

    pub(crate) fn has_deadline(&self) -> bool {
        self.deadline != Limit::Never
    }

    /// The caller's deadline, as a limit of what its handler does.
    pub(crate) fn limit(&self) -> Limit {
        self.deadline
    }

    fn swap(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Whether its deadline has passed, and somebody has not let it run all the same.
    #[inline]
    fn is_late(&self) -> bool {
        self.deadline.has_passed() && !self.is_detached()
    }

    #[cold]
    fn is_detached(&self) -> bool {
        self.inner.lock().rare.as_ref().is_some_and(|rare| rare.detached)
    }

    fn is_cancelled(&self) -> bool {
        self.state.load(Ordering::Acquire) == CANCELLED
    }

    /// The actor comes to the message: `false` if the caller left before, and then it must not run.
    pub(crate) fn begin(&self) -> bool {
        self.swap(QUEUED, STARTED)
    }

    /// The answer of a handler that started; hands the reply back if nobody waits for it.
    #[inline(always)]
    pub(crate) fn answer(&self, answer: Answer<R>) -> Result<(), Answer<R>> {
        self.settle(STARTED, answer)
    }

    /// Answers a call whose message will never run.
    pub(crate) fn refuse(&self, error: CallError) {
        // If it fails, the caller has left or somebody else refused it: it has its answer either way.
        let _ = self.settle(QUEUED, Err(error));
    }

    /// Answers a call that started with what `wrap` makes of `value`; hands it back if nobody waits for it.
    pub(crate) fn answer_with<T>(&self, value: T, wrap: impl FnOnce(T) -> R) -> Result<(), T> {
        self.settle_with(STARTED, value, |value| Ok(wrap(value)))
    }

    #[inline(always)]
    fn settle(&self, from: u8, answer: Answer<R>) -> Result<(), Answer<R>> {
        self.settle_with(from, answer, |answer| answer)
    }

    #[inline(always)]
    fn settle_with<T>(&self, from: u8, value: T, wrap: impl FnOnce(T) -> Answer<R>) -> Result<(), T> {
        let mut inner = self.inner.lock();
        // The lock is held from here to the answer, so that whoever sees `ANSWERED` finds it. A caller that leaves a started call
        // takes the lock too, so the state cannot change between these two lines but from `QUEUED`.
        if self.state.load(Ordering::Acquire) != from {
            return Err(value);
        }
        let answer = wrap(value);
        if from == STARTED {
            // Out of `STARTED` there are only ways that take the lock.
            self.state.store(ANSWERED, Ordering::Release);
        } else if !self.swap(from, ANSWERED) {
            // A queued one that was refused, and its caller left just now: it has its answer.
            drop(inner);
            drop(answer);
            return Ok(());
        }
        inner.answer = Some(answer);
        let waker = inner.waker.take();
        if inner.rare.is_some() {
            let told = Told::of(inner.rare.as_deref_mut());
            drop(inner);
            told.let_go();
        } else {
            drop(inner);
        }
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// The caller gives up: by a deadline or by dropping its future.
    pub(crate) fn leave(&self) -> Left<R> {
        if self.swap(QUEUED, CANCELLED) {
            return Left::NeverRan;
        }
        let mut inner = self.inner.lock();
        if self.swap(STARTED, GONE) {
            let told = Told::of(inner.rare.as_deref_mut());
            drop(inner);
            told.wake();
            return Left::Running;
        }
        match inner.answer.take() {
            Some(answer) => Left::Answered(answer),
            // It left before.
            None => Left::Running,
        }
    }

    /// The caller looks for its answer, and is woken when there is one.
    #[inline]
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Answer<R>> {
        self.look(waker, None)
    }

    /// The same in the handler `run`, which waits for it from now on.
    #[inline]
    pub(crate) fn poll_in(&self, waker: &Waker, run: u64) -> Poll<Answer<R>> {
        self.look(waker, Some(run))
    }

    fn look(&self, waker: &Waker, run: Option<u64>) -> Poll<Answer<R>> {
        let mut inner = self.inner.lock();
        if let Some(answer) = inner.answer.take() {
            return Poll::Ready(answer);
        }
        if let Some(run) = run {
            inner.run = run;
        }
        match &mut inner.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        Poll::Pending
    }

    /// The same, by a caller that is done with it then: an answer that nobody else is about any more needs no lock.
    #[inline]
    pub(crate) fn collect(mut slot: Arc<Self>, waker: &Waker, run: u64) -> Result<Answer<R>, Arc<Self>> {
        if slot.state.load(Ordering::Acquire) == ANSWERED {
            match Arc::try_unwrap(slot).map(|slot| slot.inner.into_inner().answer) {
                Ok(answer) => return Ok(answer.unwrap_or(Err(CallError::Dropped))),
                Err(shared) => slot = shared,
            }
        }
        match slot.poll_in(waker, run) {
            Poll::Ready(answer) => Ok(answer),
            Poll::Pending => Err(slot),
        }
    }

    /// Gives the call to a `ReplyTo`: from now on the actor lives on for this caller, until it is answered or leaves. `false` if it
    /// has been given away before.
    pub(crate) fn keep(&self, shared: &Arc<Shared>) -> bool {
        let mut inner = self.inner.lock();
        let rare = inner.rare();
        if rare.given {
            return false;
        }
        rare.given = true;
        if self.state.load(Ordering::Acquire) == STARTED && !rare.detached {
            shared.keep();
            rare.kept = Some(Arc::clone(shared));
        }
        true
    }

    /// The caller lets it run and waits for nothing: a kept `ReplyTo` does not make the actor live on for it.
    pub(crate) fn detach(&self) {
        let mut inner = self.inner.lock();
        let rare = inner.rare();
        rare.detached = true;
        let kept = rare.kept.take();
        drop(inner);
        release(kept);
    }

    /// The handler came back. With `None` it has given the call to a `ReplyTo`, or it forgot it. Hands the answer back if the caller
    /// has left: its destructor is the user's code.
    #[inline(always)]
    pub(crate) fn finish(&self, reply: Option<R>) -> Option<Answer<R>> {
        match reply {
            // Becomes an answer where it is put: to move one as a whole costs more.
            Some(reply) => self.answer_with(reply, |reply| reply).err().map(Ok),
            None if self.inner.lock().is_given() => None,
            None => self.answer(Err(CallError::Dropped)).err(),
        }
    }
}

fn release(kept: Option<Arc<Shared>>) {
    if let Some(shared) = kept {
        shared.release();
    }
}

/// A call as its handler's context sees it, whatever the actor's replies are.
pub(crate) trait Caller: Any + Send + Sync {
    fn gone(&self) -> bool;
    /// Whether the caller has gone; if not, `waker` is woken when it goes.
    fn poll_gone(&self, waker: &Waker) -> bool;
    /// Its deadline has come, as its handler knows: whatever that returns now is no answer.
    fn time_out(&self);
    /// The actor ended before its handler answered the call; one that was given to a `ReplyTo` is that one's to answer.
    fn interrupt(&self, reason: &ExitReason);
    /// Whether a `ReplyTo` is to answer it.
    fn is_given(&self) -> bool;
    /// Its handler was dropped before it returned.
    fn let_go(&self);
    /// The `ReplyTo` that was to answer it went down with the actor.
    fn orphan(&self, reason: &ExitReason);

    /// Whether its handler has started, and has not answered.
    fn is_running(&self) -> bool;
}

/// A caller, of whatever actor.
pub(crate) type AnyCaller = Arc<dyn Caller>;

impl<R: Send + 'static> Caller for Slot<R> {
    fn gone(&self) -> bool {
        self.state.load(Ordering::Acquire) == GONE
    }

    fn poll_gone(&self, waker: &Waker) -> bool {
        let mut inner = self.inner.lock();
        match self.state.load(Ordering::Acquire) {
            GONE => true,
            STARTED => {
                inner.rare().watch(waker);
                false
            }
            _ => false,
        }
    }

    fn time_out(&self) {
        let mut inner = self.inner.lock();
        if !self.swap(STARTED, GONE) {
            return;
        }
        inner.answer = Some(Err(CallError::TimedOut { started: true }));
        let waker = inner.waker.take();
        let told = Told::of(inner.rare.as_deref_mut());
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
        told.wake();
    }

    fn is_running(&self) -> bool {
        matches!(self.state.load(Ordering::Acquire), STARTED | GONE)
    }

    fn interrupt(&self, reason: &ExitReason) {
        if !self.inner.lock().is_given() {
            self.orphan(reason);
        }
    }

    fn is_given(&self) -> bool {
        self.inner.lock().is_given()
    }

    fn let_go(&self) {
        let _ = self.answer(Err(CallError::Dropped));
    }

    fn orphan(&self, reason: &ExitReason) {
        let _ = self.answer(Err(CallError::Interrupted(reason.clone())));
    }
}

impl<R: Send> Awaited for Slot<R> {
    fn wait_in(&self, run: u64) {
        self.inner.lock().run = run;
    }

    fn stage(&self, run: u64) -> Stage {
        let inner = self.inner.lock();
        match self.state.load(Ordering::Acquire) {
            _ if inner.run != run => Stage::Over,
            QUEUED => Stage::Queued,
            STARTED => Stage::Started,
            _ if inner.answer.is_some() => Stage::Ready,
            _ => Stage::Over,
        }
    }

    fn let_pass(&self) -> bool {
        let mut inner = self.inner.lock();
        let can = self.state.load(Ordering::Acquire) == QUEUED;
        if can {
            inner.rare().passes = true;
        }
        can
    }

    fn passes(&self) -> bool {
        self.inner.lock().rare.as_ref().is_some_and(|rare| rare.passes)
    }

    fn refuse(&self, cycle: &Cycle) -> Option<Option<Waker>> {
        let mut inner = self.inner.lock();
        self.swap(QUEUED, ANSWERED).then(|| {
            inner.answer = Some(Err(CallError::Deadlock(cycle.clone())));
            inner.waker.take()
        })
    }
}

/// The responsibility for a call that waits in a mailbox: dropped, it tells the caller that the message never ran.
///
/// Empty for a tell.
#[derive(Debug)]
pub(crate) struct Queued<R>(Option<Arc<Slot<R>>>, Stamp);

impl<R> Queued<R> {
    pub(crate) fn call(slot: Arc<Slot<R>>) -> Self {
        Queued(Some(slot), Stamp::now())
    }

    pub(crate) fn tell() -> Self {
        Queued(None, Stamp::now())
    }

    /// The same of what nobody sends: a timer's, or a stream's item.
    pub(crate) fn tick() -> Self {
        Queued(None, Stamp::nobody())
    }

    /// Of one for which somebody waits.
    pub(crate) fn awaited(mut self, wait: &Wait) -> Self {
        self.1 = wait.stamp(self.1);
        self
    }

    #[cfg(feature = "test")]
    pub(crate) fn stamp(&self) -> Stamp {
        self.1
    }

    /// The actor comes to the message of this name: `None` if its caller has left and it must not run.
    #[inline]
    pub(crate) fn begin(self, message: &'static str, traces: &Traces) -> Option<Option<Arc<Slot<R>>>> {
        // The responsibility goes from here to whoever runs it.
        let mut this = ManuallyDrop::new(self);
        let begun = match this.0.take() {
            Some(slot) if slot.is_late() => {
                // Whoever waits need not have been polled since.
                slot.refuse(CallError::TimedOut { started: false });
                None
            }
            Some(slot) => slot.begin().then_some(Some(slot)),
            None => Some(None),
        };
        match begun {
            Some(_) => {
                this.1.received();
                traces.begins(message, this.1);
            }
            None => traces.skips(message, this.1),
        }
        begun
    }

    /// Whether it need not wait for those before it.
    pub(crate) fn passes(&self) -> bool
    where
        R: Send,
    {
        self.0.as_ref().is_some_and(|slot| Awaited::passes(&**slot))
    }

    /// Whether its caller has left: the message will not run.
    pub(crate) fn is_left(&self) -> bool {
        self.0.as_ref().is_some_and(|slot| slot.is_cancelled() || slot.is_late())
    }

    /// Lets go of it without an answer: of a call whose message goes back to its caller.
    pub(crate) fn take_back(mut self) {
        self.0 = None;
    }
}

impl<R> Drop for Queued<R> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.refuse(CallError::NotRunning);
        }
    }
}
