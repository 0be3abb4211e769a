use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

#[actor(extends = Bidder)]
trait Seller: Send {
    fn lots(&self) -> usize;
}

fn main() {}
