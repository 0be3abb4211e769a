use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
    fn limit(&self) ->
}

fn main() {}
