//! The way to one peer: who calls hands over commands, and one task, the driver, has the connection.
//!
//! It connects when there is something to send, and again when that has gone. All that is under way is answered when the connection goes; what
//! was not sent by then is known not to have run.

mod driver;
mod flying;
mod inflow;

use crate::key::Key;
use crate::node::Settings;
use crate::portable::Body;
use actor_core::{CallError, RemoteError};
pub(crate) use inflow::Inflow;
use iroh::Endpoint;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// What a call, or a tell, is answered: a reply, nothing but a receipt, or why not.
pub(crate) type Outcome = Result<Arrived, CallError>;

/// A reply as bytes, with the streams that go with it.
#[derive(Default)]
pub(crate) struct Arrived {
    pub body: Vec<u8>,
    pub streams: Vec<Inflow>,
}

/// A message of an actor there.
#[derive(Debug)]
pub(crate) struct Target {
    /// Messages of one sender arrive in order.
    pub sender: u64,
    pub actor: Arc<str>,
    pub index: u32,
    pub message: &'static str,
    pub fingerprint: u64,
    pub text: String,
    /// Why it cannot travel, if it cannot.
    pub obstacle: Option<String>,
}

/// A call to be made.
pub(crate) struct Outgoing {
    pub id: u64,
    pub target: Arc<Target>,
    pub body: Body,
    pub until: Option<Instant>,
    /// It wants a receipt, no reply.
    pub is_tell: bool,
    pub answer: oneshot::Sender<Outcome>,
    /// For the streams of its reply.
    pub link: Arc<Link>,
}

enum Command {
    Send(Outgoing),
    Cancel(u64),
    Credit(u64, u32, u32),
    Close(u64, u32),
    /// Nothing more comes of this sender.
    Forget(u64),
    /// The peer may be reached now: no pause after a failure is kept.
    Retry,
}

/// The way to a peer, as those see it who call.
#[derive(Debug)]
pub(crate) struct Link {
    commands: mpsc::UnboundedSender<Command>,
    /// The number of the next call. It is held while one is sent: numbers grow in the order of sending.
    next: Mutex<u64>,
}

impl Link {
    pub(crate) fn open(endpoint: Endpoint, peer: Key, settings: Arc<Settings>) -> Arc<Self> {
        let (commands, queue) = mpsc::unbounded_channel();
        tokio::spawn(driver::drive(endpoint, peer, settings, queue));
        Arc::new(Link { commands, next: Mutex::new(0) })
    }

    /// Sends it in order with all that is sent by this link. When the call is dropped nobody waits for its answer, and the other side is told.
    pub(crate) fn send(
        self: &Arc<Self>,
        target: &Arc<Target>,
        body: Body,
        until: Option<Instant>,
        is_tell: bool,
    ) -> Calling {
        let (answer, answered) = oneshot::channel();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let id = *next;
        *next += 1;
        let outgoing =
            Outgoing { id, target: Arc::clone(target), body, until, is_tell, answer, link: Arc::clone(self) };
        // If it fails, the driver has gone with its node, and so has the sender of the answer.
        let _ = self.commands.send(Command::Send(outgoing));
        drop(next);
        Calling { link: Arc::clone(self), id, answered, is_over: false }
    }

    /// There is something new to try: who waits for the next attempt waits no longer.
    pub(crate) fn retry(&self) {
        let _ = self.commands.send(Command::Retry);
    }

    /// Nothing more comes of this sender.
    pub(crate) fn forget(&self, sender: u64) {
        let _ = self.commands.send(Command::Forget(sender));
    }
}

/// A call under way.
pub(crate) struct Calling {
    link: Arc<Link>,
    id: u64,
    answered: oneshot::Receiver<Outcome>,
    is_over: bool,
}

impl Calling {
    pub(crate) async fn outcome(mut self) -> Outcome {
        let outcome = (&mut self.answered).await;
        self.is_over = true;
        // The driver answers all that it has; it goes without only together with its runtime.
        outcome.unwrap_or(Err(CallError::Remote(RemoteError::ConnectionLost {
            started: actor_core::Started::Unknown,
        })))
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        if !self.is_over {
            let _ = self.link.commands.send(Command::Cancel(self.id));
        }
    }
}
