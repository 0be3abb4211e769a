//! Every interleaving of the parts that decide who gets what.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p actor-core --lib --release`

mod bell;
mod call;
mod deadlocks;
mod handles;
mod joint;
mod latch;
mod line;
mod lock;
mod names;
mod spot;

use crate::actor::Message;
use crate::bare::lock::Lock;
use crate::bare::{Joint, Latch, Released, WeakJoint};
use crate::bell::Bell;
use crate::context::Inner;
use crate::default_handle::DefaultHandle;
use crate::engine::{Begun, Desk, Engine, Hook, Row, Running};
use crate::error::CallError;
use crate::exit::ExitReason;
use crate::handle::{ActorHandle, Handle};
use crate::id::ActorId;
use crate::inbox::Inbox;
use crate::lane::Next;
use crate::letter::Anyone;
use crate::limit::Limit;
use crate::line::{Refusal, Ticket};
use crate::mailbox::{Envelope, Mailbox};
use crate::policy::{Capacity, Overflow, Policy};
use crate::raw_handle::RawHandle;
use crate::registry::Registry;
use crate::shared::{Body, Shared};
use crate::slot::{Left, Queued, Slot};
use crate::spawn::Said;
use crate::spot::{Found, Spot, Took, Visited};
use crate::stint::Stint;
use crate::sync::{AtomicBool, AtomicUsize, Ordering};
use crate::taken::AnyTaken;
use crate::waits::{self, Awaited, Edge, Stage, Target, What};
use crate::watchdog::Patience;
use loom::model::Builder;
use loom::thread;
use std::any::Any;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

/// In every order.
fn check(model: impl Fn() + Send + Sync + 'static) {
    Builder::new().check(model);
}

/// In every order with at most three preemptions, for what has too many.
fn check_most(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[derive(Debug, PartialEq)]
struct Number(u32);

impl Message for Number {
    type Reply = u32;
    fn name(&self) -> &'static str {
        "number"
    }
}

fn receive(mailbox: &Mailbox<Number>, taken: &mut AnyTaken, bell: &Bell) -> Option<u32> {
    let mut next = None;
    Inbox::new(mailbox, bell, taken).receive(&mut next);
    next.map(number)
}

fn number(envelope: Envelope<Number>) -> u32 {
    match envelope {
        Envelope::Own { message, call } => {
            call.take_back();
            message.0
        }
        Envelope::Boxed(_) => unreachable!("nothing is boxed here"),
    }
}

/// A waker that loom sees.
struct Woken(AtomicBool);

impl Woken {
    fn new() -> (Arc<Self>, Waker) {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        (Arc::clone(&woken), Waker::from(woken))
    }
    fn was_woken(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        // One that comes second hands on what the first did, as a runtime's does.
        self.0.swap(true, Ordering::AcqRel);
    }
}

fn slot() -> Joint<Slot<u32>> {
    let (slot, _) = Slot::queued(ActorId::next(), Limit::Never, None, 0);
    slot
}

fn envelope(n: u32) -> Envelope<Number> {
    Envelope::Own { message: Number(n), call: Queued::tell() }
}

fn mailbox(capacity: usize) -> Arc<Mailbox<Number>> {
    Arc::new(Mailbox::new(Capacity::Bounded(capacity), Overflow::Wait))
}

static NUMBER: Policy = Policy::plain("number");

fn actor(runtime: &tokio::runtime::Handle) -> Arc<Shared> {
    let body = Body::<Number> {
        mailbox: Mailbox::new(Capacity::Bounded(4), Overflow::Wait),
        spot: Spot::busy(),
        desk: &Desk {
            verdict: |_, _, _| Ok(true),
            plain: |_, _| None,
            exclusive: |_, _| unreachable!("nothing runs here"),
            read: None,
        },
        policy: |_| &NUMBER,
        urgent: false,
        timeout: None,
        direct: false,
        mock: false,
        receipts: None,
        #[cfg(feature = "test")]
        also: Default::default(),
    };
    Shared::new(None, runtime.clone(), Said::default(), true, Patience::new(None), Box::new(body))
}

/// What the task of an idle actor does first: whether it sees that nobody can reach it any more.
fn first_poll(shared: &Shared, waker: &Waker) -> bool {
    shared.answer_with(waker);
    shared.is_deserted()
}

fn without_a_runtime() -> tokio::runtime::Handle {
    tokio::runtime::Builder::new_current_thread().build().unwrap().handle().clone()
}
