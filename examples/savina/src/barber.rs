//! **Sleeping Barber** (concurrency): customers wait on the chairs of a waiting room, and who finds none comes back later.
//!
//! The mailbox is the waiting room: `overflow = reject` turns away who finds no room in it, and says so.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, ensure, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::hint;

/// A barber and its customers.
#[derive(Clone, Copy, Debug)]
pub struct SleepingBarber {
    /// How many customers come; each stays until its hair is cut.
    pub customers: u64,
    /// How many of them can wait.
    pub chairs: usize,
    /// How long a haircut takes on average, in turns of a loop.
    pub haircut: usize,
    /// How long it takes on average until the next customer comes.
    pub pause: usize,
}

#[actor(overflow = reject)]
struct Barber {
    heads: u64,
    haircut: usize,
    random: Random,
}

/// Keeps busy for about `average` turns.
fn work(random: &mut Random, average: usize) {
    for turn in 0..random.below(2 * average) {
        hint::black_box(turn);
    }
}

#[actor]
impl Barber {
    pub(crate) fn cut(&mut self) {
        work(&mut self.random, self.haircut);
        self.heads += 1;
    }

    /// Asked at the door, where no chair is needed.
    #[message(urgent)]
    pub(crate) fn close(self) -> u64 {
        self.heads
    }
}

#[actor]
struct Customer;

#[actor]
impl Customer {
    /// How often it came until it was served.
    pub(crate) async fn visit(self, barber: BarberHandle) -> Result<u64, CallError> {
        let mut visits = 1;
        loop {
            match barber.cut().await {
                Err(CallError::Full) => tokio::task::yield_now().await,
                served => return served.map(|()| visits),
            }
            visits += 1;
        }
    }
}

impl Benchmark for SleepingBarber {
    const TITLE: &'static str = "Sleeping Barber";

    /// How often customers came, and the heads that the barber counted.
    type Output = (Vec<u64>, u64);

    fn at(scale: Scale) -> Self {
        let (customers, chairs) = scale.of((100, 5), (5000, 1000));
        SleepingBarber { customers, chairs, haircut: 500, pause: 500 }
    }

    async fn run(&self, how: &Spawn) -> Result<(Vec<u64>, u64), CallError> {
        let barber = Barber { heads: 0, haircut: self.haircut, random: Random::new(1) };
        let barber = barber.spawn_with(how.clone().mailbox(self.chairs));
        let mut random = Random::new(2);
        let visits = (0..self.customers).map(|_| {
            work(&mut random, self.pause);
            Customer.spawn_with(how.clone()).visit(barber.clone()).start()
        });
        let visits = try_join_all(visits.collect::<Vec<_>>()).await.map_err(CallError::flatten)?;
        Ok((visits, barber.close().await?))
    }

    fn check(&self, (visits, heads): (Vec<u64>, u64)) -> Checked {
        equal("heads", &heads, &self.customers)?;
        ensure("nobody is served without a visit", visits.iter().all(|visits| *visits > 0))?;
        Ok(format!("{heads} haircuts in {} visits", visits.iter().sum::<u64>()))
    }
}
