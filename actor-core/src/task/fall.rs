//! How an actor ends or falls, and how one that fell is made anew.

use super::limits::sleep_until;
use super::{Driver, Work};
use crate::ending::{self, Over, Remains, idle_frame};
use crate::engine::Hook;
use crate::exit::ExitReason;
use crate::keeper::{Order, Report, Rule};
use crate::kin::Child;
use crate::outlet::Outlet;
use crate::scope;
use crate::shared::Shared;
use crate::stamp::Stamp;
use crate::started::{Purpose, Started};
use crate::stopped::Stopped;
use crate::supervise::Verdict;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::time::Instant;

pub(super) struct Burial {
    pub(super) over: Over,
    /// For the last of the children.
    pub(super) waits: Option<Stopped>,
    /// It is made anew, and has not ended.
    pub(super) fell: bool,
}

/// An actor without a state.
pub(super) struct Down {
    /// It has been there before.
    pub(super) fell: bool,
    /// Not before this time; a supervisor's order says so itself.
    pub(super) until: Option<Instant>,
    /// It fell too often.
    pub(super) over: Option<ExitReason>,
}

impl Driver {
    /// Whether an actor that ends for this reason is made anew.
    pub(super) fn comes_back(&self, shared: &Shared, reason: &ExitReason) -> bool {
        let Some(keeper) = self.keeper() else { return false };
        // The last message was the last also for one that was to go down.
        let is_final = shared.is_stopping() || matches!(reason, ExitReason::Finished);
        !is_final && (keeper.kind.wants(reason) || shared.is_to_go_down())
    }

    /// It ends, or falls.
    pub(super) fn end(
        &mut self,
        shared: &Shared,
        outlet: &dyn Outlet,
        remains: Remains,
        reason: ExitReason,
    ) -> Work {
        if !self.comes_back(shared, &reason) {
            // One that went down in order, and was killed meanwhile, did not stop because anybody had asked it to.
            let reason = match reason {
                ExitReason::Stopped if shared.is_killed_when_down() => ExitReason::Killed,
                reason => reason,
            };
            return self.end_for_good(shared, outlet, remains, reason);
        }
        let over = ending::fall(shared, remains, reason);
        Work::Burying(Box::new(Burial { over, waits: None, fell: true }))
    }

    pub(super) fn end_for_good(
        &mut self,
        shared: &Shared,
        outlet: &dyn Outlet,
        remains: Remains,
        reason: ExitReason,
    ) -> Work {
        // Closed first: no caller finds the actor any more.
        outlet.spot().close();
        self.forget_keeper(shared);
        let over = ending::end(shared, outlet, &mut self.taken, remains, reason);
        if over.children.is_empty() {
            over.announce_now(shared);
            return Work::Over;
        }
        Work::Burying(Box::new(Burial { over, waits: None, fell: false }))
    }

    /// Nobody makes it anew any more: what its constructor holds is free before anybody hears of the end.
    pub(super) fn forget_keeper(&mut self, shared: &Shared) {
        if let Some(keeper) = self.few.as_mut().and_then(|few| few.keeper.take()) {
            ending::throw_away(shared, keeper);
        }
    }

    /// Ends the children, the last one first, and then says that it has ended, or waits to be made anew.
    pub(super) fn bury(
        &mut self,
        shared: &Shared,
        outlet: &dyn Outlet,
        mut burial: Box<Burial>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        if burial.fell && shared.is_stopping() {
            // It is not made anew: whoever is queued need not wait for the children.
            shared.end();
            outlet.clear(shared, &mut self.taken);
        }
        while let Some(child) = burial.over.children.last() {
            let Child { shared: child, grace } = child;
            if !burial.over.reason.is_normal() || shared.cuts_off() {
                child.kill();
            } else if burial.waits.is_none() {
                match grace {
                    Some(grace) => child.stop_within(*grace),
                    None => child.stop(),
                }
            }
            let waits = burial.waits.get_or_insert_with(|| Stopped::new(Arc::clone(child)));
            if Pin::new(waits).poll(cx).is_pending() {
                self.work = Work::Burying(burial);
                return Poll::Pending;
            }
            burial.waits = None;
            burial.over.children.pop();
        }
        if burial.fell {
            self.work = Work::Down(Box::new(self.fallen(shared, burial.over.reason)));
        } else {
            if shared.is_killed() && burial.over.reason.is_normal() {
                // Its children took too long, and so it did not end as it should.
                burial.over.reason = ExitReason::Killed;
            }
            burial.over.announce_now(shared);
        }
        Poll::Ready(())
    }

