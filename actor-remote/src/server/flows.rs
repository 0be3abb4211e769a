//! The streams of replies, on the side that has them: each runs as far as its reader has given it credit.

use crate::credit::Credit;
use crate::node::lock;
use actor_core::CallError;
use actor_core::luggage::{Carried, Items};
use futures_util::task::AtomicWaker;
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use tokio::task::coop;

/// Which one: the call, and its number in the reply.
pub(super) type Name = (u64, u32);

/// What has come of one: items, or its end.
pub(super) type Flowed = (Name, Option<Result<Items, CallError>>);

#[derive(Default)]
pub(super) struct Flows {
    known: HashMap<Name, Flow>,
    turns: Arc<Turns>,
}

struct Flow {
    stream: Carried,
    credit: Credit,
    turn: Arc<Turn>,
    waker: Waker,
}

/// Whose turn it is. One that was closed may stand there.
#[derive(Default)]
struct Turns {
    names: Mutex<VecDeque<Name>>,
    task: AtomicWaker,
}

/// The waker of one.
struct Turn {
    name: Name,
    /// It stands there.
    stands: AtomicBool,
    turns: Arc<Turns>,
}

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.stand() {
            self.turns.task.wake();
        }
    }
}

impl Turn {
    fn stand(&self) -> bool {
        let is_new = !self.stands.swap(true, Ordering::AcqRel);
        if is_new {
            lock(&self.turns.names).push_back(self.name);
        }
        is_new
    }
}

impl Flows {
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// One that begins.
    pub(super) fn begin(&mut self, name: Name, stream: Carried) {
        let turn = Arc::new(Turn { name, stands: AtomicBool::new(false), turns: Arc::clone(&self.turns) });
        turn.stand();
        let waker = Waker::from(Arc::clone(&turn));
        self.known.insert(name, Flow { stream, credit: Credit::new(), turn, waker });
    }

    /// Its reader has room for more.
    pub(super) fn credit(&mut self, name: Name, items: u32, bytes: u64) {
        if let Some(flow) = self.known.get_mut(&name) {
            flow.credit.add(items, bytes);
            flow.turn.stand();
        }
    }

    /// Nobody reads it any more.
    pub(super) fn close(&mut self, name: Name) {
        self.known.remove(&name);
    }

    /// Nor any of the others of this call.
    pub(super) fn close_all(&mut self, id: u64) {
        if !self.known.is_empty() {
            self.known.retain(|name, _| name.0 != id);
        }
    }

    /// The next items of any of them; never, if none runs.
    pub(super) async fn next(&mut self) -> Flowed {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Flowed> {
        self.turns.task.register(cx.waker());
        // One that wakes itself has its next turn when others on this thread had theirs.
        let standing = lock(&self.turns.names).len();
        for _ in 0..standing {
            // Who has had its share goes on when others had theirs: none of these would give anything.
            if !coop::has_budget_remaining() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let Some(name) = lock(&self.turns.names).pop_front() else { break };
            let Some(flow) = self.known.get_mut(&name) else { continue };
            flow.turn.stands.store(false, Ordering::Release);
            // Without credit it rests until there is some.
            let Some(room) = flow.credit.room() else { continue };
            match flow.stream.as_mut().poll_items(&mut Context::from_waker(&flow.waker), room) {
                Poll::Pending => {}
                Poll::Ready(Some(Ok(items))) => {
                    // It has made no more than there was room for.
                    flow.credit.take(items.len(), items.as_bytes().len());
                    // Behind the others.
                    flow.turn.stand();
                    return Poll::Ready((name, Some(Ok(items))));
                }
                Poll::Ready(last @ (Some(Err(_)) | None)) => {
                    self.known.remove(&name);
                    return Poll::Ready((name, last));
                }
            }
        }
        Poll::Pending
    }
}
