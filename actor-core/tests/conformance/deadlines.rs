//! How long a call waits.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::prelude::*;
use std::time::Duration;
use tokio::time::{Instant, advance, sleep};

#[actor(timeout = Duration::from_millis(100), mailbox = 1)]
struct Hasty {
    gate: Gate,
    log: Log,
}

#[actor]
impl Hasty {
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    #[message(timeout = Duration::from_millis(1000))]
    pub async fn patient(&mut self) {
        self.gate.pass().await;
    }
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub fn deadline(&mut self, ctx: &mut Context<Self>) -> Option<Instant> {
        ctx.deadline()
    }
    pub async fn deadline_later(&mut self, ctx: &mut Context<Self>) -> (Option<Instant>, Option<Instant>) {
        let first = ctx.deadline();
        sleep(ms(5)).await;
        (first, ctx.deadline())
    }
    pub async fn watch(&mut self, ctx: &mut Context<Self>) {
        let cancelled = ctx.cancelled();
        self.gate.pass().await;
        self.log.push(format!("gone before {}", ctx.caller_gone()));
        cancelled.await;
        self.log.push("cancelled");
    }
    pub async fn patiently_gone(&mut self, ctx: &mut Context<Self>) {
        self.log.push(format!("gone {}", ctx.caller_gone()));
        self.gate.pass().await;
        self.log.push(format!("gone {}", ctx.caller_gone()));
    }
}

fn hasty(way: Way) -> (HastyHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Hasty { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn()), gate, log)
}

async fn the_explicit_time_replaces_the_messages_which_replaces_the_actors(way: Way) {
    let (hasty, gate, _) = hasty(way);
    let wait = async |request: Request<'_, HastyMessage, ()>, within: u64| {
        let began = Instant::now();
        assert!(matches!(request.await, Err(CallError::TimedOut { started: true })));
        assert_eq!(began.elapsed().as_millis() as u64, within);
        gate.open(1);
        settle().await;
    };
    wait(hasty.hold(), 100).await;
    wait(hasty.patient(), 1000).await;
    wait(hasty.patient().timeout(ms(10)), 10).await;
    wait(hasty.hold().timeout(ms(5000)), 5000).await;
    wait(hasty.hold().timeout(ms(5)).timeout(ms(70)), 70).await;
    wait(hasty.hold().deadline(Instant::now() + ms(300)), 300).await;
    let mut endless = hasty.hold().timeout(Duration::MAX);
    assert!(poll_once(&mut endless).await.is_none());
    advance(Duration::from_secs(10_000)).await;
    gate.open(1);
    endless.await.unwrap();
}

async fn started_calls_have_the_same_times(way: Way) {
    let (hasty, gate, _) = hasty(way);
    let began = Instant::now();
    assert!(matches!(hasty.hold().start().await, Err(CallError::TimedOut { started: true })));
    assert_eq!(began.elapsed(), ms(100));
    gate.open(1);
    assert!(matches!(
        hasty.patient().timeout(ms(50)).start().await,
        Err(CallError::TimedOut { started: true })
    ));
    gate.open(1);
}

async fn it_bounds_queueing_and_the_wait_for_room(way: Way) {
    let (hasty, gate, log) = hasty(way);
    let hold = hasty.hold().timeout(Duration::MAX).start();
    gate.arrived(1).await;
    let queued = hasty.note(1).timeout(ms(20)).await;
    assert!(matches!(queued, Err(CallError::TimedOut { started: false })));
    let no_room = hasty.note(2).timeout(ms(20)).await;
    assert!(matches!(no_room, Err(CallError::TimedOut { started: false })));
    gate.open(1);
    hold.await.unwrap();
    hasty.note(3).await.unwrap();
    assert_eq!(log.all(), ["3"]);
}

async fn a_time_that_has_passed_sends_nothing(way: Way) {
    let (hasty, _, log) = hasty(way);
    for late in [Instant::now() - ms(1), Instant::now()] {
        assert!(matches!(hasty.note(1).deadline(late).await, Err(CallError::TimedOut { started: false })));
        assert!(matches!(
            hasty.note(2).deadline(late).start().await,
            Err(CallError::TimedOut { started: false })
        ));
        assert!(matches!(hasty.note(3).deadline(late).tell().await, Err(TellError::TimedOut(_))));
    }
    settle().await;
    assert!(log.all().is_empty());
}

async fn no_time_at_all_sends_nothing(way: Way) {
    let (hasty, _, log) = hasty(way);
    assert!(matches!(
        hasty.note(1).timeout(Duration::ZERO).await,
        Err(CallError::TimedOut { started: false })
    ));
    let started = hasty.note(2).timeout(Duration::ZERO).start();
    assert!(matches!(started.await, Err(CallError::TimedOut { started: false })));
    settle().await;
    assert!(log.all().is_empty());
}

