//! What can be done with a request.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle};
use actor_core::prelude::*;
use futures::future::{join_all, select};
use std::collections::HashSet;
use std::pin::pin;
use std::time::Duration;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("refused {0}")]
struct Refused(u64);

#[actor]
struct Desk {
    sum: u64,
    gate: Gate,
    log: Log,
}

#[actor(derive_message(Debug, Clone, PartialEq), derive_reply(Debug))]
impl Desk {
    pub fn add(&mut self, by: u64) -> u64 {
        self.sum += by;
        self.log.push(by);
        self.sum
    }
    pub async fn hold(&mut self) -> u64 {
        self.gate.pass().await;
        self.sum
    }
    pub async fn soon(&mut self, by: u64) -> u64 {
        tokio::task::yield_now().await;
        self.add(by)
    }
    pub fn refuse(&mut self, n: u64) -> Result<u64, Refused> {
        self.log.push("refuse");
        Err(Refused(n))
    }
}

fn desk(how: Spawn) -> (DeskHandle, Gate, Log) {
    let (gate, log) = (Gate::default(), Log::default());
    (Desk { sum: 0, gate: gate.clone(), log: log.clone() }.spawn_with(how), gate, log)
}

async fn awaiting_gives_the_reply_of_plain_and_async_methods(way: Way) {
    let (desk, ..) = desk(way.spawn());
    assert_eq!(desk.add(2).await.unwrap(), 2);
    assert_eq!(desk.soon(3).await.unwrap(), 5);
}

async fn an_error_of_the_method_is_the_calls_and_the_actor_goes_on(way: Way) {
    let (desk, _, log) = desk(way.spawn());
    assert!(matches!(desk.refuse(4).await, Err(CallError::Handler(Refused(4)))));
    desk.refuse(5).tell().await.unwrap();
    assert_eq!(desk.add(1).await.unwrap(), 1);
    assert_eq!(log.all(), ["refuse", "refuse", "1"]);
}

async fn nothing_is_sent_until_it_is_used(way: Way) {
    let (desk, _, log) = desk(way.spawn());
    drop(desk.add(1));
    drop(desk.add(2).tell());
    let unused = desk.add(3);
    settle().await;
    drop(unused);
    desk.add(4).await.unwrap();
    assert_eq!(log.all(), ["4"]);
}

async fn a_request_is_unpin_and_can_be_selected_and_joined(way: Way) {
    let (desk, gate, _) = desk(way.spawn());
    let (other, ..) = crate::requests::desk(way.spawn());
    match select(desk.hold(), other.add(1)).await {
        futures::future::Either::Right((one, mut hold)) => {
            assert_eq!(one.unwrap(), 1);
            assert!(poll_once(&mut hold).await.is_none());
            gate.open(1);
            assert_eq!(hold.await.unwrap(), 0);
        }
        futures::future::Either::Left(_) => panic!("the gate is shut"),
    }
}

async fn requests_run_in_parallel_in_join_all(way: Way) {
    let (desk, ..) = desk(way.spawn());
    let sums: HashSet<u64> =
        join_all((0..300).map(|_| desk.soon(1))).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(sums.len(), 300);
}

async fn start_sends_at_once_and_in_order(way: Way) {
    let (desk, _, log) = desk(way.spawn());
    let (second, first) = {
        let first = desk.add(1).start();
        (desk.add(2).start(), first)
    };
    settle().await;
    assert_eq!(log.all(), ["1", "2"]);
    assert_eq!((second.await.unwrap(), first.await.unwrap()), (3, 1));
}

async fn try_tell_and_tell_are_handled(way: Way) {
    let (desk, _, log) = desk(way.spawn());
    desk.add(1).try_tell().unwrap();
    desk.add(2).tell().await.unwrap();
    desk.soon(3).tell().await.unwrap();
    assert_eq!(desk.add(4).await.unwrap(), 10);
    assert_eq!(log.all(), ["1", "2", "3", "4"]);
}

async fn into_message_sends_nothing_and_ask_sends_it(way: Way) {
    let (desk, _, log) = desk(way.spawn());
    let message = desk.add(7).timeout(ms(1)).into_message();
    assert_eq!(message, DeskMessage::Add { by: 7 });
    assert_eq!(message.name(), "add");
    settle().await;
    assert!(log.all().is_empty());
    assert!(matches!(desk.ask(message).await.unwrap(), DeskReply::Add(7)));
    let refused = desk.refuse(1).into_message();
    assert!(matches!(desk.ask(refused).await.unwrap(), DeskReply::Refuse(Err(Refused(1)))));
}

async fn a_request_polled_by_reference_goes_on_when_awaited(way: Way) {
    let (desk, gate, _) = desk(way.spawn());
    let mut hold = desk.hold();
    assert!(poll_once(&mut hold).await.is_none());
    gate.arrived(1).await;
    gate.open(1);
    assert_eq!((&mut hold).await.unwrap(), 0);
    assert!(matches!(hold.await, Err(CallError::Dropped)), "polled after it was ready");
}

