use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
    #[message(skip, urgent)]
    fn private(&self) {}
}

fn main() {}
