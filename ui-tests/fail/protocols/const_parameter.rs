use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten<const N: usize>(&mut self, best: [u32; N]);
}

fn main() {}
