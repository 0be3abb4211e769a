//! Messages of a protocol: in the same mailbox, and on the same terms, as the actor's own.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle, two_threads, until};
use actor_core::prelude::*;
use actor_core::{Supervise, TellError};
use futures::{Stream, StreamExt, stream};
use std::time::Duration;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("too dear")]
struct TooDear;

/// Whoever bids in an auction.
#[actor(derive_message(Debug))]
trait Bidder: Actor + Sync {
    fn beaten(&mut self, best: u32);
    async fn limit(&self) -> u32;
    fn bid(&mut self, best: u32) -> Result<u32, TooDear>;
    async fn ponder(&mut self, gate: Gate) -> u32;
    #[message(interleave)]
    fn whisper(&mut self, text: &str) -> usize;
    #[message(interleave)]
    async fn whisper_slowly(&mut self, gate: Gate, text: String);
    #[message(timeout = ms(10))]
    async fn soon(&mut self, gate: Gate);
    fn later(&mut self, reply: ReplyTo<u32>);
    fn forget(&mut self, reply: ReplyTo<u32>);
    fn bids(&self) -> impl Stream<Item = u32>;
    fn others(&self) -> impl Stream<Item = u32> + 'static;
    async fn later_bids(&mut self) -> impl Stream<Item = u32>;
    async fn gone(&mut self, ctx: &mut Context<Self>) -> bool;
    fn burst(&mut self);
    async fn burst_later(&mut self);
    fn leave(self) -> u32;
    /// Has a body of its own.
    async fn twice(&self) -> u32 {
        self.limit().await + self.limit().await
    }
    async fn raised(&mut self, best: u32) -> Result<u32, TooDear> {
        let bid = self.bid(best)?;
        self.beaten(bid);
        Ok(self.limit().await)
    }
}

#[actor(mailbox = 2)]
struct Client {
    top: u32,
    gate: Gate,
    log: Log,
}

impl Client {
    fn spawned(way: Way) -> (ClientHandle, BidderHandle, Gate, Log) {
        let (gate, log) = (Gate::default(), Log::default());
        let client = Client { top: 5, gate: gate.clone(), log: log.clone() };
        let client = client.spawn_with(way.spawn().name("ann"));
        (client.clone(), client.into(), gate, log)
    }
}

#[actor]
impl Client {
    pub fn raise(&mut self, to: u32) -> u32 {
        self.log.push(format!("raise {to}"));
        self.top = to;
        to
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
        self.log.push("held");
    }
    pub async fn serve(&mut self, ctx: &mut Context<Self>) -> u32 {
        let gate = self.gate.clone();
        ctx.serving(self, async move { gate.pass().await }).await;
        self.top
    }
    pub async fn ask(&mut self, whom: BidderHandle) -> Result<u32, CallError> {
        whom.limit().await
    }
}

impl Bidder for Client {
    fn beaten(&mut self, best: u32) {
        self.log.push(format!("beaten by {best}"));
    }
    async fn limit(&self) -> u32 {
        tokio::task::yield_now().await;
        self.top
    }
    fn bid(&mut self, best: u32) -> Result<u32, TooDear> {
        if best < self.top { Ok(best + 1) } else { Err(TooDear) }
    }
    async fn ponder(&mut self, gate: Gate) -> u32 {
        gate.pass().await;
        self.log.push("pondered");
        self.top
    }
    fn whisper(&mut self, text: &str) -> usize {
        self.log.push(text);
        text.len()
    }
    async fn whisper_slowly(&mut self, gate: Gate, text: String) {
        gate.pass().await;
        self.log.push(text);
    }
    async fn soon(&mut self, gate: Gate) {
        gate.pass().await;
    }
    fn later(&mut self, reply: ReplyTo<u32>) {
        let (gate, top) = (self.gate.clone(), self.top);
        tokio::spawn(async move {
            gate.pass().await;
            let _ = reply.send(top);
        });
    }
    fn forget(&mut self, reply: ReplyTo<u32>) {
        drop(reply);
    }
    fn bids(&self) -> impl Stream<Item = u32> {
        stream::iter(0..self.top)
    }
    fn others(&self) -> impl Stream<Item = u32> + 'static {
        stream::iter(10..12)
    }
    async fn later_bids(&mut self) -> impl Stream<Item = u32> {
        tokio::task::yield_now().await;
        stream::iter(0..self.top)
    }
    async fn gone(&mut self, ctx: &mut Context<Self>) -> bool {
        let gate = self.gate.clone();
        gate.pass().await;
        ctx.cancelled().await;
        self.log.push(format!("gone: {}", ctx.caller_gone()));
        true
    }
    fn burst(&mut self) {
        panic!("torn");
    }
    async fn burst_later(&mut self) {
        tokio::task::yield_now().await;
        panic!("torn later");
    }
    fn leave(self) -> u32 {
        self.top
    }
}

