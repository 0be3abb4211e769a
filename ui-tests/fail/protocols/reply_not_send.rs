use actor_core::prelude::*;

struct Local(*const u8);

#[actor]
trait Bidder {
    fn beaten(&mut self, by: u32) -> Local;
}

fn main() {}
