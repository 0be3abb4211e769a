//! **Bitonic Sort** (parallelism): a network of comparisons, as a row of actors through which the numbers pass.
//!
//! Each stage compares numbers that come `distance` after each other, and sends them on in the order that its place in the network asks for. The
//! row is the same as that of the radix sort: only what its actors do is another.

use crate::pipeline::{self, Sink, SinkHandle};
use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure};
use actor_core::prelude::*;
use std::collections::VecDeque;

/// Numbers in no order, and a network as wide as they are many.
#[derive(Clone, Copy, Debug)]
pub struct BitonicSort {
    /// How many numbers; a power of two.
    pub numbers: usize,
}

#[actor(protocols)]
struct Stage {
    /// What is compared with what.
    distance: usize,
    /// Runs of this length are merged: one up, the next one down.
    run: usize,
    /// How many have come.
    count: usize,
    /// Those that wait for their partners.
    waiting: VecDeque<u64>,
    /// Their partners, until all of the first have been sent on.
    held: VecDeque<u64>,
    next: SinkHandle,
}

impl Sink for Stage {
    async fn number(&mut self, number: u64) -> Result<(), CallError> {
        let place = self.count;
        self.count += 1;
        if place & self.distance == 0 {
            self.waiting.push_back(number);
            return Ok(());
        }
        let Some(other) = self.waiting.pop_front() else { return Ok(()) };
        let upwards = place & self.run == 0;
        let (first, second) = if (other <= number) == upwards { (other, number) } else { (number, other) };
        self.held.push_back(second);
        self.next.number(first).tell().await?;
        if self.waiting.is_empty() {
            for number in self.held.drain(..) {
                self.next.number(number).tell().await?;
            }
        }
        Ok(())
    }

    async fn end(&mut self) -> Result<(), CallError> {
        Ok(self.next.end().tell().await?)
    }
}

impl BitonicSort {
    fn numbers(&self) -> Vec<u64> {
        let mut random = Random::new(2048);
        (0..self.numbers).map(|_| random.next() >> 4).collect()
    }

    /// The run and the distance of each stage.
    fn stages(&self) -> Vec<(usize, usize)> {
        let halves = |from: usize| std::iter::successors(Some(from), |n| Some(n / 2)).take_while(|n| *n > 0);
        let mut runs: Vec<_> = halves(self.numbers).filter(|run| *run > 1).collect();
        runs.reverse();
        runs.into_iter().flat_map(|run| halves(run / 2).map(move |distance| (run, distance))).collect()
    }
}

impl Benchmark for BitonicSort {
    const TITLE: &'static str = "Bitonic Sort";

    type Output = Vec<u64>;

    fn at(scale: Scale) -> Self {
        BitonicSort { numbers: scale.of(128, 4096) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<u64>, CallError> {
        let build = |end| {
            self.stages().into_iter().rev().fold(end, |next, (run, distance)| {
                let (waiting, held) = (VecDeque::new(), VecDeque::new());
                Stage { distance, run, count: 0, waiting, held, next }.spawn_with(how.clone()).into()
            })
        };
        pipeline::run(self.numbers(), how, build).await
    }

    fn check(&self, sorted: Vec<u64>) -> Checked {
        let mut expected = self.numbers();
        expected.sort_unstable();
        ensure("the numbers are sorted", sorted == expected)?;
        Ok(format!("{} numbers in order, by {} stages", sorted.len(), self.stages().len()))
    }
}
