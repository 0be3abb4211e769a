//! Waits for room in full mailboxes.

use super::node::{Node, Told, all_go_on, deadlock, node, nodes, pair};
use crate::kit::{Gate, Way, ms, settle};
use actor_core::Overflow;
use actor_core::prelude::*;
use futures::future::join_all;
use tokio::time::Instant;

async fn telling_oneself(way: Way) {
    let (a, open) = (node(way, "a"), Gate::default());
    open.open(2);
    assert_eq!(deadlock(a.flood(open.clone(), a.clone(), 2).await), "1: a.flood -> a.plain");
    assert_eq!(a.flood(open, a.clone(), 1).await.unwrap(), 1);
}

async fn tells_that_wait_for_room_in_a_circle(way: Way) {
    for n in [2, 3] {
        let (nodes, gate) = (nodes(way, n), Gate::default());
        let floods: Vec<_> =
            (0..n).map(|i| nodes[i].flood(gate.clone(), nodes[(i + 1) % n].clone(), 3).start()).collect();
        gate.arrived(n).await;
        gate.open(n);
        let heard = join_all(floods).await;
        assert_eq!(heard.iter().filter(|heard| heard.is_err()).count(), 1, "{heard:?}");
        deadlock(heard.into_iter().find(Result::is_err).unwrap());
        all_go_on(&nodes).await;
    }
}

async fn a_call_that_waits_for_room(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let call = a.call(gate.clone(), a.clone()).start();
    gate.arrived(1).await;
    a.plain().try_tell().unwrap();
    gate.open(1);
    assert_eq!(deadlock(call.await), "a.call -> a.plain");
    assert_eq!(a.plain().await.unwrap(), 6);
}

async fn what_was_refused_leaves_the_line(way: Way) {
    let (a, gate, last) = (node(way, "a"), Gate::default(), Gate::default());
    a.hold(last.clone()).tell().await.unwrap();
    last.arrived(1).await;
    let call = a.call(gate.clone(), a.clone()).start();
    settle().await;
    last.open(1);
    gate.arrived(1).await;
    a.hold(last.clone()).try_tell().unwrap();
    gate.open(1);
    deadlock(call.await);
    last.arrived(2).await;
    a.plain().try_tell().unwrap();
    assert!(matches!(a.plain().try_tell(), Err(TellError::Full(_))));
    last.open(1);
    all_go_on(&[a]).await;
}

async fn a_mailbox_that_rejects_is_full(way: Way) {
    let a = Node::default().spawn_with(way.spawn().overflow(Overflow::Reject));
    let open = Gate::default();
    open.open(1);
    let Err(CallError::Handler(Told::Other(text))) = a.flood(open, a.clone(), 2).await else { panic!() };
    assert_eq!(text, "the mailbox is full");
}

async fn a_tell_with_a_deadline(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let x = a.flood_within(gate.clone(), b.clone(), ms(40)).start();
    let y = b.flood(gate.clone(), a.clone(), 3).start();
    gate.arrived(2).await;
    let began = Instant::now();
    gate.open(2);
    assert_eq!((x.await.unwrap(), y.await.unwrap()), (1, 3), "it ends by itself");
    assert_eq!(began.elapsed(), ms(40));
}

/// The urgent ones have a lane of their own, with as much room.
async fn urgent_tells_that_wait_for_room(way: Way) {
    let (a, open) = (node(way, "a"), Gate::default());
    open.open(2);
    a.plain().try_tell().unwrap();
    let text = deadlock(a.flood_urgent(open.clone(), a.clone(), 2).await);
    assert_eq!(text, "1: a.flood_urgent -> a.hurry");
    assert_eq!(a.flood_urgent(open, a.clone(), 1).await.unwrap(), 1);
}

async fn a_circle_of_which_each_waits_for_room(way: Way) {
    let (n, gate) = (nodes(way, 3), Gate::default());
    let calls: Vec<_> = (0..3).map(|i| n[i].call(gate.clone(), n[(i + 1) % 3].clone()).start()).collect();
    gate.arrived(3).await;
    n.iter().for_each(|node| node.plain().try_tell().unwrap());
    gate.open(3);
    let heard = join_all(calls).await;
    assert_eq!(heard.iter().filter(|heard| heard.is_err()).count(), 1, "{heard:?}");
    deadlock(heard.into_iter().find(Result::is_err).unwrap());
    all_go_on(&n).await;
}

/// A tell is over when there is room: what it tells of is nobody's wait.
async fn a_tell_that_found_room_closes_no_circle(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    gate.open(2);
    assert_eq!(a.flood(gate.clone(), b.clone(), 1).await.unwrap(), 1);
    let crossing = (a.flood(gate.clone(), b.clone(), 1).start(), b.flood(gate.clone(), a.clone(), 1).start());
    gate.open(2);
    assert_eq!((crossing.0.await.unwrap(), crossing.1.await.unwrap()), (1, 1));
}

four_ways!(telling_oneself, tells_that_wait_for_room_in_a_circle,);
both_ways!(
    urgent_tells_that_wait_for_room,
    a_circle_of_which_each_waits_for_room,
    a_tell_that_found_room_closes_no_circle,
    a_call_that_waits_for_room,
    what_was_refused_leaves_the_line,
    a_mailbox_that_rejects_is_full,
);
both_ways_paused!(a_tell_with_a_deadline,);
