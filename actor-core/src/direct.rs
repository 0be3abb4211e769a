//! Direct calls: a caller that finds the actor idle runs the handler itself.
//!
//! A request costs a task switch each way only if somebody has to be waited for. It is safe because the actor is the box: while
//! the caller has it nobody else runs its handlers, and what the caller cannot finish at once it leaves for the actor's task.

use crate::actor::Message;
use crate::context::typed;
use crate::engine::{Engine, Finished, Outcome};
use crate::ending::idle_frame;
use crate::error::CallError;
use crate::exit::{ExitReason, Panicked};
use crate::limit::Limit;
use crate::pace::Advice;
use crate::policy::{Mode, Policy};
use crate::runtime;
use crate::scope::{self, Frame};
use crate::shared::{Body, Shared};
use crate::slot::{Answer, AnyCaller, Slot};
use crate::spot::Leaving;
use crate::task::{self, Parts, Started};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// What became of an attempt.
pub(crate) enum Direct<M: Message> {
    /// The actor is not idle, or not for this caller: to be queued.
    Queue(M),
    Done(Answer<M::Reply>),
    /// The handler waits, or has kept its reply.
    Waits(Arc<Slot<M::Reply>>),
}

/// Whether it is worth a try; what can change is asked again when the actor is taken.
pub(crate) fn is_possible<M: Message>(shared: &Shared, body: &Body<M>, policy: &Policy) -> bool {
    body.direct
        && shared.bell.is_silent()
        && policy.mode != Mode::Last
        && scope::has_depth()
        && runtime::current() == Some(shared.runtime.id())
}