async fn one_that_is_late_never_runs_though_nobody_polled_it(way: Way) {
    let (hasty, gate, log) = hasty(way);
    let hold = hasty.hold().timeout(Duration::MAX).start();
    gate.arrived(1).await;
    let late = hasty.note(1).timeout(ms(20)).start();
    advance(ms(30)).await;
    gate.open(1);
    hold.await.unwrap();
    settle().await;
    assert!(log.all().is_empty());
    assert!(matches!(late.await, Err(CallError::TimedOut { started: false })));
}

async fn tells_have_no_default_time(way: Way) {
    let (hasty, gate, log) = hasty(way);
    hasty.hold().tell().await.unwrap();
    gate.arrived(1).await;
    hasty.note(1).tell().await.unwrap();
    let waiting = tokio::spawn({
        let hasty = hasty.clone();
        async move { hasty.note(2).tell().await }
    });
    sleep(ms(100_000)).await;
    gate.open(1);
    waiting.await.unwrap().unwrap();
    hasty.note(3).await.unwrap();
    assert_eq!(log.all(), ["1", "2", "3"]);
}

async fn the_handler_sees_the_deadline(way: Way) {
    let (hasty, ..) = hasty(way);
    let now = Instant::now();
    assert_eq!(hasty.deadline().await.unwrap(), Some(now + ms(100)));
    assert_eq!(hasty.deadline().start().await.unwrap(), Some(now + ms(100)));
    assert_eq!(hasty.deadline().timeout(ms(7)).await.unwrap(), Some(now + ms(7)));
    assert_eq!(hasty.deadline().deadline(now + ms(8)).await.unwrap(), Some(now + ms(8)));
    assert_eq!(hasty.deadline().timeout(Duration::MAX).await.unwrap(), None);
    let (first, second) = hasty.deadline_later().timeout(ms(50)).await.unwrap();
    assert_eq!((first, second), (Some(now + ms(50)), Some(now + ms(50))), "it stands still");
}

async fn cancelled_resolves_when_the_caller_drops(way: Way) {
    for start in [true, false] {
        let (hasty, gate, log) = hasty(way);
        if start {
            let call = hasty.watch().start();
            gate.arrived(1).await;
            gate.open(1);
            settle().await;
            drop(call);
        } else {
            // Called directly, and handed over when it waits.
            let mut call = hasty.watch();
            assert!(poll_once(&mut call).await.is_none());
            gate.arrived(1).await;
            gate.open(1);
            settle().await;
            drop(call);
        }
        settle().await;
        assert_eq!(log.all(), ["gone before false", "cancelled"], "started: {start}");
    }
}

async fn cancelled_resolves_when_the_caller_is_out_of_time(way: Way) {
    let (hasty, gate, log) = hasty(way);
    gate.open(1);
    assert!(matches!(hasty.watch().timeout(ms(30)).await, Err(CallError::TimedOut { started: true })));
    settle().await;
    assert_eq!(log.all(), ["gone before false", "cancelled"]);
}

async fn cancelled_resolves_when_the_time_of_a_call_is_up_that_nobody_polls(way: Way) {
    let (hasty, gate, log) = hasty(way);
    gate.open(1);
    let unpolled = hasty.watch().timeout(ms(30)).start();
    sleep(ms(40)).await;
    settle().await;
    assert_eq!(log.all(), ["gone before false", "cancelled"]);
    // The handler has heard that it is late: what it returned then is no answer.
    assert!(matches!(unpolled.await, Err(CallError::TimedOut { started: true })));
}

async fn a_tell_is_never_cancelled_and_its_caller_never_gone(way: Way) {
    let (hasty, gate, log) = hasty(way);
    hasty.watch().tell().await.unwrap();
    gate.open(1);
    sleep(ms(100_000)).await;
    assert_eq!(log.all(), ["gone before false"]);
    hasty.kill();
}

async fn caller_gone_tells_when_it_is_asked(way: Way) {
    let (hasty, gate, log) = hasty(way);
    let mut call = hasty.patiently_gone();
    assert!(poll_once(&mut call).await.is_none());
    gate.arrived(1).await;
    drop(call);
    gate.open(1);
    settle().await;
    assert_eq!(log.all(), ["gone false", "gone true"]);
}

both_ways_paused!(
    the_explicit_time_replaces_the_messages_which_replaces_the_actors,
    started_calls_have_the_same_times,
    it_bounds_queueing_and_the_wait_for_room,
    a_time_that_has_passed_sends_nothing,
    no_time_at_all_sends_nothing,
    one_that_is_late_never_runs_though_nobody_polled_it,
    tells_have_no_default_time,
    the_handler_sees_the_deadline,
    cancelled_resolves_when_the_caller_drops,
    cancelled_resolves_when_the_caller_is_out_of_time,
    cancelled_resolves_when_the_time_of_a_call_is_up_that_nobody_polls,
    a_tell_is_never_cancelled_and_its_caller_never_gone,
    caller_gone_tells_when_it_is_asked,
);
