//! Cycles of calls, and what is no cycle.

use super::node::{Kept, Node, Told, all_go_on, deadlock, node, nodes, pair};
use crate::kit::{Gate, Way, settle};
use actor_core::Step;
use actor_core::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

async fn rings_of_any_length(way: Way) {
    for n in [1, 2, 3, 5, 17, 40] {
        let nodes = nodes(way, n);
        let route = nodes[1..].iter().chain(&nodes[..1]).cloned().collect();
        let text = deadlock(nodes[0].walk(route).await);
        let steps: Vec<_> = (0..n).chain([0]).map(|i| format!("n{i}.walk")).collect();
        assert_eq!(text, steps.join(" -> "));
        all_go_on(&nodes).await;
    }
}

async fn a_long_chain_is_no_cycle(way: Way) {
    let nodes = nodes(way, 300);
    assert_eq!(nodes[0].walk(nodes[1..].to_vec()).await.unwrap(), 299);
}

async fn the_way_into_a_cycle_is_not_told(way: Way) {
    let n = nodes(way, 4);
    let route = [1, 2, 3, 1].map(|i| n[i].clone()).to_vec();
    assert_eq!(deadlock(n[0].walk(route).await), "n1.walk -> n2.walk -> n3.walk -> n1.walk");
    all_go_on(&n).await;
}

async fn what_is_refused_never_ran(way: Way) {
    let ran = Arc::new(AtomicUsize::new(0));
    let node = Node { ran: Arc::clone(&ran), kept: Kept::default() }.spawn_with(way.spawn());
    assert!(node.never_ran().await.unwrap());
    settle().await;
    assert_eq!(ran.load(SeqCst), 0);
    node.plain().await.unwrap();
    assert_eq!(ran.load(SeqCst), 1);
}

async fn a_cycle_has_steps(way: Way) {
    let step = |actor: &str, message| Step { actor: actor.into(), message };
    assert_eq!(node(way, "ann").steps().await.unwrap(), [step("ann", "steps"), step("ann", "plain")]);
    let nameless = Node::default().spawn_with(way.spawn());
    let name = format!("Node{}", nameless.id());
    assert_eq!(nameless.steps().await.unwrap(), [step(&name, "steps"), step(&name, "plain")]);
}

async fn crossing_calls(way: Way) {
    let (a, b) = pair(way);
    let gate = Gate::default();
    let (x, y) = (a.call(gate.clone(), b.clone()).start(), b.call(gate.clone(), a.clone()).start());
    gate.arrived(2).await;
    gate.open(2);
    let heard = [x.await, y.await];
    let told: Vec<_> = heard.iter().filter(|heard| heard.is_err()).collect();
    let [Err(CallError::Handler(Told::Deadlock(text)))] = told[..] else { panic!("{heard:?}") };
    let (one, other) = ("a.call -> b.plain -> b.call -> a.plain", "b.call -> a.plain -> a.call -> b.plain");
    assert!(text == one || text == other, "{text}");
    assert!(heard.iter().any(|heard| matches!(heard, Ok(6))), "{heard:?}");
    all_go_on(&[a, b]).await;
}

async fn an_onlooker_gets_its_answer(way: Way) {
    let (n, gate) = (nodes(way, 3), Gate::default());
    let cycle = n[0].walk_after(gate.clone(), vec![n[1].clone(), n[0].clone()]).start();
    gate.arrived(1).await;
    let onlooker = n[2].call_plain(n[0].clone()).start();
    settle().await;
    gate.open(1);
    deadlock(cycle.await);
    assert_eq!(onlooker.await.unwrap(), 6);
}

async fn two_cycles_in_one_actor(way: Way) {
    let n = nodes(way, 3);
    let ways = (vec![n[1].clone(), n[0].clone()], vec![n[2].clone(), n[0].clone()]);
    let (one, other) = n[0].both_walk(ways.0, ways.1).await.unwrap();
    assert!(one.unwrap_err().is_deadlock() && other.unwrap_err().is_deadlock());
    all_go_on(&n).await;
}

async fn a_caller_that_has_gone_changes_nothing(way: Way) {
    let (a, gate) = (node(way, "a"), Gate::default());
    let call = a.call(gate.clone(), a.clone()).start();
    gate.arrived(1).await;
    drop(call);
    gate.open(1);
    assert_eq!(a.plain().await.unwrap(), 6);
}

async fn again_and_again(way: Way) {
    let (a, b) = pair(way);
    for _ in 0..100 {
        deadlock(a.walk(vec![b.clone(), a.clone()]).await);
        assert_eq!(a.walk(vec![b.clone()]).await.unwrap(), 1);
    }
}

both_ways!(
    rings_of_any_length,
    a_long_chain_is_no_cycle,
    the_way_into_a_cycle_is_not_told,
    what_is_refused_never_ran,
    a_cycle_has_steps,
    an_onlooker_gets_its_answer,
    a_caller_that_has_gone_changes_nothing,
);
four_ways!(crossing_calls, two_cycles_in_one_actor, again_and_again,);
