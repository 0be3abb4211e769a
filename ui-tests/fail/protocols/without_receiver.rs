use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn new() -> u32;
}

fn main() {}
