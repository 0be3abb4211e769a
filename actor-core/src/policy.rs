//! What the runtime knows of an actor and of each of its messages before anything runs.

use crate::route::AnyRoute;
use crate::watchdog;
use std::ptr;
use std::time::Duration;

/// How many messages a mailbox holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capacity {
    Bounded(usize),
    Unbounded,
}

/// What becomes of a message for which a bounded mailbox has no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// Its sender waits for room, in order of arrival; [`try_tell`](crate::Request::try_tell) fails at once.
    #[default]
    Wait,
    /// It is refused at once: [`CallError::Full`](crate::CallError::Full), [`TellError::Full`](crate::TellError::Full).
    Reject,
}

/// Configuration of a kind of actor: what the options of `#[actor(..)]` on its struct say.
///
/// Each actor can deviate from it by [`Spawn`](crate::Spawn).
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub(crate) capacity: Capacity,
    pub(crate) overflow: Overflow,
    pub(crate) timeout: Option<fn() -> Duration>,
    pub(crate) direct: bool,
    /// Of a mock, which knows no messages but its own.
    pub(crate) mock: bool,
    /// Of a proxy: how those tells reach it that want a receipt.
    pub(crate) receipts: Option<AnyRoute>,
    pub(crate) watchdog: Option<Duration>,
}

impl Config {
    /// A mailbox of 1024 whose senders wait for room, no default deadline, direct calls.
    #[must_use]
    pub const fn new() -> Self {
        Config {
            capacity: Capacity::Bounded(1024),
            overflow: Overflow::Wait,
            timeout: None,
            direct: true,
            mock: false,
            receipts: None,
            watchdog: None,
        }
    }

    /// A mailbox for `capacity` messages that have not started; from 64 on it may hold up to twice as many.
    ///
    /// # Panics
    /// If `capacity` is 0.
    #[must_use]
    #[track_caller]
    pub const fn mailbox(self, capacity: usize) -> Self {
        assert!(capacity > 0, "a mailbox needs room for at least one message");
        Config { capacity: Capacity::Bounded(capacity), ..self }
    }

    /// A mailbox without a bound.
    #[must_use]
    pub const fn unbounded(self) -> Self {
        Config { capacity: Capacity::Unbounded, ..self }
    }

    /// What happens where there is no room.
    #[must_use]
    pub const fn overflow(self, overflow: Overflow) -> Self {
        Config { overflow, ..self }
    }

    /// Default deadline of every call, from the moment it is used.
    #[must_use]
    pub const fn timeout(self, timeout: fn() -> Duration) -> Self {
        Config { timeout: Some(timeout), ..self }
    }

    /// Whether a caller may run a handler of an idle actor itself: see [`Spawn::direct`](crate::Spawn::direct).
    #[must_use]
    pub const fn direct(self, allowed: bool) -> Self {
        Config { direct: allowed, ..self }
    }

    pub(crate) const fn mock(self) -> Self {
        Config { mock: true, ..self }
    }

    pub(crate) const fn receipts(self, route: AnyRoute) -> Self {
        Config { receipts: Some(route), ..self }
    }

    /// In debug builds, handlers that wait for longer than `after` are told: see [`watchdog`].
    ///
    /// # Panics
    /// If `after` is 0.
    #[must_use]
    #[track_caller]
    pub const fn watchdog(self, after: Duration) -> Self {
        Config { watchdog: Some(watchdog::checked(after)), ..self }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// Which method of [`Actor`](crate::Actor) handles a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `handle`: a plain `fn`.
    Plain,
    /// `handle_exclusive`: an `async fn`; nobody else runs until it has ended.
    Exclusive,
    /// `handle_concurrent`: an `async fn` with `&self`, beside others of its kind.
    Concurrent,
    /// `handle_last`: by value.
    Last,
}

/// How a message is handled: one constant a message, given by [`Actor::policy`](crate::Actor::policy).
#[derive(Debug)]
pub struct Policy {
    pub(crate) name: &'static str,
    /// Of something that is no message: it runs as one, without its name.
    pub(crate) hook: bool,
    pub(crate) mode: Mode,
    /// Its handler must know from the beginning whom it answers.
    pub(crate) asks_for_caller: bool,
    pub(crate) interleave: bool,
    pub(crate) urgent: bool,
    pub(crate) guarded: bool,
    pub(crate) guard_looks_at_arguments: bool,
    pub(crate) timeout: Option<fn() -> Duration>,
}

impl Policy {
    const fn new(name: &'static str, mode: Mode) -> Self {
        Policy {
            name,
            hook: false,
            mode,
            asks_for_caller: false,
            interleave: false,
            urgent: false,
            guarded: false,
            guard_looks_at_arguments: false,
            timeout: None,
        }
    }

