//! How fast it is: a system of ten actors, under a thousand seeds.

use actor_core::prelude::*;
use actor_core::test::schedule;
use std::time::{Duration, Instant};

/// Passes a number round, and counts.
#[actor]
#[derive(Default)]
struct Node {
    next: Option<NodeHandle>,
    passed: u32,
}

#[actor]
impl Node {
    pub fn join(&mut self, next: NodeHandle) {
        self.next = Some(next);
    }
    pub fn pass(&mut self, left: u32) {
        self.passed += 1;
        if let Some(next) = self.next.as_ref().filter(|_| left > 0) {
            next.pass(left - 1).try_tell().unwrap();
        }
    }
    pub fn passed(&self) -> u32 {
        self.passed
    }
}

async fn ring() {
    let nodes: Vec<_> = (0..10).map(|_| Node::default().spawn()).collect();
    for (at, node) in nodes.iter().enumerate() {
        node.join(nodes[(at + 1) % nodes.len()].clone()).await.unwrap();
    }
    // Ten that run round at the same time, ten steps each.
    for node in &nodes {
        node.pass(9).tell().await.unwrap();
    }
    let mut passed = 0;
    while passed < 100 {
        schedule::settle().await;
        passed = 0;
        for node in &nodes {
            passed += node.passed().await.unwrap();
        }
    }
    assert_eq!(passed, 100);
}

#[test]
fn a_thousand_seeds_of_ten_actors_are_a_matter_of_seconds() {
    let began = Instant::now();
    schedule::check(1000, ring);
    let took = began.elapsed();
    println!("{:.0} seeds a second", 1000.0 / took.as_secs_f64());
    // Measured: far below; a machine that does other things too is given its time.
    assert!(took < Duration::from_secs(60), "{took:?}");
}
