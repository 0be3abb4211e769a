//! Direct calls: a caller that finds the actor idle runs the handler itself.
//!
//! A request costs a task switch each way only if somebody has to be waited for. It is safe because the actor is the box: while
//! the caller has it nobody else runs its handlers, and what the caller cannot finish at once it leaves for the actor's task.

mod way;

use crate::actor::Message;
use crate::bare::Joint;
use crate::choice;
use crate::ending::{self, Remains};
use crate::engine::{Desk, Engine, Finished, Outcome, Running};
use crate::error::CallError;
use crate::frame::{self, Frame};
use crate::limit::Limit;
use crate::pace::{Advice, Pace};
use crate::parked::Verdict;
use crate::policy::{Mode, Policy};
use crate::readers::Opening;
use crate::runtime;
use crate::scope;
use crate::shared::{Body, Shared};
use crate::slot::{self, Answer, Queued, Slot};
use crate::stamp::Stamp;
use crate::started::Started;
use crate::waits;
use std::sync::Arc;
use std::task::{Poll, Waker};
use tokio::time::Instant;
use way::take;

pub(crate) use way::Way;

/// What became of an attempt.
pub(crate) enum Direct<M: Message> {
    /// The actor is not idle, or not for this caller: to be queued.
    Queue(M),
    Done(Answer<M::Reply>),
    /// The handler waits, or has kept its reply.
    Waits(Joint<Slot<M::Reply>>),
}

/// Whether it is worth a try; what can change is asked again when the actor is taken.
#[inline]
pub(crate) fn is_possible<M: Message>(shared: &Shared, policy: &Policy, waker: &Waker) -> bool {
    shared.bell.is_silent()
        && policy.mode != Mode::Last
        && frame::has_depth(size_of::<M>())
        && runtime::current(waker) == Some(shared.runtime.id())
        && choice::runs_directly()
}

/// A message as it runs in its caller: one of the actor's own, or one that came by a route.
pub(crate) trait Job<M: Message> {
    type Message: Message;

    /// Whether one that may wait answers its caller itself, and so needs its slot from the beginning.
    const ANSWERS: bool;

    fn back(self) -> Self::Message;

    /// Whether it makes sense now.
    fn verdict(&self, shared: &Shared, desk: &Desk<M>, engine: &mut dyn Engine) -> Verdict;

    /// Runs it to its end.
    fn plain(self, desk: &Desk<M>, engine: &mut dyn Engine) -> Option<Reply<M, Self>>;

    /// Starts it.
    fn start(self, desk: &Desk<M>, engine: Box<dyn Engine>) -> Running;

    /// Whether it may begin to read, as one that others of its kind can join.
    fn reads(desk: &Desk<M>) -> bool;

    /// Runs it so.
    fn read(
        self,
        way: Way<'_>,
        desk: &Desk<M>,
        to: (Box<dyn Engine>, Opening),
        waker: &Waker,
    ) -> Direct<Self::Message>;
}

type Reply<M, J> = <<J as Job<M>>::Message as Message>::Reply;

/// One of the actor's own.
pub(crate) struct Own<M>(pub(crate) M);

impl<M: Message> Job<M> for Own<M> {
    type Message = M;

    const ANSWERS: bool = false;

    fn back(self) -> M {
        self.0
    }

    fn verdict(&self, shared: &Shared, desk: &Desk<M>, engine: &mut dyn Engine) -> Verdict {
        (desk.verdict)(engine, shared, &self.0)
    }

    #[inline]
    fn plain(self, desk: &Desk<M>, engine: &mut dyn Engine) -> Option<M::Reply> {
        (desk.plain)(engine, self.0)
    }

    fn start(self, desk: &Desk<M>, engine: Box<dyn Engine>) -> Running {
        (desk.exclusive)(engine, self.0)
    }

    fn reads(desk: &Desk<M>) -> bool {
        desk.read.is_some()
    }

    fn read(self, way: Way<'_>, desk: &Desk<M>, to: (Box<dyn Engine>, Opening), waker: &Waker) -> Direct<M> {
        match desk.read {
            Some(read) => read(way, self.0, to, waker),
            // It was asked before.
            None => {
                way.put_back(to.0);
                Direct::Queue(self.0)
            }
        }
    }
}

pub(crate) fn call<M: Message, J: Job<M>>(
    shared: &Arc<Shared>,
    body: &Body<M>,
    policy: &'static Policy,
    job: J,
    limit: Limit,
    waker: &Waker,
) -> Direct<J::Message> {
    call_if(shared, body, (policy, Pace::advise), job, limit, waker)
}

