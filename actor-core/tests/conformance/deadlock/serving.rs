//! Handlers that serve, and what they serve.

use super::node::{all_go_on, deadlock, node, pair};
use crate::kit::{Gate, Way, ms, settle};
use tokio::time::Instant;

async fn what_is_served_waits_for_nobody(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(a.serve_open(b).await.unwrap(), 5);
}

async fn what_is_served_makes_room(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(a.serve_tells(b).await.unwrap(), 2);
}

async fn an_ordinary_message_waits_for_one_who_serves(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(deadlock(a.serve_plain(b).await), "a.serve_plain -> b.call_plain -> a.plain");
}

async fn after_a_stop_nothing_is_served(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(deadlock(a.serve_after_stop(b).await), "a.serve_after_stop -> b.call_open -> a.open");
}

async fn one_who_has_served_enough(way: Way) {
    let (a, b) = pair(way);
    let (inner, outer) = (Gate::default(), Gate::default());
    let call = a.served_enough(b, (inner.clone(), outer.clone())).start();
    inner.arrived(1).await;
    outer.arrived(1).await;
    assert_eq!(a.open().await.unwrap(), 5);
    outer.open(1);
    settle().await;
    inner.open(1);
    assert_eq!(deadlock(call.await), "a.served_enough -> b.call_open_after -> a.open");
}

async fn what_is_served_and_waits_for_its_own_actor(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let serve = a.serve_gate(gate.clone()).start();
    gate.arrived(1).await;
    assert_eq!(
        deadlock(a.served(a.clone()).await),
        "a.serve_gate -> a.served -> a.plain",
        "whatever the gate does"
    );
    gate.open(1);
    assert_eq!(serve.await.unwrap(), 1);
}

async fn a_deadline_of_the_one_who_serves_does_not_help(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let serve = a.serve_within(b, gate.clone(), ms(50)).start();
    gate.arrived(1).await;
    let began = Instant::now();
    assert_eq!(deadlock(a.served(a.clone()).await), "a.serve_within -> a.served -> a.plain");
    assert_eq!(began.elapsed(), ms(0));
    assert!(!serve.await.unwrap());
}

async fn what_comes_in_between_waits_for_what_is_served(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let serve = a.serve_gate(gate.clone()).start();
    gate.arrived(1).await;
    assert_eq!(deadlock(a.served_walk(b).await), "a.served_walk -> b.call_open -> a.open");
    assert_eq!(a.open().await.unwrap(), 5);
    gate.open(1);
    assert_eq!(serve.await.unwrap(), 1);
}

async fn what_is_served_serves(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let serve = a.serve_gate(gate.clone()).start();
    gate.arrived(1).await;
    assert_eq!(a.served_serves(b.clone(), false).await.unwrap(), 5);
    let text = deadlock(a.served_serves(b, true).await);
    assert_eq!(text, "a.serve_gate -> a.served_serves -> b.call_plain -> a.plain");
    gate.open(1);
    assert_eq!(serve.await.unwrap(), 1);
}

async fn without_room_it_is_not_served(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    b.hold(gate.clone()).tell().await.unwrap();
    gate.arrived(1).await;
    let serve = a.serve_open(b.clone()).start();
    settle().await;
    a.plain().try_tell().unwrap();
    settle().await;
    gate.open(1);
    assert_eq!(deadlock(serve.await), "a.serve_open -> b.call_open -> a.open");
    all_go_on(&[a, b]).await;
}

four_ways!(
    what_is_served_waits_for_nobody,
    what_is_served_makes_room,
    an_ordinary_message_waits_for_one_who_serves,
    what_is_served_and_waits_for_its_own_actor,
    what_is_served_serves,
);
both_ways!(
    after_a_stop_nothing_is_served,
    one_who_has_served_enough,
    what_comes_in_between_waits_for_what_is_served,
    without_room_it_is_not_served,
);
both_ways_paused!(a_deadline_of_the_one_who_serves_does_not_help,);
