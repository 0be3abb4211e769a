//! **Dining Philosophers** (concurrency): who wants to eat asks an arbitrator for both forks.
//!
//! The guard of `take` looks at the message as well as at the actor: a philosopher waits until its own two forks lie on the table. The suite's
//! version is refused, and asks again and again. (`examples/waiting` has philosophers without an arbitrator, who hear of their deadlock.)

use crate::{Benchmark, Checked, Scale, ensure, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;

/// Philosophers at a round table.
#[derive(Clone, Copy, Debug)]
pub struct DiningPhilosophers {
    /// How many.
    pub philosophers: usize,
    /// How often each of them eats.
    pub meals: u64,
}

#[actor]
struct Table {
    /// Of each philosopher.
    eats: Vec<bool>,
    meals: u64,
    /// How many ate at a time.
    most: usize,
}

impl Table {
    fn neighbours(&self, seat: usize) -> [usize; 2] {
        let seats = self.eats.len();
        [(seat + 1) % seats, (seat + seats - 1) % seats]
    }

    /// Whether both forks lie on the table.
    fn may_eat(&self, seat: usize) -> bool {
        self.neighbours(seat).iter().all(|neighbour| !self.eats[*neighbour])
    }
}

#[actor]
impl Table {
    #[message(when = self.may_eat(*seat))]
    pub(crate) fn take(&mut self, seat: usize) {
        self.eats[seat] = true;
        self.meals += 1;
        self.most = self.most.max(self.eats.iter().filter(|eats| **eats).count());
    }

    pub(crate) fn put_back(&mut self, seat: usize) {
        self.eats[seat] = false;
    }

    pub(crate) fn close(self) -> (u64, usize) {
        (self.meals, self.most)
    }
}

#[actor]
struct Philosopher {
    seat: usize,
    table: TableHandle,
}

#[actor]
impl Philosopher {
    pub(crate) async fn dine(&mut self, meals: u64) -> Result<(), CallError> {
        for _ in 0..meals {
            self.table.take(self.seat).await?;
            tokio::task::yield_now().await; // it eats
            self.table.put_back(self.seat).tell().await?;
        }
        Ok(())
    }
}

impl Benchmark for DiningPhilosophers {
    const TITLE: &'static str = "Dining Philosophers";

    /// How often somebody ate, and how many at a time.
    type Output = (u64, usize);

    fn at(scale: Scale) -> Self {
        DiningPhilosophers { philosophers: scale.of(5, 20), meals: scale.of(100, 10_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<(u64, usize), CallError> {
        let table = Table { eats: vec![false; self.philosophers], meals: 0, most: 0 }.spawn_with(how.clone());
        let philosophers: Vec<_> = (0..self.philosophers)
            .map(|seat| Philosopher { seat, table: table.clone() }.spawn_with(how.clone()))
            .collect();
        let dined = try_join_all(philosophers.iter().map(|philosopher| philosopher.dine(self.meals))).await;
        dined.map_err(CallError::flatten)?;
        table.close().await
    }

    fn check(&self, (meals, most): (u64, usize)) -> Checked {
        equal("meals", &meals, &(self.meals * self.philosophers as u64))?;
        ensure("there are two forks for each who eats", most <= self.philosophers / 2)?;
        Ok(format!("{meals} meals, at most {most} at a time"))
    }
}
