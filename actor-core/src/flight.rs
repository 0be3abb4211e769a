//! A call between its sending and its answer, as its caller holds it.

use crate::actor::Message;
use crate::alarm;
use crate::bare::{Joint, WeakJoint};
use crate::choice::{Stage, Wait};
use crate::error::CallError;
use crate::frame;
use crate::limit::Limit;
use crate::mailbox::Place;
use crate::policy::{Overflow, Policy};
use crate::port::Port;
use crate::shared::Shared;
use crate::slot::{self, Answer, AnyCaller, Left, Queued, Slot};
use crate::waits::{self, Awaited, Target, What};
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// How long the caller of a message waits: what it said, else the message's default, else the actor's; capped by the call that is
/// being handled.
#[inline]
pub(crate) fn limit(own: Option<Limit>, default: Option<fn() -> Duration>) -> Limit {
    let own = match (own, default) {
        (Some(own), _) => own,
        (None, None) => Limit::Never,
        (None, Some(timeout)) => Limit::within(timeout()),
    };
    own.min(frame::limit())
}

/// The same, fixed, for a wait that begins now: the handler's own limit is fixed with it, so that the two cannot drift apart.
#[inline]
pub(crate) fn begin_wait(limit: Limit) -> Limit {
    match (limit, frame::limit()) {
        (Limit::Never, Limit::Never) => Limit::Never,
        (limit, own) => fix(limit, own),
    }
}

fn fix(limit: Limit, own: Limit) -> Limit {
    match own {
        own @ Limit::Within(_) => {
            frame::set_limit(own.fixed());
            limit.min(own.fixed()).fixed()
        }
        _ => limit.fixed(),
    }
}

/// Puts a call for which there is no room into the line, if it is to `wait`.
#[cold]
#[inline(never)]
fn no_room<M: Message>(
    port: &Port<'_, M>,
    message: M,
    call: Queued<M::Reply>,
    urgent: bool,
    wait: bool,
) -> Result<Place, Unsent<M>> {
    let rejects = port.overflow() == Overflow::Reject;
    if wait && !rejects {
        return match port.join(message, call, None, urgent) {
            Ok(place) => Ok(place),
            Err((_, call)) => {
                call.take_back();
                Err(Unsent::Failed(CallError::NotRunning))
            }
        };
    }
    call.take_back();
    if rejects { Err(Unsent::Failed(CallError::Full)) } else { Err(Unsent::NoRoom(message)) }
}

/// Why a call is not to be sent at all.
#[inline]
pub(crate) fn refusal(shared: &Shared, limit: Limit) -> Option<CallError> {
    match () {
        () if !shared.is_open() => Some(CallError::NotRunning),
        () if limit.has_passed() => Some(CallError::TimedOut { started: false }),
        () => None,
    }
}

/// A call that has been sent. Dropped, it is cancelled.
pub(crate) struct Flight<M: Message> {
    /// `None` once it has landed: answered, given up, or left to run.
    slot: Option<Joint<Slot<M::Reply>>>,
    course: Course,
}

/// What a call on its way knows besides its slot, whatever its message is.
struct Course {
    /// Where it waits for room, whose runtime gives it a timer, whom a handler waits for; most calls need none of it.
    to: Option<(Arc<Shared>, &'static Policy)>,
    /// The handler that is known to wait for it.
    run: u64,
    place: Option<Place>,
    alarm: Option<Pin<Box<Sleep>>>,
    wait: Wait,
}

/// Why a call was not sent.
pub(crate) enum Unsent<M> {
    /// There is no room now.
    NoRoom(M),
    Failed(CallError),
}

impl<M: Message> Flight<M> {
    /// Of a call that runs already.
    pub(crate) fn new(shared: &Arc<Shared>, policy: &'static Policy, slot: Joint<Slot<M::Reply>>) -> Self {
        Self::at(shared, policy, slot, Stage::Handled)
    }

    fn at(shared: &Arc<Shared>, policy: &'static Policy, slot: Joint<Slot<M::Reply>>, stage: Stage) -> Self {
        let is_known = slot.has_deadline() || waits::is_watched();
        let to = if is_known { Some((Arc::clone(shared), policy)) } else { None };
        let wait = Wait::new(shared, policy.name, stage);
        Flight { slot: Some(slot), course: Course { to, run: 0, place: None, alarm: None, wait } }
    }

