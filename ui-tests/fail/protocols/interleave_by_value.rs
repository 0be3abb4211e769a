use actor_core::prelude::*;

#[actor]
trait Bidder {
    #[message(interleave)]
    fn leave(self) -> u32;
}

fn main() {}
