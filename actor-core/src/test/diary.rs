//! The last messages of an actor.

use super::census::Census;
use crate::handle::ActorHandle;
use crate::id::ActorId;
use crate::shared::Shared;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use tokio::time::Instant;

/// How many of an actor are known.
const KNOWN: usize = 16;

/// What became of a message.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Its handler has begun and has not come back: it waits, or it runs.
    Running,
    /// Its handler came back with a value.
    Handled,
    /// Its handler came back with an `Err`.
    Failed,
    /// Its handler came back and has left the answer to a `ReplyTo`.
    Later,
    /// The actor panicked while it ran.
    Panicked,
    /// Its handler was cut off: by a kill, or by the handler that served it.
    CutOff,
    /// It never ran: its caller had left.
    Cancelled,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fate::Running => "has not come back",
            Fate::Handled => "handled",
            Fate::Failed => "returned an error",
            Fate::Later => "to be answered later",
            Fate::Panicked => "panicked",
            Fate::CutOff => "cut off",
            Fate::Cancelled => "cancelled by its caller",
        })
    }
}

struct Entry {
    message: &'static str,
    from: Option<ActorId>,
    fate: Fate,
    at: Instant,
}

/// Made once, so that a message costs no allocation.
pub(crate) struct Diary(VecDeque<Entry>);

impl Diary {
    pub(crate) fn new() -> Self {
        Diary(VecDeque::with_capacity(KNOWN))
    }

    pub(crate) fn add(&mut self, message: &'static str, from: Option<ActorId>, fate: Fate) {
        if self.0.len() >= KNOWN {
            // What runs is what one wants to know when nothing goes on.
            let over = self.0.iter().position(|entry| entry.fate != Fate::Running);
            self.0.remove(over.unwrap_or(0));
        }
        self.0.push_back(Entry { message, from, fate, at: Instant::now() });
    }

    /// The last of this name that runs has come back.
    pub(crate) fn end(&mut self, message: &'static str, fate: Fate) {
        let running = |entry: &&mut Entry| entry.fate == Fate::Running && entry.message == message;
        if let Some(entry) = self.0.iter_mut().rev().find(running) {
            entry.fate = fate;
        }
    }

    pub(crate) fn end_all(&mut self, fate: Fate) {
        for entry in self.0.iter_mut().filter(|entry| entry.fate == Fate::Running) {
            entry.fate = fate;
        }
    }
}

/// A message that an actor has come to: see [`last_messages`].
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Handled {
    /// The name of its method; of a hook its kind, as `on_start`.
    pub message: &'static str,
    /// The actor whose handler sent it, by name, or by kind and number; `None` for one that came from elsewhere, as from a test.
    pub from: Option<Arc<str>>,
    /// What became of it.
    pub fate: Fate,
    /// When it began, by tokio's clock.
    pub at: Instant,
}

impl fmt::Display for Handled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)?;
        if let Some(from) = &self.from {
            write!(f, " from {from}")?;
        }
        write!(f, ": {}", self.fate)?;
        match Instant::now().checked_duration_since(self.at) {
            Some(ago) if !ago.is_zero() => write!(f, ", {ago:.0?} ago"),
            _ => Ok(()),
        }
    }
}

/// The last messages that an actor has come to, at most 16, the oldest first.
///
/// They are what the kit's failures show. A message stands here from the moment when its handler begins; one that waits in the mailbox does
/// not. What a generic method returns is not looked into: it is handled, also with an `Err`. A pool has none: its workers have them.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test::{self, Fate};
///
/// # #[actor] struct Account(u64);
/// # #[actor] impl Account {
/// #     pub fn deposit(&mut self, amount: u64) -> u64 { self.0 += amount; self.0 }
/// #     pub fn withdraw(&mut self, amount: u64) -> Result<u64, u64> { self.0 = self.0.checked_sub(amount).ok_or(amount)?; Ok(self.0) }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let account = Account(0).spawn();
/// account.deposit(10).await?;
/// account.withdraw(50).tell().await.unwrap();
/// test::settle().await;
/// let last = test::last_messages(&account);
/// assert_eq!((last[0].message, last[0].fate), ("deposit", Fate::Handled));
/// assert_eq!((last[1].message, last[1].fate), ("withdraw", Fate::Failed));
/// println!("{}", last[1]); // withdraw: returned an error
/// # Ok(()) }
/// ```
#[must_use]
pub fn last_messages(handle: &impl ActorHandle) -> Vec<Handled> {
    of(handle.raw().shared())
}

fn of(shared: &Shared) -> Vec<Handled> {
    let census = shared.traces.own.census();
    let entries = shared.traces.with_diary(|Diary(entries)| {
        let entry = |entry: &Entry| (entry.message, entry.from, entry.fate, entry.at);
        entries.iter().map(entry).collect::<Vec<_>>()
    });
    let handled = entries.into_iter().map(|(message, from, fate, at)| {
        let from =
            from.map(|from| census.find(from).map_or_else(|| from.to_string().into(), |from| from.label()));
        Handled { message, from, fate, at }
    });
    handled.collect()
}

/// How many of each actor a failure shows.
const SHOWN: usize = 6;
/// Of how many actors.
const CROWD: usize = 12;

/// What the actors of a runtime did last, those that did anything: the end of a failure's text.
pub(crate) fn tell(census: &Census) -> String {
    let mut text = String::new();
    let lately: Vec<_> = census
        .actors()
        .into_iter()
        .map(|shared| (of(&shared), shared))
        .filter(|(handled, _)| !handled.is_empty())
        .collect();
    let more = lately.len().saturating_sub(CROWD);
    for (handled, shared) in lately.iter().rev().take(CROWD).rev() {
        text += &format!("\n  {}", describe(shared));
        for handled in handled.iter().skip(handled.len().saturating_sub(SHOWN)) {
            text += &format!("\n    {handled}");
        }
    }
    match more {
        0 => text,
        more => format!("{text}\n  (and of {more} more)"),
    }
}

/// Who it is and how it goes.
pub(crate) fn describe(shared: &Shared) -> String {
    let state = match shared.reason() {
        Some(reason) => format!(", which has ended: {reason}"),
        None if !shared.is_open() => ", which is asked to end".to_owned(),
        None => String::new(),
    };
    let restarts = match shared.traces.restarts() {
        0 => String::new(),
        1 => ", made anew once".to_owned(),
        times => format!(", made anew {times} times"),
    };
    format!("{}{restarts}{state}", shared.label())
}