/// The same if the handler is known to be short: others than its caller would have to wait for a long one.
#[cfg(feature = "remote")]
pub(crate) fn call_with_care<M: Message>(
    shared: &Arc<Shared>,
    body: &Body<M>,
    policy: &'static Policy,
    message: M,
    limit: Limit,
) -> Direct<M> {
    // Whoever waits for it leaves his waker later.
    call_if(shared, body, (policy, Pace::advise_with_care), Own(message), limit, Waker::noop())
}

#[inline(always)]
fn call_if<M: Message, J: Job<M>>(
    shared: &Arc<Shared>,
    body: &Body<M>,
    (policy, advise): (&'static Policy, impl FnOnce(&mut Pace, &'static Policy) -> Advice),
    job: J,
    limit: Limit,
    waker: &Waker,
) -> Direct<J::Message> {
    let Some((mut engine, hold)) = take(shared, &body.spot, body) else { return Direct::Queue(job.back()) };
    if policy.guarded {
        match job.verdict(shared, body.desk, &mut *engine) {
            Ok(true) => {}
            Ok(false) => {
                hold.put_back(engine, false);
                return Direct::Queue(job.back());
            }
            Err(panicked) => {
                ending::throw_away(shared, job.back());
                return Direct::Done(Err(hold.broken(engine, panicked)));
            }
        }
    }
    let began = match advise(&mut engine.context().pace, policy) {
        Advice::Leave => {
            hold.put_back(engine, false);
            return Direct::Queue(job.back());
        }
        Advice::Measure => Some(Instant::now()),
        Advice::Run => None,
    };
    choice::enter(shared.id);
    let _works = shared.traces.works();
    // A handler that may wait may also work for long before it does: its caller's time runs from here.
    let limit = if policy.mode == Mode::Plain { limit } else { limit.fixed() };
    if policy.mode == Mode::Concurrent && J::reads(body.desk) {
        let opening = Opening { is_alone: true, is_timed: began.is_some() };
        let way = Way { hold, policy, limit, began: None };
        return job.read(way, body.desk, (engine, opening), waker);
    }
    choice::handles(shared, policy.name);
    // Of an actor's own messages only those need a slot before it is known that somebody has to wait.
    let needs_slot = policy.asks_for_caller || J::ANSWERS && policy.mode != Mode::Plain;
    let slot =
        if needs_slot { Some(Slot::started(shared.id, limit.fixed(), Some(waker.clone()))) } else { None };
    shared.traces.begins(policy.name, Stamp::now());
    // Made by each for itself: one for all would be copied, which makes an ask a twelfth dearer.
    match (policy.mode, slot) {
        (Mode::Plain, None) => plain(Way { hold, policy, limit, began }, body, engine, job),
        (Mode::Plain, Some(slot)) => keeping(Way { hold, policy, limit, began }, body, engine, job, slot),
        (Mode::Exclusive | Mode::Concurrent | Mode::Last, slot) => {
            let way = Way { hold, policy, limit, began };
            exclusive::<M, J>(way, job.start(body.desk, engine), slot, waker)
        }
    }
}

/// Of a message whose handler runs in its caller.
type OwnSlot<M, J> = Option<Joint<Slot<Reply<M, J>>>>;

/// Most calls are such: the way is taken apart, so that what they go with stays where it is.
#[inline(always)]
fn plain<M: Message, J: Job<M>>(
    Way { hold, policy, limit, began }: Way<'_>,
    body: &Body<M>,
    mut engine: Box<dyn Engine>,
    job: J,
) -> Direct<J::Message> {
    let frame = Frame { policy: Some(policy), limit, ..ending::idle_frame(hold.shared) };
    let ran = scope::enter(frame, None, || job.plain(body.desk, &mut *engine));
    match ran.result {
        Ok(reply) => {
            hold.shared.traces.ends::<J::Message>(policy.name, reply.as_ref(), true);
            if let Some(began) = began {
                engine.context().pace.note(policy, began.elapsed());
            }
            // If it looked for messages to serve, some may have come meanwhile that it was not to serve.
            let aside = body.mailbox.leaves_aside();
            hold.put_back(engine, aside);
            Direct::Done(match reply {
                Some(reply) => Ok(reply),
                None => Err(CallError::Dropped),
            })
        }
        Err(panicked) => {
            let remains = Remains { engine: Some(engine), caller: ran.caller, orphans: ran.orphans };
            Direct::Done(Err(CallError::Interrupted(hold.cut_off(remains, panicked))))
        }
    }
}

