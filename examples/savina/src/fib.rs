//! **Fibonacci** (parallelism): an actor for each number of the tree of calls, which is as wasteful as it sounds.
//!
//! What a recursive function does, a tree of children does: each asks two, and is gone with its reply.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::try_join;

/// A number of the series.
#[derive(Clone, Copy, Debug)]
pub struct Fibonacci {
    /// Which one.
    pub n: u32,
}

#[actor]
#[derive(Clone)]
struct Number;

#[actor]
impl Number {
    pub(crate) async fn compute(self, ctx: &mut Context<Self>, n: u32) -> Result<u64, CallError> {
        if n <= 2 {
            return Ok(1);
        }
        let [one, other] = [(); 2].map(|()| ctx.spawn_with(self.clone(), ctx.how()));
        let (one, other) = try_join!(one.compute(n - 1), other.compute(n - 2)).map_err(CallError::flatten)?;
        Ok(one + other)
    }
}

impl Benchmark for Fibonacci {
    const TITLE: &'static str = "Fibonacci";

    type Output = u64;

    fn at(scale: Scale) -> Self {
        Fibonacci { n: scale.of(12, 25) }
    }

    async fn run(&self, how: &Spawn) -> Result<u64, CallError> {
        let number = Number.spawn_with(how.clone());
        number.compute(self.n).await.map_err(CallError::flatten)
    }

    fn check(&self, number: u64) -> Checked {
        let (_, expected) = (1..self.n).fold((0, 1), |(before, last), _| (last, before + last));
        equal("the number", &number, &expected)?;
        Ok(format!("number {} is {number}", self.n))
    }
}
