//! What was asked and what became of it: each call has a ticket, which its handler punches, and a claim, which its caller settles.
//!
//! When both have gone, what the caller was told must be what happened.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::SeqCst};

use actor_core::prelude::*;

/// What a caller was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Told {
    /// A reply, or the handler's own error.
    Replied,
    /// It never ran, for any reason.
    NeverRan,
    /// It began, and the actor ended.
    Interrupted,
    /// It began, and took too long.
    TooLate,
    /// It ran, and did not answer.
    Dropped,
    /// Nothing: it was a tell that was taken.
    Tell,
    /// Nothing: it left.
    Left,
}

impl Told {
    pub(crate) const ALL: [Self; 7] = [
        Self::Replied,
        Self::NeverRan,
        Self::Interrupted,
        Self::TooLate,
        Self::Dropped,
        Self::Tell,
        Self::Left,
    ];

    pub(crate) fn by<T, E>(answer: &Result<T, CallError<E>>) -> Self {
        match answer {
            Ok(_) | Err(CallError::Handler(_)) => Self::Replied,
            Err(error) if error.never_ran() => Self::NeverRan,
            Err(CallError::Interrupted(_)) => Self::Interrupted,
            Err(CallError::TimedOut { .. }) => Self::TooLate,
            Err(_) => Self::Dropped,
        }
    }

    /// Whether it can have run so often.
    fn allows(self, runs: u32) -> bool {
        match self {
            Self::Replied | Self::Dropped => runs == 1,
            Self::NeverRan => runs == 0,
            // A kill may come between its beginning and its first step.
            Self::Interrupted | Self::TooLate | Self::Tell | Self::Left => runs <= 1,
        }
    }
}

/// Counts of a round.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) calls: AtomicU64,
    pub(crate) told: [AtomicU64; Told::ALL.len()],
    /// Tickets and states of actors that have not been dropped.
    pub(crate) tickets: AtomicU64,
    pub(crate) states: AtomicU64,
    pub(crate) actors: AtomicU64,
    pub(crate) starts: AtomicU64,
    pub(crate) crashes: AtomicU64,
    pub(crate) kills: AtomicU64,
    pub(crate) stops: AtomicU64,
    /// Items of streams, continuations and look-ups of names that were seen.
    pub(crate) items: AtomicU64,
    pub(crate) continuations: AtomicU64,
    pub(crate) found: AtomicU64,
    wrongs: Mutex<Vec<String>>,
}

impl Ledger {
    /// A call is to be made.
    pub(crate) fn open(self: &Arc<Self>, what: &'static str) -> (Claim, Ticket) {
        self.calls.fetch_add(1, SeqCst);
        self.tickets.fetch_add(1, SeqCst);
        let fate = Arc::new(Fate {
            what,
            runs: AtomicU32::new(0),
            told: AtomicU8::new(u8::MAX),
            ledger: Arc::clone(self),
        });
        (Claim(Arc::clone(&fate)), Ticket(fate))
    }

    /// Something that must not be.
    pub(crate) fn wrong(&self, what: impl fmt::Display) {
        if let Ok(mut wrongs) = self.wrongs.lock() {
            wrongs.push(what.to_string());
        }
    }

    pub(crate) fn wrongs(&self) -> Vec<String> {
        self.wrongs.lock().map_or_else(|_| vec!["the ledger itself broke".into()], |wrongs| wrongs.clone())
    }
}

#[derive(Debug)]
struct Fate {
    what: &'static str,
    runs: AtomicU32,
    told: AtomicU8,
    ledger: Arc<Ledger>,
}

impl Drop for Fate {
    fn drop(&mut self) {
        let Fate { what, runs, told, ledger } = self;
        let (runs, told) = (*runs.get_mut(), usize::from(*told.get_mut()));
        match Told::ALL.get(told) {
            Some(told) if told.allows(runs) => {}
            told => ledger.wrong(format_args!("`{what}` ran {runs} times, and its caller was told {told:?}")),
        }
        ledger.tickets.fetch_sub(1, SeqCst);
    }
}

/// Goes with the message.
#[derive(Debug)]
pub(crate) struct Ticket(Arc<Fate>);

impl Ticket {
    /// The handler has begun.
    pub(crate) fn punch(&self) {
        self.0.runs.fetch_add(1, SeqCst);
    }
}

/// Stays with the caller.
#[derive(Debug)]
#[must_use = "a call that is not waited for has been left"]
pub(crate) struct Claim(Arc<Fate>);

impl Claim {
    pub(crate) fn settle(self, told: Told) {
        self.mark(told);
    }

    /// The answer to a call.
    pub(crate) fn answered<T, E>(self, answer: Result<T, CallError<E>>) {
        self.mark(Told::by(&answer));
    }

    /// The answer to a tell, which hands back what it does not take.
    pub(crate) fn sent<M>(self, result: Result<(), TellError<M>>) {
        self.mark(if result.is_ok() { Told::Tell } else { Told::NeverRan });
    }

    /// Counts it, once.
    fn mark(&self, told: Told) {
        if self.0.told.compare_exchange(u8::MAX, told as u8, SeqCst, SeqCst).is_ok() {
            self.0.ledger.told[told as usize].fetch_add(1, SeqCst);
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.mark(Told::Left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrongs(told: Option<Told>, runs: u32) -> usize {
        let ledger = Arc::new(Ledger::default());
        let (claim, ticket) = ledger.open("call");
        (0..runs).for_each(|_| ticket.punch());
        match told {
            Some(told) => claim.settle(told),
            None => drop(claim),
        }
        assert_eq!(ledger.tickets.load(SeqCst), 1);
        drop(ticket);
        assert_eq!(ledger.tickets.load(SeqCst), 0);
        assert_eq!(ledger.told.iter().map(|told| told.load(SeqCst)).sum::<u64>(), 1);
        ledger.wrongs().len()
    }

    #[test]
    fn what_a_caller_was_told_must_be_what_happened() {
        assert_eq!([0, 1, 2].map(|runs| wrongs(Some(Told::Replied), runs)), [1, 0, 1]);
        assert_eq!([0, 1, 2].map(|runs| wrongs(Some(Told::NeverRan), runs)), [0, 1, 1]);
        assert_eq!([0, 1, 2].map(|runs| wrongs(Some(Told::Interrupted), runs)), [0, 0, 1]);
        assert_eq!([0, 1, 2].map(|runs| wrongs(Some(Told::Dropped), runs)), [1, 0, 1]);
        assert_eq!([0, 1, 2].map(|runs| wrongs(None, runs)), [0, 0, 1]);
    }
}
