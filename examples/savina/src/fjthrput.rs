//! **Fork Join (throughput)** (micro): many messages to many actors, all of which have the same little to compute.
//!
//! A `Group` sends a message to all of its members, and waits where one has no room for it.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::Group;
use actor_core::prelude::*;
use futures::future::try_join_all;

/// A group of workers.
#[derive(Clone, Copy, Debug)]
pub struct ForkJoinThroughput {
    /// How many workers there are.
    pub actors: usize,
    /// How many messages each of them gets.
    pub messages: u64,
}

#[actor]
#[derive(Default)]
struct Worker {
    done: u64,
    sum: f64,
}

#[actor(derive_message(Clone))]
impl Worker {
    pub(crate) fn compute(&mut self, theta: f64) {
        self.done += 1;
        self.sum += theta.sin();
    }

    pub(crate) fn close(self) -> (u64, f64) {
        (self.done, self.sum)
    }
}

impl Benchmark for ForkJoinThroughput {
    const TITLE: &'static str = "Fork Join (throughput)";

    type Output = Vec<(u64, f64)>;

    fn at(scale: Scale) -> Self {
        ForkJoinThroughput { actors: scale.of(10, 60), messages: scale.of(200, 10_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<(u64, f64)>, CallError> {
        let workers: Vec<_> = (0..self.actors).map(|_| Worker::default().spawn_with(how.clone())).collect();
        let group = Group::new();
        workers.iter().for_each(|worker| group.join(worker));
        for _ in 0..self.messages {
            group.tell(WorkerMessage::Compute { theta: 37.2 }).await;
        }
        try_join_all(workers.iter().map(WorkerHandle::close)).await
    }

    fn check(&self, done: Vec<(u64, f64)>) -> Checked {
        let sum = (0..self.messages).fold(0.0, |sum, _| sum + 37.2f64.sin());
        equal("what was done", &done, &vec![(self.messages, sum); self.actors])?;
        Ok(format!("{} computed", self.messages * self.actors as u64))
    }
}
