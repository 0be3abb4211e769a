use actor_core::prelude::*;

#[actor(remote)]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

fn main() {}
