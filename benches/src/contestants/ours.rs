//! This library, with direct calls and without.

use std::sync::Arc;
use std::time::Duration;

use actor_core::prelude::*;
use tokio::sync::Notify;

use crate::contestant::{CAPACITY, Contestant, Threads, on_tokio};

/// `DIRECT`: whether a caller may run the handler of an idle actor itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ours<const DIRECT: bool>;

#[actor]
#[derive(Debug)]
pub(crate) struct Counter {
    sum: u64,
}

#[actor]
impl Counter {
    pub(crate) fn add(&mut self, amount: u64) -> u64 {
        self.sum += amount;
        self.sum
    }
}

#[actor]
#[derive(Debug)]
pub(crate) struct Node {
    next: Option<NodeHandle>,
    done: Arc<Notify>,
}

#[actor]
impl Node {
    pub(crate) fn link(&mut self, next: NodeHandle) {
        self.next = Some(next);
    }

    pub(crate) fn hop(&mut self, left: u64) {
        if left == 0 {
            self.done.notify_one();
        } else {
            let next = self.next.as_ref().expect("the ring is closed");
            next.hop(left - 1).try_tell().expect("room for the only message");
        }
    }
}

#[actor]
#[derive(Debug)]
pub(crate) struct Relay {
    next: Option<RelayHandle>,
}

#[actor]
impl Relay {
    pub(crate) async fn pass(&mut self, number: u64) -> u64 {
        match &self.next {
            Some(next) => next.pass(number).await.expect("an answer"),
            None => number + 1,
        }
    }
}

impl<const DIRECT: bool> Ours<DIRECT> {
    fn spawn<A: Actor>(actor: A) -> A::Handle {
        actor.spawn_with(Spawn::new().mailbox(CAPACITY).direct(DIRECT))
    }
}

impl<const DIRECT: bool> Contestant for Ours<DIRECT> {
    const NAME: &'static str = if DIRECT { "ours" } else { "ours-mailbox-only" };

    type Counter = CounterHandle;
    type Node = NodeHandle;
    type Relay = RelayHandle;

    fn run<T, F>(threads: Threads, work: impl FnOnce(Self) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        on_tokio(threads, async move { work(Self).await })
    }

    async fn counter(&self) -> Self::Counter {
        Self::spawn(Counter { sum: 0 })
    }

    async fn tell(counter: &Self::Counter, amount: u64) {
        counter.add(amount).tell().await.expect("it runs");
    }

    async fn ask(counter: &Self::Counter, amount: u64) -> u64 {
        counter.add(amount).await.expect("an answer")
    }

    async fn ask_within(counter: &Self::Counter, within: Duration, amount: u64) -> u64 {
        counter.add(amount).timeout(within).await.expect("in time")
    }

    async fn life(&self) -> u64 {
        let counter = Self::spawn(Counter { sum: 0 });
        let sum = Self::ask(&counter, 1).await;
        counter.stop();
        counter.stopped().await;
        sum
    }

    async fn ring(&self, size: usize, done: &Arc<Notify>) -> Self::Node {
        let nodes: Vec<_> = (0..size).map(|_| Self::spawn(Node { next: None, done: done.clone() })).collect();
        for (index, node) in nodes.iter().enumerate() {
            node.link(nodes[(index + 1) % size].clone()).await.expect("an answer");
        }
        nodes[0].clone()
    }

    async fn hop(node: &Self::Node, left: u64) {
        node.hop(left).tell().await.expect("it runs");
    }

    async fn relays(&self, length: usize) -> Self::Relay {
        (1..length).fold(Self::spawn(Relay { next: None }), |next, _| Self::spawn(Relay { next: Some(next) }))
    }

    async fn relay(first: &Self::Relay, number: u64) -> u64 {
        first.pass(number).await.expect("an answer")
    }
}
