//! Messages that run while the actor is in another one's hands: what a handler serves, and what readers read beside each other.
//!
//! Each runs in a frame of its own, within the poll of the handler that has the actor; if it panics, that one is cut off.

use crate::actor::Message;
use crate::bare::Joint;
use crate::caller::Caller;
use crate::choice;
use crate::ending::idle_frame;
use crate::frame::{self, Frame};
use crate::id::ActorId;
use crate::limit::Limit;
use crate::orphans::Orphans;
use crate::policy::Policy;
use crate::scope::{self, Ran};
use crate::shared::Shared;
use crate::slot::AnyCaller;
use crate::waits::Served as Watched;
use crate::watchdog::Watchdog;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A message that runs inside another's poll, and its caller. Dropped before its end, it has gone down with the actor or been let go.
pub(crate) struct Guest<'a> {
    shared: &'a Arc<Shared>,
    policy: &'static Policy,
    limit: Limit,
    caller: Option<AnyCaller>,
    watchdog: Watchdog,
}

impl<'a> Guest<'a> {
    pub(crate) fn new(
        shared: &'a Arc<Shared>,
        policy: &'static Policy,
        limit: Limit,
        caller: Option<AnyCaller>,
    ) -> Self {
        choice::handles(shared, policy.name);
        Guest { shared, policy, limit, caller, watchdog: Watchdog::new() }
    }

    /// Runs `code` in the message's frame. `None`: it panicked, and the handler that serves is cut off.
    pub(crate) fn enter<T>(&mut self, code: impl FnOnce() -> T) -> Option<T> {
        let (mut code, mut value) = (Some(code), None);
        self.enter_once(&mut || value = code.take().map(|code| code()));
        value
    }

    fn enter_once(&mut self, code: &mut dyn FnMut()) {
        let frame = Frame { policy: Some(self.policy), limit: self.limit, ..idle_frame(self.shared) };
        let mut limit = self.limit;
        let ran = scope::enter_seldom(frame, self.caller.take(), &mut || {
            code();
            limit = frame::limit();
        });
        let Ran { result, caller, orphans } = ran;
        (self.caller, self.limit) = (caller, limit);
        scope::hand_up(orphans);
        if let Err(panicked) = result {
            if let Some(caller) = self.caller.take().filter(|caller| !caller.is_given()) {
                scope::hand_up(Orphans::of(caller));
            }
            scope::break_with(panicked);
        }
    }

    /// The handler of one of the actor's own has come back; a letter answers its caller itself.
    pub(crate) fn finish<M: Message>(mut self, reply: Option<M::Reply>) {
        self.shared.traces.ends::<M>(self.policy.name, reply.as_ref(), self.caller.is_some());
        let unwanted = match self.caller.take().as_deref().and_then(<dyn Caller>::typed) {
            Some(slot) => slot.finish(reply),
            None => reply,
        };
        // Its destructor is the user's code.
        self.enter(|| drop(unwanted));
    }

    pub(crate) fn plain<M: Message>(mut self, handler: impl FnOnce() -> Option<M::Reply>) {
        if let Some(reply) = self.enter(handler) {
            self.finish::<M>(reply);
        }
    }

    /// Polls its handler; `watched` is its run. A panic is pending: the handler that has the actor is cut off.
    pub(crate) fn poll<T>(
        &mut self,
        watched: &mut Watched<'_>,
        cx: &mut Context<'_>,
        handler: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let poll = self.enter(|| watched.watch(|| handler(cx))).unwrap_or(Poll::Pending);
        if poll.is_pending() {
            watched.pause(self.policy.name, self.caller.as_ref(), cx.waker());
            let (run, depth) = watched.run();
            self.watchdog.pends(self.shared, self.policy.name, run, depth, cx);
        }
        poll
    }

    pub(crate) async fn run<M: Message>(mut self, handler: impl Future<Output = Option<M::Reply>>) {
        let reply = self.attend(handler).await;
        self.finish::<M>(reply);
    }

    /// To the end of its handler.
    pub(crate) async fn attend<F: Future>(&mut self, handler: F) -> F::Output {
        let mut handler = pin!(handler);
        let mut watched = Watched::new(self.shared);
        poll_fn(|cx| self.poll(&mut watched, cx, |cx| handler.as_mut().poll(cx))).await
    }

    fn actor(&self) -> ActorId {
        self.shared.id
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        let Some(caller) = self.caller.take().filter(|caller| !caller.is_given()) else { return };
        if !scope::adopt(self.actor(), Joint::clone(&caller)) {
            caller.let_go();
        }
    }
}
