//! One turn of an actor's task: its messages, while there are any, and what comes before them.

use crate::ending::idle_frame;
use crate::engine::{Broken, Engine, Row};
use crate::exit::{Exit, ExitReason, Panicked};
use crate::kin;
use crate::orphans::Orphans;
use crate::outlet::Outlet;
use crate::scope;
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::stint::Stint;
use crate::taken::AnyTaken;

/// What an actor that ran its messages needs next.
pub(crate) enum Need {
    /// Others on this thread first.
    Pause,
    /// A message that may wait is to start.
    Start,
    /// It ends in order.
    Stop(ExitReason),
    /// A handler panicked.
    Bury(Option<AnyCaller>, Orphans, Panicked),
    /// Somebody that it watches has ended.
    Exit(Exit),
    Kill,
    /// To be kept from callers: messages are parked, which are tried again after each that runs.
    Keep,
}

/// What comes before messages.
#[cold]
fn called_away(shared: &Shared, engine: &mut dyn Engine) -> Option<Need> {
    if shared.is_killed() {
        return Some(Need::Kill);
    }
    if shared.is_to_go_down() {
        return Some(Need::Stop(ExitReason::Stopped));
    }
    if engine.context().ending.is_some() {
        return None;
    }
    kin::next_exit(shared).map(Need::Exit)
}

/// Runs messages while there are any. `None`: nothing is left to do, and the bell rings for the next one.
pub(crate) fn turn(
    shared: &Shared,
    outlet: &dyn Outlet,
    engine: &mut dyn Engine,
    taken: &mut AnyTaken,
    stint: &mut Stint,
) -> Option<Need> {
    shared.bell.wake_up();
    loop {
        if shared.is_called_away()
            && let Some(need) = called_away(shared, engine)
        {
            return Some(need);
        }
        // By itself: together with a panic it would go through memory.
        let mut row = Row::Empty;
        let ran = scope::enter(idle_frame(shared), None, || row = engine.row(shared, taken, stint));
        if let Err(panicked) = ran.result {
            return Some(Need::Bury(ran.caller, ran.orphans, panicked));
        }
        match row {
            Row::Broken => {
                let Some(broken) = taken.broken.take() else { return Some(Need::Kill) };
                let Broken { caller, panicked } = *broken;
                return Some(Need::Bury(caller, ran.orphans, panicked));
            }
            Row::Other => return Some(Need::Start),
            Row::LookUp => {
                if let Some(reason) = engine.context().ending.take() {
                    return Some(Need::Stop(*reason));
                }
                if !stint.goes_on() {
                    return Some(Need::Pause);
                }
            }
            Row::Empty => {
                let reason = match () {
                    () if shared.is_stopping() => ExitReason::Stopped,
                    () if shared.is_deserted() && !awaits(engine) => ExitReason::Finished,
                    () => return None,
                };
                shared.bell.wake_up();
                // What was sent before the stop, or by the last handle, may have come after the last look. So may a kill, which sets both
                // flags at once: seen as a stop above, it is seen here.
                if outlet.is_empty() && !shared.is_killed() {
                    return Some(Need::Stop(reason));
                }
            }
        }
    }
}

/// Whether it has a continuation to come, for which it lives on.
fn awaits(engine: &mut dyn Engine) -> bool {
    engine.context().common.beside.as_ref().is_some_and(|beside| beside.awaits())
}
