//! How a handler runs in its caller, whatever its message is: compiled once and not for each kind of actor.

use crate::ending::{self, Remains};
use crate::engine::{Engine, Finished, Outcome, Running};
use crate::error::CallError;
use crate::exit::{ExitReason, Panicked};
use crate::limit::Limit;
use crate::orphans::Orphans;
use crate::outlet::Outlet;
use crate::parked::Verdict;
use crate::policy::Policy;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::spot::{Leaving, Spot};
use crate::started::{Parts, Purpose, Started};
use crate::taken::AnyTaken;
use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

/// Takes the actor, if it is idle.
#[inline]
pub(super) fn take(shared: &Shared, spot: &Spot) -> Option<Box<dyn Engine>> {
    spot.take(|| shared.bell.is_silent() && shared.is_at_peace())
}

/// How a handler runs in its caller.
pub(super) struct Way<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) outlet: &'a dyn Outlet,
    pub(super) policy: &'static Policy,
    pub(super) limit: Limit,
    /// Set where it is timed.
    pub(super) began: Option<Instant>,
}

impl Way<'_> {
    pub(super) fn start(&self, running: Running, caller: Option<AnyCaller>) -> Started {
        Started::message(running, self.policy, self.limit, caller)
    }

    /// Polls one that may wait. Nobody need be woken for what this poll waits for: if it does wait, the task polls it again.
    pub(super) fn poll(
        &self,
        started: &mut Started,
        reply: Option<&mut (dyn Any + 'static)>,
    ) -> Poll<Finished> {
        started.poll(self.shared, &mut Context::from_waker(Waker::noop()), reply)
    }

    pub(super) fn hand_over(&self, mut started: Started, caller: AnyCaller, limit: Limit) {
        started.hand_over(self.shared, caller, limit, self.began.map(|began| began.elapsed()));
        leave(self.shared, self.outlet, Leaving::Started(started));
    }

    /// Polls one that reads, which answers its caller itself.
    pub(super) fn read(&self, running: Running) {
        let mut started = Started::hook(running, Purpose::Readers);
        match self.poll(&mut started, None) {
            Poll::Ready(Finished { engine: Some(engine), outcome: Outcome::Hook(Ok(())) }) => {
                self.put_back(engine);
            }
            Poll::Ready(finished) => {
                cut_short(self.shared, self.outlet, started, finished);
            }
            Poll::Pending => leave(self.shared, self.outlet, Leaving::Started(started)),
        }
    }

    pub(super) fn put_back(&self, mut engine: Box<dyn Engine>) {
        if let Some(began) = self.began {
            engine.context().pace.note(self.policy, began.elapsed());
        }
        // As in `plain`.
        let aside = self.outlet.leaves_aside();
        put_back(self.shared, self.outlet.spot(), self.outlet, engine, aside);
    }
}

/// An actor whose guard panicked, and how; `None` if it said no, and the actor lies down again.
pub(super) type Refused = Option<(Box<dyn Engine>, Panicked)>;

/// The actor again, if the guard of a message lets it pass; else it lies down again, unless the guard panicked.
pub(super) fn passes(
    shared: &Shared,
    outlet: &dyn Outlet,
    engine: Box<dyn Engine>,
    verdict: Verdict,
) -> Result<Box<dyn Engine>, Refused> {
    match verdict {
        Ok(true) => Ok(engine),
        Ok(false) => {
            put_back(shared, outlet.spot(), outlet, engine, false);
            Err(None)
        }
        Err(panicked) => Err(Some((engine, panicked))),
    }
}

/// A guard panicked: what the caller of its message is told.
#[cold]
pub(super) fn broken(
    shared: &Shared,
    outlet: &dyn Outlet,
    engine: Box<dyn Engine>,
    panicked: Panicked,
) -> CallError {
    let reason = ExitReason::Panicked(panicked.clone());
    leave(shared, outlet, Leaving::Broken(Some(engine), panicked, Orphans::default()));
    CallError::Interrupted(reason)
}

/// A plain handler panicked: what its callers are told.
#[cold]
pub(super) fn cut_off(
    shared: &Shared,
    outlet: &dyn Outlet,
    remains: Remains,
    panicked: Panicked,
) -> ExitReason {
    let Remains { engine, caller, orphans } = remains;
    let reason = ExitReason::Panicked(panicked.clone());
    if let Some(caller) = caller {
        caller.interrupt(&reason);
    }
    leave(shared, outlet, Leaving::Broken(engine, panicked, orphans));
    reason
}

/// A handler that may wait panicked, or was killed before it ran.
#[cold]
pub(super) fn cut_short(
    shared: &Shared,
    outlet: &dyn Outlet,
    started: Started,
    finished: Finished,
) -> ExitReason {
    let Finished { engine, outcome } = finished;
    let panicked = match outcome {
        Outcome::Panicked(panicked) => Some(panicked),
        Outcome::Answered | Outcome::Hook(_) | Outcome::Killed => None,
    };
    let reason = panicked.clone().map_or(ExitReason::Killed, ExitReason::Panicked);
    let name = started.name();
    let Parts { caller, orphans, .. } = started.into_parts();
    if let Some(caller) = caller {
        caller.interrupt(&reason);
    }
    orphans.console(&reason);
    match (engine, panicked) {
        (Some(engine), None) => leave(shared, outlet, Leaving::Engine(engine)),
        (engine, panicked) => {
            // No handler but one by value keeps the engine.
            let panicked =
                panicked.unwrap_or_else(|| Panicked::new(Some(name), "the actor was lost".to_owned(), None));
            leave(shared, outlet, Leaving::Broken(engine, panicked, Orphans::default()));
        }
    }
    reason
}

/// Lays the actor down again, unless something lies `aside` for its task.
pub(super) fn put_back(
    shared: &Shared,
    spot: &Spot,
    outlet: &dyn Outlet,
    mut engine: Box<dyn Engine>,
    aside: bool,
) {
    let context = engine.context();
    if aside || context.ending.is_some() {
        return leave(shared, outlet, Leaving::Engine(engine));
    }
    let is_early = context.common.alarms.as_ref().is_some_and(|alarms| alarms.is_early());
    match spot.put_back(engine) {
        Ok(wanted) if wanted || is_early => shared.bell.knock(),
        Ok(_) => {}
        Err(engine) => ending::abandon(shared, outlet, &mut AnyTaken::default(), Leaving::Engine(engine)),
    }
}

#[cold]
fn leave(shared: &Shared, outlet: &dyn Outlet, left: Leaving) {
    match outlet.spot().leave(Box::new(left)) {
        Ok(()) => shared.bell.knock(),
        Err(left) => ending::abandon(shared, outlet, &mut AnyTaken::default(), *left),
    }
}
