//! What a handler that runs in its caller could endanger: cancellation, the stack, fairness.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

#[actor]
struct Desk {
    gate: Gate,
    log: Log,
}

#[actor]
impl Desk {
    pub async fn work(&mut self) {
        self.log.push("begun");
        self.gate.pass().await;
        self.log.push("halfway");
        self.gate.pass().await;
        self.log.push("done");
    }
    pub fn ping(&mut self) {}
    pub async fn ping_async(&mut self) {}
}

fn desk(way: Way) -> (DeskHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Desk { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn()), gate, log)
}

async fn dropping_the_caller_does_not_cut_a_handler_short(way: Way) {
    let (desk, gate, log) = desk(way);
    let mut call = desk.work();
    assert!(poll_once(&mut call).await.is_none());
    gate.arrived(1).await;
    drop(call);
    gate.open(1);
    gate.arrived(2).await;
    gate.open(1);
    desk.ping().await.unwrap();
    assert_eq!(log.all(), ["begun", "halfway", "done"]);
}

async fn aborting_the_callers_task_does_not_either(way: Way) {
    let (desk, gate, log) = desk(way);
    let task = tokio::spawn({
        let desk = desk.clone();
        async move { desk.work().await }
    });
    gate.arrived(1).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    gate.open(2);
    desk.ping().await.unwrap();
    assert_eq!(log.all(), ["begun", "halfway", "done"]);
}

async fn a_handler_goes_on_though_its_caller_is_not_polled(way: Way) {
    let (desk, gate, log) = desk(way);
    let mut call = desk.work();
    assert!(poll_once(&mut call).await.is_none());
    gate.open(2);
    desk.ping().await.unwrap();
    assert_eq!(log.all(), ["begun", "halfway", "done"]);
    call.await.unwrap();
}

#[actor]
struct Link {
    next: Option<LinkHandle>,
    deepest: Arc<AtomicUsize>,
}

