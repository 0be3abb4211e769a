//! Calls of pools: whom they wait for is the worker that was chosen.

use super::node::{Node, NodeHandle, Told, deadlock, node};
use crate::kit::{Gate, Way};
use crate::pool::call;
use actor_core::Pool;
use actor_core::prelude::*;
use std::time::Duration;

fn pool(size: usize) -> NodeHandle {
    Pool::new(size, |_| Node::default()).spawn()
}

async fn a_worker_that_asks_its_pool_of_one(way: Way) {
    let pool = pool(1);
    let text = deadlock(call(way, pool.call_plain(pool.clone())).await);
    assert!(text.contains(".call_plain -> ") && text.ends_with(".plain"), "{text}");
    assert_eq!(pool.plain().await.unwrap(), 6);
}

async fn one_of_several_workers_asks_another(way: Way) {
    let pool = pool(2);
    for _ in 0..10 {
        // The next in turn is the other one.
        assert_eq!(call(way, pool.call_plain(pool.clone())).await.unwrap(), 6);
    }
}

async fn a_way_out_of_a_pool_and_back(way: Way) {
    let (pool, other) = (pool(1), node(way, "other"));
    let text = deadlock(call(way, pool.walk(vec![other.clone(), pool.clone()])).await);
    let (worker, rest) = text.split_once(".walk -> ").unwrap();
    assert_eq!(rest, format!("other.walk -> {worker}.walk"));
    assert_eq!(other.walk(vec![pool]).await.unwrap(), 1);
}

async fn a_tell_to_a_full_worker(way: Way) {
    let (pool, open) = (pool(1), Gate::default());
    open.open(2);
    let text = deadlock(call(way, pool.flood(open.clone(), pool.clone(), 2)).await);
    assert!(text.starts_with("1: ") && text.ends_with(".plain"), "{text}");
    assert_eq!(pool.flood(open, pool.clone(), 1).await.unwrap(), 1);
}

/// All workers ask the pool at the same instant: whoever got whom, some hear that they never could, and the rest are answered.
async fn all_workers_at_once(_: Way) {
    for round in 0..50 {
        // A new one, since in an old one what was refused may still take room.
        let pool = pool(4);
        let gate = Gate::default();
        let calls: Vec<_> = (0..4).map(|_| pool.call(gate.clone(), pool.clone()).start()).collect();
        gate.arrived(4).await;
        gate.open(4);
        let calls = tokio::time::timeout(Duration::from_secs(20), futures::future::join_all(calls));
        let heard = calls.await.unwrap_or_else(|_| panic!("nobody was told in round {round}"));
        let told = heard.iter().filter(|heard| heard.is_err()).count();
        assert!((1..=4).contains(&told), "round {round}: {heard:?}");
        let all_known = |heard: &Result<u32, CallError<Told>>| match heard {
            Ok(6) => true,
            Err(CallError::Handler(told)) => told.is_deadlock(),
            _ => false,
        };
        assert!(heard.iter().all(all_known), "round {round}: {heard:?}");
    }
}

both_ways!(
    a_worker_that_asks_its_pool_of_one,
    one_of_several_workers_asks_another,
    a_way_out_of_a_pool_and_back,
    a_tell_to_a_full_worker,
);
four_ways!(all_workers_at_once);
