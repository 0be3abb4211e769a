use actor_core::prelude::*;

#[actor]
trait Bidder {
    unsafe fn beaten(&mut self);
}

fn main() {}
