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
//! future, a kill and an actor's end wins, and the losers see who did. `never_ran()` rests on this, and on a handler that may wait being polled after its start: one whose actor is
//! killed in between has not run either.

use crate::bare::{Joint, Lock};
pub(crate) use crate::caller::AnyCaller;
use crate::caller::{ANSWERED, CANCELLED, Caller, Leave, QUEUED, STARTED, Seat, Told};
use crate::choice::Wait;
use crate::cycle::Cycle;
use crate::error::CallError;
use crate::id::ActorId;
use crate::limit::Limit;
use crate::queue::put;
use crate::stamp::Stamp;
use crate::sync::{AtomicU8, Ordering};
use crate::traces::Traces;
use crate::waits::{Awaited, Stage};
use std::mem::ManuallyDrop;
use std::task::{Poll, Waker};
use tokio::time::Instant;

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
    /// Dropped with its slot.
    inner: Lock<ManuallyDrop<Inner<R>>>,
}

#[derive(Debug)]
struct Inner<R> {
    answer: Option<Answer<R>>,
    seat: Seat,
}

/// Compiled once for the actor's replies, and not in each place where a slot may be dropped: so nothing is left here when it is done.
impl<R> Drop for Slot<R> {
    #[inline(never)]
    fn drop(&mut self) {
        let Inner { answer, seat } = &mut **self.inner.get_mut();
        drop(answer.take());
        seat.clear();
    }
}

/// The caller behind a slot, if there is one, for those who do not know the reply.
pub(crate) fn untyped<R: Send + 'static>(slot: Option<Joint<Slot<R>>>) -> Option<AnyCaller> {
    slot.map(Joint::untyped)
}

