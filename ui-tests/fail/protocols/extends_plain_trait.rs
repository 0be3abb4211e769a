use actor_core::prelude::*;

trait Bidder {
    fn beaten(&mut self, best: u32);
}

#[actor(extends = Bidder)]
trait Seller: Bidder {
    fn lots(&self) -> usize;
}

fn main() {}
