//! Making actors.

use crate::actor::{Actor, Message};
use crate::cell::Cell;
use crate::choice::{self, Purpose};
use crate::engine::{Engine, Hook};
use crate::handle::Handle;
use crate::keeper::{Keeper, Leash, Make, Rule};
use crate::mailbox::Mailbox;
use crate::policy::{Capacity, Config, Overflow};
use crate::port::Inlet;
use crate::raw_handle::RawHandle;
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
    capacity: Option<Capacity>,
    overflow: Option<Overflow>,
    runtime: Option<runtime::Handle>,
    direct: Option<bool>,
    watchdog: Option<Duration>,
    /// What waits in its mailbox is counted.
    counted: bool,
}

/// Which of its settings an actor has because that was said of it, and not of its kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Said(u8);

impl Said {
    const CAPACITY: u8 = 1;
    const OVERFLOW: u8 = 2;
    const DIRECT: u8 = 4;
    const WATCHDOG: u8 = 8;

    fn of(how: &Spawn) -> Self {
        let Spawn { capacity, overflow, direct, watchdog, .. } = how;
        let said = |setting, is_said| if is_said { setting } else { 0 };
        Said(
            said(Self::CAPACITY, capacity.is_some())
                | said(Self::OVERFLOW, overflow.is_some())
                | said(Self::DIRECT, direct.is_some())
                | said(Self::WATCHDOG, watchdog.is_some()),
        )
    }

    fn has(self, setting: u8) -> bool {
        self.0 & setting != 0
    }
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
        Spawn { capacity: Some(capacity), ..self }
    }

    /// A mailbox without a bound.
    pub fn unbounded(self) -> Self {
        Spawn { capacity: Some(Capacity::Unbounded), ..self }
    }

    /// What happens where a bounded mailbox has no room.
    pub fn overflow(self, policy: Overflow) -> Self {
        Spawn { overflow: Some(policy), ..self }
    }

    /// On this runtime, from anywhere. Its timers must be enabled.
    pub fn on(self, runtime: &runtime::Handle) -> Self {
        Spawn { runtime: Some(runtime.clone()), ..self }
    }

    /// As an actor that runs: see [`Context::how`](crate::Context::how).
    pub(crate) fn like(shared: &Shared) -> Self {
        let (said, inlet) = (shared.said, shared.inlet());
        Spawn {
            runtime: Some(shared.runtime.clone()),
            capacity: said.has(Said::CAPACITY).then(|| inlet.capacity()),
            overflow: said.has(Said::OVERFLOW).then(|| inlet.overflow()),
            direct: said.has(Said::DIRECT).then(|| inlet.is_direct()),
            watchdog: if said.has(Said::WATCHDOG) { shared.patience.own() } else { None },
            ..Self::default()
        }
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
        Spawn { direct: Some(allowed), ..self }
    }

    /// In debug builds, handlers of this actor that wait for longer than `after` are told, on stderr or to a hook: see
    /// [`watchdog`]. `Duration::MAX` is never.
    ///
    /// # Panics
    /// If `after` is 0.
    #[track_caller]
    pub fn watchdog(self, after: Duration) -> Self {
        Spawn { watchdog: Some(watchdog::checked(after)), ..self }
    }
}

#[track_caller]
pub(crate) fn spawn<A: Actor>(state: A, how: Spawn) -> A::Handle {
    let shared = shared::<A>(how, !(A::ON_START || A::EVERY));
    let engine: Box<dyn Engine> = Box::new(Cell::new(state, Arc::clone(&shared)));
    begin(&shared, engine);
    handle::<A>(shared)
}

/// Starts what was made.
fn begin(shared: &Arc<Shared>, engine: Box<dyn Engine>) {
    let task = match engine.hook(Hook::Start) {
        Ok(hook) => Task::starting(Arc::clone(shared), hook),
        Err(engine) => Task::resting(Arc::clone(shared), engine),
    };
    choice::spawn(shared, Purpose::Actor, task);
}

/// One that is its own supervisor.
#[track_caller]
pub(crate) fn supervised<A: Actor>(policy: Supervise, make: impl FnMut() -> A + Send + 'static) -> A::Handle {
    let Supervise { kind, intensity, backoff, grace: _, how } = policy;
    let shared = shared::<A>(how, false);
    let rule = Rule::Own(Judge::new(intensity, backoff));
    begin_kept(&shared, Keeper { make: maker(make), kind, rule });
    handle::<A>(shared)
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
    begin_kept(&shared, Keeper { make: maker(make), kind, rule });
    handle::<A>(shared)
}

/// Starts one that is made by its own task.
fn begin_kept(shared: &Arc<Shared>, keeper: Keeper) {
    choice::spawn(shared, Purpose::Actor, Task::supervised(Arc::clone(shared), keeper));
}

fn maker<A: Actor>(mut make: impl FnMut() -> A + Send + 'static) -> Make {
    Box::new(move |shared| Box::new(Cell::new(make(), Arc::clone(shared))))
}

#[track_caller]
pub(crate) fn shared<A: Actor>(how: Spawn, asleep: bool) -> Arc<Shared> {
    let setup = Setup::new(how, A::config(), asleep);
    // The mailbox is made last: before, nothing has to be dropped that depends on the messages.
    let body = Body {
        spot: Spot::busy(),
        desk: Cell::<A>::DESK,
        policy: A::policy,
        urgent: A::URGENT,
        timeout: setup.config.timeout,
        direct: setup.how.direct.unwrap_or(setup.config.direct),
        mock: setup.config.mock,
        receipts: setup.config.receipts.and_then(|route| route.downcast_ref()),
        #[cfg(feature = "test")]
        also: Default::default(),
        mailbox: setup.mailbox(),
    };
    setup.shared(Box::new(body))
}

fn handle<A: Actor>(shared: Arc<Shared>) -> A::Handle {
    A::Handle::from_raw(RawHandle::first(shared))
}

/// What is said of an actor that is to be made.
struct Setup {
    how: Spawn,
    config: Config,
    runtime: runtime::Handle,
    asleep: bool,
}

impl Setup {
    #[track_caller]
    fn new(mut how: Spawn, config: Config, asleep: bool) -> Self {
        let Some(runtime) = how.runtime.take().or_else(|| runtime::Handle::try_current().ok()) else {
            panic!("an actor outside a tokio runtime; `Spawn::new().on(&runtime)` names one");
        };
        scope::install_panic_hook();
        Setup { how, config, runtime, asleep }
    }

    fn mailbox<M: Message>(&self) -> Mailbox<M> {
        let Setup { how, config, .. } = self;
        let mut mailbox =
            Mailbox::new(how.capacity.unwrap_or(config.capacity), how.overflow.unwrap_or(config.overflow));
        if how.counted {
            mailbox.count();
        }
        mailbox
    }

    fn shared(self, body: Box<dyn Inlet>) -> Arc<Shared> {
        let Setup { how, config, runtime, asleep } = self;
        let said = Said::of(&how);
        let patience = Patience::new(how.watchdog.or(config.watchdog));
        Shared::new(how.name, runtime, said, asleep, patience, body)
    }
}
