use actor_core::prelude::*;

#[actor(extends = Bidder)]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

fn main() {}
