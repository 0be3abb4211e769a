//! **Cigarette Smokers** (concurrency): an arbiter gives one smoker after the other what it lacks.
//!
//! A smoker says that it has begun, and then smokes: with a `ReplyTo` a handler answers before it ends, and the arbiter goes on to the next. (Where
//! the arbiter runs the handler of an idle smoker itself, in a direct call, it hears that when the handler has returned.)

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::hint;

/// An arbiter and smokers.
#[derive(Clone, Copy, Debug)]
pub struct CigaretteSmokers {
    /// How many smokers there are.
    pub smokers: usize,
    /// How often one of them smokes.
    pub rounds: usize,
}

#[actor]
#[derive(Default)]
struct Smoker {
    smoked: u64,
}

#[actor]
impl Smoker {
    /// Answered when it has begun.
    pub(crate) fn smoke(&mut self, turns: usize, reply: ReplyTo<()>) {
        reply.send(()).ok();
        for turn in 0..turns {
            hint::black_box(turn);
        }
        self.smoked += 1;
    }

    /// When it has smoked what it was given before.
    pub(crate) fn close(self) -> u64 {
        self.smoked
    }
}

#[actor]
struct Arbiter {
    smokers: Vec<SmokerHandle>,
}

#[actor]
impl Arbiter {
    pub(crate) async fn deal(&mut self, job: CigaretteSmokers) -> Result<(), CallError> {
        for (smoker, turns) in job.rounds() {
            self.smokers[smoker].smoke(turns).await?;
        }
        Ok(())
    }
}

impl CigaretteSmokers {
    /// Who smokes, and how long.
    fn rounds(self) -> impl Iterator<Item = (usize, usize)> {
        let mut random = Random::new(7);
        (0..self.rounds).map(move |_| (random.below(self.smokers), random.below(1000) + 10))
    }
}

impl Benchmark for CigaretteSmokers {
    const TITLE: &'static str = "Cigarette Smokers";

    type Output = Vec<u64>;

    fn at(scale: Scale) -> Self {
        CigaretteSmokers { smokers: scale.of(20, 200), rounds: scale.of(200, 1000) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<u64>, CallError> {
        let smokers: Vec<_> =
            (0..self.smokers).map(|_| Smoker::default().spawn_with(how.clone())).collect();
        let arbiter = Arbiter { smokers: smokers.clone() }.spawn_with(how.clone());
        arbiter.deal(*self).await.map_err(CallError::flatten)?;
        try_join_all(smokers.iter().map(SmokerHandle::close)).await
    }

    fn check(&self, smoked: Vec<u64>) -> Checked {
        let mut expected = vec![0; self.smokers];
        self.rounds().for_each(|(smoker, _)| expected[smoker] += 1);
        equal("what each smoked", &smoked, &expected)?;
        Ok(format!("{} cigarettes", smoked.iter().sum::<u64>()))
    }
}
