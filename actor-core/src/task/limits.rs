//! What a task waits for besides messages: its timers, and the limits of its end.

use super::{Driver, Few};
use crate::choice;
use crate::keeper::Rule;
use crate::shared::Shared;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::time::{Instant, Sleep};

impl Driver {
    /// Ready when the first of the actor's timers is due.
    #[inline]
    pub(super) fn sleep_until(&mut self, due: Option<Instant>, cx: &mut Context<'_>) -> Poll<()> {
        match due {
            Some(due) => sleep_until(&mut self.few().alarm, due, cx),
            None => Poll::Pending,
        }
    }

    /// Those who asked it to end or to go down may not wait for ever.
    #[inline]
    pub(super) fn watch(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        if !shared.is_at_peace() {
            self.watch_limits(shared, cx);
        }
    }

    #[cold]
    fn watch_limits(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        if shared.is_stopping() {
            self.watch_grace(shared, cx);
        } else if shared.is_to_go_down() {
            self.watch_cut(shared, cx);
        }
    }

    /// Turns `stop_within` into a kill when its time is up.
    fn watch_grace(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let Some(until) = shared.grace() else { return };
        if sleep_until(&mut self.few().grace, until, cx).is_ready() {
            shared.kill();
        }
    }

    /// Cuts a handler off that keeps it from going down for too long.
    fn watch_cut(&mut self, shared: &Shared, cx: &mut Context<'_>) {
        let Some(Few { grace, keeper: Some(keeper), .. }) = self.few.as_deref_mut() else { return };
        let Rule::Above(leash) = &keeper.rule else { return };
        if let Some(until) = leash.cut()
            && sleep_until(grace, until, cx).is_ready()
        {
            shared.cut();
        }
    }
}

/// Ready when `until` has come.
pub(super) fn sleep_until(
    sleep: &mut Option<Pin<Box<Sleep>>>,
    until: Instant,
    cx: &mut Context<'_>,
) -> Poll<()> {
    choice::is_due(until);
    let sleep = sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
    if sleep.deadline() != until {
        sleep.as_mut().reset(until);
    }
    sleep.as_mut().poll(cx)
}
