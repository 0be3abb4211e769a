use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn bid(&mut self);
    #[message(concurrent)]
    async fn limit(&self) -> u32;
}

fn main() {}
