use actor_core::prelude::*;

struct Local(*const u8);

#[actor]
trait Bidder {
    fn beaten(&mut self, by: Local);
    fn limit(&self) -> u32;
}

fn main() {}