async fn a_request_that_is_moved_between_polls_is_woken_where_it_is(way: Way) {
    let (desk, gate, _) = desk(way.spawn());
    let desk: &'static DeskHandle = Box::leak(Box::new(desk));
    let mut hold = desk.hold();
    assert!(poll_once(&mut hold).await.is_none());
    let elsewhere = tokio::spawn(hold);
    settle().await;
    gate.open(1);
    assert_eq!(elsewhere.await.unwrap().unwrap(), 0);
    desk.stop();
}

async fn dropping_a_queued_request_means_it_never_runs(way: Way) {
    let (desk, gate, log) = desk(way.spawn());
    let hold = desk.hold().start();
    gate.arrived(1).await;
    let mut queued = desk.add(1);
    assert!(poll_once(&mut queued).await.is_none());
    let kept = desk.add(2).start();
    drop(queued);
    gate.open(1);
    hold.await.unwrap();
    assert_eq!(kept.await.unwrap(), 2);
    assert_eq!(log.all(), ["2"]);
}

async fn dropping_a_running_request_lets_the_handler_end(way: Way) {
    let (desk, gate, log) = desk(way.spawn());
    {
        let mut hold = desk.hold();
        assert!(poll_once(&mut hold).await.is_none());
        gate.arrived(1).await;
    }
    let next = desk.add(1).start();
    settle().await;
    assert!(log.all().is_empty(), "the handler still has the actor");
    gate.open(1);
    assert_eq!(next.await.unwrap(), 1);
}

async fn a_request_that_loses_a_select_is_cancelled(way: Way) {
    let (desk, gate, log) = desk(way.spawn());
    let hold = desk.hold().start();
    gate.arrived(1).await;
    tokio::select! {
        biased;
        _ = desk.add(1) => panic!("the actor is busy"),
        () = std::future::ready(()) => {}
    }
    gate.open(1);
    hold.await.unwrap();
    desk.add(2).await.unwrap();
    assert_eq!(log.all(), ["2"]);
}

async fn the_same_call_times_out_with_tokios_timeout_too(way: Way) {
    let (desk, gate, _) = desk(way.spawn());
    let late = tokio::time::timeout(ms(20), desk.hold()).await;
    assert!(late.is_err());
    gate.open(1);
    assert_eq!(desk.add(1).await.unwrap(), 1);
}

async fn an_endless_timeout_is_no_limit(way: Way) {
    let (desk, ..) = desk(way.spawn());
    assert_eq!(desk.add(1).timeout(Duration::MAX).await.unwrap(), 1);
    assert_eq!(desk.soon(1).timeout(Duration::MAX).await.unwrap(), 2);
    assert_eq!(desk.soon(1).timeout(Duration::from_secs(u64::MAX / 4)).await.unwrap(), 3);
    assert_eq!(desk.add(1).timeout(Duration::MAX).start().await.unwrap(), 4);
    desk.add(1).timeout(Duration::MAX).tell().await.unwrap();
    desk.stop_within(Duration::MAX);
    assert!(matches!(desk.stopped().await, ExitReason::Stopped));
}

async fn many_callers_in_many_tasks_all_get_their_own_answer(way: Way) {
    let (desk, ..) = desk(way.spawn().mailbox(4));
    let callers = (0..20).map(|n| {
        let desk = desk.clone();
        tokio::spawn(async move {
            for m in 0..50 {
                let before = n * 1000 + m;
                assert!(matches!(desk.refuse(before).await, Err(CallError::Handler(Refused(got))) if got == before));
            }
        })
    });
    let mut all = pin!(join_all(callers));
    (&mut all).await.into_iter().for_each(Result::unwrap);
}

four_ways!(
    awaiting_gives_the_reply_of_plain_and_async_methods,
    an_error_of_the_method_is_the_calls_and_the_actor_goes_on,
    a_request_is_unpin_and_can_be_selected_and_joined,
    requests_run_in_parallel_in_join_all,
    try_tell_and_tell_are_handled,
    into_message_sends_nothing_and_ask_sends_it,
    a_request_polled_by_reference_goes_on_when_awaited,
    a_request_that_is_moved_between_polls_is_woken_where_it_is,
    dropping_a_queued_request_means_it_never_runs,
    an_endless_timeout_is_no_limit,
    many_callers_in_many_tasks_all_get_their_own_answer,
);
both_ways!(
    nothing_is_sent_until_it_is_used,
    start_sends_at_once_and_in_order,
    dropping_a_running_request_lets_the_handler_end,
    a_request_that_loses_a_select_is_cancelled,
);
both_ways_paused!(the_same_call_times_out_with_tokios_timeout_too);