async fn calls(way: Way) {
    let (_client, bidder, gate, log) = Client::spawned(way);
    bidder.beaten(3).await.unwrap();
    assert_eq!(bidder.limit().await.unwrap(), 5);
    assert_eq!(bidder.bid(4).await.unwrap(), 5);
    assert!(matches!(bidder.bid(5).await, Err(CallError::Handler(TooDear))));
    assert_eq!(bidder.whisper("abc").await.unwrap(), 3);
    assert_eq!(bidder.twice().await.unwrap(), 10);
    assert_eq!(bidder.raised(2).await.unwrap(), 5);
    assert!(matches!(bidder.raised(7).await, Err(CallError::Handler(TooDear))));
    gate.open(1);
    assert_eq!(bidder.later().await.unwrap(), 5);
    assert!(matches!(bidder.forget().await, Err(CallError::Dropped)));
    let (one, two) = (bidder.limit().start(), bidder.bid(1).start());
    assert_eq!((one.await.unwrap(), two.await.unwrap()), (5, 2));
    assert_eq!(log.all(), ["beaten by 3", "abc", "beaten by 3"]);
}

async fn streams(way: Way) {
    let (_client, bidder, ..) = Client::spawned(way);
    let bids: Vec<_> = bidder.bids().await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(bids, [0, 1, 2, 3, 4]);
    let others: Vec<_> = bidder.others().await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(others, [10, 11]);
    let later: Vec<_> = bidder.later_bids().await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(later, bids);
}

async fn in_order_with_its_own(way: Way) {
    let (client, bidder, gate, log) = Client::spawned(way);
    client.hold().tell().await.unwrap();
    gate.arrived(1).await;
    let told = tokio::spawn({
        let (client, bidder) = (client.clone(), bidder.clone());
        async move {
            // More than the mailbox has room for: some stand in the line.
            for n in 0..4 {
                client.raise(n).tell().await.unwrap();
                bidder.beaten(n).tell().await.unwrap();
            }
        }
    });
    settle().await;
    assert!(matches!(bidder.beaten(9).try_tell(), Err(TellError::Full(BidderMessage::Beaten { best: 9 }))));
    gate.open(1);
    told.await.unwrap();
    client.raise(7).await.unwrap();
    let mut expected = vec!["held".to_owned()];
    expected.extend((0..4).flat_map(|n| [format!("raise {n}"), format!("beaten by {n}")]));
    expected.push("raise 7".to_owned());
    assert_eq!(log.all(), expected);
}

async fn served_while_the_actor_waits(way: Way) {
    let (client, bidder, gate, log) = Client::spawned(way);
    let serving = client.serve().start();
    gate.arrived(1).await;
    let ordinary = bidder.beaten(1).start();
    assert_eq!(bidder.whisper("psst").await.unwrap(), 4);
    let (never, inner) = (Gate::default(), Gate::default());
    let gone = bidder.whisper_slowly(never.clone(), "never".into()).start();
    never.arrived(1).await;
    let slow = bidder.whisper_slowly(inner.clone(), "slow".into()).start();
    never.open(1);
    gone.await.unwrap();
    inner.arrived(1).await;
    // The handler that serves goes on when what it serves has ended.
    gate.open(1);
    settle().await;
    assert_eq!(log.take(), ["psst", "never"]);
    inner.open(1);
    slow.await.unwrap();
    assert_eq!(serving.await.unwrap(), 5);
    ordinary.await.unwrap();
    assert_eq!(log.take(), ["slow", "beaten by 1"]);
}