    /// Puts a call into the mailbox; `wait`s for room, or hands it back.
    pub(crate) fn send(
        shared: &Arc<Shared>,
        port: &Port<'_, M>,
        message: M,
        limit: Limit,
        waker: Option<&Waker>,
        urgent: bool,
        wait: bool,
    ) -> Result<Self, Unsent<M>> {
        let limit = begin_wait(limit);
        if let Some(error) = refusal(shared, limit) {
            return Err(Unsent::Failed(error));
        }
        let (mut flight, call) = Self::prepare(shared, port.policy(&message), limit, waker);
        if waker.is_none() {
            // Started, to be awaited somewhere else, perhaps in a handler.
            flight.course.to = Some((Arc::clone(shared), port.policy(&message)));
        }
        flight.depart(shared, port, message, call, urgent, wait)?;
        Ok(flight)
    }

    pub(crate) fn caller(&self) -> Option<AnyCaller> {
        slot::untyped(self.slot.clone())
    }

    /// Sends a call to be awaited later, or gives its message back if there is no room now.
    pub(crate) fn try_send(
        shared: &Arc<Shared>,
        port: &Port<'_, M>,
        message: M,
        limit: Limit,
        urgent: bool,
    ) -> Result<Self, M> {
        let policy = port.policy(&message);
        let (mut flight, call) = Self::prepare(shared, policy, begin_wait(limit), None);
        flight.course.to = Some((Arc::clone(shared), policy));
        match port.push(message, call, urgent) {
            Ok(()) => {
                arrived(shared, port);
                Ok(flight)
            }
            Err((message, call)) => {
                call.take_back();
                flight.slot = None;
                Err(message)
            }
        }
    }

    /// A call that is about to be sent, and what goes with its message.
    #[inline(always)]
    pub(crate) fn prepare(
        shared: &Arc<Shared>,
        policy: &'static Policy,
        limit: Limit,
        waker: Option<&Waker>,
    ) -> (Self, Queued<M::Reply>) {
        // One that is started is waited for when it is polled.
        let run = if waker.is_some() { waits::current_run() } else { waits::NOBODY };
        let (slot, its) = Slot::queued(shared.id, limit, waker.cloned(), run);
        let call = Queued::call(its);
        let flight = Self::at(shared, policy, slot, Stage::Queued);
        let call = call.awaited(&flight.course.wait);
        (flight, call)
    }

    /// Sends it, from the place where it stays until it is answered.
    #[inline(always)]
    pub(crate) fn depart(
        &mut self,
        shared: &Arc<Shared>,
        port: &Port<'_, M>,
        message: M,
        call: Queued<M::Reply>,
        urgent: bool,
        wait: bool,
    ) -> Result<(), Unsent<M>> {
        let policy = port.policy(&message);
        if let Err((message, call)) = port.push(message, call, urgent) {
            match no_room(port, message, call, urgent, wait) {
                Ok(place) => self.course.waits_for_room(shared, policy, place),
                Err(unsent) => {
                    self.slot = None;
                    return Err(unsent);
                }
            }
        }
        arrived(shared, port);
        Ok(())
    }

    /// Waits for the answer until the deadline.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Answer<M::Reply>> {
        if let Poll::Ready(answer) = self.poll_answer(cx.waker()) {
            return Poll::Ready(answer);
        }
        self.poll_alarm(cx)
    }

    #[inline]
    pub(crate) fn is_answered(&self) -> bool {
        match &self.slot {
            Some(slot) => slot.is_answered(),
            None => false,
        }
    }

    /// The answer of one that has been answered.
    #[inline]
    pub(crate) fn land(mut self) -> Poll<Answer<M::Reply>> {
        let Some(slot) = self.slot.take() else { return Poll::Pending };
        match Slot::collect(slot) {
            Ok(reply) => {
                if self.course.holds_nothing() {
                    // The compiler need not find that out.
                    mem::forget(self);
                }
                Poll::Ready(Ok(reply))
            }
            Err(error) => {
                self.course.fails(&error);
                Poll::Ready(Err(error))
            }
        }
    }

