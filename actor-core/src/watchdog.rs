//! Told of handlers that wait for long, and for whom: a watchdog, in debug builds.
//!
//! A deadlock through requests is told by itself, as [`CallError::Deadlock`](crate::CallError::Deadlock). A handler that waits for
//! something that never comes, a lock, a channel, an actor that hangs, is not: it is only silent, and so is its actor. The watchdog says which
//! one it is. It is off until a time is set: for all actors of a program by [`set_default`], for a kind of actor by
//! `#[actor(watchdog = Duration::from_secs(5))]`, for one actor by [`Spawn::watchdog`](crate::Spawn::watchdog); the nearest counts.
//!
//! ```
//! use actor_core::prelude::*;
//! use actor_core::watchdog;
//! use std::time::Duration;
//! use tokio::sync::oneshot;
//!
//! #[actor]
//! struct Kitchen(Option<oneshot::Receiver<()>>);
//!
//! #[actor]
//! impl Kitchen {
//!     pub async fn cook(&mut self) {
//!         if let Some(delivery) = self.0.take() {
//!             delivery.await.ok();
//!         }
//!     }
//! }
//!
//! #[actor]
//! struct Waiter(KitchenHandle);
//!
//! #[actor]
//! impl Waiter {
//!     pub async fn serve(&mut self) -> Result<(), CallError> {
//!         self.0.cook().await
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
//! watchdog::set_default(Duration::from_secs(5));
//! # let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
//! # let all = std::sync::Arc::clone(&told);
//! # watchdog::set_hook(move |stuck| all.lock().unwrap().push(stuck.to_string()));
//!
//! let (_never, delivery) = oneshot::channel();
//! let kitchen = Kitchen(Some(delivery)).spawn_with(Spawn::new().name("kitchen"));
//! let waiter = Waiter(kitchen).spawn_with(Spawn::new().name("waiter"));
//! waiter.serve().timeout(Duration::from_secs(6)).await.unwrap_err();
//! // On stderr:
//! // waiter.serve has waited for 5s: for kitchen.cook (started)
//! // kitchen.cook has waited for 5s: for something that is no request
//! # let mut told = told.lock().unwrap();
//! # told.sort();
//! # let expected: &[&str] = &[
//! #     "kitchen.cook has waited for 5s: for something that is no request",
//! #     "waiter.serve has waited for 5s: for kitchen.cook (started)",
//! # ];
//! # assert_eq!(*told, if cfg!(debug_assertions) { expected } else { &[] });
//! # }
//! ```
//!
//! # What is told
//! A handler or hook that has not returned, counted from its first wait: how often it was polled meanwhile does not matter, since its
//! actor has been kept all that time. It is told when the time has passed once, and again each time the wait has doubled, so that what waits
//! for ever fills no log. Readers and what is served by [`serving`](crate::Context::serving) are told each for itself. A handler that is to
//! wait for long has an actor with its own time, `Duration::MAX` for never, or is left out by a hook.
//!
//! Not told is a handler that does not return from a poll, because it computes or blocks its thread.
//!
//! # What it costs
//! A timer for each handler that waits. In release builds (without `debug_assertions`) there is no watchdog: all that is
//! set is forgotten, and actors have no code for it.

#[cfg_attr(not(debug_assertions), path = "watchdog/off.rs")]
#[cfg_attr(debug_assertions, path = "watchdog/on.rs")]
mod watch;

pub(crate) use watch::{Patience, Watchdog};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Has all handlers told that wait for longer than `after`, but those of actors with a time of their own; also of actors that run already.
/// `Duration::MAX` is never, as it is without this.
///
/// It is meant for a program, in `main`, and needs runtimes with timers.
///
/// # Panics
/// If `after` is 0.
#[track_caller]
pub fn set_default(after: Duration) {
    watch::set_default(checked(after));
}

/// Has `hook` called instead of a line on stderr, with each handler that has waited for long.
///
/// It is called by the actor's own task, so it should not block. If it panics, nothing but its own work is lost. A later hook replaces
/// an earlier one.
///
/// ```
/// use actor_core::watchdog;
///
/// watchdog::set_hook(|stuck| {
///     if !stuck.is_serving() {
///         println!("{stuck}");
///     }
/// });
/// ```
pub fn set_hook(hook: impl Fn(&Stuck) + Send + Sync + 'static) {
    watch::set_hook(hook);
}

/// What the time is set to, by whatever way.
#[track_caller]
pub(crate) const fn checked(after: Duration) -> Duration {
    assert!(!after.is_zero(), "a watchdog needs a time that can pass");
    after
}

/// A handler that has waited for long, and for whom.
///
/// Displayed as `ann.pay has waited for 5s: for bob.deposit (started) and bank.note (queued)`.
#[derive(Clone, Debug)]
pub struct Stuck {
    actor: Arc<str>,
    message: &'static str,
    waited: Duration,
    serving: bool,
    waits: Vec<Wait>,
}

impl Stuck {
    /// The actor's name, or its kind and id, as in `Account#3`.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The method's name; of a hook `on_start`, `on_exit` or `on_stop`.
    #[must_use]
    pub fn message(&self) -> &'static str {
        self.message
    }

    /// How long, since its first wait.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// Whether it answers others meanwhile, by [`serving`](crate::Context::serving).
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.serving
    }

    /// The requests, tells without room and streams that it waits for now. If there are none, it waits for something that the library
    /// does not see: a channel, a lock, a sleep, a task.
    #[must_use]
    pub fn waits(&self) -> &[Wait] {
        &self.waits
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stuck { actor, message, waited, serving: _, waits } = self;
        write!(f, "{actor}.{message} has waited for {waited:?}: for ")?;
        if waits.is_empty() {
            return f.write_str("something that is no request");
        }
        for (n, Wait { actor, message, started }) in waits.iter().enumerate() {
            let and = if n == 0 { "" } else { " and " };
            let stage = if *started { "started" } else { "queued" };
            write!(f, "{and}{actor}.{message} ({stage})")?;
        }
        Ok(())
    }
}

/// What a handler waits for: a message of another actor's.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Whose message it is: the actor's name, or its kind and id.
    pub actor: Arc<str>,
    /// The method's name.
    pub message: &'static str,
    /// Whether its handler has begun; if not, the actor has not come to it yet, or the message waits for room.
    pub started: bool,
}
