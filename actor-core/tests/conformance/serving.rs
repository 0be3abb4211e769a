//! `ctx.serving`: an actor that waits and still answers.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::prelude::*;
use futures::future::join_all;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

#[actor(mailbox = 4)]
struct Desk {
    n: u32,
    gate: Gate,
    log: Log,
}

impl Desk {
    fn spawned(way: Way) -> (DeskHandle, Gate, Log) {
        let (gate, log) = (Gate::default(), Log::default());
        (Desk { n: 0, gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn().name("desk")), gate, log)
    }
}

#[actor]
impl Desk {
    pub async fn wait(&mut self, ctx: &mut Context<Self>) -> u32 {
        let gate = self.gate.clone();
        ctx.serving(self, async move { gate.pass().await }).await;
        self.n
    }
    /// Under a combinator, which polls its branches only when their own wakers are woken.
    pub async fn wait_beside(&mut self, ctx: &mut Context<Self>, other: Gate) -> u32 {
        let gate = self.gate.clone();
        let serving = async { ctx.serving(self, async move { gate.pass().await }).await };
        let mut both = futures::stream::FuturesUnordered::new();
        both.push(futures::future::Either::Left(serving));
        both.push(futures::future::Either::Right(async { other.pass().await }));
        while futures::StreamExt::next(&mut both).await.is_some() {}
        drop(both);
        self.n
    }
    /// Gives up after a while.
    pub async fn wait_briefly(&mut self, ctx: &mut Context<Self>) -> bool {
        let gate = self.gate.clone();
        tokio::time::timeout(ms(100), ctx.serving(self, async move { gate.pass().await })).await.is_ok()
    }
    /// Ends in its first poll, after it has served one of two messages that it sends itself.
    pub async fn glance(&mut self, ctx: &mut Context<Self>) -> (PendingReply<u32>, PendingReply<u32>) {
        let desk = ctx.handle();
        let pending = (desk.ordinary().start(), desk.add(1).start());
        let mut looks = 0..1;
        let one_look = poll_fn(move |_| looks.next().map_or(Poll::Ready(()), |_| Poll::Pending));
        ctx.serving(self, one_look).await;
        pending
    }
    #[message(interleave)]
    pub fn add(&mut self, n: u32) -> u32 {
        self.log.push(format!("add {n}"));
        self.n += n;
        self.n
    }
    #[message(interleave)]
    pub async fn slow(&mut self, gate: Gate, n: u32) -> u32 {
        gate.pass().await;
        self.n += n;
        self.n
    }
    #[message(interleave)]
    pub async fn nested(&mut self, ctx: &mut Context<Self>, gate: Gate) -> u32 {
        ctx.serving(self, async move { gate.pass().await }).await;
        self.n
    }
    #[message(interleave)]
    pub fn burst(&mut self) {
        panic!("torn");
    }
    #[message(interleave)]
    pub async fn burst_later(&mut self) {
        tokio::task::yield_now().await;
        panic!("torn later");
    }
    #[message(interleave)]
    pub fn leave(&mut self, ctx: &mut Context<Self>) {
        ctx.stop();
    }
    #[message(interleave)]
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut u32) -> R + Send + 'static) -> R {
        f(&mut self.n)
    }
    pub fn ordinary(&mut self) -> u32 {
        self.log.push("ordinary".to_owned());
        self.n
    }
}

async fn answers_in_order_past_all_others(way: Way) {
    let (desk, gate, log) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let (o1, a1, o2, a2) =
        (desk.ordinary().start(), desk.add(1).start(), desk.ordinary().start(), desk.add(2).start());
    assert_eq!((a1.await.unwrap(), a2.await.unwrap()), (1, 3));
    assert_eq!(desk.with(|n| *n).await.unwrap(), 3, "generic ones too");
    assert_eq!(log.take(), ["add 1", "add 2"]);
    gate.open(1);
    assert_eq!(wait.await.unwrap(), 3);
    assert_eq!((o1.await.unwrap(), o2.await.unwrap()), (3, 3));
    assert_eq!(log.take(), ["ordinary", "ordinary"]);
}