    /// Waits for the deadline alone: enough at first, since the slot was made with the caller's waker.
    #[inline(always)]
    pub(crate) fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<Answer<M::Reply>> {
        if self.course.to.is_none() { Poll::Pending } else { self.look_at_alarm(cx) }
    }

    #[inline(never)]
    fn look_at_alarm(&mut self, cx: &mut Context<'_>) -> Poll<Answer<M::Reply>> {
        let Some(slot) = &self.slot else { return Poll::Pending };
        let deadline = slot.deadline();
        if let Some(at) = deadline
            && self.course.has_come(at, cx)
        {
            return Poll::Ready(self.give_up());
        }
        // Polled in a handler, it is what that one waits for.
        if let Some(run) = waits::begins(&mut self.course.run) {
            self.course.waits(run, slot.awaited(), deadline);
        }
        Poll::Pending
    }

    /// Waits for the answer alone.
    pub(crate) fn poll_answer(&mut self, waker: &Waker) -> Poll<Answer<M::Reply>> {
        let Some(slot) = &self.slot else { return Poll::Pending };
        let answer = slot.poll_in(waker, waits::current_run());
        if let Poll::Ready(answer) = &answer {
            if let Err(error) = answer {
                self.course.fails(error);
            }
            self.slot = None;
        }
        answer
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.slot.as_ref()?.deadline()
    }

    /// The deadline has come.
    pub(crate) fn give_up(&mut self) -> Answer<M::Reply> {
        self.course.wait.gives_up();
        match self.cancel() {
            Left::NeverRan => Err(CallError::TimedOut { started: false }),
            Left::Running => Err(CallError::TimedOut { started: true }),
            Left::Answered(answer) => answer,
        }
    }

    #[inline(never)]
    fn cancel(&mut self) -> Left<M::Reply> {
        let left = match self.slot.take() {
            Some(slot) => slot.leave(),
            None => Left::Running,
        };
        self.course.leave_line();
        left
    }

    /// Lets it run without its caller.
    pub(crate) fn detach(&mut self) {
        if let Some(slot) = self.slot.take() {
            slot.caller().detach();
        }
    }
}

impl<M: Message> Drop for Flight<M> {
    fn drop(&mut self) {
        if self.slot.is_some() {
            drop(self.cancel());
        }
    }
}

impl Course {
    #[inline]
    fn holds_nothing(&self) -> bool {
        self.to.is_none() && self.alarm.is_none() && !mem::needs_drop::<Wait>()
    }

    fn waits_for_room(&mut self, to: &Arc<Shared>, policy: &'static Policy, place: Place) {
        (self.to, self.place) = (Some((Arc::clone(to), policy)), Some(place));
    }

    #[inline]
    fn fails(&mut self, error: &CallError) {
        if matches!(error, CallError::Deadlock(_)) {
            self.leave_line();
        }
    }

    /// Whether the deadline has come.
    fn has_come(&mut self, at: Instant, cx: &mut Context<'_>) -> bool {
        let Some((to, _)) = &self.to else { return false };
        self.alarm.get_or_insert_with(|| alarm::at(at, &to.runtime)).as_mut().poll(cx).is_ready()
    }

    /// `run` does, from now on.
    fn waits(&self, run: u64, awaited: WeakJoint<dyn Awaited>, deadline: Option<Instant>) {
        let Some((to, policy)) = &self.to else { return };
        let what = deadline.map_or(What::Answer, |until| What::AnswerBy(Box::new(until)));
        waits::gather(run, Some(awaited), Target { to: Arc::clone(to), what, policy: Some(policy) });
    }

    /// Out of the line at once, if it stands there.
    fn leave_line(&mut self) {
        if let (Some((shared, _)), Some(place)) = (&self.to, self.place.take()) {
            drop(shared.inlet().leave(place));
        }
    }
}

/// After a message has been put in: the actor learns of it, and if it has ended meanwhile, the message is taken out again.
#[inline]
pub(crate) fn arrived<M: Message>(shared: &Shared, port: &Port<'_, M>) {
    shared.bell.ring();
    if shared.has_ended() {
        port.discard(shared);
    }
}
