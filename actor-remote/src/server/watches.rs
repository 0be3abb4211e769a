//! Those whose ends are to be told.

use super::Serving;
use super::targets::{Found, is_too_long};
use crate::handles::Lease;
use crate::link::Actor;
use crate::wire::{Answer, Ended, Failure, Whom, close};
use actor_core::ExitReason;
use futures_util::future::{AbortHandle, abortable};
use futures_util::{FutureExt, StreamExt};
use std::sync::Arc;

/// One whose end is to be told.
pub(super) struct Watch {
    pub handle: AbortHandle,
    /// It lives for this one.
    _lease: Option<Arc<Lease>>,
}

impl Serving {
    pub(super) fn watch(&mut self, watch: u32, actor: Whom<'_>) -> Result<(), u32> {
        if is_too_long(actor) {
            return Err(close::LIMIT);
        }
        if self.watches.contains_key(&watch) {
            return Err(close::PROTOCOL);
        }
        let is_full = self.watches.len() >= self.node.settings.limits.watches as usize;
        match self.look_up(&Actor::from(actor)) {
            Some(_) if is_full => self.unseen(watch, Failure::Full),
            Some(found) => {
                let (stopped, handle) = abortable(found.service().stopped());
                let _lease = match found {
                    Found::Lent(lease) => Some(lease),
                    Found::Named(_) => None,
                };
                self.watches.insert(watch, Watch { handle, _lease });
                self.ends.push(Box::pin(async move { (watch, stopped.await) }));
            }
            None => self.unseen(watch, Failure::NoSuchActor),
        }
        Ok(())
    }

    pub(super) fn unseen(&mut self, watch: u32, why: Failure) {
        self.put(&Answer::Ended { watch, how: Ended::Unseen(why) }, &[]);
    }

    /// It has answered all its callers before it ended, and so that is said before.
    pub(super) fn ended(&mut self, watch: u32, reason: ExitReason) {
        if self.watches.remove(&watch).is_none() {
            return;
        }
        while let Some(Some((id, outcome))) = self.running.next().now_or_never() {
            if let Ok(outcome) = outcome {
                self.answer(id, outcome);
            }
        }
        self.put(&Answer::Ended { watch, how: reason.into() }, &[]);
    }
}
