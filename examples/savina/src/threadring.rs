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
    next: Option<NodeHandle>,
}

#[actor]
impl Node {
    pub(crate) fn link(&mut self, next: NodeHandle) {
        self.next = Some(next);
    }

    /// Answered with the place where the token is when it has no more hops to make.
    pub(crate) fn pass(&mut self, hops: usize, reply: ReplyTo<usize>) {
        match &self.next {
            Some(next) if hops > 0 => reply.forward(next.pass(hops - 1)),
            _ => drop(reply.send(self.place)),
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
        let ring: Vec<_> =
            (0..self.actors).map(|place| Node { place, next: None }.spawn_with(how.clone())).collect();
        for (node, next) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            node.link(next.clone()).await?;
        }
        let place = ring[0].pass(self.hops).await?;
        ring[0].cut().await?;
        Ok(place)
    }

    fn check(&self, place: usize) -> Checked {
        equal("the place of the token", &place, &(self.hops % self.actors))?;
        Ok(format!("the token is at {place}"))
    }
}
