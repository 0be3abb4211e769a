//! The wait-for graph and the call protocol of `actor-core`, as a model whose states are all looked at.
//!
//! What is one atomic step in the code, or whatever nobody else can see in the middle, is one step here, and carries the name of its function
//! there: the slot (`slot.rs`), what is noted of waits (`waits.rs`), the walk along them (`graph.rs`), a handler that serves
//! (`serving.rs`). Handlers do anything that handlers can do: they call any actor, also their own, two at once, for all or for
//! the first answer, serve meanwhile, or return. Left out are the mailbox's own steps, which loom looks at, and direct calls, which are the same
//! steps in another thread.
//!
//! [`State::false_deadlock`](state::State) is set by what *is*, never by what was noted.

mod graph;
pub mod state;
mod step;
mod truth;

use state::{Id, Kind, Stage, State};
use stateright::{Model, Property};

/// Which code is looked at: as it is, or without something that it needs.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// A suspicion is looked at again under a lock.
    pub looks_twice: bool,
    /// A handler that was polled for nothing looks again when its poll ends.
    pub looks_again: bool,
    /// A call whose answer came in the middle of a poll counts until it is taken.
    pub keeps_answered: bool,
    /// A call that was let go of in the poll in which it was made is forgotten when that poll ends.
    pub forgets_left: bool,
}

/// The code as it is.
pub const AS_IS: Variant =
    Variant { looks_twice: true, looks_again: true, keeps_answered: true, forgets_left: true };

/// What is looked at.
#[derive(Clone, Debug)]
pub struct Size {
    /// How many actors there are.
    pub actors: Id,
    /// How many calls are made, those from outside too.
    pub calls: usize,
    /// How many of them lie in the mailboxes at the beginning.
    pub outside: usize,
    /// How many more of them come from outside, at any time.
    pub late: usize,
    /// Whether handlers make two calls at once.
    pub several: bool,
    /// Whether they serve.
    pub serving: bool,
    /// Whether calls have deadlines.
    pub deadlines: bool,
    /// Whether callers outside leave.
    pub leaving: bool,
    /// Whether handlers let go of a call in the poll in which they made it.
    pub letting_go: bool,
    /// How often handlers are polled for nothing.
    pub spurious: u8,
    /// The code.
    pub variant: Variant,
}

impl Size {
    /// Plain calls.
    #[must_use]
    pub fn new(actors: Id, calls: usize, outside: usize) -> Self {
        Size {
            actors,
            calls,
            outside,
            late: 0,
            several: false,
            serving: false,
            deadlines: false,
            leaving: false,
            letting_go: false,
            spurious: 0,
            variant: AS_IS,
        }
    }
}

/// A step of somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The actor's task takes the next message: `Inbox::receive`, `Slot::begin`.
    Take(Id),
    /// A handler of this actor, the one it serves if `served`, sends a request and polls it: `Flight::send`, `waits::note`.
    Call {
        /// Whose handler.
        actor: Id,
        /// Whether it is the one that is served.
        served: bool,
        /// Whom it calls.
        to: Id,
        /// `interleave`
        between: bool,
        /// The deadline, if it has one of its own.
        until: Option<u8>,
        /// What it waits for then.
        kind: Kind,
    },
    /// It lets go of the call that it has just made, as where another branch of a `select!` is ready: `Flight::drop`.
    LetGo(Id, bool),
    /// It returns: `Run::end`.
    Return(Id, bool),
    /// Its caller is answered: `Slot::finish`.
    Answer(Id, bool),
    /// The next poll begins: `waits::resume`.
    Poll(Id),
    /// In a poll, the next thing that the handler looks at: `Slot::poll`, `serving::next`.
    GoOn(Id, bool),
    /// The poll ends, and the handler waits: `waits::pend`, `Served::pause`.
    Pend(Id, bool),
    /// The next step of the look for a deadlock: `graph::look`.
    Look(Id),
    /// A call comes from outside.
    Outside(Id),
    /// A caller outside leaves: `Slot::leave`.
    Leave(Id),
    /// The next deadline comes.
    Tick,
    /// Something else wakes the task.
    Spurious(Id),
}

impl Model for Size {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let mut all = vec![State::new(self)];
        for _ in 0..self.outside {
            let with_one_more = |state: State| {
                // Whoever is called first is the first actor, and so on: the others are the same under other names.
                let known = state.calls.iter().map(|call| call.to + 1).max().unwrap_or(0);
                let last = state.calls.last().map_or(0, |call| call.to);
                (last..=known.min(self.actors - 1)).map(move |to| {
                    let mut state = state.clone();
                    state.send(None, to, false, None);
                    state
                })
            };
            all = all.into_iter().flat_map(with_one_more).collect();
        }
        all
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        self.steps(state, steps);
        for (id, call) in (0..).zip(&state.calls) {
            let waits = matches!(call.stage, Stage::Queued | Stage::Started);
            if self.leaving && call.from.is_none() && waits {
                steps.push(Step::Leave(id));
            }
        }
        if state.spurious > 0 {
            let sleeps = |actor: Id| state.sleeps(actor);
            steps.extend((0..self.actors).filter(|&actor| sleeps(actor)).map(Step::Spurious));
        }
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        let mut state = state.clone();
        state.take(step, self);
        state.forget_versions();
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("every call is answered once", |_, state: &State| {
                state.calls.iter().all(|call| call.answers <= 1)
            }),
            Property::always("no false deadlock", |_, state: &State| !state.false_deadlock),
            Property::always("no lost wake-up", |size: &Size, state: &State| {
                !size.is_still(state) || !state.has_answer_for_a_sleeper()
            }),
            Property::always("every cycle is told", |size: &Size, state: &State| {
                !size.is_still(state) || state.has_answer_for_a_sleeper() || state.is_done()
            }),
            Property::sometimes("a deadlock is told", |_, state: &State| state.told),
            Property::sometimes("all return", |size: &Size, state: &State| {
                state.calls.len() == size.calls && state.is_done()
            }),
        ]
    }
}

impl Size {
    /// Whether nobody has a step to take, but those that leave or come for nothing.
    fn is_still(&self, state: &State) -> bool {
        let mut steps = Vec::new();
        self.steps(state, &mut steps);
        steps.is_empty()
    }
}
