use actor_core::prelude::*;

#[actor(extends = 5)]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

#[actor(extends)]
trait Seller {
    fn lots(&self) -> usize;
}

fn main() {}
