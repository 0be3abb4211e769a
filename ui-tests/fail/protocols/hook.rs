use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, best: u32);
    #[on_start]
    async fn begin(&mut self);
}

fn main() {}
