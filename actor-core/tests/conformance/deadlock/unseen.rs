//! What handlers wait for that nobody can see.

use super::node::{Told, deadlock, node, pair};
use crate::kit::{Gate, Way, ms, poll_once, settle};
use actor_core::prelude::*;
use std::sync::Arc;

async fn a_task_of_its_own_is_not_seen(way: Way) {
    let Err(CallError::Handler(Told::Other(text))) = node(way, "a").spawned().await else { panic!() };
    assert_eq!(text, "timed out; the message never ran");
}

async fn what_it_cannot_see_beside_a_request_does_not_count(way: Way) {
    deadlock(node(way, "a").beside_a_sleep().await);
}

async fn a_handler_that_waits_for_something_else_keeps_nobody_for_ever(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let hold = a.hold(gate.clone()).start();
    gate.arrived(1).await;
    let call = b.call_plain(a.clone()).start();
    settle().await;
    gate.open(1);
    assert_eq!((hold.await.unwrap(), call.await.unwrap()), (7, 6));
}

/// Both wait for ever, or as long as their callers do.
async fn a_oneshot_in_the_circle(way: Way) {
    let (a, b) = pair(way);
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let hears = a.wait_for(receiver).start();
    settle().await;
    let me = a.clone();
    let asks = b.wait_for(async move {
        let heard = me.plain().await;
        sender.send(()).unwrap();
        heard
    });
    let asks = asks.timeout(ms(30)).start();
    assert!(matches!(asks.await, Err(CallError::TimedOut { started: true })));
    // Time has ended the call within, and with it the circle.
    assert!(hears.await.is_ok());
}

async fn a_lock_in_the_circle(way: Way) {
    let (a, b) = pair(way);
    let (gate, lock) = (Gate::default(), Arc::default());
    let holds = a.locks(gate.clone(), Arc::clone(&lock), b.clone()).timeout(ms(30)).start();
    gate.arrived(1).await;
    let waits = b.locks(Gate::default(), lock, a.clone()).timeout(ms(50)).start();
    settle().await;
    gate.open(1);
    let Err(CallError::TimedOut { started: true }) = holds.await else { panic!() };
    let Err(CallError::TimedOut { started: true }) = waits.await else { panic!() };
}

async fn a_request_that_was_first_polled_outside(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let hold = b.hold(gate.clone()).start();
    gate.arrived(1).await;
    let (to, back) = (b.clone(), a.clone());
    let mut request = Box::pin(async move { to.call_plain(back).await });
    assert!(poll_once(&mut request).await.is_none());
    let moved_in = a.wait_for(request).timeout(ms(30)).start();
    settle().await;
    gate.open(1);
    hold.await.unwrap();
    let Err(error) = moved_in.await else { panic!() };
    assert!(matches!(error, CallError::TimedOut { started: true }), "{error}");
}

async fn a_handler_that_waits_for_its_reader(way: Way) {
    let (a, b) = pair(way);
    let Err(CallError::Handler(Told::Other(text))) = a.read_one_and_ask(b, ms(30)).await else { panic!() };
    assert_eq!(text, "timed out; the message never ran");
}

async fn a_thread_that_waits_for_a_handler(way: Way) {
    let a = node(way, "a");
    let Err(CallError::Handler(Told::Other(text))) = a.blocks(a.clone(), ms(30)).await else { panic!() };
    assert_eq!(text, "timed out; the message never ran");
}

both_ways!(a_thread_that_waits_for_a_handler);
both_ways_paused!(
    a_oneshot_in_the_circle,
    a_lock_in_the_circle,
    a_request_that_was_first_polled_outside,
    a_handler_that_waits_for_its_reader,
    a_task_of_its_own_is_not_seen,
    what_it_cannot_see_beside_a_request_does_not_count,
);
both_ways!(a_handler_that_waits_for_something_else_keeps_nobody_for_ever,);
