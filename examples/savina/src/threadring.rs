//! **Thread Ring** (micro): actors in a ring pass a token on until it has made its hops.
//!
//! Each passes the call itself on, with `ReplyTo::forward`: whoever has the token at the end answers the one who sent it off, and nobody on the
//! way waits.

use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;

/// A ring and a token.
#[derive(Clone, Copy, Debug)]
pub struct ThreadRing {
    /// How many actors are in the ring.
    pub actors: usize,
    /// How often the token is passed on.
    pub hops: usize,
}

#[actor]
struct Node {
    place: usize,
    next: NodeHandle,
}

#[actor]
impl Node {
    /// Answered with the place where the token is when it has no more hops to make.
    pub(crate) fn pass(&mut self, hops: usize, reply: ReplyTo<usize>) {
        match hops {
            0 => drop(reply.send(self.place)),
            _ => reply.forward(self.next.pass(hops - 1)),
        }
    }

    /// A ring keeps itself alive, so it is cut.
    pub(crate) fn cut(self) {}
}

impl Benchmark for ThreadRing {
    const TITLE: &'static str = "Thread Ring";

    type Output = usize;

    fn at(scale: Scale) -> Self {
        ThreadRing { actors: scale.of(10, 100), hops: scale.of(1234, 100_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<usize, CallError> {
        let ring = Node::spawn_all_with(how.clone(), self.actors, |place, ring| Node {
            place,
            next: ring[(place + 1) % ring.len()].clone(),
        });
        let place = ring[0].pass(self.hops).await?;
        ring[0].cut().await?;
        Ok(place)
    }

    fn check(&self, place: usize) -> Checked {
        equal("the place of the token", &place, &(self.hops % self.actors))?;
        Ok(format!("the token is at {place}"))
    }
}
