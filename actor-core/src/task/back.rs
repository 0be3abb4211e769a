//! A handler or hook has ended, and the actor is here again, or ends.

use super::{Driver, Work};
use crate::ending::Remains;
use crate::engine::{Finished, Outcome};
use crate::exit::ExitReason;
use crate::keeper::Report;
use crate::outlet::Outlet;
use crate::policy::Mode;
use crate::shared::Shared;
use crate::started::{Parts, Purpose, Started};

impl Driver {
    /// A handler or hook has ended.
    pub(super) fn came_back(
        &mut self,
        shared: &Shared,
        outlet: &dyn Outlet,
        started: Started,
        finished: Finished,
    ) -> Work {
        let name = started.name();
        let Parts { running, caller, purpose, message, orphans, took } = started.into_parts();
        drop(running);
        if let Outcome::Hook(result) = &finished.outcome {
            shared.traces.hook_ends(name, result.is_ok());
        }
        if !matches!(finished.outcome, Outcome::Panicked(_) | Outcome::Killed) {
            shared.traces.rests();
        }
        if outlet.has_aside() {
            shared.bell.wake_up();
            outlet.take_aside(&mut self.taken);
        }
        let Finished { mut engine, outcome } = finished;
        if let Some(engine) = &mut engine {
            let context = engine.context();
            context.stirred = true;
            if let (Some(took), Some(policy)) = (took, message) {
                context.pace.note(policy, took);
            }
        }
        if matches!(outcome, Outcome::Answered) {
            return match engine {
                Some(engine) => Work::Here(engine),
                None => self.end(shared, outlet, Remains::default(), ExitReason::Finished),
            };
        }
        let started = matches!((&outcome, &purpose), (Outcome::Hook(Ok(())), Purpose::Start));
        let is_last = message.is_some_and(|policy| policy.mode == Mode::Last);
        let reason = match (outcome, purpose) {
            (Outcome::Answered, _) => ExitReason::Finished,
            (Outcome::Hook(Ok(())), Purpose::Stop(reason)) => reason,
            (Outcome::Hook(Ok(())), _) => match engine {
                Some(engine) => {
                    if started {
                        self.report(Report::Up);
                    }
                    return Work::Here(engine);
                }
                None => ExitReason::Finished,
            },
            (Outcome::Hook(Err(_)), Purpose::Stop(reason)) if !reason.is_normal() => reason,
            (Outcome::Hook(Err(error)), _) => ExitReason::failed(error),
            (Outcome::Panicked(panicked), _) => ExitReason::Panicked(panicked),
            (Outcome::Killed, _) => ExitReason::Killed,
        };
        let remains = Remains { engine, caller, orphans };
        if is_last {
            self.end_for_good(shared, outlet, remains, reason)
        } else {
            self.end(shared, outlet, remains, reason)
        }
    }
}
