use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn into(&self) -> u32;
}

fn main() {}