pub(crate) fn call<M: Message>(
    shared: &Arc<Shared>,
    body: &Body<M>,
    policy: &'static Policy,
    message: M,
    limit: Limit,
    waker: &Waker,
) -> Direct<M> {
    let Some(mut engine) = body.spot.take(|| shared.bell.is_silent() && shared.is_open()) else {
        return Direct::Queue(message);
    };
    let began = match engine.context().pace.advise(policy) {
        Advice::Leave => {
            put_back(shared, body, engine);
            return Direct::Queue(message);
        }
        Advice::Measure => Some(Instant::now()),
        Advice::Run => None,
    };
    // Only a `ReplyTo` needs a slot before it is known that somebody has to wait.
    let slot = policy
        .replies_later
        .then(|| Slot::started(shared.id, limit.instant(), Some(waker.clone())));
    match policy.mode {
        Mode::Plain => plain(shared, body, policy, engine, message, limit, slot, began),
        Mode::Exclusive | Mode::Last => exclusive(shared, body, policy, engine, message, limit, slot, began, waker),
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one call, split where its two kinds part")]
fn plain<M: Message>(
    shared: &Shared,
    body: &Body<M>,
    policy: &'static Policy,
    mut engine: Box<dyn Engine<M>>,
    message: M,
    limit: Limit,
    slot: Option<Arc<Slot<M::Reply>>>,
    began: Option<Instant>,
) -> Direct<M> {
    let frame = Frame { message: Some(policy.name), limit, ..idle_frame(shared) };
    let caller = slot.clone().map(|slot| slot as AnyCaller);
    let ran = scope::enter(frame, caller, || engine.plain(message));
    note(&mut engine, policy, began);
    match ran.result {
        Ok(reply) => {
            put_back(shared, body, engine);
            answered(slot, reply)
        }
        Err(panicked) => {
            let reason = ExitReason::Panicked(panicked.clone());
            if let Some(caller) = ran.caller {
                caller.interrupt(&reason);
            }
            leave(shared, body, Leaving::Broken(Some(engine), panicked, ran.orphans));
            interrupted(slot, reason)
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one call, split where its two kinds part")]
fn exclusive<M: Message>(
    shared: &Shared,
    body: &Body<M>,
    policy: &'static Policy,
    engine: Box<dyn Engine<M>>,
    message: M,
    limit: Limit,
    slot: Option<Arc<Slot<M::Reply>>>,
    began: Option<Instant>,
    waker: &Waker,
) -> Direct<M> {
    let caller = slot.clone().map(|slot| slot as AnyCaller);
    let mut started = Started::message(engine.exclusive(message), policy, limit, caller);
    // Nobody need be woken for what this poll waits for: if it does wait, the task polls it again.
    match started.poll(shared, &mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Finished { engine: Some(mut engine), outcome: Outcome::Message(reply) }) => {
            note(&mut engine, policy, began);
            put_back(shared, body, engine);
            answered(slot, reply)
        }
        Poll::Ready(Finished { engine, outcome }) => {
            let Parts { caller, orphans, .. } = started.into_parts();
            let panicked = match outcome {
                Outcome::Panicked(panicked) => Some(panicked),
                Outcome::Message(_) | Outcome::Hook(_) | Outcome::Killed => None,
            };
            let reason = panicked.clone().map_or(ExitReason::Killed, ExitReason::Panicked);
            if let Some(caller) = caller {
                caller.interrupt(&reason);
            }
            scope::console(orphans, &reason);
            match (engine, panicked) {
                (Some(engine), None) => leave(shared, body, Leaving::Engine(engine)),
                (engine, panicked) => {
                    let panicked = panicked.unwrap_or_else(|| unreturned(policy));
                    leave(shared, body, Leaving::Broken(engine, panicked, Vec::new()));
                }
            }
            interrupted(slot, reason)
        }
        Poll::Pending => {
            let limit = started.limit().fixed();
            let watched = || {
                let slot = started.take_caller().and_then(typed)?;
                // It is not answered yet: only its caller's waker is left there.
                drop(slot.poll(waker));
                Some(slot)
            };
            let slot = slot
                .or_else(watched)
                .unwrap_or_else(|| Slot::started(shared.id, limit.instant(), Some(waker.clone())));
            started.hand_over(Arc::clone(&slot) as AnyCaller, limit);
            leave(shared, body, Leaving::Started(started));
            Direct::Waits(slot)
        }
    }
}

/// For an engine that did not come back from a handler that was not by value; no handler does that.
fn unreturned(policy: &Policy) -> Panicked {
    Panicked::new(Some(policy.name), "the actor was lost".to_owned(), None)
}

fn note<M: Message>(engine: &mut Box<dyn Engine<M>>, policy: &'static Policy, began: Option<Instant>) {
    if let Some(began) = began {
        engine.context().pace.note(policy, began.elapsed());
    }
}

fn answered<M: Message>(slot: Option<Arc<Slot<M::Reply>>>, reply: Option<M::Reply>) -> Direct<M> {
    match slot {
        Some(slot) => {
            // The caller is here.
            drop(slot.finish(reply));
            Direct::Waits(slot)
        }
        None => Direct::Done(reply.ok_or(CallError::Dropped)),
    }
}

fn interrupted<M: Message>(slot: Option<Arc<Slot<M::Reply>>>, reason: ExitReason) -> Direct<M> {
    match slot {
        Some(slot) => Direct::Waits(slot),
        None => Direct::Done(Err(CallError::Interrupted(reason))),
    }
}

fn put_back<M: Message>(shared: &Shared, body: &Body<M>, mut engine: Box<dyn Engine<M>>) {
    if engine.context().ending.is_some() {
        return leave(shared, body, Leaving::Engine(engine));
    }
    match body.spot.put_back(engine) {
        Ok(true) => shared.bell.knock(),
        Ok(false) => {}
        Err(engine) => task::abandon(shared, body, Leaving::Engine(engine), None),
    }
}

fn leave<M: Message>(shared: &Shared, body: &Body<M>, left: Leaving<M>) {
    match body.spot.leave(Box::new(left)) {
        Ok(()) => shared.bell.knock(),
        Err(left) => task::abandon(shared, body, *left, None),
    }
}
