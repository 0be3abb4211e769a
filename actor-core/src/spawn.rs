//! Making actors.

use crate::actor::Actor;
use crate::cell::Cell;
use crate::choice::{self, Purpose};
use crate::engine::{Engine, Hook};
use crate::handle::{Handle, RawHandle};
use crate::keeper::{Keeper, Leash, Make, Rule};
use crate::mailbox::Mailbox;
use crate::policy::{Capacity, Config, Overflow};
use crate::scope;
use crate::shared::{Body, Shared};
use crate::spot::Spot;
use crate::supervise::{Judge, Kind, Supervise};
use crate::task::Task;
use crate::watchdog::{self, Patience};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime;

/// How one actor is set up, where that differs from its kind.
///
/// ```
/// # use actor_core::prelude::*;
/// # #[actor] struct Lamp;
/// # #[actor] impl Lamp { pub fn on(&mut self) {} }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let lamp = Lamp.spawn_with(Spawn::new().name("hall").mailbox(16));
/// assert_eq!(lamp.name(), Some("hall"));
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "pass it to `spawn_with`"]
pub struct Spawn {
    name: Option<Arc<str>>,
    runtime: Option<runtime::Handle>,
    setup: Setup,
    /// What waits in its mailbox is counted.
    counted: bool,
}

/// What is said of one actor, and may be said of others as well.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setup {
    capacity: Option<Capacity>,
    overflow: Option<Overflow>,
    direct: Option<bool>,
    watchdog: Option<Duration>,
}

impl Spawn {
    /// As the actor's kind says, on the current runtime.
    pub fn new() -> Self {
        Self::default()
    }

    /// A label for logs and errors. It need not be unique.
    pub fn name(self, name: impl Into<Arc<str>>) -> Self {
        Spawn { name: Some(name.into()), ..self }
    }

    /// A mailbox for `capacity` messages that have not started; from 64 on it may hold up to twice as many.
    ///
    /// # Panics
    /// If `capacity` is 0.
    #[track_caller]
    pub fn mailbox(self, capacity: usize) -> Self {
        let Config { capacity, .. } = Config::new().mailbox(capacity);
        self.set(|setup| setup.capacity = Some(capacity))
    }

    /// A mailbox without a bound.
    pub fn unbounded(self) -> Self {
        self.set(|setup| setup.capacity = Some(Capacity::Unbounded))
    }

    /// What happens where a bounded mailbox has no room.
    pub fn overflow(self, policy: Overflow) -> Self {
        self.set(|setup| setup.overflow = Some(policy))
    }

    /// On this runtime, from anywhere. Its timers must be enabled.
    pub fn on(self, runtime: &runtime::Handle) -> Self {
        Spawn { runtime: Some(runtime.clone()), ..self }
    }

    fn set(mut self, change: impl FnOnce(&mut Setup)) -> Self {
        change(&mut self.setup);
        self
    }

    /// As an actor that runs: see [`Context::how`](crate::Context::how).
    pub(crate) fn like(shared: &Shared) -> Self {
        Spawn { runtime: Some(shared.runtime.clone()), setup: shared.setup, ..Self::default() }
    }

    /// So that what waits in its mailbox is known.
    pub(crate) fn counted(self) -> Self {
        Spawn { counted: true, ..self }
    }

    /// The runtime, if one was named.
    pub(crate) fn runtime(&self) -> Option<runtime::Handle> {
        self.runtime.clone()
    }

    /// The name, if there is one.
    pub(crate) fn label(&self) -> Option<Arc<str>> {
        self.name.clone()
    }

    /// On this runtime, unless another one was named.
    pub(crate) fn or_on(self, runtime: &runtime::Handle) -> Self {
        let runtime = self.runtime.unwrap_or_else(|| runtime.clone());
        Spawn { runtime: Some(runtime), ..self }
    }

