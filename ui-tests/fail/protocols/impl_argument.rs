use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, then: impl FnOnce() + Send + 'static);
}

fn main() {}