async fn a_served_message_that_panics_ends_the_actor(way: Way) {
    #[actor]
    trait Loud {
        #[message(interleave)]
        fn shout(&mut self);
    }
    impl Loud for Client {
        fn shout(&mut self) {
            panic!("aah");
        }
    }
    let (client, _, gate, _) = Client::spawned(way);
    let loud = LoudHandle::from(client.clone());
    let serving = client.serve().start();
    gate.arrived(1).await;
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = loud.shout().await else {
        panic!("it panicked")
    };
    assert_eq!((panicked.message(), panicked.text()), (Some("shout"), "aah"));
    assert!(matches!(serving.await, Err(CallError::Interrupted(_))));
}

/// A guard sees of its actor what the protocol has.
async fn guards(way: Way) {
    #[actor]
    trait Stock<T: PartialEq + Send + 'static>: Sync {
        fn len(&self) -> usize;
        fn put(&mut self, item: T);
        #[message(when = self.len() > 0)]
        fn take(&mut self) -> Option<T>;
        #[message(when = self.len() >= *n, interleave)]
        async fn take_many(&mut self, n: usize, name: &str) -> usize;
        #[message(when = { assert!(self.len() < 3, "torn"); self.len() > 1 })]
        fn count(&self) -> usize;
    }
    impl Stock<u32> for Client {
        fn len(&self) -> usize {
            usize::try_from(self.top).unwrap()
        }
        fn put(&mut self, item: u32) {
            self.top += item;
        }
        fn take(&mut self) -> Option<u32> {
            self.log.push("take");
            self.top = self.top.checked_sub(1)?;
            Some(self.top)
        }
        async fn take_many(&mut self, n: usize, name: &str) -> usize {
            tokio::task::yield_now().await;
            self.log.push(name);
            self.top -= u32::try_from(n).unwrap();
            n
        }
        fn count(&self) -> usize {
            self.len()
        }
    }
    let (client, _, gate, log) = Client::spawned(way);
    client.raise(0).await.unwrap();
    log.take();
    let stock = StockHandle::<u32>::from(client.clone());
    let mut waits = stock.take();
    assert!(poll_once(&mut waits).await.is_none());
    let (many, other) = (stock.take_many(2, "two").start(), stock.take().start());
    let gone = stock.take().start();
    settle().await;
    drop(gone);
    // They take no room, and are overtaken.
    assert_eq!(stock.len().await.unwrap(), 0);
    stock.put(2).await.unwrap();
    assert_eq!(waits.await.unwrap(), Some(1));
    assert_eq!(other.await.unwrap(), Some(0));
    assert_eq!(log.take(), ["take", "take"]);

    let serving = client.serve().start();
    gate.arrived(1).await;
    stock.put(2).tell().await.unwrap();
    gate.open(1);
    assert_eq!(serving.await.unwrap(), 0);
    assert_eq!(many.await.unwrap(), 2);
    assert_eq!(log.take(), ["two"]);

    stock.put(2).await.unwrap();
    assert_eq!(stock.count().await.unwrap(), 2);
    stock.put(1).await.unwrap();
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = stock.count().await else {
        panic!("its guard panicked")
    };
    assert_eq!((panicked.message(), panicked.text()), (Some("count"), "torn"));

    let (client, ..) = Client::spawned(way);
    client.raise(0).await.unwrap();
    let stock = StockHandle::<u32>::from(client.clone());
    let never = stock.take().start();
    settle().await;
    client.stop();
    assert!(matches!(never.await, Err(CallError::NotRunning)));
}