/// How long the caller behind a slot waits, if there is one.
pub(crate) fn limit<R: Send + 'static>(slot: &Option<Joint<Slot<R>>>) -> Limit {
    match slot {
        Some(slot) => slot.limit(),
        None => Limit::Never,
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

impl<R: Send + 'static> Slot<R> {
    /// A call in a queue, for which `run` waits until a `deadline` that is fixed: for its caller, and for whoever answers it.
    #[inline]
    pub(crate) fn queued(
        actor: ActorId,
        deadline: Limit,
        waker: Option<Waker>,
        run: u64,
    ) -> (Joint<Self>, Joint<Self>) {
        Joint::two(Self::new(QUEUED, actor, deadline, waker, run))
    }

    /// A call whose handler runs already.
    #[inline(never)]
    pub(crate) fn started(actor: ActorId, deadline: Limit, waker: Option<Waker>) -> Joint<Self> {
        Joint::new(Self::new(STARTED, actor, deadline, waker, 0))
    }

    #[inline]
    fn new(state: u8, actor: ActorId, deadline: Limit, waker: Option<Waker>, run: u64) -> Self {
        let inner = ManuallyDrop::new(Inner { answer: None, seat: Seat { waker, run, rare: None } });
        Slot { state: AtomicU8::new(state), actor, deadline, inner: Lock::new(inner) }
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

    /// As those see it who do not know the reply.
    pub(crate) fn caller(&self) -> &dyn Caller {
        self
    }

    #[cold]
    #[inline(never)]
    fn is_detached(&self) -> bool {
        self.caller().is_detached()
    }

    fn is_cancelled(&self) -> bool {
        self.state.load(Ordering::Acquire) == CANCELLED
    }

    /// The actor comes to the message: `false` if the caller left before, and then it must not run.
    pub(crate) fn begin(&self) -> bool {
        self.swap(QUEUED, STARTED)
    }

    /// Answers it as somebody else decides, if nobody has; for what is no message of an actor's.
    pub(crate) fn answer(&self, answer: Answer<R>) -> bool {
        match answer {
            Ok(reply) => self.answer_with(reply, |reply| reply).is_ok(),
            Err(error) => self.caller().fail(STARTED, error),
        }
    }

    /// Answers a call that started with what `wrap` makes of `value`; hands it back if nobody waits for it.
    #[inline(always)]
    pub(crate) fn answer_with<T>(&self, value: T, wrap: impl FnOnce(T) -> R) -> Result<(), T> {
        let mut inner = self.inner.lock();
        // The lock is held from here to the answer, so that whoever sees `ANSWERED` finds it. Out of `STARTED` there are only ways that take
        // the lock, so the state cannot change between these two lines.
        if self.state.load(Ordering::Acquire) != STARTED {
            return Err(value);
        }
        let answer = wrap(value);
        self.state.store(ANSWERED, Ordering::Release);
        // There is none to be dropped.
        put(&mut inner.answer, Some(Ok(answer)));
        let waker = inner.seat.waker.take();
        if inner.seat.rare.is_some() {
            let told = Told::of(inner.seat.rare.as_deref_mut());
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
        match self.caller().leave() {
            Leave::NeverRan => Left::NeverRan,
            Leave::Running => Left::Running,
            Leave::Over => match self.take() {
                Some(answer) => Left::Answered(answer),
                // It left before.
                None => Left::Running,
            },
        }
    }

    /// The answer that lies there.
    #[inline(never)]
    fn take(&self) -> Option<Answer<R>> {
        self.inner.lock().answer.take()
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

    #[inline(never)]
    fn look(&self, waker: &Waker, run: Option<u64>) -> Poll<Answer<R>> {
        let mut inner = self.inner.lock();
        if let Some(answer) = inner.answer.take() {
            return Poll::Ready(answer);
        }
        let before = inner.seat.wait(waker, run);
        drop(inner);
        drop(before);
        Poll::Pending
    }

    #[inline]
    pub(crate) fn is_answered(&self) -> bool {
        self.state.load(Ordering::Acquire) == ANSWERED
    }

    /// The answer of one that has been answered, by a caller that is done with it then: one that nobody else is about any more needs no lock.
    #[inline]
    pub(crate) fn collect(slot: Joint<Self>) -> Answer<R> {
        let found = match slot.sole() {
            Ok(mut slot) => {
                let Inner { answer, seat } = &mut **slot.inner.get_mut();
                // Most often nothing is left to be dropped, which the compiler need not find out.
                seat.clear();
                answer.take()
            }
            Err(shared) => shared.take(),
        };
        // Taken apart: to move an answer as a whole costs more.
        match found {
            Some(Ok(reply)) => Ok(reply),
            Some(Err(error)) => Err(error),
            None => Err(CallError::Dropped),
        }
    }

    /// The handler came back. With `None` it has given the call to a `ReplyTo`, or it forgot it. Hands the reply back if the caller
    /// has left: its destructor is the user's code.
    #[inline(never)]
    pub(crate) fn finish(&self, reply: Option<R>) -> Option<R> {
        self.finish_here(reply)
    }

    /// The same in a row of messages, where a reply is not to be handed through memory.
    #[inline(always)]
    pub(crate) fn finish_here(&self, reply: Option<R>) -> Option<R> {
        match reply {
            // Becomes an answer where it is put: to move one as a whole costs more.
            Some(reply) => self.answer_with(reply, |reply| reply).err(),
            None => {
                self.caller().no_reply();
                None
            }
        }
    }
}

impl<R: Send + 'static> Caller for Slot<R> {
    fn state(&self) -> &AtomicU8 {
        &self.state
    }

    fn locked(&self, change: &mut dyn FnMut(&mut Seat, bool) -> Option<CallError>) {
        let Inner { answer, seat } = &mut **self.inner.lock();
        if let Some(error) = change(seat, answer.is_some()) {
            *answer = Some(Err(error));
        }
    }
}

impl<R: Send + 'static> Awaited for Slot<R> {
    fn wait_in(&self, run: u64) {
        self.inner.lock().seat.run = run;
    }

    fn stage(&self, run: u64) -> Stage {
        self.caller().stage(run)
    }

    fn let_pass(&self) -> bool {
        self.caller().let_pass()
    }

    fn passes(&self) -> bool {
        self.caller().passes()
    }

    fn refuse(&self, cycle: &Cycle) -> Option<Option<Waker>> {
        self.caller().refuse(CallError::Deadlock(cycle.clone()))
    }
}

/// The responsibility for a call that waits in a mailbox: dropped, it tells the caller that the message never ran.
///
/// Empty for a tell.
#[derive(Debug)]
pub(crate) struct Queued<R: Send + 'static>(ManuallyDrop<Option<Joint<Slot<R>>>>, Stamp);

impl<R: Send + 'static> Queued<R> {
    pub(crate) fn call(slot: Joint<Slot<R>>) -> Self {
        Queued(ManuallyDrop::new(Some(slot)), Stamp::now())
    }

    pub(crate) fn tell() -> Self {
        Queued(ManuallyDrop::new(None), Stamp::now())
    }

    /// The same of what nobody sends: a timer's, or a stream's item.
    pub(crate) fn tick() -> Self {
        Queued(ManuallyDrop::new(None), Stamp::nobody())
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
    pub(crate) fn begin(self, message: &'static str, traces: &Traces) -> Option<Option<Joint<Slot<R>>>> {
        // The responsibility goes from here to whoever runs it.
        let mut this = ManuallyDrop::new(self);
        let begun = match this.0.take() {
            Some(slot) if slot.is_late() => {
                // Whoever waits need not have been polled since.
                slot.caller().never_runs(CallError::TimedOut { started: false });
                None
            }
            Some(slot) if slot.begin() => Some(Some(slot)),
            Some(_) => None,
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
    pub(crate) fn passes(&self) -> bool {
        match &*self.0 {
            Some(slot) => slot.caller().passes(),
            None => false,
        }
    }

    /// Whether its caller has left: the message will not run.
    pub(crate) fn is_left(&self) -> bool {
        match &*self.0 {
            Some(slot) => slot.is_cancelled() || slot.is_late(),
            None => false,
        }
    }

    /// Lets go of it without an answer: of a call whose message goes back to its caller.
    #[inline(never)]
    pub(crate) fn take_back(mut self) {
        drop(self.0.take());
    }
}

impl<R: Send + 'static> Drop for Queued<R> {
    /// Compiled once for the actor's replies, and not in each place where an envelope may be dropped: so nothing is left here when it is done.
    #[inline(never)]
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.caller().never_runs(CallError::NotRunning);
        }
    }
}
