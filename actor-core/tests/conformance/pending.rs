//! Started calls.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle, until};
use actor_core::prelude::*;
use futures::future::join_all;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

#[actor(mailbox = 1)]
struct Desk {
    gate: Gate,
    log: Log,
}

#[actor]
impl Desk {
    pub fn note(&mut self, n: u32) -> u32 {
        self.log.push(n);
        n
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
        self.log.push("held");
    }
    pub fn odd(&mut self, n: u32) -> Result<u32, String> {
        if n % 2 == 1 { Ok(n) } else { Err(format!("{n} is even")) }
    }
}

fn desk(way: Way) -> (DeskHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Desk { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn()), gate, log)
}

async fn it_is_static_and_outlives_the_handle(way: Way) {
    let (desk, ..) = desk(way);
    let pending: PendingReply<u32> = desk.note(1).start();
    drop(desk);
    assert_eq!(tokio::spawn(pending).await.unwrap().unwrap(), 1);
}

async fn its_error_type_is_the_methods(way: Way) {
    let (desk, ..) = desk(way);
    let pending: PendingReply<u32, String> = desk.odd(2).start();
    assert!(matches!(pending.await, Err(CallError::Handler(text)) if text == "2 is even"));
    assert_eq!(desk.odd(3).start().await.unwrap(), 3);
}

async fn dropping_one_that_is_queued_cancels_it(way: Way) {
    let (desk, gate, log) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    drop(desk.note(1).start());
    gate.open(1);
    hold.await.unwrap();
    desk.note(2).await.unwrap();
    assert_eq!(log.all(), ["held", "2"]);
}

async fn dropping_one_that_runs_lets_the_handler_end(way: Way) {
    let (desk, gate, log) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    drop(hold);
    gate.open(1);
    desk.note(1).await.unwrap();
    assert_eq!(log.all(), ["held", "1"]);
}

async fn detached_it_runs(way: Way) {
    let (desk, gate, log) = desk(way);
    desk.hold().start().detach();
    gate.arrived(1).await;
    desk.note(1).start().detach();
    gate.open(1);
    desk.note(2).await.unwrap();
    assert_eq!(log.all(), ["held", "1", "2"]);
}

async fn without_room_it_is_sent_when_it_is_polled(way: Way) {
    let (desk, gate, log) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let filler = desk.note(1).start();
    let mut polled = desk.note(2).start();
    let unpolled = desk.note(3).start();
    assert!(poll_once(&mut polled).await.is_none());
    gate.open(1);
    settle().await;
    assert_eq!(log.all(), ["held", "1", "2"]);
    hold.await.unwrap();
    filler.await.unwrap();
    assert_eq!(polled.await.unwrap(), 2);
    assert_eq!(unpolled.await.unwrap(), 3);
}

async fn without_room_it_keeps_the_actor_alive_until_it_is_sent(way: Way) {
    let (desk, gate, log) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let filler = desk.note(1).start();
    let unsent = desk.note(2).start();
    let stopped = desk.stopped();
    drop(desk);
    gate.open(1);
    hold.await.unwrap();
    filler.await.unwrap();
    settle().await;
    assert_eq!(unsent.await.unwrap(), 2);
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.all(), ["held", "1", "2"]);
}

async fn detached_without_room_it_is_sent_when_there_is_some(way: Way) {
    let (desk, gate, log) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let filler = desk.note(1).start();
    desk.note(2).start().detach();
    desk.note(3).start().detach();
    let stopped = desk.stopped();
    drop(desk);
    gate.open(1);
    hold.await.unwrap();
    filler.await.unwrap();
    assert!(matches!(stopped.await, ExitReason::Finished));
    assert_eq!(log.all(), ["held", "1", "2", "3"]);
}

async fn dropped_without_room_it_is_never_sent(way: Way) {
    let (desk, gate, log) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let filler = desk.note(1).start();
    let mut waiting = desk.note(2).start();
    assert!(poll_once(&mut waiting).await.is_none());
    drop(desk.note(3).start());
    drop(waiting);
    gate.open(1);
    hold.await.unwrap();
    filler.await.unwrap();
    desk.note(4).await.unwrap();
    assert_eq!(log.all(), ["held", "1", "4"]);
}

async fn its_time_runs_from_the_start_also_while_there_is_no_room(way: Way) {
    let (desk, gate, log) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let filler = desk.note(1).start();
    let late = desk.note(2).timeout(ms(10)).start();
    tokio::time::sleep(ms(20)).await;
    gate.open(1);
    hold.await.unwrap();
    filler.await.unwrap();
    assert!(matches!(late.await, Err(CallError::TimedOut { started: false })));
    assert_eq!(log.all(), ["held", "1"]);
}

async fn started_after_the_end_it_says_so(way: Way) {
    let (desk, ..) = desk(way);
    desk.kill();
    desk.stopped().await;
    let mut late = desk.note(1).start();
    assert!(matches!((&mut late).await, Err(CallError::NotRunning)));
    assert!(matches!(late.await, Err(CallError::Dropped)), "polled after it was ready");
    desk.note(2).start().detach();
}

async fn unsent_it_hears_of_the_end(way: Way) {
    let (desk, gate, _) = desk(way);
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let filler = desk.note(1).start();
    let mut polled = desk.note(2).start();
    assert!(poll_once(&mut polled).await.is_none());
    let unpolled = desk.note(3).start();
    desk.kill();
    assert!(matches!(hold.await, Err(CallError::Interrupted(ExitReason::Killed))));
    for answer in join_all([filler, polled, unpolled]).await {
        assert!(matches!(answer, Err(CallError::NotRunning)));
    }
}

/// What is to be answered, where a waker has it as well.
type Kept = Arc<Mutex<Option<ReplyTo<u32>>>>;

#[actor]
struct Keeper(Kept);

#[actor]
impl Keeper {
    pub fn keep(&mut self, reply: ReplyTo<u32>) {
        *self.0.lock().unwrap() = Some(reply);
    }
}

/// A waker that answers the call when it goes.
struct Answers(Kept);

impl Wake for Answers {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Answers {
    fn drop(&mut self) {
        if let Some(reply) = self.0.lock().unwrap().take() {
            reply.send(5).unwrap();
        }
    }
}

async fn a_waker_may_answer_the_call_that_lets_go_of_it(way: Way) {
    let kept = Kept::default();
    let keeper = Keeper(Arc::clone(&kept)).spawn_with(way.spawn());
    let mut asked = keeper.keep().start();
    until(|| kept.lock().unwrap().is_some()).await;
    let waker = Waker::from(Arc::new(Answers(kept)));
    assert!(Pin::new(&mut asked).poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    drop(waker);
    // Another waker comes in its place.
    drop(poll_once(&mut asked).await);
    assert_eq!(asked.await.unwrap(), 5);
}

four_ways!(
    a_waker_may_answer_the_call_that_lets_go_of_it,
    it_is_static_and_outlives_the_handle,
    its_error_type_is_the_methods,
    dropping_one_that_is_queued_cancels_it,
    dropping_one_that_runs_lets_the_handler_end,
    detached_it_runs,
    detached_without_room_it_is_sent_when_there_is_some,
    dropped_without_room_it_is_never_sent,
    without_room_it_keeps_the_actor_alive_until_it_is_sent,
    started_after_the_end_it_says_so,
    unsent_it_hears_of_the_end,
);
both_ways!(without_room_it_is_sent_when_it_is_polled);
both_ways_paused!(its_time_runs_from_the_start_also_while_there_is_no_room);
