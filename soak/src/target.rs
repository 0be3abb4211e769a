//! The actors: of everything that a handler can be, something.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use actor_core::prelude::*;
use actor_core::{Exit, Supervise};
use futures::stream::{self, Stream};

use crate::ledger::{Ledger, Ticket, Told};
use crate::pool::Seat;

/// What crashes say, so that they are told from mistakes.
pub(crate) const BOOM: &str = "boom";

#[actor]
#[derive(Debug)]
pub(crate) struct Target {
    n: u64,
    ledger: Arc<Ledger>,
    /// Which of all starts it is: another one than that of an incarnation before it.
    born: u64,
    /// Of a pool's worker.
    seat: Option<Seat>,
    /// It does not start.
    is_stillborn: bool,
    kept: Vec<(ReplyTo<u64>, Ticket)>,
    children: Vec<TargetHandle>,
    exits: u64,
    /// The next item of each stream that it reads, by the number of the stream.
    feeds: Vec<u64>,
    /// How often a tick with a guard was armed.
    armed: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("refused")]
pub(crate) struct Refused;

#[actor]
impl Target {
    pub(crate) fn new(ledger: &Arc<Ledger>, is_stillborn: bool) -> Self {
        ledger.states.fetch_add(1, SeqCst);
        let born = ledger.starts.fetch_add(1, SeqCst);
        let ledger = Arc::clone(ledger);
        let (kept, children, feeds) = (Vec::new(), Vec::new(), Vec::new());
        Target { n: 0, ledger, born, seat: None, is_stillborn, kept, children, exits: 0, feeds, armed: 0 }
    }

    pub(crate) fn at(mut self, seat: Seat) -> Self {
        self.seat = Some(seat);
        self
    }

    #[on_start]
    async fn begin(&mut self) -> Result<(), Refused> {
        tokio::task::yield_now().await;
        if self.is_stillborn { Err(Refused) } else { Ok(()) }
    }

    pub(crate) fn add(&mut self, ticket: Ticket) -> u64 {
        ticket.punch();
        self.n += 1;
        self.n
    }

    pub(crate) fn refuse(&mut self, ticket: Ticket) -> Result<u64, Refused> {
        ticket.punch();
        Err(Refused)
    }

    pub(crate) async fn nap(&mut self, ticket: Ticket, micros: u64) -> u64 {
        ticket.punch();
        if let Some(seat) = &self.seat {
            seat.takes(micros, &self.ledger);
        }
        tokio::time::sleep(Duration::from_micros(micros)).await;
        self.n
    }

    pub(crate) fn crash(&mut self, ticket: Ticket) {
        ticket.punch();
        self.ledger.crashes.fetch_add(1, SeqCst);
        panic!("{BOOM}");
    }

    pub(crate) async fn crash_late(&mut self, ticket: Ticket) {
        ticket.punch();
        tokio::task::yield_now().await;
        self.ledger.crashes.fetch_add(1, SeqCst);
        panic!("{BOOM}");
    }

    pub(crate) fn fail(&mut self, ctx: &mut Context<Self>, ticket: Ticket) {
        ticket.punch();
        ctx.fail(Refused);
    }

    pub(crate) fn leave(&mut self, ctx: &mut Context<Self>, ticket: Ticket) {
        ticket.punch();
        ctx.stop();
    }

    pub(crate) fn close(self, ticket: Ticket) -> u64 {
        ticket.punch();
        self.n
    }

    /// Answered by a timer, or not at all.
    pub(crate) fn keep(&mut self, ctx: &mut Context<Self>, ticket: Ticket, reply: ReplyTo<u64>) {
        ticket.punch();
        self.kept.push((reply, ticket));
        ctx.after("settle", Duration::from_millis(1), TargetMessage::Settle);
    }

    #[message]
    fn settle(&mut self) {
        for (n, (reply, _ticket)) in self.kept.drain(..).enumerate() {
            if n % 3 == 0 {
                drop(reply);
            } else {
                let _ = reply.send(self.n);
            }
        }
    }

    pub(crate) fn forward(&mut self, ticket: Ticket, to: TargetHandle, inner: Ticket, reply: ReplyTo<u64>) {
        ticket.punch();
        reply.forward(to.nap(inner, 100));
    }

    /// Only ever asks one that asks nobody back.
    pub(crate) async fn relay(&mut self, ticket: Ticket, to: TargetHandle) -> Result<u64, CallError> {
        ticket.punch();
        let (claim, inner) = self.ledger.open("relayed");
        let answer = to.add(inner).timeout(Duration::from_millis(20)).await;
        let told = answer.as_ref().map_or(0, |n| *n);
        claim.answered(answer);
        Ok(told)
    }

    pub(crate) async fn serve(&mut self, ctx: &mut Context<Self>, ticket: Ticket, micros: u64) -> u64 {
        ticket.punch();
        ctx.serving(self, tokio::time::sleep(Duration::from_micros(micros))).await;
        self.n
    }

    #[message(interleave)]
    pub(crate) fn peek(&self, ticket: Ticket) -> u64 {
        ticket.punch();
        self.n
    }

