use actor_core::prelude::*;

#[actor(mailbox = 1)]
trait Bidder {
    type Money;
    fn new() -> Self;
    fn best<T: Send>(&self, of: T) -> u32;
    fn name(&self) -> &str;
    fn beaten(&mut self, best: u32);
}

fn main() {}
