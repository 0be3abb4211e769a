use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self)
    where
        Self: Clone;
}

fn main() {}
