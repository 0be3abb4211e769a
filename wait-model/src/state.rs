//! What there is: actors, calls, and who waits for whom, as far as that is noted.

use crate::graph::Look;

/// Of an actor, or of a call; a handler is named by the call that it answers.
pub type Id = u8;

/// `Slot::state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It lies in the mailbox and can be refused.
    Queued,
    /// Its handler runs.
    Started,
    /// The same, and nobody waits for it.
    Gone,
    /// The answer lies in the slot.
    Answered,
    /// The caller has taken the answer out.
    Taken,
    /// Its caller left before it began.
    Cancelled,
}

/// A call, and its slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The handler that made it; `None` outside all actors.
    pub from: Option<Id>,
    /// The actor that is called.
    pub to: Id,
    /// Whether it may come in between while a handler serves.
    pub between: bool,
    /// The deadline.
    pub until: Option<u8>,
    /// How far it is.
    pub stage: Stage,
    /// How often it was answered.
    pub answers: u8,
}

impl Call {
    pub(crate) fn answer(&mut self) {
        self.stage = Stage::Answered;
        self.answers += 1;
    }
}

/// What a handler waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One call, or all of several: `join!`.
    All,
    /// The first of several: `select!`.
    Any,
    /// One call, and it serves meanwhile: `Context::serving`.
    Serving,
}

/// Where a handler is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// In a poll, and may do what it likes.
    Runs,
    /// In a poll, and looks whether the call of this number among those it waits for is answered.
    Looks(u8),
    /// In a poll, and lends its actor, if a message is there that may come in between.
    Lends,
    /// At the end of a poll in which it waits.
    Sent,
    /// It pends.
    Waits,
    /// It has returned, and its caller is yet to be answered.
    Ended,
}

/// A handler that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handler {
    /// What it answers.
    pub call: Id,
    /// Where it is.
    pub at: At,
    /// What it waits for.
    pub kind: Kind,
    /// The calls that it waits for.
    pub awaits: Vec<Id>,
    /// Calls that it made and let go of in this poll.
    pub left: Vec<Id>,
    /// Whether it has a number: it has waited before.
    pub noted: bool,
}

impl Handler {
    pub(crate) fn new(call: Id) -> Self {
        Handler { call, at: At::Runs, kind: Kind::All, awaits: Vec::new(), left: Vec::new(), noted: false }
    }
}

/// `waits::Level`: a handler that waits, and its edges.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// The handler.
    pub run: Id,
    /// In the order in which they were made.
    pub edges: Vec<Id>,
}

/// `waits::Waits`, under the lock of their actor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Waits {
    /// Changes whenever anything else here may have.
    pub version: u8,
    /// In the middle of a poll.
    pub polled: bool,
    /// Whether the handler serves.
    pub serving: bool,
    /// The handler that has the actor.
    pub main: Option<Level>,
    /// The one that it serves.
    pub served: Option<Level>,
}

impl Waits {
    /// `Waiting::with`
    pub(crate) fn with(&mut self, change: impl FnOnce(&mut Waits)) {
        self.version += 1;
        change(self);
    }
}

/// An actor, and the task that polls its handlers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The mailbox.
    pub queue: Vec<Id>,
    /// The handler that has the actor.
    pub main: Option<Handler>,
    /// The one that it serves.
    pub served: Option<Handler>,
    /// Whether its task is to poll.
    pub woken: bool,
    /// Whether the handler that serves has looked at all that lies in the mailbox.
    pub seen: bool,
    /// What is noted of its handlers.
    pub waits: Waits,
    /// The task looks for a deadlock, at the end of a poll.
    pub look: Option<Look>,
}

impl Actor {
    pub(crate) fn handlers(&self) -> impl Iterator<Item = &Handler> {
        self.main.iter().chain(&self.served)
    }
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// All actors.
    pub actors: Vec<Actor>,
    /// All calls that were made.
    pub calls: Vec<Call>,
    /// Which actor's task holds the lock of those who decide.
    pub deciding: Option<Id>,
    /// The time.
    pub now: u8,
    /// How often a handler may still be polled for nothing.
    pub spurious: u8,
    /// A call was refused.
    pub told: bool,
    /// A call was refused that would have ended by itself.
    pub false_deadlock: bool,
}

impl State {
    /// The actor whose handler this is.
    pub(crate) fn home(&self, run: Id) -> Id {
        self.calls[usize::from(run)].to
    }

    /// Wakes the task of the handler that waits for a call.
    pub(crate) fn wake_caller(&mut self, call: Id) {
        if let Some(run) = self.calls[usize::from(call)].from {
            let home = usize::from(self.home(run));
            self.actors[home].woken = true;
        }
    }
}
