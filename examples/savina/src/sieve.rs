//! **Sieve of Eratosthenes** (parallelism): candidates go through a row of filters, each with some primes; what passes the last one is a prime.
//!
//! A filter that has no room for a prime makes the next one, a child, with `ctx.spawn`. So the row grows from within, and ends with its first.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;

/// Primes.
#[derive(Clone, Copy, Debug)]
pub struct Sieve {
    /// All that are less than this.
    pub limit: u64,
    /// How many a filter has.
    pub room: usize,
}

#[actor]
struct Filter {
    room: usize,
    primes: Vec<u64>,
    next: Option<FilterHandle>,
}

#[actor]
impl Filter {
    #[message(fatal)]
    pub(crate) async fn candidate(&mut self, ctx: &mut Context<Self>, n: u64) -> Result<(), CallError> {
        if self.primes.iter().any(|prime| n.is_multiple_of(*prime)) {
            return Ok(());
        }
        match &self.next {
            Some(next) => next.candidate(n).tell().await?,
            None if self.primes.len() < self.room => self.primes.push(n),
            None => {
                let next = Filter { room: self.room, primes: vec![n], next: None };
                self.next = Some(ctx.spawn_with(next, ctx.how()));
            }
        }
        Ok(())
    }

    /// How many primes there are here and behind, when all candidates that were sent before have passed.
    pub(crate) async fn primes(&mut self) -> Result<usize, CallError> {
        let behind = match &self.next {
            Some(next) => next.primes().await.map_err(CallError::flatten)?,
            None => 0,
        };
        Ok(self.primes.len() + behind)
    }
}

impl Benchmark for Sieve {
    const TITLE: &'static str = "Sieve of Eratosthenes";

    type Output = usize;

    fn at(scale: Scale) -> Self {
        Sieve { limit: scale.of(2000, 100_000), room: scale.of(40, 1000) }
    }

    async fn run(&self, how: &Spawn) -> Result<usize, CallError> {
        let first = Filter { room: self.room, primes: vec![2], next: None };
        let first = first.spawn_with(how.clone());
        for n in (3..self.limit).step_by(2) {
            first.candidate(n).tell().await?;
        }
        first.primes().await.map_err(CallError::flatten)
    }

    fn check(&self, primes: usize) -> Checked {
        let mut composite = vec![false; self.limit as usize];
        for n in 2..composite.len() {
            if !composite[n] {
                composite.iter_mut().skip(2 * n).step_by(n).for_each(|multiple| *multiple = true);
            }
        }
        equal("primes", &primes, &composite.iter().skip(2).filter(|composite| !**composite).count())?;
        Ok(format!("{primes} primes below {}", self.limit))
    }
}
