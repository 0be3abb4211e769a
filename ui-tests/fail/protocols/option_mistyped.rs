use actor_core::prelude::*;

#[actor(extend = Other)]
trait Bidder: Other {
    fn beaten(&mut self, best: u32);
}

fn main() {}
