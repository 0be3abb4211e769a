//! **Quicksort** (parallelism): what is too long to be sorted is cut in two, and an actor sorts each.
//!
//! An actor that cuts has two children, which it asks at the same time. Each is there for one message, which takes `self`: its reply goes up the
//! tree, and the actor is gone.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure};
use actor_core::prelude::*;
use futures::try_join;

/// Numbers in no order.
#[derive(Clone, Copy, Debug)]
pub struct Quicksort {
    /// How many numbers.
    pub numbers: usize,
    /// How many an actor sorts itself.
    pub short: usize,
}

#[actor]
#[derive(Clone)]
struct Sorter {
    short: usize,
}

#[actor]
impl Sorter {
    pub(crate) async fn sort(
        self,
        ctx: &mut Context<Self>,
        mut numbers: Vec<u64>,
    ) -> Result<Vec<u64>, CallError> {
        if numbers.len() < self.short {
            numbers.sort_unstable();
            return Ok(numbers);
        }
        let pivot = numbers[numbers.len() / 2];
        let (less, rest): (Vec<_>, Vec<_>) = numbers.into_iter().partition(|number| *number < pivot);
        let (greater, equal): (Vec<_>, Vec<_>) = rest.into_iter().partition(|number| *number > pivot);
        let [left, right] = [self.clone(), self.clone()].map(|child| ctx.spawn_with(child, ctx.how()));
        let sorted = try_join!(left.sort(less), right.sort(greater));
        let (less, greater) = sorted.map_err(CallError::flatten)?;
        Ok([less, equal, greater].concat())
    }
}

impl Quicksort {
    fn numbers(&self) -> Vec<u64> {
        let mut random = Random::new(1024);
        (0..self.numbers).map(|_| random.next() >> 4).collect()
    }
}

impl Benchmark for Quicksort {
    const TITLE: &'static str = "Quicksort";

    type Output = Vec<u64>;

    fn at(scale: Scale) -> Self {
        Quicksort { numbers: scale.of(5000, 1_000_000), short: scale.of(50, 2048) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<u64>, CallError> {
        let sorter = Sorter { short: self.short }.spawn_with(how.clone());
        sorter.sort(self.numbers()).await.map_err(CallError::flatten)
    }

    fn check(&self, sorted: Vec<u64>) -> Checked {
        let mut expected = self.numbers();
        expected.sort_unstable();
        ensure("the numbers are sorted", sorted == expected)?;
        Ok(format!("{} numbers in order", sorted.len()))
    }
}
