use actor_core::prelude::*;

#[actor]
#[actor]
trait Bidder {
    fn beaten(&mut self);
}

fn main() {}