async fn urgent_ones_come_first(way: Way) {
    #[actor]
    trait Alarmed {
        #[message(urgent)]
        fn alarm(&mut self, n: u32);
        #[message(urgent, interleave)]
        async fn alarm_slowly(&mut self, n: u32);
    }
    impl Alarmed for Client {
        fn alarm(&mut self, n: u32) {
            self.log.push(format!("alarm {n}"));
        }
        async fn alarm_slowly(&mut self, n: u32) {
            tokio::task::yield_now().await;
            self.log.push(format!("slow alarm {n}"));
        }
    }
    let (client, bidder, gate, log) = Client::spawned(way);
    let alarmed = AlarmedHandle::from(client.clone());
    let holds = client.hold().start();
    gate.arrived(1).await;
    bidder.beaten(1).try_tell().unwrap();
    client.raise(2).tell().await.unwrap();
    assert!(matches!(bidder.beaten(3).try_tell(), Err(TellError::Full(_))));
    // A lane of its own.
    alarmed.alarm(4).try_tell().unwrap();
    let slow = alarmed.alarm_slowly(5).start();
    gate.open(1);
    holds.await.unwrap();
    slow.await.unwrap();
    bidder.beaten(6).await.unwrap();
    let expected = ["held", "alarm 4", "slow alarm 5", "beaten by 1", "raise 2", "beaten by 6"];
    assert_eq!(log.take(), expected);

    let serving = client.serve().start();
    gate.arrived(2).await;
    alarmed.alarm_slowly(7).await.unwrap();
    gate.open(1);
    serving.await.unwrap();
    assert_eq!(log.take(), ["slow alarm 7"]);
}

async fn deadlines(way: Way) {
    let (client, bidder, gate, log) = Client::spawned(way);
    let never = Gate::default();
    let late = bidder.ponder(never.clone()).timeout(ms(20)).await;
    assert!(matches!(late, Err(CallError::TimedOut { started: true })), "{late:?}");
    never.open(1);
    // The default of the message.
    let late = bidder.soon(never.clone()).await;
    assert!(matches!(late, Err(CallError::TimedOut { started: true })), "{late:?}");
    never.open(1);
    client.hold().tell().await.unwrap();
    gate.arrived(1).await;
    log.take();
    let queued = bidder.beaten(1).timeout(ms(20)).await;
    assert!(matches!(queued, Err(CallError::TimedOut { started: false })), "{queued:?}");
    let none = bidder.beaten(2).timeout(Duration::ZERO).await;
    assert!(matches!(none, Err(CallError::TimedOut { started: false })));
    gate.open(1);
    bidder.beaten(3).await.unwrap();
    assert_eq!(log.all(), ["held", "beaten by 3"], "what is out of time never runs");
}

async fn a_caller_that_leaves(way: Way) {
    let (_client, bidder, gate, log) = Client::spawned(way);
    let mut call = bidder.gone();
    assert!(poll_once(&mut call).await.is_none());
    gate.arrived(1).await;
    let queued = bidder.beaten(1).start();
    drop(queued);
    gate.open(1);
    settle().await;
    assert_eq!(log.all(), Vec::<String>::new(), "it waits for its caller to go");
    drop(call);
    until(|| log.count("gone: true") == 1).await;
    bidder.limit().await.unwrap();
    assert_eq!(log.all(), ["gone: true"]);
}

async fn room(way: Way) {
    let (client, bidder, gate, log) = Client::spawned(way);
    client.hold().tell().await.unwrap();
    gate.arrived(1).await;
    for n in 0..2 {
        bidder.beaten(n).try_tell().unwrap();
    }
    let late = bidder.beaten(2).timeout(ms(10)).tell().await;
    assert!(matches!(late, Err(TellError::TimedOut(BidderMessage::Beaten { best: 2 }))), "{late:?}");
    let mut waits = bidder.beaten(3).tell();
    assert!(poll_once(&mut waits).await.is_none());
    let mut leaves = bidder.beaten(4).tell();
    assert!(poll_once(&mut leaves).await.is_none());
    drop(leaves);
    let pending = bidder.limit().start();
    drop(bidder.ponder(gate.clone()).start());
    gate.open(1);
    waits.await.unwrap();
    assert_eq!(pending.await.unwrap(), 5);
    client.hold().tell().await.unwrap();
    gate.arrived(2).await;
    bidder.beaten(5).try_tell().unwrap();
    bidder.beaten(6).try_tell().unwrap();
    let mut refused = bidder.beaten(7).tell();
    assert!(poll_once(&mut refused).await.is_none());
    client.stop();
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, TellError::NotRunning(BidderMessage::Beaten { best: 7 })));
    gate.open(1);
    client.stopped().await;
    let expected =
        ["held", "beaten by 0", "beaten by 1", "beaten by 3", "held", "beaten by 5", "beaten by 6"];
    assert_eq!(log.all(), expected);
}

