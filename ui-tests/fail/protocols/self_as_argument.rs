use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn join(&mut self, others: Vec<Self>);
}

fn main() {}
