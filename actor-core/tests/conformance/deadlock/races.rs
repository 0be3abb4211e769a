//! Cycles that several close at the same instant.

use super::node::nodes;
use crate::kit::{Gate, Way, limited, two_threads};
use futures::future::join_all;
use std::time::Duration;

/// One of those who close a cycle at the same instant is told, and with one refused the others get their answers.
async fn race(way: Way, n: usize, rounds: usize) {
    let nodes = nodes(way, n);
    for round in 0..rounds {
        let gate = Gate::default();
        let calls: Vec<_> =
            (0..n).map(|i| nodes[i].call(gate.clone(), nodes[(i + 1) % n].clone()).start()).collect();
        // What was refused in the round before may still take room, and then they wait for some.
        let calls = tokio::spawn(join_all(calls));
        gate.arrived(n).await;
        gate.open(n);
        let heard = tokio::time::timeout(Duration::from_secs(20), calls).await;
        let heard = heard.unwrap_or_else(|_| panic!("nobody was told in round {round}")).unwrap();
        let told = heard.iter().filter(|heard| heard.is_err()).count();
        assert_eq!(told, 1, "round {round}: {heard:?}");
    }
}

/// A few at a time, so that each has the time that a case may take.
fn races(n: usize, rounds: usize) {
    for direct in [true, false] {
        for _ in 0..rounds / 50 {
            limited(|| two_threads().block_on(race(Way { direct }, n, 50)));
        }
    }
}

#[test]
fn races_of_two() {
    races(2, 1_500);
}

#[test]
fn races_of_rings() {
    races(5, 750);
}
