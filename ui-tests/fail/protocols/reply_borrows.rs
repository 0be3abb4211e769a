use actor_core::prelude::*;

#[actor]
trait Bidder {
    fn name(&self) -> &str;
}

fn main() {}
