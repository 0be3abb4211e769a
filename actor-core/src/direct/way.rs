//! How a handler runs in its caller, whatever its message is: compiled once and not for each kind of actor.

use crate::ending::{self, Remains, idle_frame};
use crate::engine::{Engine, Finished, Outcome, Running};
use crate::error::CallError;
use crate::exit::{ExitReason, Panicked};
use crate::frame::Frame;
use crate::limit::Limit;
use crate::orphans::Orphans;
use crate::outlet::Outlet;
use crate::policy::Policy;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::spot::{Leaving, Place, Spot, Took};
use crate::started::{Parts, Purpose, Started};
use crate::taken::AnyTaken;
use std::any::Any;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

/// Takes the actor, if it is idle.
#[inline(always)]
pub(super) fn take<'a>(
    shared: &'a Arc<Shared>,
    spot: &'a Spot,
    outlet: &'a dyn Outlet,
) -> Option<(Box<dyn Engine>, Hold<'a>)> {
    match spot.take(&shared.bell, || shared.bell.is_silent() && shared.is_at_peace()) {
        Took::Engine(engine, place) => Some((engine, Hold { shared, outlet, place })),
        Took::Not => None,
        Took::Last(engine) => {
            abandon(shared, outlet, Leaving::Engine(engine));
            None
        }
    }
}

/// An actor that its caller has taken, without its engine.
pub(super) struct Hold<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) outlet: &'a dyn Outlet,
    place: Place<'a>,
}

impl Hold<'_> {
    /// Lays the actor down again, unless something lies `aside` for its task.
    #[inline(never)]
    pub(super) fn put_back(self, mut engine: Box<dyn Engine>, aside: bool) {
        let context = engine.context();
        if aside || context.ending.is_some() {
            return self.leave(Leaving::Engine(engine));
        }
        let is_early = context.common.alarms.as_ref().is_some_and(|alarms| alarms.is_early());
        let Hold { shared, outlet, place } = self;
        match place.put_back(engine) {
            Ok(wanted) if wanted || is_early => shared.bell.knock(),
            Ok(_) => {}
            Err(engine) => abandon(shared, outlet, Leaving::Engine(engine)),
        }
    }

    /// For the actor's task.
    #[cold]
    fn leave(self, left: Leaving) {
        let Hold { shared, outlet, place } = self;
        match place.leave(Box::new(left)) {
            Ok(()) => shared.bell.knock(),
            Err(left) => abandon(shared, outlet, *left),
        }
    }

    /// A guard panicked: what the caller of its message is told.
    #[cold]
    pub(super) fn broken(self, engine: Box<dyn Engine>, panicked: Panicked) -> CallError {
        let reason = ExitReason::Panicked(panicked.clone());
        self.leave(Leaving::Broken(Some(engine), panicked, Orphans::default()));
        CallError::Interrupted(reason)
    }

    /// A plain handler panicked: what its callers are told.
    #[cold]
    pub(super) fn cut_off(self, remains: Remains, panicked: Panicked) -> ExitReason {
        let Remains { engine, caller, orphans } = remains;
        let reason = ExitReason::Panicked(panicked.clone());
        if let Some(caller) = caller {
            caller.interrupt(&reason);
        }
        self.leave(Leaving::Broken(engine, panicked, orphans));
        reason
    }

    /// A handler that may wait panicked, or was killed before it ran.
    #[cold]
    pub(super) fn cut_short(self, started: Started, finished: Finished) -> ExitReason {
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
            (Some(engine), None) => self.leave(Leaving::Engine(engine)),
            (engine, panicked) => {
                // No handler but one by value keeps the engine.
                let panicked = panicked
                    .unwrap_or_else(|| Panicked::new(Some(name), "the actor was lost".to_owned(), None));
                self.leave(Leaving::Broken(engine, panicked, Orphans::default()));
            }
        }
        reason
    }
}

/// Ends an actor whose task went while a caller had it.
#[cold]
fn abandon(shared: &Shared, outlet: &dyn Outlet, left: Leaving) {
    ending::abandon(shared, outlet, &mut AnyTaken::default(), left);
}

/// How a handler runs in its caller.
pub(crate) struct Way<'a> {
    pub(super) hold: Hold<'a>,
    pub(super) policy: &'static Policy,
    pub(super) limit: Limit,
    /// Set where it is timed.
    pub(super) began: Option<Instant>,
}

impl Way<'_> {
    #[inline(always)]
    pub(super) fn frame(&self) -> Frame {
        Frame { policy: Some(self.policy), limit: self.limit, ..idle_frame(self.hold.shared) }
    }

    pub(super) fn start(&self, running: Running, caller: Option<AnyCaller>) -> Started {
        Started::message(running, self.policy, self.limit, caller)
    }

    /// Polls one that may wait. Nobody need be woken for what this poll waits for: if it does wait, the task polls it again.
    pub(super) fn poll(
        &self,
        started: &mut Started,
        reply: Option<&mut (dyn Any + 'static)>,
    ) -> Poll<Finished> {
        started.poll(self.hold.shared, &mut Context::from_waker(Waker::noop()), reply)
    }

    pub(super) fn hand_over(self, mut started: Started, caller: AnyCaller, limit: Limit) {
        started.hand_over(self.hold.shared, caller, limit, self.began.map(|began| began.elapsed()));
        self.hold.leave(Leaving::Started(started));
    }

    /// Polls one that reads, which answers its caller itself.
    pub(super) fn read(self, running: Running) {
        let mut started = Started::hook(running, Purpose::Readers);
        match self.poll(&mut started, None) {
            Poll::Ready(Finished { engine: Some(engine), outcome: Outcome::Hook(Ok(())) }) => {
                self.put_back(engine);
            }
            Poll::Ready(finished) => {
                self.hold.cut_short(started, finished);
            }
            Poll::Pending => self.hold.leave(Leaving::Started(started)),
        }
    }

    pub(super) fn put_back(self, mut engine: Box<dyn Engine>) {
        if let Some(began) = self.began {
            engine.context().pace.note(self.policy, began.elapsed());
        }
        // As in `plain`.
        let aside = self.hold.outlet.leaves_aside();
        self.hold.put_back(engine, aside);
    }
}