async fn what_lies_aside_takes_its_room(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    for _ in 0..4 {
        desk.ordinary().try_tell().unwrap();
        settle().await;
    }
    assert!(matches!(desk.ordinary().try_tell(), Err(TellError::Full(_))), "four lie aside");
    let mut full = desk.add(1);
    assert!(poll_once(&mut full).await.is_none(), "one that may come in between takes room until then");
    gate.open(1);
    wait.await.unwrap();
    assert_eq!(full.await.unwrap(), 1);
    assert_eq!(desk.ordinary().await.unwrap(), 1);
}

async fn one_at_a_time_and_the_future_goes_on_meanwhile(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let mut wait = desk.wait().start();
    gate.arrived(1).await;
    let inner = Gate::default();
    let slow = desk.slow(inner.clone(), 5).start();
    let add = desk.add(1).start();
    inner.arrived(1).await;
    gate.open(1);
    settle().await;
    assert!(poll_once(&mut wait).await.is_none(), "what was lent is not back");
    inner.open(1);
    assert_eq!((slow.await.unwrap(), wait.await.unwrap()), (5, 5));
    assert_eq!(add.await.unwrap(), 6, "it waits for its turn");
}

async fn nested(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let inner = Gate::default();
    let nested = desk.nested(inner.clone()).start();
    inner.arrived(1).await;
    assert_eq!(desk.add(1).await.unwrap(), 1, "served by what is served");
    inner.open(1);
    assert_eq!(nested.await.unwrap(), 1);
    assert_eq!(desk.add(1).await.unwrap(), 2);
    gate.open(1);
    assert_eq!(wait.await.unwrap(), 2);
}

async fn under_a_combinator_with_wakers_of_its_own(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let other = Gate::default();
    let wait = desk.wait_beside(other.clone()).start();
    gate.arrived(1).await;
    settle().await;
    assert_eq!(desk.add(1).await.unwrap(), 1);
    other.open(1);
    settle().await;
    assert_eq!(desk.add(1).await.unwrap(), 2);
    gate.open(1);
    assert_eq!(wait.await.unwrap(), 2);
}

async fn a_panic_ends_the_handler_that_serves(way: Way) {
    for later in [false, true] {
        let (desk, gate, _) = Desk::spawned(way);
        let wait = desk.wait().start();
        gate.arrived(1).await;
        let queued = desk.ordinary().start();
        let (burst, name) =
            if later { (desk.burst_later().start(), "burst_later") } else { (desk.burst().start(), "burst") };
        for answer in [burst.await.map(|()| 0), wait.await] {
            let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = answer else {
                panic!("{answer:?}")
            };
            assert_eq!(panicked.message(), Some(name), "under its own name");
        }
        assert!(queued.await.unwrap_err().never_ran());
        assert!(matches!(desk.stopped().await, ExitReason::Panicked(_)));
    }
}

