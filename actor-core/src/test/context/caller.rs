//! Who calls the handler that is tested.

use super::{ReplyOf, TestContext};
use crate::actor::Actor;
use crate::bare::Joint;
use crate::error::CallError;
use crate::limit::Limit;
use crate::slot::Slot;
use std::task::{Poll, Waker};
use tokio::time::Instant;

impl<A: Actor> TestContext<A> {
    /// From here on the caller waits until `at`: what [`Context::deadline`](crate::Context::deadline) says. [`Context::cancelled`](crate::Context::cancelled) resolves then, which needs a tokio
    /// runtime.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use std::time::Duration;
    /// # use tokio::time::Instant;
    /// # #[actor] struct Oven;
    /// # #[actor] impl Oven {
    /// #     pub fn heat(&mut self, ctx: &mut Context<Self>) -> bool {
    /// #         !ctx.caller_gone() && ctx.deadline().is_none_or(|at| at > Instant::now() + Duration::from_secs(1))
    /// #     }
    /// # }
    /// let mut ctx = Context::test();
    /// assert!(Oven.heat(&mut ctx));
    /// ctx.set_deadline(Instant::now());
    /// assert!(!Oven.heat(&mut ctx)); // there is no time for it
    /// ```
    pub fn set_deadline(&mut self, at: impl Into<Instant>) {
        self.call(Some(at.into()));
    }

    /// The caller gives up: what [`Context::caller_gone`](crate::Context::caller_gone) says from now on, and [`Context::cancelled`](crate::Context::cancelled) resolves.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # #[actor] struct Oven;
    /// # #[actor] impl Oven {
    /// #     pub fn heat(&mut self, ctx: &mut Context<Self>) -> bool { !ctx.caller_gone() }
    /// # }
    /// let mut ctx = Context::test();
    /// ctx.caller_leaves();
    /// assert!(!Oven.heat(&mut ctx)); // nobody wants it
    /// ```
    pub fn caller_leaves(&mut self) {
        drop(self.caller.leave());
    }

    /// What was answered through [`Context::reply_to`](crate::Context::reply_to): `None` if nothing was, yet. After an answer the next call begins.
    pub fn reply(&mut self) -> Option<Result<ReplyOf<A>, CallError>> {
        match self.caller.poll(Waker::noop()) {
            Poll::Ready(answer) => {
                self.call(self.caller.deadline());
                Some(answer)
            }
            Poll::Pending => None,
        }
    }

    fn call(&mut self, deadline: Option<Instant>) {
        self.caller = Slot::started(self.shared.id, Limit::until(deadline), None);
        let caller = Joint::clone(&self.caller);
        self.stage(|stage| stage.call(caller));
    }
}
