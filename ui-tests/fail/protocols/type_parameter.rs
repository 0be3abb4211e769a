use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten<T: Send + 'static>(&mut self, best: T);
}

fn main() {}
