use actor_core::prelude::*;

#[actor(extend = Other)]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

fn main() {}