async fn endings(way: Way) {
    let (client, bidder, gate, _) = Client::spawned(way);
    let holds = client.hold().start();
    gate.arrived(1).await;
    let queued = bidder.limit().start();
    bidder.kill();
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(holds.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(bidder.limit().await, Err(CallError::NotRunning)));
    let handed_back = bidder.whisper("x").try_tell().unwrap_err().into_message();
    assert!(matches!(handed_back, BidderMessage::Whisper { text } if text == "x"));

    let (_client, bidder, ..) = Client::spawned(way);
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = bidder.burst().await else {
        panic!("it panicked")
    };
    assert_eq!((panicked.message(), panicked.text()), (Some("burst"), "torn"));
    assert!(matches!(bidder.stopped().await, ExitReason::Panicked(_)));

    let (_client, bidder, ..) = Client::spawned(way);
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = bidder.burst_later().await else {
        panic!("it panicked")
    };
    assert_eq!((panicked.message(), panicked.text()), (Some("burst_later"), "torn later"));

    let (_client, bidder, ..) = Client::spawned(way);
    assert_eq!(bidder.leave().await.unwrap(), 5);
    assert!(matches!(bidder.stopped().await, ExitReason::Finished));

    let (client, bidder, gate, _) = Client::spawned(way);
    let kept = bidder.later().start();
    settle().await;
    client.stop();
    client.stopped().await;
    gate.open(1);
    assert_eq!(kept.await.unwrap(), 5, "alive elsewhere it can still be answered");
}

async fn restarts(way: Way) {
    let (gate, log) = (Gate::default(), Log::default());
    let client = Client::supervised(Supervise::permanent().with(way.spawn()), {
        let (gate, log) = (gate.clone(), log.clone());
        move || {
            log.push("made");
            Client { top: 5, gate: gate.clone(), log: log.clone() }
        }
    });
    let bidder = BidderHandle::from(client.clone());
    client.raise(9).await.unwrap();
    let holds = client.hold().start();
    gate.arrived(1).await;
    let torn = bidder.burst().start();
    let queued = bidder.limit().start();
    gate.open(1);
    holds.await.unwrap();
    assert!(matches!(torn.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert_eq!(queued.await.unwrap(), 5, "what is queued is handled by the next");
    assert_eq!(log.take(), ["made", "raise 9", "held", "made"]);
    assert_eq!((bidder.id(), bidder.bid(1).await.unwrap()), (client.id(), 2));
}

async fn asked_by_an_actor(way: Way) {
    let (client, bidder, ..) = Client::spawned(way);
    let (other, ..) = Client::spawned(way);
    assert_eq!(other.ask(bidder).await.unwrap(), 5);
    client.stop();
}

fn blocking(way: Way) {
    let runtime = two_threads();
    let (gate, log) = (Gate::default(), Log::default());
    let client = Client { top: 5, gate, log }.spawn_with(way.spawn().on(runtime.handle()));
    let bidder = BidderHandle::from(client);
    assert_eq!(bidder.limit().blocking().unwrap(), 5);
    assert_eq!(bidder.bid(1).blocking().unwrap(), 2);
    let late = bidder.ponder(Gate::default()).timeout(ms(10)).blocking();
    assert!(matches!(late, Err(CallError::TimedOut { .. })));
}

both_ways!(
    calls,
    streams,
    in_order_with_its_own,
    served_while_the_actor_waits,
    guards,
    urgent_ones_come_first,
    a_served_message_that_panics_ends_the_actor,
    a_caller_that_leaves,
    endings,
    restarts,
    asked_by_an_actor,
);
both_ways_paused!(deadlines, room);
both_ways_outside!(blocking);
