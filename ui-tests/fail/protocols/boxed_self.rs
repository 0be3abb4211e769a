use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(self: Box<Self>);
}

fn main() {}
