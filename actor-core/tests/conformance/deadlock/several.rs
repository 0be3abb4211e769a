//! Several requests in one handler, and requests that others have made.

use super::node::{deadlock, node, nodes, pair};
use crate::kit::{Gate, Way, poll_once, settle};
use std::sync::Arc;

async fn one_that_was_started_before(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let mut call = a.started_before(gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    assert!(poll_once(&mut call).await.is_none(), "nobody waits for it yet");
    gate.open(1);
    assert_eq!(deadlock(call.await), "a.started_before -> a.plain");
}

async fn one_that_another_started(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    a.hold(gate.clone()).tell().await.unwrap();
    gate.arrived(1).await;
    let given = Arc::new(tokio::sync::Mutex::new(None));
    let call = a.given(Arc::clone(&given)).start();
    settle().await;
    let held = given.clone().lock_owned().await;
    gate.open(1);
    settle().await;
    let mut held = held;
    *held = Some(a.plain().start());
    drop(held);
    assert_eq!(deadlock(call.await), "a.given -> a.plain");
}

async fn both_of_a_join(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let mut both = a.both(a.clone(), b.clone(), gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    assert!(poll_once(&mut both).await.is_none(), "the other may still do something");
    gate.open(1);
    let (own, other) = both.await.unwrap();
    assert!(own.unwrap_err().is_deadlock(), "looked at again when the other completed");
    assert_eq!(other.unwrap(), 7);
}

async fn one_whose_turn_is_over_goes_on(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(a.busy_beside(b).await.unwrap(), 1_000);
}

async fn either_of_a_select(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let mut either = a.either(a.clone(), b.clone(), gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    assert!(poll_once(&mut either).await.is_none());
    gate.open(1);
    assert_eq!(either.await.unwrap(), 7);
    assert_eq!(a.plain().await.unwrap(), 6);
}

async fn a_call_that_was_given_up_does_not_count(way: Way) {
    let n = nodes(way, 3);
    let (held, leave, last) = (Gate::default(), Gate::default(), Gate::default());
    let call = n[0].gave_up(n[1].clone(), (held.clone(), leave.clone(), last.clone()), n[2].clone()).start();
    held.arrived(1).await;
    leave.open(1);
    last.arrived(1).await;
    held.open(1);
    // Behind `gave_up`, which waited for this actor once.
    let back = n[1].call_plain(n[0].clone()).start();
    settle().await;
    last.open(1);
    assert_eq!((call.await.unwrap(), back.await.unwrap()), (7, 6));
}

async fn a_call_that_was_given_up_in_the_same_poll_hides_nothing(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    assert_eq!(deadlock(a.gave_up_at_once(b.clone(), gate.clone()).await), "a.gave_up_at_once -> a.plain");
    gate.open(1);
    assert_eq!(b.plain().await.unwrap(), 6);
}

async fn an_answer_that_a_reader_does_not_take_hides_nothing(way: Way) {
    let (a, b) = pair(way);
    let (held, leave) = (Gate::default(), Gate::default());
    let call = a.looks_away(b.clone(), (held.clone(), leave.clone())).start();
    held.arrived(1).await;
    leave.arrived(1).await;
    settle().await;
    // The answer is there when the reader is polled for the other.
    held.open(1);
    leave.open(1);
    assert_eq!(deadlock(call.await), "a.looks_away -> a.plain");
}

async fn an_answer_that_is_not_taken_while_many_come_hides_nothing(way: Way) {
    let n = nodes(way, 3);
    let (kept, gate, last) = (Gate::default(), Gate::default(), Gate::default());
    let gates = (kept.clone(), gate.clone(), last.clone());
    let call = n[0].looks_away_from_many(n[1].clone(), n[2].clone(), gates).start();
    kept.arrived(1).await;
    // Of so many not all are looked at in each poll.
    for _ in 0..4 {
        gate.open(1);
        settle().await;
    }
    kept.open(1);
    settle().await;
    gate.open(3000);
    last.arrived(1).await;
    settle().await;
    last.open(1);
    assert_eq!(deadlock(call.await), "n0.looks_away_from_many -> n2.call_plain_after -> n0.plain");
}

async fn what_one_that_is_served_left_hides_nothing(way: Way) {
    let n = nodes(way, 3);
    let call = n[0].serves_in_a_circle(n[1].clone()).start();
    // Served in the poll in which the call is made.
    n[0].leaves_one(n[2].clone(), Gate::default()).tell().await.unwrap();
    assert_eq!(deadlock(call.await), "n0.serves_in_a_circle -> n1.call_plain -> n0.plain");
}

async fn a_call_that_a_task_waits_for_does_not_count(way: Way) {
    let (a, b) = pair(way);
    let (inner, outer) = (Gate::default(), Gate::default());
    let call = a.passes_on(b.clone(), a.clone(), (inner.clone(), outer.clone())).start();
    inner.arrived(1).await;
    outer.arrived(1).await;
    settle().await;
    inner.open(1);
    settle().await;
    outer.open(1);
    assert_eq!(call.await.unwrap(), 1);
    assert_eq!(b.plain().await.unwrap(), 6);
}

both_ways!(
    one_that_was_started_before,
    one_that_another_started,
    both_of_a_join,
    one_whose_turn_is_over_goes_on,
    either_of_a_select,
    a_call_that_was_given_up_does_not_count,
    a_call_that_was_given_up_in_the_same_poll_hides_nothing,
    an_answer_that_a_reader_does_not_take_hides_nothing,
    an_answer_that_is_not_taken_while_many_come_hides_nothing,
    what_one_that_is_served_left_hides_nothing,
    a_call_that_a_task_waits_for_does_not_count,
);
