//! Calls that were sent and are not answered yet.

use super::inflow::Inflow;
use super::{Link, Outcome, Target, arrived};
use crate::failure::About;
use crate::wire::Failure;
use actor_core::luggage::Parcel;
use actor_core::remote::Entry;
use actor_core::{CallError, RemoteError, Started};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// One of them.
pub(super) struct Flying {
    pub target: Arc<Target>,
    pub message: Arc<Entry>,
    /// Lives until it is answered.
    pub _parcel: Parcel,
    pub answer: oneshot::Sender<Outcome>,
    pub link: Arc<Link>,
    /// How much had to be written until its header was.
    pub ends_at: u64,
    /// Of one whose body goes in a stream of its own: whether all of it was written.
    pub apart: Option<Arc<AtomicBool>>,
    pub has_started: bool,
    /// How long the body of its reply is, once that is known.
    pub reply: Option<u64>,
    /// Those that go with it.
    pub streams: Vec<Inflow>,
}

impl Flying {
    fn fail(self, why: Failure) {
        let (actor, message) = (self.target.actor.label(), Arc::clone(&self.message));
        let Entry { name: message, fingerprint, text, .. } = &*message;
        let about = About { actor: &actor, message, fingerprint: *fingerprint, text };
        self.finish(Err(why.heard(about)));
    }

    fn finish(self, outcome: Outcome) {
        // If it fails, nobody waits any more.
        let _ = self.answer.send(outcome);
    }
}

#[derive(Default)]
pub(super) struct FlyingCalls(HashMap<u64, Flying>);

impl FlyingCalls {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn insert(&mut self, id: u64, call: Flying) {
        self.0.insert(id, call);
    }

    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Flying> {
        self.0.get_mut(&id)
    }

    /// The last one of this sender.
    pub(super) fn last_of(&self, sender: u64) -> Option<u64> {
        self.of(sender).max()
    }

    /// Whether there is one of this sender that is not behind this one.
    pub(super) fn has_one(&self, sender: u64, last: u64) -> bool {
        self.of(sender).any(|id| id <= last)
    }

    fn of(&self, sender: u64) -> impl Iterator<Item = u64> {
        self.0.iter().filter(move |(_, call)| call.target.sender == sender).map(|(id, _)| *id)
    }

    /// Nobody waits for it: what comes for it is thrown away.
    pub(super) fn forget(&mut self, id: u64) -> bool {
        self.0.remove(&id).is_some()
    }

    pub(super) fn finish(&mut self, id: u64, outcome: Result<Vec<u8>, CallError>) {
        if let Some(mut call) = self.0.remove(&id) {
            let streams = std::mem::take(&mut call.streams);
            call.finish(outcome.map(|body| arrived(body, streams)));
        }
    }

    pub(super) fn fail(&mut self, id: u64, why: Failure) {
        if let Some(call) = self.0.remove(&id) {
            call.fail(why);
        }
    }

    /// The connection has gone, when so much had been written.
    pub(super) fn lose(&mut self, written: u64) {
        for (_, call) in self.0.drain() {
            let unsent =
                call.ends_at > written || call.apart.as_ref().is_some_and(|all| !all.load(Ordering::Acquire));
            let started = match () {
                () if call.has_started || call.reply.is_some() => Started::Yes,
                () if unsent => Started::No,
                () => Started::Unknown,
            };
            call.finish(Err(CallError::Remote(RemoteError::ConnectionLost { started })));
        }
    }
}
