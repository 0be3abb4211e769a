//! What a handler did with a test's context, and who calls it there.

use crate::bare::Joint;
use crate::id::ActorId;
use crate::raw_handle::RawHandle;
use crate::slot::{AnyCaller, Slot};
use crate::timers::TimerKey;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Something that a handler did with its [`Context::test()`](crate::Context::test), in the order in which it did it.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test::Effect;
/// use std::time::Duration;
///
/// #[actor]
/// struct Cache(Option<u32>);
///
/// #[actor]
/// impl Cache {
///     pub fn put(&mut self, ctx: &mut Context<Self>, value: u32) {
///         self.0 = Some(value);
///         ctx.after("idle", Duration::from_secs(60), CacheMessage::Forget);
///     }
///     #[message]
///     fn forget(&mut self) {
///         self.0 = None;
///     }
/// }
///
/// let mut ctx = Context::test();
/// Cache(None).put(&mut ctx, 1);
/// assert_eq!(ctx.effects(), [Effect::after("idle", Duration::from_secs(60), "forget")]);
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// [`Context::after`](crate::Context::after).
    After {
        /// The timer's key.
        key: TimerKey,
        /// How long from then.
        delay: Duration,
        /// The name of the message; [`TestContext::fire`](super::TestContext::fire) has the message itself.
        message: &'static str,
    },
    /// [`Context::every`](crate::Context::every) and what is like it, `#[every]` too.
    Every {
        /// The timer's key.
        key: TimerKey,
        /// From one tick to the next.
        period: Duration,
    },
    /// [`Context::cancel`](crate::Context::cancel).
    Cancel {
        /// The timer's key.
        key: TimerKey,
        /// Whether there was one.
        was_armed: bool,
    },
    /// [`Context::spawn`](crate::Context::spawn) and what is like it.
    Spawn {
        /// The child.
        id: ActorId,
        /// Its name, if it was given one.
        name: Option<Arc<str>>,
        /// What kind of actor it is: `Account` for one whose messages are `AccountMessage`.
        kind: &'static str,
    },
    /// [`Context::watch`](crate::Context::watch).
    Watch(ActorId),
    /// [`Context::unwatch`](crate::Context::unwatch).
    Unwatch(ActorId),
    /// [`Context::then`](crate::Context::then).
    Then,
    /// [`Context::attach`](crate::Context::attach).
    Attach,
    /// [`Context::stop`](crate::Context::stop).
    Stop,
    /// [`Context::fail`](crate::Context::fail), with the error's text.
    Fail(String),
}

impl Effect {
    /// To compare with.
    #[must_use]
    pub fn after(key: impl Into<TimerKey>, delay: Duration, message: &'static str) -> Self {
        Effect::After { key: key.into(), delay, message }
    }

    /// To compare with.
    #[must_use]
    pub fn every(key: impl Into<TimerKey>, period: Duration) -> Self {
        Effect::Every { key: key.into(), period }
    }

    /// Of a timer that was armed, to compare with.
    #[must_use]
    pub fn cancel(key: impl Into<TimerKey>) -> Self {
        Effect::Cancel { key: key.into(), was_armed: true }
    }

    pub(crate) fn spawn(child: &RawHandle) -> Self {
        let child = child.shared();
        Effect::Spawn { id: child.id, name: child.name.clone(), kind: child.inlet().kind() }
    }
}

/// Of a context that no actor has.
pub(crate) struct Stage {
    effects: Vec<Effect>,
    deadline: Option<Instant>,
    caller: AnyCaller,
}

impl Stage {
    pub(crate) fn new<R: Send + 'static>(caller: Joint<Slot<R>>) -> Box<Self> {
        Box::new(Stage { effects: Vec::new(), deadline: caller.deadline(), caller: caller.untyped() })
    }

    pub(crate) fn note(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(crate) fn take(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// From here on the handler is called by this one.
    pub(crate) fn call<R: Send + 'static>(&mut self, slot: Joint<Slot<R>>) {
        self.deadline = slot.deadline();
        self.caller = slot.untyped();
    }

    pub(crate) fn caller(&self) -> Option<AnyCaller> {
        Some(Joint::clone(&self.caller))
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("effects", &self.effects).finish_non_exhaustive()
    }
}
