//! A look at an actor that rests.

use crate::context::Common;
use crate::engine::Engine;
use crate::outlet::Outlet;
use crate::shared::Shared;
use crate::spot::Visited;
use crate::stint::Stint;
use crate::taken::AnyTaken;
use crate::turn::{Need, turn};
use tokio::time::Instant;

/// What was found.
pub(super) struct Visit {
    pub(super) found: Visited<Need>,
    /// When the first of its timers is.
    pub(super) due: Option<Instant>,
}

impl Visit {
    #[inline(always)]
    pub(super) fn make(
        shared: &Shared,
        outlet: &dyn Outlet,
        taken: &mut AnyTaken,
        stint: &mut Stint,
    ) -> Self {
        let mut due = None;
        let found = outlet.spot().visit(|engine| {
            let need = turn(shared, outlet, engine, taken, stint);
            due = until(engine);
            need.or_else(|| (outlet.has_parked() || holds(engine)).then(|| Need::Keep))
        });
        Visit { found, due }
    }

    /// Whether it rests on, until somebody knocks.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.found, Visited::Rests) && self.due.is_none()
    }
}

/// Until when the actor may rest.
#[inline]
pub(super) fn until(engine: &mut dyn Engine) -> Option<Instant> {
    engine.context().common.alarms.as_mut()?.sleep_until()
}

/// Whether a tick or a stream's item is held by its guard, which is asked again after each message: so none may be handled elsewhere.
pub(super) fn holds(engine: &mut dyn Engine) -> bool {
    let Common { alarms, beside } = &engine.context().common;
    alarms.as_ref().is_some_and(|alarms| alarms.holds())
        || beside.as_ref().is_some_and(|beside| beside.holds())
}