async fn nothing_is_served_after_a_panic(way: Way) {
    let (desk, gate, log) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let (burst, add) = (desk.burst().start(), desk.add(1).start());
    assert!(matches!(burst.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(add.await, Err(CallError::NotRunning)));
    assert!(matches!(wait.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(log.all().is_empty());
}

async fn killed_with_all_that_it_serves(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let inner = Gate::default();
    let slow = desk.slow(inner.clone(), 1).start();
    inner.arrived(1).await;
    let queued = desk.add(1).start();
    desk.kill();
    for answer in [wait.await, slow.await] {
        assert!(matches!(answer, Err(CallError::Interrupted(ExitReason::Killed))), "{answer:?}");
    }
    assert!(queued.await.unwrap_err().never_ran());
}

async fn asked_to_end_it_serves_no_more(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    desk.leave().await.unwrap();
    let late = desk.add(1).start();
    settle().await;
    gate.open(1);
    assert_eq!(wait.await.unwrap(), 0, "the handler that serves ends as it would");
    assert!(late.await.unwrap_err().never_ran());
    assert!(matches!(desk.stopped().await, ExitReason::Stopped));
}

async fn stopped_it_serves_what_is_queued(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let add = desk.add(1).start();
    desk.stop();
    assert_eq!(add.await.unwrap(), 1);
    assert!(desk.add(1).await.unwrap_err().never_ran());
    gate.open(1);
    assert_eq!(wait.await.unwrap(), 1);
}

async fn one_that_is_let_go_lets_go_of_what_it_serves(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait_briefly().start();
    gate.arrived(1).await;
    let inner = Gate::default();
    let slow = desk.slow(inner.clone(), 1).start();
    inner.arrived(1).await;
    let queued = desk.add(7).start();
    assert!(!wait.await.unwrap());
    assert!(matches!(slow.await, Err(CallError::Dropped)));
    assert_eq!(queued.await.unwrap(), 7, "what it had not begun stays");
}

async fn deadlines_and_callers_that_leave(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let inner = Gate::default();
    let slow = desk.slow(inner.clone(), 1).timeout(ms(50)).start();
    let dropped = desk.add(100).start();
    inner.arrived(1).await;
    assert!(matches!(slow.await, Err(CallError::TimedOut { started: true })));
    drop(dropped);
    inner.open(1);
    settle().await;
    gate.open(1);
    assert_eq!(
        wait.await.unwrap(),
        1,
        "a served handler goes on without its caller; a queued one never runs"
    );
}

async fn a_flood_leaves_others_their_turn(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let flood = tokio::spawn({
        let desk = desk.clone();
        async move {
            for _ in 0..10_000 {
                desk.add(1).tell().await.unwrap();
            }
        }
    });
    // As long as a few turns of all tasks take: the flood is far from its end.
    for _ in 0..5 {
        tokio::task::yield_now().await;
    }
    gate.open(1);
    assert!(wait.await.unwrap() < 10_000, "the future is looked at between any two");
    flood.await.unwrap();
}

async fn what_a_short_look_left_aside_is_not_forgotten(way: Way) {
    let (desk, _, log) = Desk::spawned(way);
    let (ordinary, added) = desk.glance().await.unwrap();
    assert_eq!(ordinary.await.unwrap(), 1);
    assert_eq!(added.await.unwrap(), 1);
    assert_eq!(log.take(), ["add 1", "ordinary"]);
    assert_eq!(desk.ordinary().await.unwrap(), 1);
}

async fn many_at_once(way: Way) {
    let (desk, gate, _) = Desk::spawned(way);
    let wait = desk.wait().start();
    gate.arrived(1).await;
    let sums = join_all((0..100).map(|_| desk.add(1))).await;
    assert!(sums.into_iter().map(Result::unwrap).eq(1..=100));
    let mut wait = pin!(wait);
    assert!(futures::poll!(&mut wait).is_pending());
    gate.open(1);
    assert_eq!(wait.await.unwrap(), 100);
}

four_ways!(answers_in_order_past_all_others, nested, a_panic_ends_the_handler_that_serves, many_at_once);
both_ways!(
    what_a_short_look_left_aside_is_not_forgotten,
    what_lies_aside_takes_its_room,
    one_at_a_time_and_the_future_goes_on_meanwhile,
    under_a_combinator_with_wakers_of_its_own,
    nothing_is_served_after_a_panic,
    killed_with_all_that_it_serves,
    asked_to_end_it_serves_no_more,
    stopped_it_serves_what_is_queued,
    a_flood_leaves_others_their_turn,
);
both_ways_paused!(one_that_is_let_go_lets_go_of_what_it_serves, deadlines_and_callers_that_leave);
