//! `ReplyTo`: answered now, later, elsewhere, or not at all.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::prelude::*;
use std::thread;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("too big")]
struct TooBig;

#[actor]
struct Desk {
    gate: Gate,
    log: Log,
    kept: Vec<ReplyTo<u32>>,
}

#[actor]
impl Desk {
    pub fn now(&mut self, n: u32, reply: ReplyTo<u32>) {
        self.log.push(format!("{:?}", reply.send(n)));
    }
    pub async fn now_slowly(&mut self, n: u32, reply: ReplyTo<u32>) {
        self.gate.pass().await;
        self.log.push(format!("{:?}", reply.send(n)));
    }
    pub fn checked(&mut self, n: u32, reply: ReplyTo<Result<u32, TooBig>>) {
        let _ = reply.send(if n < 10 { Ok(n) } else { Err(TooBig) });
    }
    pub fn later(&mut self, reply: ReplyTo<u32>) {
        self.kept.push(reply);
    }
    /// Keeps `&self` across its awaits, and so the replies, on whatever thread.
    pub async fn waiting(&self) -> usize {
        tokio::task::yield_now().await;
        self.kept.iter().filter(|reply| !reply.caller_gone()).count()
    }
    pub fn answer(&mut self, n: u32) -> usize {
        self.kept.drain(..).filter_map(|reply| reply.send(n).ok()).count()
    }
    pub fn forget(&mut self) {
        self.kept.clear();
    }
    pub fn let_go(&mut self, reply: ReplyTo<u32>) {
        drop(reply);
    }
    pub async fn answered_before_it_ends(&mut self, reply: ReplyTo<u32>) {
        let _ = reply.send(1);
        self.gate.pass().await;
        self.log.push("ended");
    }
    pub fn in_a_thread(&mut self, reply: ReplyTo<u32>) {
        thread::spawn(move || reply.send(5));
    }
    pub fn in_a_task(&mut self, reply: ReplyTo<u32>) {
        let gate = self.gate.clone();
        tokio::spawn(async move {
            gate.pass().await;
            let _ = reply.send(6);
        });
    }
    pub fn lost_in_a_task(&mut self, reply: ReplyTo<u32>) {
        tokio::spawn(async move { drop(reply) });
    }
    pub fn burst(&mut self, _reply: ReplyTo<u32>) {
        panic!("boom");
    }
    pub fn gone(&mut self) -> Vec<bool> {
        self.kept.iter().map(ReplyTo::caller_gone).collect()
    }
    pub fn ping(&mut self) {}
}

fn desk(way: Way) -> (DeskHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Desk { gate: gate.clone(), log: log.clone(), kept: Vec::new() }.spawn_with(way.spawn()), gate, log)
}

async fn it_is_answered_at_once_by_value_or_error(way: Way) {
    let (desk, _, log) = desk(way);
    assert_eq!(desk.now(1).await.unwrap(), 1);
    assert_eq!(desk.now(2).start().await.unwrap(), 2);
    assert_eq!(desk.checked(3).await.unwrap(), 3);
    assert!(matches!(desk.checked(30).await, Err(CallError::Handler(TooBig))));
    assert_eq!(log.all(), ["Ok(())", "Ok(())"]);
}

async fn kept_in_the_actor_it_is_answered_later(way: Way) {
    let (desk, ..) = desk(way);
    let (mut one, two) = (desk.later(), desk.later().start());
    assert!(poll_once(&mut one).await.is_none());
    desk.ping().await.unwrap();
    desk.ping().await.unwrap();
    assert_eq!(desk.waiting().await.unwrap(), 2);
    assert_eq!(desk.answer(8).await.unwrap(), 2);
    assert_eq!((one.await.unwrap(), two.await.unwrap()), (8, 8));
}

async fn the_handler_may_go_on_after_the_answer(way: Way) {
    let (desk, gate, log) = desk(way);
    assert_eq!(desk.answered_before_it_ends().await.unwrap(), 1);
    assert!(log.all().is_empty());
    gate.open(1);
    desk.ping().await.unwrap();
    assert_eq!(log.all(), ["ended"]);
}

async fn another_thread_or_task_can_answer(way: Way) {
    let (desk, gate, _) = desk(way);
    assert_eq!(desk.in_a_thread().await.unwrap(), 5);
    let call = desk.in_a_task().start();
    gate.open(1);
    assert_eq!(call.await.unwrap(), 6);
}

async fn let_go_without_an_answer_it_is_dropped(way: Way) {
    let (desk, ..) = desk(way);
    assert!(matches!(desk.let_go().await, Err(CallError::Dropped)));
    assert!(matches!(desk.let_go().start().await, Err(CallError::Dropped)));
    assert!(matches!(desk.lost_in_a_task().await, Err(CallError::Dropped)));
    let kept = desk.later().start();
    desk.forget().await.unwrap();
    let error = kept.await.unwrap_err();
    assert!(matches!(error, CallError::Dropped) && !error.never_ran());
    assert!(desk.is_running());
}

