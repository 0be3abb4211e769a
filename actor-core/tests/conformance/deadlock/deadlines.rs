//! Waits that end by themselves.

use super::node::{Told, deadlock, node, pair};
use crate::kit::{Gate, Way, ms};
use actor_core::prelude::*;
use tokio::time::Instant;

async fn a_wait_that_ends_earlier(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.call_within(gate.clone(), b.clone(), ms(40)).start();
    let y = b.call(gate.clone(), a.clone()).start();
    gate.arrived(2).await;
    let began = Instant::now();
    gate.open(2);
    let Err(CallError::Handler(Told::Other(_))) = x.await else { panic!() };
    assert_eq!(began.elapsed(), ms(40));
    assert_eq!(y.await.unwrap(), 6);
}

async fn an_inherited_deadline_ends_all_at_once(way: Way) {
    let (a, b) = pair(way);
    let began = Instant::now();
    deadlock(a.walk(vec![b.clone(), a.clone()]).timeout(ms(50)).await);
    assert_eq!(began.elapsed(), ms(0));
}

async fn its_own_deadline_does_not_count(way: Way) {
    let (a, open) = (node(way, "a"), Gate::default());
    open.open(1);
    let began = Instant::now();
    deadlock(a.call_within(open, a.clone(), ms(50)).await);
    assert_eq!(began.elapsed(), ms(0));
}

async fn after_the_earlier_wait_has_ended(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.patient_twice(b.clone(), gate.clone()).start();
    let y = b.walk_after(gate.clone(), vec![a.clone()]).start();
    gate.arrived(2).await;
    let began = Instant::now();
    gate.open(2);
    let heard = (x.await, y.await);
    assert_eq!(began.elapsed(), ms(40));
    assert!(heard.0.is_ok() != heard.1.is_ok(), "{heard:?}");
}

both_ways_paused!(
    a_wait_that_ends_earlier,
    an_inherited_deadline_ends_all_at_once,
    its_own_deadline_does_not_count,
    after_the_earlier_wait_has_ended,
);
