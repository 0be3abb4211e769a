use actor_core::prelude::*;

#[actor]
trait Bidder {
    #[message(interleave)]
    type Money;
    fn beaten(&mut self);
}

fn main() {}
