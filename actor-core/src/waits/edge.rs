//! That a handler waits, and for what.

use crate::bare::{Joint, WeakJoint};
use crate::cycle::Cycle;
use crate::policy::{Mode, Policy};
use crate::shared::Shared;
use std::sync::Arc;
use std::task::Waker;
use tokio::time::Instant;

/// Where something that is waited for stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has not begun: it can be refused.
    Queued,
    Started,
    /// It is there for whoever waits, who has yet to take it: that one goes on.
    Ready,
    /// Taken, left, or awaited by another: whoever had this edge does not wait for it.
    Over,
}

/// A call, a tell without room, a stream: what a handler can wait for.
pub(crate) trait Awaited: Send + Sync {
    /// `run` waits for it from now on, and nobody else.
    fn wait_in(&self, run: u64);
    /// As `run` sees it.
    fn stage(&self, run: u64) -> Stage;
    /// Lets a call that reads pass those that wait before it; `false` if it cannot.
    fn let_pass(&self) -> bool {
        false
    }
    /// Whether it may.
    fn passes(&self) -> bool {
        false
    }
    /// Refuses it if it is still queued; the waker is of whoever waits for it.
    fn refuse(&self, cycle: &Cycle) -> Option<Option<Waker>>;
}

/// What is waited for at an actor. Small, since it is moved with each edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Answer,
    /// The same, until then.
    AnswerBy(Box<Instant>),
    /// Room for a tell.
    Room(Option<Box<Instant>>),
    /// The next item of the stream of this run.
    Item(u64),
}

/// Whom a handler waits for, and with what.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) to: Arc<Shared>,
    pub(crate) what: What,
    /// Of the message.
    pub(crate) policy: Option<&'static Policy>,
}

impl Target {
    pub(crate) fn message(&self) -> &'static str {
        self.policy.map_or("", |policy| policy.name)
    }

    pub(crate) fn until(&self) -> Option<Instant> {
        match &self.what {
            What::AnswerBy(until) | What::Room(Some(until)) => Some(**until),
            What::Answer | What::Room(None) | What::Item(_) => None,
        }
    }

    /// It may go on while the actor's handler is in `serving`: whatever is served makes room.
    pub(crate) fn goes_between(&self) -> bool {
        match self.what {
            What::Answer | What::AnswerBy(_) => self.policy.is_some_and(|policy| policy.interleave),
            What::Room(_) => true,
            What::Item(_) => false,
        }
    }

    /// It may go on beside other readers. One that has a guard waits for that, whoever is inside.
    pub(crate) fn reads(&self) -> bool {
        let is_reader = |policy: &Policy| policy.mode == Mode::Concurrent && !policy.guarded;
        matches!(self.what, What::Answer | What::AnswerBy(_)) && self.policy.is_some_and(is_reader)
    }
}

/// That a handler waits.
pub(crate) struct Edge {
    /// In the order in which they were made.
    pub(crate) number: u64,
    pub(crate) run: u64,
    /// Not counted, so that no reply of a user's is dropped under a lock. `None`: nothing, the handler goes on.
    pub(crate) awaited: Option<WeakJoint<dyn Awaited>>,
    pub(crate) target: Target,
}

impl Edge {
    /// How it stands, and what it leads to.
    pub(crate) fn sight(&self) -> (Stage, Option<Joint<dyn Awaited>>) {
        match self.awaited.as_ref().map(WeakJoint::upgrade) {
            None => (Stage::Ready, None),
            Some(None) => (Stage::Over, None),
            Some(Some(awaited)) => (awaited.stage(self.run), Some(awaited)),
        }
    }

    /// Whether it is surely over, at first sight.
    pub(super) fn is_gone(&self) -> bool {
        self.awaited.as_ref().is_some_and(|awaited| awaited.is_gone())
    }

    /// Whether the actor that it leads to has no handler that could keep anybody waiting. For one who has noted before what he waits for: of two
    /// who ask this of each other one at least sees the other.
    pub(crate) fn leads_out(&self) -> bool {
        self.target.to.waits.keeps_nobody()
    }
}

/// Whether `caller` is the place of what is awaited.
pub(crate) fn is_at(awaited: &Joint<dyn Awaited>, caller: usize) -> bool {
    awaited.address() == caller
}