    /// For [`Actor::handle`](crate::Actor::handle): a plain `fn`, which no caller waits for long.
    #[must_use]
    pub const fn plain(name: &'static str) -> Self {
        Self::new(name, Mode::Plain)
    }

    /// For [`Actor::handle_exclusive`](crate::Actor::handle_exclusive): an `async fn`.
    #[must_use]
    pub const fn exclusive(name: &'static str) -> Self {
        Self::new(name, Mode::Exclusive)
    }

    /// For [`Actor::handle_concurrent`](crate::Actor::handle_concurrent): an `async fn` with `&self`, beside others of its kind.
    #[must_use]
    pub const fn concurrent(name: &'static str) -> Self {
        Self::new(name, Mode::Concurrent)
    }

    /// For [`Actor::handle_last`](crate::Actor::handle_last): the actor's last message, by value.
    #[must_use]
    pub const fn last(name: &'static str) -> Self {
        Self::new(name, Mode::Last)
    }

    /// For what is no message and runs as one.
    pub(crate) const fn hook(self) -> Self {
        Policy { hook: true, ..self }
    }

    /// The handler takes a [`ReplyTo`](crate::ReplyTo) and returns `None`.
    #[must_use]
    pub const fn replies_later(self) -> Self {
        Policy { asks_for_caller: true, ..self }
    }

    /// It ends its actor with an error that nobody waits for: whether anybody does is known from the moment when it begins.
    #[must_use]
    pub const fn fatal(self) -> Self {
        Policy { asks_for_caller: true, ..self }
    }

    /// It is served while another handler is in `serving`.
    #[must_use]
    pub const fn interleave(self) -> Self {
        Policy { interleave: true, ..self }
    }

    /// It comes before all that are not urgent, in a lane of its own.
    #[must_use]
    pub const fn urgent(self) -> Self {
        Policy { urgent: true, ..self }
    }

    /// It waits until [`Actor::guard`](crate::Actor::guard) says yes, which looks at the actor alone: one answer holds for all messages
    /// of this kind that wait.
    #[must_use]
    pub const fn guarded(self) -> Self {
        Policy { guarded: true, ..self }
    }

    /// The same for a guard that looks at the message too: each is asked for itself.
    #[must_use]
    pub const fn guarded_by_arguments(self) -> Self {
        Policy { guarded: true, guard_looks_at_arguments: true, ..self }
    }

    /// Default deadline of a call of this message; it replaces the actor's.
    #[must_use]
    pub const fn timeout(self, timeout: fn() -> Duration) -> Self {
        Policy { timeout: Some(timeout), ..self }
    }

    /// The method's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it is the same message's. Most often a glance at the address says so; but a constant has an address in each place that names
    /// it, and two that are equal may share one.
    #[inline]
    pub(crate) fn is(&self, other: &Policy) -> bool {
        ptr::eq(self, other) || self.name == other.name && self.mode == other.mode
    }

    /// What runs, as it is known to panics and to those who wait.
    #[inline]
    pub(crate) const fn message(&self) -> Option<&'static str> {
        if self.hook { None } else { Some(self.name) }
    }

    /// Whether it is served while another handler is in `serving`.
    #[must_use]
    pub const fn is_interleaved(&self) -> bool {
        self.interleave
    }
}
