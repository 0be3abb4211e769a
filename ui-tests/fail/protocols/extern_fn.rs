use actor_core::prelude::*;

#[actor]
trait Bidder {
    extern "C" fn beaten(&mut self);
}

fn main() {}