    /// Whether a caller that finds the actor idle may run a handler itself: the default, and many times faster than two task switches.
    ///
    /// A message that takes long is left to the actor's task all the same: the first call of each message and then every 16th is timed.
    /// Until that notices, its caller waits for a plain handler beyond its own deadline, and the other futures of that caller's task, in a
    /// `join!` or `select!`, stand still. Switch it off for handlers that take long only now and then, and for those that depend on
    /// task-locals or the task's identity.
    pub fn direct(self, allowed: bool) -> Self {
        self.set(|setup| setup.direct = Some(allowed))
    }

    /// In debug builds, handlers of this actor that wait for longer than `after` are told, on stderr or to a hook: see
    /// [`watchdog`]. `Duration::MAX` is never.
    ///
    /// # Panics
    /// If `after` is 0.
    #[track_caller]
    pub fn watchdog(self, after: Duration) -> Self {
        let after = watchdog::checked(after);
        self.set(|setup| setup.watchdog = Some(after))
    }
}

#[track_caller]
pub(crate) fn spawn<A: Actor>(state: A, how: Spawn) -> A::Handle {
    let shared = shared::<A>(how, !(A::ON_START || A::EVERY));
    let engine: Box<dyn Engine<A::Message>> = Box::new(Cell::new(state, Arc::clone(&shared)));
    let task = match engine.hook(Hook::Start) {
        Ok(hook) => Task::starting(Arc::clone(&shared), hook),
        Err(engine) => Task::resting(Arc::clone(&shared), engine),
    };
    run::<A>(shared, task)
}

/// One that is its own supervisor.
#[track_caller]
pub(crate) fn supervised<A: Actor>(policy: Supervise, make: impl FnMut() -> A + Send + 'static) -> A::Handle {
    let Supervise { kind, intensity, backoff, grace: _, how } = policy;
    let shared = shared::<A>(how, false);
    let rule = Rule::Own(Judge::new(intensity, backoff));
    let task = Task::supervised(Arc::clone(&shared), Keeper { make: maker(make), kind, rule });
    run::<A>(shared, task)
}

/// One with a supervisor, which makes a leash for it.
pub(crate) fn leashed<A: Actor>(
    kind: Kind,
    how: Spawn,
    make: impl FnMut() -> A + Send + 'static,
    leash: impl FnOnce(&Arc<Shared>) -> Arc<Leash>,
) -> A::Handle {
    let shared = shared::<A>(how, false);
    let rule = Rule::Above(leash(&shared));
    let task = Task::supervised(Arc::clone(&shared), Keeper { make: maker(make), kind, rule });
    run::<A>(shared, task)
}

fn maker<A: Actor>(mut make: impl FnMut() -> A + Send + 'static) -> Make<A::Message> {
    Box::new(move |shared| Box::new(Cell::new(make(), Arc::clone(shared))))
}

#[track_caller]
pub(crate) fn shared<A: Actor>(how: Spawn, asleep: bool) -> Arc<Shared> {
    let Config { capacity, overflow, timeout, direct, mock, watchdog } = A::config();
    let Some(runtime) = how.runtime.or_else(|| runtime::Handle::try_current().ok()) else {
        panic!("an actor outside a tokio runtime; `Spawn::new().on(&runtime)` names one");
    };
    scope::install_panic_hook();
    let setup = how.setup;
    let mailbox = Mailbox::new(setup.capacity.unwrap_or(capacity), setup.overflow.unwrap_or(overflow));
    let body = Body {
        mailbox: if how.counted { mailbox.counted() } else { mailbox },
        spot: Spot::busy(),
        policy: A::policy,
        urgent: A::URGENT,
        timeout,
        direct: setup.direct.unwrap_or(direct),
        mock,
        #[cfg(feature = "test")]
        also: Default::default(),
    };
    let patience = Patience::new(setup.watchdog.or(watchdog));
    Shared::new(how.name, runtime, setup, asleep, patience, body)
}

fn run<A: Actor>(shared: Arc<Shared>, task: Task<A::Message>) -> A::Handle {
    choice::spawn(&shared, Purpose::Actor, task);
    A::Handle::from_raw(RawHandle::first(shared))
}
