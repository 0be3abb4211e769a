use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn bids(&self) -> Option<impl futures::Stream<Item = u32>>;
}

fn main() {}
