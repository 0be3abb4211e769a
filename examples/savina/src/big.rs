//! **Big** (micro): every actor pings others at random, and waits for each pong; so all of them wait for each other.
//!
//! While one waits it lends itself to the pings that come, with `ctx.serving`; they are marked `interleave`. Without that, the first two that ping
//! each other would be told of their deadlock.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::sync::Arc;

/// Actors that ping each other.
#[derive(Clone, Copy, Debug)]
pub struct Big {
    /// How many there are.
    pub actors: usize,
    /// How many pings each of them sends.
    pub pings: u64,
}

#[actor]
struct Pinger {
    place: usize,
    answered: u64,
}

#[actor]
impl Pinger {
    /// How many of its pings came back from where they were sent.
    pub(crate) async fn play(
        &mut self,
        ctx: &mut Context<Self>,
        all: Arc<[PingerHandle]>,
        pings: u64,
    ) -> Result<u64, CallError> {
        let mut random = Random::new(self.place as u64);
        let mut right = 0;
        for _ in 0..pings {
            let target = random.below(all.len());
            let pong = ctx.serving(self, all[target].ping()).await?;
            right += u64::from(pong == target);
        }
        Ok(right)
    }

    /// Its own pings, too, are answered while it waits.
    #[message(interleave)]
    pub(crate) fn ping(&mut self) -> usize {
        self.answered += 1;
        self.place
    }

    pub(crate) fn answered(&self) -> u64 {
        self.answered
    }
}

impl Benchmark for Big {
    const TITLE: &'static str = "Big";

    /// The pings that came back, and those that were answered.
    type Output = (Vec<u64>, u64);

    fn at(scale: Scale) -> Self {
        Big { actors: scale.of(12, 120), pings: scale.of(50, 20_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<(Vec<u64>, u64), CallError> {
        let all: Arc<[_]> =
            (0..self.actors).map(|place| Pinger { place, answered: 0 }.spawn_with(how.clone())).collect();
        let right = try_join_all(all.iter().map(|one| one.play(Arc::clone(&all), self.pings))).await;
        let answered = try_join_all(all.iter().map(PingerHandle::answered)).await?;
        Ok((right.map_err(CallError::flatten)?, answered.iter().sum()))
    }

    fn check(&self, (right, answered): (Vec<u64>, u64)) -> Checked {
        equal("pongs", &right, &vec![self.pings; self.actors])?;
        equal("pings that were answered", &answered, &(self.pings * self.actors as u64))?;
        Ok(format!("{answered} pings answered"))
    }
}
