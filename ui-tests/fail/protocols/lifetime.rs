use actor_core::prelude::*;

#[actor]
trait Bidder<'a> {
    fn name(&self) -> u32;
}

fn main() {}
