use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn beaten(&mut self, ctx: &mut Context<Self>, best: u32);
}

fn main() {}
