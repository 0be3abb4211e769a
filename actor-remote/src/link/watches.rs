//! Actors there whose end is wanted to be known here.

use super::flying::FlyingCalls;
use super::{Actor, Target};
use crate::wire::Ended;
use actor_core::{CallError, ExitReason, OutOfSight, RemoteError};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::oneshot;

/// One of them.
pub(super) struct Watching {
    pub target: Arc<Target>,
    told: oneshot::Sender<ExitReason>,
}

impl Watching {
    pub(super) fn new(target: Arc<Target>) -> (Self, oneshot::Receiver<ExitReason>) {
        let (told, end) = oneshot::channel();
        (Watching { target, told }, end)
    }

    pub(super) fn is_wanted(&self) -> bool {
        !self.told.is_closed()
    }

    /// Of one that was given by the peer just now, and which lives on for this one: there is a peer.
    pub(super) fn is_promising(&self) -> bool {
        matches!(self.target.actor, Actor::Lease(_))
    }

    /// It cannot be seen any more.
    pub(super) fn lose(self, why: RemoteError) {
        // If it fails, nobody wants to know any more.
        let _ = self.told.send(OutOfSight::because(CallError::Remote(why)));
    }
}

/// An end that was heard, and waits for what was sent before.
struct Over {
    watching: Watching,
    reason: ExitReason,
    /// The last call that it waits for.
    behind: u64,
}

#[derive(Default)]
pub(super) struct Watches {
    known: HashMap<u32, Watching>,
    over: Vec<Over>,
    /// How many numbers were given.
    numbers: u32,
}

impl Watches {
    /// Its number on this connection.
    pub(super) fn insert(&mut self, watching: Watching) -> u32 {
        let number = self.numbers;
        self.numbers = number.wrapping_add(1);
        self.known.insert(number, watching);
        number
    }

    /// Those of this sender are wanted no more: their numbers.
    pub(super) fn forget(&mut self, sender: u64) -> Vec<u32> {
        self.known
            .extract_if(|_, watching| watching.target.sender == sender)
            .map(|(number, _)| number)
            .collect()
    }

    /// The end of one was told. What it has answered was told before, but may not be here as a whole.
    pub(super) fn ended(&mut self, number: u32, how: Ended, flying: &FlyingCalls) {
        // If there is none, it is wanted no more, which is on its way there.
        let Some(watching) = self.known.remove(&number) else { return };
        let reason = how.heard(&watching.target.actor.label());
        match flying.last_of(watching.target.sender) {
            Some(behind) => self.over.push(Over { watching, reason, behind }),
            None => drop(watching.told.send(reason)),
        }
    }

    /// Tells those ends before which all is answered.
    pub(super) fn settle(&mut self, flying: &FlyingCalls) {
        for over in self.over.extract_if(.., |over| !flying.has_one(over.watching.target.sender, over.behind))
        {
            let _ = over.watching.told.send(over.reason);
        }
    }

    /// The connection has gone.
    pub(super) fn lose(self) {
        for over in self.over {
            let _ = over.watching.told.send(over.reason);
        }
        for watching in self.known.into_values() {
            watching.lose(RemoteError::ConnectionLost { started: actor_core::Started::Unknown });
        }
    }
}
