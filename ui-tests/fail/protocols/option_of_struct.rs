use actor_core::prelude::*;

#[actor(mailbox = 16)]
trait Bidder {
    fn beaten(&mut self, best: u32);
}

fn main() {}
