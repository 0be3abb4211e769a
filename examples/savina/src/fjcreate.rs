//! **Fork Join (actor creation)** (micro): many actors, each made for one message.
//!
//! A method that takes `self` is an actor's last message: its reply is all that stays.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;

/// Actors with a short life.
#[derive(Clone, Copy, Debug)]
pub struct ForkJoinCreation {
    /// How many.
    pub actors: usize,
}

#[actor]
struct Task;

#[actor]
impl Task {
    pub(crate) fn compute(self, theta: f64) -> f64 {
        theta.sin()
    }
}

impl Benchmark for ForkJoinCreation {
    const TITLE: &'static str = "Fork Join (actor creation)";

    type Output = Vec<f64>;

    fn at(scale: Scale) -> Self {
        ForkJoinCreation { actors: scale.of(500, 40_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<f64>, CallError> {
        // All are started before the first is waited for.
        let computed: Vec<_> =
            (0..self.actors).map(|n| Task.spawn_with(how.clone()).compute(n as f64).start()).collect();
        try_join_all(computed).await
    }

    fn check(&self, computed: Vec<f64>) -> Checked {
        let expected: Vec<_> = (0..self.actors).map(|n| (n as f64).sin()).collect();
        equal("what was computed", &computed, &expected)?;
        Ok(format!("{} actors computed", computed.len()))
    }
}