thread_local! {
    static NESTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many polls of handlers lie on this thread's stack.
struct Nested;

impl Nested {
    fn enter(deepest: &AtomicUsize) -> Self {
        NESTED.with(|nested| {
            nested.set(nested.get() + 1);
            deepest.fetch_max(nested.get(), SeqCst);
        });
        Nested
    }
}

impl Drop for Nested {
    fn drop(&mut self) {
        NESTED.with(|nested| nested.set(nested.get() - 1));
    }
}

#[actor]
impl Link {
    pub async fn depth(&mut self) -> u32 {
        let Some(next) = self.next.clone() else { return 0 };
        let mut call = next.depth();
        let first = {
            let _nested = Nested::enter(&self.deepest);
            poll_once(&mut call).await
        };
        1 + match first {
            Some(answer) => answer.unwrap(),
            None => call.await.unwrap(),
        }
    }
    pub async fn burst(&mut self) -> u32 {
        match &self.next {
            Some(next) => next.burst().await.unwrap_or(7),
            None => panic!("at the end"),
        }
    }
}

fn chain(way: Way, length: usize) -> (LinkHandle, Arc<AtomicUsize>) {
    let deepest = Arc::new(AtomicUsize::new(0));
    let mut link = Link { next: None, deepest: Arc::clone(&deepest) }.spawn_with(way.spawn());
    for _ in 0..length {
        link = Link { next: Some(link), deepest: Arc::clone(&deepest) }.spawn_with(way.spawn());
    }
    (link, deepest)
}

async fn a_chain_of_200_actors_that_call_each_other_needs_a_bounded_stack(way: Way) {
    let (link, deepest) = chain(way, 200);
    for _ in 0..3 {
        assert_eq!(link.depth().await.unwrap(), 200);
        assert_eq!(link.depth().start().await.unwrap(), 200);
    }
    assert!(deepest.load(SeqCst) <= 17, "{} handlers on one stack", deepest.load(SeqCst));
}

async fn a_panic_at_the_end_of_a_long_chain_ends_only_the_last(way: Way) {
    let (link, _) = chain(way, 100);
    assert_eq!(link.burst().await.unwrap(), 7);
    assert!(link.is_running());
}

async fn the_end_of_a_chain_of_500_is_not_deep_either(way: Way) {
    let (link, _) = chain(way, 500);
    let stopped = link.stopped();
    drop(link);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

#[actor]
struct Countdown;

#[actor]
impl Countdown {
    pub fn down(&mut self, n: u32, ctx: &mut Context<Self>, reply: ReplyTo<u32>) {
        match n {
            0 => drop(reply.send(0)),
            _ => reply.forward(ctx.handle().down(n - 1)),
        }
    }
}

async fn a_call_that_is_passed_on_20_000_times_needs_no_deep_stack(way: Way) {
    let countdown = Countdown.spawn_with(way.spawn());
    assert_eq!(countdown.down(20_000).await.unwrap(), 0);
    drop(countdown.down(20_000).start());
    assert_eq!(countdown.down(3).await.unwrap(), 0);
}

async fn a_loop_of_calls_lets_others_run(way: Way) {
    let (desk, ..) = desk(way);
    let over = Arc::new(AtomicBool::new(false));
    let other = tokio::spawn({
        let over = Arc::clone(&over);
        async move {
            settle().await;
            over.store(true, SeqCst);
        }
    });
    while !over.load(SeqCst) {
        desk.ping().await.unwrap();
        desk.ping_async().await.unwrap();
    }
    other.await.unwrap();
}

async fn a_loop_of_calls_in_a_handler_lets_others_run(way: Way) {
    #[actor]
    struct Loop(DeskHandle, Arc<AtomicBool>);
    #[actor]
    impl Loop {
        pub async fn turn(&mut self) {
            while !self.1.load(SeqCst) {
                self.0.ping().await.unwrap();
            }
        }
    }
    let (desk, ..) = desk(way);
    let over = Arc::new(AtomicBool::new(false));
    let turns = Loop(desk, Arc::clone(&over)).spawn_with(way.spawn());
    let (one, two) = (turns.turn().start(), turns.turn().start());
    settle().await;
    over.store(true, SeqCst);
    one.await.unwrap();
    two.await.unwrap();
}

async fn a_timeout_around_a_loop_of_calls_fires(way: Way) {
    let (desk, ..) = desk(way);
    let endless = async {
        loop {
            desk.ping().await.unwrap();
        }
    };
    assert!(tokio::time::timeout(ms(20), endless).await.is_err());
}

async fn two_loops_of_calls_take_turns(way: Way) {
    let (desk, ..) = desk(way);
    let counts = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let loops = counts.clone().map(|count| {
        let desk = desk.clone();
        tokio::spawn(async move {
            loop {
                desk.ping().await.unwrap();
                count.fetch_add(1, SeqCst);
            }
        })
    });
    crate::kit::until(|| counts.iter().all(|count| count.load(SeqCst) > 2000)).await;
    loops.iter().for_each(tokio::task::JoinHandle::abort);
}

async fn a_call_in_the_last_turn_of_the_budget_is_sent_later_and_once(way: Way) {
    let (desk, _, log) = desk(way);
    let counted = tokio::spawn(async move {
        for n in 0..1000 {
            let mut call = desk.ping();
            // A call that finds no budget left gives its message back to itself and comes again.
            if poll_once(&mut call).await.is_none() {
                log.push(n);
                call.await.unwrap();
            }
        }
        log
    });
    assert!(!counted.await.unwrap().all().is_empty(), "it has waited now and then");
}

four_ways!(
    dropping_the_caller_does_not_cut_a_handler_short,
    aborting_the_callers_task_does_not_either,
    a_handler_goes_on_though_its_caller_is_not_polled,
    a_chain_of_200_actors_that_call_each_other_needs_a_bounded_stack,
    a_panic_at_the_end_of_a_long_chain_ends_only_the_last,
    the_end_of_a_chain_of_500_is_not_deep_either,
    a_call_that_is_passed_on_20_000_times_needs_no_deep_stack,
    a_timeout_around_a_loop_of_calls_fires,
    a_call_in_the_last_turn_of_the_budget_is_sent_later_and_once,
);
both_ways!(
    a_loop_of_calls_lets_others_run,
    a_loop_of_calls_in_a_handler_lets_others_run,
    two_loops_of_calls_take_turns
);