/// One that may keep its reply.
#[inline(never)]
fn keeping<M: Message, J: Job<M>>(
    way: Way<'_>,
    body: &Body<M>,
    mut engine: Box<dyn Engine>,
    job: J,
    slot: Joint<Slot<Reply<M, J>>>,
) -> Direct<J::Message> {
    let (mut job, mut reply) = (Some(job), None);
    let caller = Joint::clone(&slot).untyped();
    let ran = scope::enter_seldom(way.frame(), Some(caller), &mut || {
        reply = job.take().and_then(|job| job.plain(body.desk, &mut *engine));
    });
    match ran.result {
        Ok(()) => {
            way.hold.shared.traces.ends::<J::Message>(way.policy.name, reply.as_ref(), true);
            way.put_back(engine);
            // The caller is here.
            drop(slot.finish(reply));
        }
        Err(panicked) => {
            let remains = Remains { engine: Some(engine), caller: ran.caller, orphans: ran.orphans };
            way.hold.cut_off(remains, panicked);
        }
    }
    Direct::Waits(slot)
}

fn exclusive<M: Message, J: Job<M>>(
    way: Way<'_>,
    running: Running,
    slot: OwnSlot<M, J>,
    waker: &Waker,
) -> Direct<J::Message> {
    let mut started = way.start(running, slot::untyped(slot.clone()));
    let mut reply: Option<Reply<M, J>> = None;
    match way.poll(&mut started, Some(&mut reply)) {
        Poll::Ready(Finished { engine: Some(engine), outcome: Outcome::Answered }) => {
            if !J::ANSWERS {
                way.hold.shared.traces.ends::<J::Message>(way.policy.name, reply.as_ref(), true);
            }
            way.put_back(engine);
            answered(slot, reply)
        }
        Poll::Ready(finished) => {
            // A kill that is seen at its first poll came before it.
            let never_began = matches!(finished.outcome, Outcome::Killed) && way.hold.shared.is_killed();
            let reason = way.hold.cut_short(started, finished);
            match slot {
                // It has been told.
                Some(slot) => Direct::Waits(slot),
                None if never_began => Direct::Done(Err(CallError::NotRunning)),
                None => Direct::Done(Err(CallError::Interrupted(reason))),
            }
        }
        // The handler waits: the actor's task goes on with it.
        Poll::Pending => {
            let limit = started.limit().fixed();
            let slot = match slot {
                Some(slot) => slot,
                None => match watched(&mut started, waker) {
                    Some(slot) => slot,
                    None => Slot::started(way.hold.shared.id, limit, Some(waker.clone())),
                },
            };
            way.hand_over(started, Joint::clone(&slot).untyped(), limit);
            Direct::Waits(slot)
        }
    }
}

/// One that others of its kind may join, and that answers its caller itself: as in the actor's task, but that it is polled here first.
///
/// Called by actors that have such messages, so that others have no code for them.
pub(crate) fn reading<M: Message>(
    way: Way<'_>,
    start: impl FnOnce(Queued<M::Reply>) -> Running,
    waker: &Waker,
) -> Direct<M> {
    let (slot, its) = Slot::queued(way.hold.shared.id, way.limit, Some(waker.clone()), waits::NOBODY);
    way.read(start(Queued::call(its)));
    if slot.is_answered() { Direct::Done(Slot::collect(slot)) } else { Direct::Waits(slot) }
}

/// The slot that the handler has made itself, to watch for its caller's leaving.
fn watched<R: Send + 'static>(started: &mut Started, waker: &Waker) -> Option<Joint<Slot<R>>> {
    let slot: Joint<Slot<R>> = started.take_caller()?.downcast()?;
    // It is not answered yet: only its caller's waker is left there.
    drop(slot.poll(waker));
    Some(slot)
}

#[inline]
fn answered<M: Message>(slot: Option<Joint<Slot<M::Reply>>>, reply: Option<M::Reply>) -> Direct<M> {
    match (slot, reply) {
        (Some(slot), reply) => {
            // The caller is here.
            drop(slot.finish(reply));
            Direct::Waits(slot)
        }
        (None, Some(reply)) => Direct::Done(Ok(reply)),
        (None, None) => Direct::Done(Err(CallError::Dropped)),
    }
}
