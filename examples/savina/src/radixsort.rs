//! **Radix Sort** (parallelism): a row of actors, one for each bit, lets the numbers without its bit pass and keeps the others back.
//!
//! What is next in the row may be another sorter or the end of it: a protocol, `Sink`, has one type of handle for both. A sorter tells the next
//! one, and waits while that has no room: so the first cannot run away from the last.

use crate::pipeline::{self, Sink, SinkHandle};
use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure};
use actor_core::prelude::*;

/// Numbers in no order, and a sorter for each bit.
#[derive(Clone, Copy, Debug)]
pub struct RadixSort {
    /// How many numbers.
    pub numbers: usize,
    /// How many bits they have.
    pub bits: u32,
}

#[actor(protocols)]
struct Sorter {
    bit: u32,
    kept: Vec<u64>,
    next: SinkHandle,
}

impl Sink for Sorter {
    async fn number(&mut self, number: u64) -> Result<(), CallError> {
        if number >> self.bit & 1 == 0 {
            self.next.number(number).tell().await?;
        } else {
            self.kept.push(number);
        }
        Ok(())
    }

    async fn end(&mut self) -> Result<(), CallError> {
        for number in self.kept.drain(..) {
            self.next.number(number).tell().await?;
        }
        self.next.end().tell().await?;
        Ok(())
    }
}

impl RadixSort {
    fn numbers(&self) -> Vec<u64> {
        let mut random = Random::new(2048);
        (0..self.numbers).map(|_| random.next() >> (64 - self.bits)).collect()
    }
}

impl Benchmark for RadixSort {
    const TITLE: &'static str = "Radix Sort";

    type Output = Vec<u64>;

    fn at(scale: Scale) -> Self {
        RadixSort { numbers: scale.of(300, 100_000), bits: scale.of(16, 60) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<u64>, CallError> {
        // The lowest bit comes first, so the row is built from the highest.
        let build = |end| {
            (0..self.bits).rev().fold(end, |next, bit| {
                Sorter { bit, kept: Vec::new(), next }.spawn_with(how.clone()).into()
            })
        };
        pipeline::run(self.numbers(), how, build).await
    }

    fn check(&self, sorted: Vec<u64>) -> Checked {
        let mut expected = self.numbers();
        expected.sort_unstable();
        ensure("the numbers are sorted", sorted == expected)?;
        Ok(format!("{} numbers in order", sorted.len()))
    }
}
