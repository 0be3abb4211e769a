//! Every way of ending: what runs before it, who hears of it, and what `stopped` says.

use crate::kit::{Gate, Log, Way, ms, settle};
use actor_core::prelude::*;
use futures::future::join_all;
use tokio::time::Instant;

#[actor(mailbox = 16)]
pub(crate) struct Life {
    pub(crate) gate: Gate,
    pub(crate) log: Log,
    kept: Vec<ReplyTo<u32>>,
}

impl Drop for Life {
    fn drop(&mut self) {
        self.log.push("dropped");
    }
}

#[actor]
impl Life {
    #[on_stop]
    fn on_stop(&mut self) {
        self.log.push("on_stop");
    }
    pub async fn hold(&mut self) -> u32 {
        self.gate.pass().await;
        self.log.push("held");
        1
    }
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub fn keep(&mut self, reply: ReplyTo<u32>) {
        self.kept.push(reply);
    }
    pub fn end(&mut self, ctx: &mut Context<Self>) -> u32 {
        ctx.stop();
        self.log.push("end");
        9
    }
    pub fn fail(&mut self, ctx: &mut Context<Self>) -> u32 {
        ctx.fail("out of paper");
        9
    }
    pub fn burst(&mut self) {
        panic!("boom");
    }
    pub async fn burst_later(&mut self) {
        self.gate.pass().await;
        panic!("late boom");
    }
    pub async fn close(self) -> u32 {
        self.gate.pass().await;
        self.log.push("closed");
        7
    }
}

pub(crate) fn life(how: Spawn) -> (LifeHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Life { gate: gate.clone(), log: log.clone(), kept: Vec::new() }.spawn_with(how), gate, log)
}

async fn the_last_handle_gone_ends_it_after_its_queue(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let (hold, queued) = (life.hold().start(), life.note(2).start());
    life.note(3).tell().await.unwrap();
    let stopped = life.stopped();
    drop(life.clone());
    drop(life);
    gate.open(1);
    assert_eq!((hold.await.unwrap(), queued.await.unwrap()), (1, 2));
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.all(), ["held", "2", "3", "on_stop", "dropped"]);
}

async fn stop_handles_what_is_queued_and_refuses_the_rest(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let hold = life.hold().start();
    gate.arrived(1).await;
    let queued: Vec<_> = (0..5).map(|n| life.note(n).start()).collect();
    life.stop();
    assert!(matches!(life.note(99).await, Err(CallError::NotRunning)));
    assert!(matches!(life.note(99).try_tell(), Err(TellError::NotRunning(_))));
    assert!(matches!(life.note(99).tell().await, Err(TellError::NotRunning(_))));
    assert!(life.is_running());
    gate.open(1);
    assert_eq!(hold.await.unwrap(), 1);
    for (n, answer) in join_all(queued).await.into_iter().enumerate() {
        assert_eq!(answer.unwrap() as usize, n);
    }
    assert!(matches!(life.stopped().await, ExitReason::Stopped));
    assert!(!life.is_running());
    assert_eq!(log.all(), ["held", "0", "1", "2", "3", "4", "on_stop", "dropped"]);
}

async fn stop_of_an_idle_one_ends_it(way: Way) {
    let (life, _, log) = life(way.spawn());
    life.note(1).await.unwrap();
    life.stop();
    assert!(matches!(life.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["1", "on_stop", "dropped"]);
    let (unused, _, log) = self::life(way.spawn());
    unused.stop();
    assert!(matches!(unused.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["on_stop", "dropped"]);
}

async fn stop_within_lets_it_end_by_itself(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let hold = life.hold().start();
    gate.arrived(1).await;
    life.stop_within(ms(50));
    tokio::time::sleep(ms(30)).await;
    gate.open(1);
    assert_eq!(hold.await.unwrap(), 1);
    assert!(matches!(life.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["held", "on_stop", "dropped"]);
}

async fn stop_within_kills_what_does_not_end(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let (hold, queued) = (life.hold().start(), life.note(1).start());
    gate.arrived(1).await;
    let began = Instant::now();
    life.stop_within(ms(5000));
    life.stop_within(ms(30));
    life.stop_within(ms(9000));
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(life.stopped().await, ExitReason::Killed));
    assert_eq!(began.elapsed(), ms(30), "the earliest counts");
    assert_eq!(log.all(), ["dropped"]);
}

async fn stop_within_after_stop_kills_too(way: Way) {
    let (life, gate, _) = life(way.spawn());
    let hold = life.hold().start();
    gate.arrived(1).await;
    life.stop();
    settle().await;
    life.stop_within(ms(30));
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(life.stopped().await, ExitReason::Killed));
}

async fn no_grace_kills_what_runs(way: Way) {
    let (life, gate, _) = life(way.spawn());
    let hold = life.hold().start();
    gate.arrived(1).await;
    life.stop_within(ms(0));
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(life.stopped().await, ExitReason::Killed));
}

async fn kill_cuts_a_handler_in_the_middle_of_its_await(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let (hold, queued) = (life.hold().start(), life.note(1).start());
    gate.arrived(1).await;
    life.kill();
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    let queued = queued.await.unwrap_err();
    assert!(matches!(queued, CallError::NotRunning) && queued.never_ran());
    assert!(matches!(life.stopped().await, ExitReason::Killed));
    assert_eq!(log.all(), ["dropped"]);
}