    /// It fell: whether and when it is made anew is decided here, or above.
    pub(super) fn fallen(&mut self, shared: &Shared, reason: ExitReason) -> Down {
        let verdict = match self.keeper_mut().map(|keeper| &mut keeper.rule) {
            Some(Rule::Own(judge)) => judge.judge(&reason),
            Some(Rule::Above(leash)) => {
                let down = shared.is_to_go_down();
                leash.report(if down { Report::Down } else { Report::Fell(reason) });
                Verdict::Restart(None)
            }
            None => Verdict::Over(reason),
        };
        match verdict {
            Verdict::Restart(until) => Down { fell: true, until, over: None },
            Verdict::Over(reason) => Down { fell: true, until: None, over: Some(reason) },
        }
    }

    /// Makes it, once its time has come; until then whoever ends it does so at once.
    pub(super) fn rise(
        &mut self,
        shared: &Arc<Shared>,
        outlet: &dyn Outlet,
        mut down: Box<Down>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        // Nobody need wake it for a message.
        shared.bell.wake_up();
        let is_empty = outlet.is_drained(&mut self.taken);
        let over = match () {
            () if shared.is_killed() => Some(ExitReason::Killed),
            // One that was never made handles what was sent before, as any actor does; one that fell answers at once.
            () if shared.is_stopping() && (down.fell || is_empty || !self.decides()) => {
                Some(ExitReason::Stopped)
            }
            () if shared.is_deserted() && is_empty => Some(ExitReason::Finished),
            () => down.over.take(),
        };
        let over = match (over, self.keeper().map(|keeper| &keeper.rule)) {
            (Some(reason), _) => Some(reason),
            (None, Some(Rule::Own(_))) => None,
            (None, Some(Rule::Above(leash))) => match leash.take_order(shared) {
                Ok(Order::Up(_)) => None,
                Ok(Order::Over(reason)) => Some(reason),
                Err(until) => {
                    self.work = Work::Down(down);
                    return self.sleep_until(until, cx);
                }
            },
            (None, None) => Some(ExitReason::Killed),
        };
        if let Some(reason) = over {
            self.work = self.end_for_good(shared, outlet, Remains::default(), reason);
            return Poll::Ready(());
        }
        if let Some(until) = down.until
            && sleep_until(&mut self.few().alarm, until, cx).is_pending()
        {
            self.work = Work::Down(down);
            return Poll::Pending;
        }
        self.work = self.make(shared, outlet);
        if down.fell {
            if matches!(self.work, Work::Waiting(_) | Work::Here(_)) {
                shared.traces.rises();
            }
            // One that falls again and again leaves others their turn.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Whether nobody else says when it is made.
    pub(super) fn decides(&self) -> bool {
        matches!(self.keeper().map(|keeper| &keeper.rule), Some(Rule::Own(_)))
    }

    pub(super) fn make(&mut self, shared: &Arc<Shared>, outlet: &dyn Outlet) -> Work {
        let Some(keeper) = self.keeper_mut() else { return Work::Over };
        let made = scope::enter(idle_frame(shared), None, || (keeper.make)(shared));
        match made.result {
            Err(panicked) => self.end(shared, outlet, Remains::default(), ExitReason::Panicked(panicked)),
            Ok(engine) => match engine.hook(Hook::Start) {
                Ok(running) => {
                    shared.traces.begins("on_start", Stamp::nobody());
                    Work::Waiting(Box::new(Started::hook(running, Purpose::Start)))
                }
                Err(engine) => {
                    self.report(Report::Up);
                    Work::Here(engine)
                }
            },
        }
    }

    /// To the supervisor, if there is one.
    pub(super) fn report(&self, report: Report) {
        if let Some(Rule::Above(leash)) = self.keeper().map(|keeper| &keeper.rule) {
            leash.report(report);
        }
    }
}
