use actor_core::prelude::*;

#[actor]
trait Bidder {
    type Money: Send;
    fn beaten(&mut self, best: u32);
}

fn main() {}
