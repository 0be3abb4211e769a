//! The way to one peer: who calls hands over commands, and one task, the driver, has the connection.
//!
//! It connects when there is something to send, and again when that has gone. All that is under way is answered when the connection goes; what
//! was not sent by then is known not to have run.

mod answers;
mod connect;
mod driver;
mod flying;
mod inflow;
mod watches;
mod window;

use crate::key::Key;
use crate::node::{Book, Settings};
use crate::peers::Peers;
use crate::wire::Whom;
use actor_core::luggage::Carried;
use actor_core::remote::{Arrived, Content, Entry, Streams};
use actor_core::{CallError, ExitReason, RemoteError};
pub(crate) use inflow::Inflow;
use iroh::Endpoint;
use iroh::address_lookup::memory::MemoryLookup;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use watches::Watching;
use window::Extra;

/// What a call, or a tell, is answered: a reply, nothing but a receipt, or why not.
pub(crate) type Outcome = Result<Arrived, CallError>;

/// A reply as it came, with its streams.
pub(crate) fn arrived(body: Vec<u8>, streams: Vec<Inflow>) -> Arrived {
    let streams = streams.into_iter().map(|stream| Box::pin(stream) as Carried).collect();
    Arrived { body, streams: Streams(streams) }
}

/// An actor there, and who sends to it.
#[derive(Debug)]
pub(crate) struct Target {
    /// Messages of one sender arrive in order.
    pub sender: u64,
    pub actor: Actor,
}

/// An actor of another node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Actor {
    /// The one that it serves by this name.
    Name(Arc<str>),
    /// The one that it has lent under this number.
    Lease([u8; 16]),
}

impl Actor {
    pub(crate) fn whom(&self) -> Whom<'_> {
        match self {
            Actor::Name(name) => Whom::Name(name),
            Actor::Lease(id) => Whom::Lease(*id),
        }
    }

    /// What it is called in errors.
    pub(crate) fn label(&self) -> Arc<str> {
        match self {
            Actor::Name(name) => Arc::clone(name),
            Actor::Lease(_) => "of a handle that was given".into(),
        }
    }
}

impl From<Whom<'_>> for Actor {
    fn from(whom: Whom<'_>) -> Self {
        match whom {
            Whom::Name(name) => Actor::Name(name.into()),
            Whom::Lease(id) => Actor::Lease(id),
        }
    }
}

/// A call to be made.
pub(crate) struct Outgoing {
    pub id: u64,
    pub target: Arc<Target>,
    pub message: Arc<Entry>,
    pub content: Content,
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
    Credit(u64, u32, u32, u64),
    Close(u64, u32),
    Watch(Watching),
    /// Nothing more comes of this sender.
    Forget(u64),
    /// The peer may be reached now: no pause after a failure is kept.
    Retry,
}

impl Command {
    /// Whether it is worth a connection.
    fn opens(&self) -> bool {
        match self {
            Command::Send(call) => !call.answer.is_closed(),
            Command::Watch(watching) => watching.is_wanted(),
            // Of a connection that has gone.
            Command::Cancel(_)
            | Command::Credit(..)
            | Command::Close(..)
            | Command::Forget(_)
            | Command::Retry => false,
        }
    }

    /// There is no connection.
    fn fail(self, why: &RemoteError) {
        match self {
            // If it fails, nobody waits any more.
            Command::Send(call) => drop(call.answer.send(Err(CallError::Remote(why.clone())))),
            Command::Watch(watching) => watching.lose(why.clone()),
            Command::Cancel(_)
            | Command::Credit(..)
            | Command::Close(..)
            | Command::Forget(_)
            | Command::Retry => {}
        }
    }
}

/// The way to a peer, as those see it who call.
#[derive(Debug)]
pub(crate) struct Link {
    commands: mpsc::UnboundedSender<Command>,
    /// The number of the next call. It is held while one is sent: numbers grow in the order of sending.
    next: Mutex<u64>,
    /// Shared by the streams that come from there.
    extra: Extra,
}

/// Who connects, and where it is known that others are.
#[derive(Clone, Debug)]
pub(crate) struct Whence {
    pub endpoint: Endpoint,
    pub addresses: MemoryLookup,
    pub book: Option<Book>,
    pub peers: Arc<Peers>,
}

impl Link {
    pub(crate) fn open(whence: Whence, peer: Key, settings: Arc<Settings>) -> Arc<Self> {
        let (commands, queue) = mpsc::unbounded_channel();
        tokio::spawn(driver::drive(whence, peer, settings, queue));
        Arc::new(Link { commands, next: Mutex::new(0), extra: Extra::default() })
    }

    /// Sends it in order with all that is sent by this link. When the call is dropped nobody waits for its answer, and the other side is told.
    pub(crate) fn send(
        self: &Arc<Self>,
        target: &Arc<Target>,
        message: &Arc<Entry>,
        content: Content,
        until: Option<Instant>,
        is_tell: bool,
    ) -> Calling {
        let (answer, answered) = oneshot::channel();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let id = *next;
        *next += 1;
        let (target, message, link) = (Arc::clone(target), Arc::clone(message), Arc::clone(self));
        let outgoing = Outgoing { id, target, message, content, until, is_tell, answer, link };
        // If it fails, the driver has gone with its node, and so has the sender of the answer.
        let _ = self.commands.send(Command::Send(outgoing));
        drop(next);
        Calling { link: Arc::clone(self), id, answered, is_over: false }
    }

    /// Hears of the end of that actor, or that it is out of sight. Before it, all that its sender has sent by then is answered.
    pub(crate) fn watch(&self, target: Arc<Target>) -> oneshot::Receiver<ExitReason> {
        let (watching, end) = Watching::new(target);
        let _ = self.commands.send(Command::Watch(watching));
        end
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