async fn kill_of_an_idle_one_ends_it(way: Way) {
    let (life, _, log) = life(way.spawn());
    life.note(1).await.unwrap();
    life.kill();
    assert!(matches!(life.stopped().await, ExitReason::Killed));
    assert_eq!(log.all(), ["1", "dropped"]);
}

async fn kill_after_stop_wins(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let (hold, queued) = (life.hold().start(), life.note(1).start());
    gate.arrived(1).await;
    life.stop();
    life.kill();
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    assert!(matches!(queued.await, Err(CallError::NotRunning)));
    assert!(matches!(life.stopped().await, ExitReason::Killed));
    assert_eq!(log.all(), ["dropped"]);
}

async fn ctx_stop_answers_its_message_and_runs_nothing_behind_it(way: Way) {
    let (life, gate, log) = life(way.spawn());
    life.hold().tell().await.unwrap();
    gate.arrived(1).await;
    let (end, behind) = (life.end().start(), life.note(1).start());
    gate.open(1);
    assert_eq!(end.await.unwrap(), 9);
    assert!(matches!(behind.await, Err(CallError::NotRunning)));
    assert!(matches!(life.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["held", "end", "on_stop", "dropped"]);
}

async fn ctx_stop_of_an_awaited_call_ends_it(way: Way) {
    let (life, _, log) = life(way.spawn());
    assert_eq!(life.end().await.unwrap(), 9);
    assert!(matches!(life.note(1).await, Err(CallError::NotRunning)));
    assert!(matches!(life.stopped().await, ExitReason::Stopped));
    assert_eq!(log.all(), ["end", "on_stop", "dropped"]);
}

async fn ctx_fail_answers_its_message_and_says_why(way: Way) {
    let (life, gate, log) = life(way.spawn());
    life.hold().tell().await.unwrap();
    gate.arrived(1).await;
    let (fail, behind) = (life.fail().start(), life.note(1).start());
    gate.open(1);
    assert_eq!(fail.await.unwrap(), 9);
    assert!(matches!(behind.await, Err(CallError::NotRunning)));
    let reason = life.stopped().await;
    assert!(matches!(&reason, ExitReason::Failed(error) if error.to_string() == "out of paper"));
    assert!(!reason.is_normal());
    assert_eq!(log.all(), ["held", "on_stop", "dropped"]);
    let (life, ..) = self::life(way.spawn());
    assert_eq!(life.fail().await.unwrap(), 9);
    assert!(matches!(life.stopped().await, ExitReason::Failed(_)));
}

async fn a_panic_in_a_handler_ends_it_without_on_stop(way: Way) {
    let (life, gate, log) = life(way.spawn());
    life.hold().tell().await.unwrap();
    gate.arrived(1).await;
    let (burst, behind) = (life.burst().start(), life.note(1).start());
    gate.open(1);
    let error = burst.await.unwrap_err();
    assert!(matches!(&error, CallError::Interrupted(ExitReason::Panicked(panic)) if panic.text() == "boom"));
    assert!(matches!(behind.await, Err(CallError::NotRunning)));
    assert!(matches!(life.stopped().await, ExitReason::Panicked(panic) if panic.message() == Some("burst")));
    assert_eq!(log.all(), ["held", "dropped"]);
}

async fn a_panic_after_a_wait_is_the_same(way: Way) {
    let (life, gate, log) = life(way.spawn());
    gate.open(1);
    let error = life.burst_later().await.unwrap_err();
    assert!(
        matches!(&error, CallError::Interrupted(ExitReason::Panicked(panic)) if panic.text() == "late boom")
    );
    let ExitReason::Panicked(panic) = life.stopped().await else { panic!("it panicked") };
    assert_eq!(panic.message(), Some("burst_later"));
    assert_eq!(log.all(), ["dropped"]);
}

async fn a_self_message_is_the_last_and_its_value_the_reply(way: Way) {
    let (life, gate, log) = life(way.spawn());
    let before = life.note(1).start();
    let (close, behind) = (life.close().start(), life.note(2).start());
    gate.open(1);
    assert_eq!((before.await.unwrap(), close.await.unwrap()), (1, 7));
    assert!(matches!(behind.await, Err(CallError::NotRunning)));
    assert!(matches!(life.stopped().await, ExitReason::Finished));
    assert_eq!(log.all(), ["1", "closed", "dropped"]);
}

async fn an_awaited_self_message_ends_an_idle_one(way: Way) {
    let (life, gate, _) = life(way.spawn());
    gate.open(1);
    assert_eq!(life.close().await.unwrap(), 7);
    assert!(matches!(life.stopped().await, ExitReason::Finished));
    assert!(matches!(life.close().await, Err(CallError::NotRunning)));
}

four_ways!(
    the_last_handle_gone_ends_it_after_its_queue,
    stop_handles_what_is_queued_and_refuses_the_rest,
    stop_of_an_idle_one_ends_it,
    no_grace_kills_what_runs,
    kill_cuts_a_handler_in_the_middle_of_its_await,
    kill_of_an_idle_one_ends_it,
    kill_after_stop_wins,
    ctx_stop_answers_its_message_and_runs_nothing_behind_it,
    ctx_stop_of_an_awaited_call_ends_it,
    ctx_fail_answers_its_message_and_says_why,
    a_panic_in_a_handler_ends_it_without_on_stop,
    a_panic_after_a_wait_is_the_same,
    a_self_message_is_the_last_and_its_value_the_reply,
    an_awaited_self_message_ends_an_idle_one,
);
both_ways_paused!(
    stop_within_lets_it_end_by_itself,
    stop_within_kills_what_does_not_end,
    stop_within_after_stop_kills_too
);
