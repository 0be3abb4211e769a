use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn fill(&self, bids: &mut Vec<u32>);
}

fn main() {}