async fn going_down_with_its_actor_it_is_interrupted(way: Way) {
    type End = (fn(&DeskHandle), fn(&ExitReason) -> bool);
    let ends: [End; 3] = [
        (DeskHandle::stop, |reason| matches!(reason, ExitReason::Stopped)),
        (DeskHandle::kill, |reason| matches!(reason, ExitReason::Killed)),
        (|desk| desk.burst().tell_it(), |reason| matches!(reason, ExitReason::Panicked(_))),
    ];
    for (end, expected) in ends {
        let (desk, ..) = desk(way);
        let kept = desk.later().start();
        desk.ping().await.unwrap();
        end(&desk);
        match kept.await {
            Err(CallError::Interrupted(reason)) => assert!(expected(&reason), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}

trait TellIt {
    fn tell_it(self);
}

impl<T> TellIt for Request<'_, DeskMessage, T> {
    fn tell_it(self) {
        self.try_tell().unwrap();
    }
}

async fn of_the_handler_that_panics_it_is_interrupted(way: Way) {
    let (desk, ..) = desk(way);
    let kept = desk.later().start();
    desk.ping().await.unwrap();
    for answer in [desk.burst().await, kept.await] {
        match answer {
            Err(CallError::Interrupted(ExitReason::Panicked(panic))) => assert_eq!(panic.text(), "boom"),
            other => panic!("{other:?}"),
        }
    }
}

async fn alive_elsewhere_it_can_be_answered_after_the_end(way: Way) {
    for end in [DeskHandle::stop as fn(&DeskHandle), DeskHandle::kill] {
        let (desk, gate, _) = desk(way);
        let call = desk.in_a_task().start();
        gate.arrived(1).await;
        end(&desk);
        desk.stopped().await;
        gate.open(1);
        assert_eq!(call.await.unwrap(), 6);
    }
}

async fn it_keeps_the_actor_alive_only_while_its_caller_waits(way: Way) {
    let (desk, ..) = desk(way);
    let (one, two) = (desk.later().start(), desk.later().start());
    desk.ping().await.unwrap();
    let (weak, mut stopped) = (desk.downgrade(), desk.stopped());
    drop(desk);
    settle().await;
    assert!(poll_once(&mut stopped).await.is_none());
    assert!(weak.upgrade().is_none());
    drop(one);
    settle().await;
    assert!(poll_once(&mut stopped).await.is_none());
    drop(two);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn one_whose_caller_runs_out_of_time_keeps_nothing_alive(way: Way) {
    let (desk, ..) = desk(way);
    let one = desk.later().timeout(ms(20)).start();
    let stopped = desk.stopped();
    drop(desk);
    assert!(matches!(one.await, Err(CallError::TimedOut { started: true })));
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn one_that_is_answered_elsewhere_lets_the_actor_end(way: Way) {
    let (desk, gate, _) = desk(way);
    let call = desk.in_a_task().start();
    gate.arrived(1).await;
    let mut stopped = desk.stopped();
    drop(desk);
    settle().await;
    assert!(poll_once(&mut stopped).await.is_none());
    gate.open(1);
    assert_eq!(call.await.unwrap(), 6);
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn it_knows_that_its_caller_has_gone_and_hands_the_value_back(way: Way) {
    let (desk, gate, log) = desk(way);
    let (one, two) = (desk.later().start(), desk.later().start());
    assert_eq!(desk.gone().await.unwrap(), [false, false]);
    drop(one);
    assert_eq!(desk.gone().await.unwrap(), [true, false]);
    assert_eq!(desk.answer(3).await.unwrap(), 1);
    assert_eq!(two.await.unwrap(), 3);
    let mut slow = desk.now_slowly(4);
    assert!(poll_once(&mut slow).await.is_none());
    gate.arrived(1).await;
    drop(slow);
    gate.open(1);
    desk.ping().await.unwrap();
    assert_eq!(log.all(), ["Err(4)"]);
}

async fn of_a_tell_it_can_be_sent_and_dropped(way: Way) {
    let (desk, _, log) = desk(way);
    desk.now(1).tell().await.unwrap();
    desk.let_go().tell().await.unwrap();
    desk.later().tell().await.unwrap();
    assert_eq!(desk.gone().await.unwrap(), [false]);
    assert_eq!(desk.answer(1).await.unwrap(), 1);
    assert_eq!(log.all(), ["Ok(())"]);
    desk.later().tell().await.unwrap();
    let stopped = desk.stopped();
    drop(desk);
    assert!(matches!(stopped.await, ExitReason::Finished), "nobody waits for it");
}

four_ways!(
    it_is_answered_at_once_by_value_or_error,
    kept_in_the_actor_it_is_answered_later,
    the_handler_may_go_on_after_the_answer,
    another_thread_or_task_can_answer,
    let_go_without_an_answer_it_is_dropped,
    going_down_with_its_actor_it_is_interrupted,
    of_the_handler_that_panics_it_is_interrupted,
    alive_elsewhere_it_can_be_answered_after_the_end,
    it_knows_that_its_caller_has_gone_and_hands_the_value_back,
    of_a_tell_it_can_be_sent_and_dropped,
    one_that_is_answered_elsewhere_lets_the_actor_end,
);
both_ways!(it_keeps_the_actor_alive_only_while_its_caller_waits);
both_ways_paused!(one_whose_caller_runs_out_of_time_keeps_nothing_alive);
