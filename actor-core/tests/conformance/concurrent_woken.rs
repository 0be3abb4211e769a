//! Which of several readers are polled.

use crate::kit::{Gate, Way, settle};
use actor_core::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;

/// A future that is never finished holds nothing back once its caller's actor is gone; and polls of one do not run the others.
async fn only_those_that_are_woken_are_polled(way: Way) {
    let polls: Arc<AtomicUsize> = Arc::default();
    let counter = Counter { polls: Arc::clone(&polls) }.spawn_with(way.spawn());
    let idle: Vec<_> = (0..50).map(|_| counter.wait().start()).collect();
    settle().await;
    assert_eq!(polls.load(SeqCst), 50);
    for _ in 0..20 {
        counter.pass().start().await.unwrap();
    }
    assert_eq!(polls.load(SeqCst), 50);
    drop(idle);
    counter.kill();
}

#[actor]
struct Counter {
    polls: Arc<AtomicUsize>,
}

#[actor]
impl Counter {
    #[message(concurrent)]
    pub async fn wait(&self) {
        std::future::poll_fn(|_| {
            self.polls.fetch_add(1, SeqCst);
            Poll::<()>::Pending
        })
        .await;
    }
    #[message(concurrent)]
    pub async fn pass(&self) {
        tokio::task::yield_now().await;
    }
}

/// Whose waker is kept by somebody, and used when it has ended long ago.
async fn one_that_is_woken_after_its_end_does_not_make_the_next_deaf(way: Way) {
    let (left, hold, gate) = (Lost::default(), Gate::default(), Gate::default());
    let actor = Forgetful { left: Arc::clone(&left), hold: hold.clone(), gate: gate.clone() };
    let actor = actor.spawn_with(way.spawn());
    // As long as it waits, all others come beside it.
    let first = actor.hold().start();
    hold.arrived(1).await;
    for round in 1..4 {
        actor.leave().await.unwrap();
        let waker = left.lock().unwrap().take();
        waker.expect("it was left").wake();
        settle().await;
        let next = actor.wait().start();
        gate.arrived(round).await;
        gate.open(1);
        next.await.unwrap();
    }
    hold.open(1);
    first.await.unwrap();
}

type Lost = Arc<std::sync::Mutex<Option<std::task::Waker>>>;

#[actor]
struct Forgetful {
    left: Lost,
    hold: Gate,
    gate: Gate,
}

#[actor]
impl Forgetful {
    #[message(concurrent)]
    pub async fn hold(&self) {
        self.hold.pass().await;
    }
    #[message(concurrent)]
    pub async fn wait(&self) {
        self.gate.pass().await;
    }
    /// Leaves its waker behind, and is ready.
    #[message(concurrent)]
    pub async fn leave(&self) {
        std::future::poll_fn(|cx| {
            *self.left.lock().unwrap() = Some(cx.waker().clone());
            Poll::Ready(())
        })
        .await;
    }
}

both_ways!(only_those_that_are_woken_are_polled, one_that_is_woken_after_its_end_does_not_make_the_next_deaf);