    /// A beat that ends with its actor.
    pub(crate) fn beat(&mut self, ctx: &mut Context<Self>, ticket: Ticket) {
        ticket.punch();
        ctx.every("beat", Duration::from_millis(2), || TargetMessage::Tick);
        ctx.after("idle", Duration::from_secs(3600), TargetMessage::Tick);
        self.armed += 1;
        let (born, number) = (self.born, self.armed);
        ctx.after("guarded", Duration::from_millis(1), TargetMessage::GuardedTick { born, number });
    }

    #[message(when = !self.n.is_multiple_of(3))]
    fn guarded_tick(&mut self, born: u64, number: u64) {
        self.is_same(born, "a tick");
        if number != self.armed {
            self.ledger.wrong("a tick that was armed anew");
        }
        self.armed += 1;
    }

    #[message]
    fn tick(&mut self, ctx: &mut Context<Self>) {
        self.n += 1;
        if self.n.is_multiple_of(16) {
            ctx.cancel("beat");
        }
    }

    /// Reads a stream, which may have no end or crash in the middle. It goes with the actor at the latest, and the ticket with it.
    pub(crate) fn feed(
        &mut self,
        ctx: &mut Context<Self>,
        ticket: Ticket,
        count: u64,
        guarded: bool,
        crash: bool,
    ) {
        ticket.punch();
        if self.feeds.len() >= 4 {
            return;
        }
        let (born, feed) = (self.born, self.feeds.len());
        self.feeds.push(0);
        let ledger = Arc::clone(&self.ledger);
        let items = stream::unfold((0, ticket), move |(n, ticket)| {
            let ledger = Arc::clone(&ledger);
            async move {
                match n % 16 {
                    // One without an end has few, so that it does not keep its actor busy.
                    _ if count == u64::MAX => tokio::time::sleep(Duration::from_millis(20)).await,
                    15 => tokio::time::sleep(Duration::from_millis(1)).await,
                    3 => tokio::task::yield_now().await,
                    _ => {}
                }
                if n < count {
                    return Some((n, (n + 1, ticket)));
                }
                if crash {
                    ledger.crashes.fetch_add(1, SeqCst);
                    panic!("{BOOM}");
                }
                None
            }
        });
        ctx.attach(items, move |n| match guarded {
            true => TargetMessage::GuardedItem { born, feed, n },
            false => TargetMessage::Item { born, feed, n },
        });
    }

    /// While it waits for its guard, so does the stream.
    #[message(when = !self.n.is_multiple_of(3))]
    fn guarded_item(&mut self, born: u64, feed: usize, n: u64) {
        self.n += 1;
        self.item(born, feed, n);
    }

    #[message]
    fn item(&mut self, born: u64, feed: usize, n: u64) {
        self.is_same(born, "an item of a stream");
        let next = self.feeds.get_mut(feed);
        if next.as_ref().is_none_or(|next| **next != n) {
            self.ledger.wrong(format_args!("item {n} of a stream, where {next:?} was the next"));
        }
        if let Some(next) = next {
            *next = n + 1;
        }
        self.ledger.items.fetch_add(1, SeqCst);
    }

    /// Answered by a continuation, which runs once or never.
    pub(crate) fn later(
        &mut self,
        ctx: &mut Context<Self>,
        ticket: Ticket,
        micros: u64,
        crash: bool,
        reply: ReplyTo<u64>,
    ) {
        ticket.punch();
        let (claim, once) = self.ledger.open("continuation");
        claim.settle(Told::Left);
        let (born, ledger) = (self.born, Arc::clone(&self.ledger));
        let future = async move {
            tokio::time::sleep(Duration::from_micros(micros)).await;
            if crash {
                ledger.crashes.fetch_add(1, SeqCst);
                panic!("{BOOM}");
            }
            ticket
        };
        ctx.then(future, move |this, _, _ticket| {
            once.punch();
            this.is_same(born, "a continuation");
            this.ledger.continuations.fetch_add(1, SeqCst);
            let _ = reply.send(this.n);
        });
    }

    fn is_same(&self, born: u64, what: &str) {
        if born != self.born {
            self.ledger.wrong(format_args!("{what} of another incarnation"));
        }
    }

    pub(crate) fn numbers(&mut self, ticket: Ticket, count: u64) -> impl Stream<Item = u64> {
        ticket.punch();
        stream::iter((0..count).map(|n| self.n + n))
    }

    pub(crate) fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut u64) -> R + Send + 'static) -> R {
        f(&mut self.n)
    }

    /// Has a child, and watches it and another.
    pub(crate) fn bear(&mut self, ctx: &mut Context<Self>, ticket: Ticket, other: TargetHandle) {
        ticket.punch();
        if self.children.len() < 3 {
            let ledger = Arc::clone(&self.ledger);
            let child = if self.children.is_empty() {
                ctx.spawn(Target::new(&ledger, false))
            } else {
                ctx.supervised(Supervise::permanent(), move || Target::new(&ledger, false))
            };
            // It may fall before anybody else knows it.
            let (claim, ticket) = self.ledger.open("crash of a child");
            claim.sent(child.crash_late(ticket).try_tell());
            ctx.watch(&child);
            self.children.push(child);
        } else if let Some(child) = self.children.pop() {
            child.kill();
        }
        ctx.watch(&other);
    }

    #[on_exit]
    fn lost(&mut self, _exit: Exit) {
        self.exits += 1;
    }

    #[on_stop]
    async fn finish(&mut self) {
        tokio::task::yield_now().await;
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.ledger.states.fetch_sub(1, SeqCst);
    }
}
